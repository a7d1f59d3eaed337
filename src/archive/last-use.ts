import { utimes } from 'node:fs/promises';

/** The time of last use of an entry is known to this many milliseconds: its mtime is not written more often. */
export const LAST_USE_PRECISION = 30_000;

/**
 * Notes in an entry's mtime that it is used now. Whoever may only read it uses it as well: then its time stays.
 *
 * @param mtimeMs what it says so far
 */
export async function markUsed(path: string, mtimeMs: number): Promise<void> {
  const now = Date.now();
  if (Math.abs(now - mtimeMs) > LAST_USE_PRECISION) await utimes(path, now / 1000, now / 1000).catch(() => undefined);
}
