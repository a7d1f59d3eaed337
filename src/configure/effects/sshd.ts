import type { Bytes, Command } from '../shell/types.js';
import { say, unsupported } from './console.js';
import { Files } from './files.js';
import { expandGlob } from './glob.js';

const DEFAULT_KEYS = ['rsa', 'ecdsa', 'ed25519'].map((type) => `/etc/ssh/ssh_host_${type}_key`);

/** sshd(8) does not run; asked for its configuration (`-G`, `-T`) it tells the host keys, which is what scripts want of it. */
export const sshd: Command = (process) => {
  if (process.args.length !== 2 || !/^-[GT]$/.test(process.args[1] ?? '')) {
    unsupported(process, process.args.slice(1).join(' '));
    return 1;
  }
  const keys = hostKeys(new Files(process), '/etc/ssh/sshd_config');
  for (const key of keys.length === 0 ? DEFAULT_KEYS : keys) say(process, `hostkey ${key}`);
  return 0;
};

/** The `HostKey` lines of a configuration and of the files that it includes (sshd_config(5)). */
function hostKeys(files: Files, path: Bytes, depth = 0): Bytes[] {
  return files.lines(path).flatMap((line) => {
    const [, word = '', value = ''] = /^\s*(HostKey|Include)(?:\s+|\s*=\s*)"?([^"\s]+)/i.exec(line) ?? [];
    if (word.toLowerCase() === 'hostkey') return [value];
    if (word === '' || depth > 16) return [];
    const pattern = value.startsWith('/') ? value : `/etc/ssh/${value}`;
    return expandGlob(files, pattern).flatMap((included) => hostKeys(files, included, depth + 1));
  });
}
