import type { Command } from '../shell/types.js';
import { Files } from './files.js';

const CATALOG = '/var/lib/systemd/catalog';

/**
 * journalctl(1): there is no journal. Of `--update-catalog` the directory is made, and the index of messages left to
 * systemd-journal-catalog-update.service, which makes it at the first boot.
 */
export const journalctl: Command = (process) => {
  const { system, args, line } = process;
  const catalog = args.includes('--update-catalog');
  if (catalog) new Files(process).makeDirectories(CATALOG);
  const why = catalog ? 'the index of messages is made at the first boot' : 'there is no journal';
  system.report({ type: 'left-out', command: 'journalctl', why, line });
  return 0;
};
