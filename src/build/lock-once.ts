import { createHash } from 'node:crypto';
import { keepJson, readKeptJson } from '../archive/block-file.js';
import { entryPath } from '../archive/layout.js';
import { openStore } from '../archive/store.js';
import { programDigest } from '../formats/program.js';
import { parseLock } from '../solve/lock/file.js';
import type { Lock } from '../solve/lock/types.js';

/**
 * Reads a lock file, and holds it against the schema unless this program found the very same bytes good before: loading the
 * code that does it and running it once takes a tenth of what building from a warm cache does. Only what was good is kept, and it is believed only in a file
 * of this user that nobody else may write, as with signatures.
 *
 * @param origin the file, for messages
 * @throws KoalaError as `parseLock`
 */
export async function parseLockOnce(text: string, origin: string, cacheDir: string): Promise<Lock> {
  const key = createHash('sha256').update(`lock ${programDigest()}\n${text}`).digest('hex');
  const path = entryPath(cacheDir, 'verified', key);
  const known = readKeptJson(path, key) as Lock | undefined;
  if (known !== undefined) return known;
  const lock = await parseLock(text, origin);
  // Whoever needs the cache says so where it cannot be had.
  const store = await openStore(cacheDir).catch(() => undefined);
  if (store !== undefined) await keepJson(store, path, lock, key);
  return lock;
}
