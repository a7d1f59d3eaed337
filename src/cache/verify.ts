import { lstatSync, rmSync } from 'node:fs';
import { reasonOf } from '../formats/errors.js';
import { WorkerPool } from '../threads/pool.js';
import { type Entry, listEntries, sizeOf } from './entries.js';
import { KIND_NAMES } from './kinds.js';
import { namesOf } from './names.js';
import type { VerifyReply, VerifyRequest } from './verify-worker.js';

export interface Verified {
  readonly entries: number;
  /** Bytes. */
  readonly size: number;
  readonly damaged: readonly Damaged[];
}

interface Damaged {
  readonly entry: Entry;
  /** As `namesOf` tells. */
  readonly name: string | undefined;
  /** What is wrong with it. */
  readonly why: string;
  /** Why it is still there; undefined: it is not. */
  readonly stays: string | undefined;
}

/** So many bytes or entries are one piece of work. */
const BATCH_BYTES = 64 * 1024 * 1024;
const BATCH_ENTRIES = 256;

/**
 * Reads all entries in several threads, and throws away those that are not what was written. The next build fetches or makes
 * them again.
 *
 * @param jobs threads, at least 1
 * @throws KoalaError 'cancelled'
 */
export async function verify(cacheDir: string, jobs: number, signal: AbortSignal): Promise<Verified> {
  const entries = listEntries(cacheDir, KIND_NAMES).filter(({ state }) => state !== 'leftover');
  const pool = new WorkerPool<VerifyRequest, VerifyReply>({
    script: new URL('./verify-worker.js', import.meta.url),
    size: jobs,
    task: 'verifying',
    code: 'archive',
  });
  const cancel = (): void => void pool.close();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const found = (await Promise.all(batchesOf(entries).map((batch) => pool.run({ entries: batch })))).flat();
    const names = await namesOf(
      cacheDir,
      found.map(({ entry }) => entry),
    );
    const damaged = found.map(({ entry, inode, why }) => {
      return { entry, name: names.get(entry.path), why, stays: throwAway(entry, inode) };
    });
    return { entries: entries.length, size: sizeOf(entries), damaged };
  } finally {
    signal.removeEventListener('abort', cancel);
    await pool.close();
  }
}

/** The largest first, so that no thread is left with one of them at the end. */
function batchesOf(entries: readonly Entry[]): Entry[][] {
  const batches: Entry[][] = [];
  let room = 0;
  for (const entry of [...entries].sort((a, b) => b.size - a.size)) {
    if (room < entry.size || (batches.at(-1)?.length ?? 0) >= BATCH_ENTRIES) {
      batches.push([]);
      room = BATCH_BYTES;
    }
    batches.at(-1)?.push(entry);
    room -= entry.size;
  }
  return batches;
}

/** Why it could not be removed. What has taken its place meanwhile stays. */
function throwAway({ path }: Entry, inode: number): string | undefined {
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.ino === inode) rmSync(path, { recursive: true, force: true });
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
