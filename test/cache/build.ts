import { EventEmitter } from 'node:events';
import { main } from '../../src/cli/main.js';
import { Capture } from '../cli/run.js';
import type { SmallArchive } from '../e2e/archive.js';

/** A build of the small archive's profile in this process. @throws Error with what it said on standard error */
export async function build(
  archive: SmallArchive,
  cacheDir: string,
  output: string,
  ...more: readonly string[]
): Promise<void> {
  const stderr = new Capture();
  const args = [...archive.args, '--cache-dir', cacheDir, '--output', output, '--quiet', ...more];
  const status = await main(args, { stdout: new Capture(), stderr, signals: new EventEmitter(), environment: {} });
  if (status !== 0) throw new Error(stderr.text);
}
