import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbandoned, thisProcess } from '../files/maker.js';
import { KoalaError, reasonOf } from '../formats/errors.js';

/** A private directory for the files of one command, beside the store so that both are on one disk. */
export interface Scratch {
  readonly directory: string;
  remove(): Promise<void>;
}

/** A command that uses the cache now, as its scratch directory tells. */
export interface Running {
  /** Milliseconds since the epoch; 0 where its name does not tell. */
  readonly since: number;
  /** Whether it can fetch nothing again. */
  readonly offline: boolean;
}

/** What the names of scratch directories tell. */
export interface ScratchList {
  readonly running: readonly Running[];
  /** Paths of those that killed commands left. */
  readonly abandoned: readonly string[];
}

/**
 * Makes a private directory below the cache, which also tells others that the cache is in use, and removes those that killed
 * commands left there. Its name tells who made it and when.
 */
export async function createScratch(cacheDir: string, { offline }: { readonly offline: boolean }): Promise<Scratch> {
  const base = scratchBase(cacheDir);
  const { place, pid, start } = thisProcess();
  const name = [place, pid, start, Date.now(), randomBytes(6).toString('hex')];
  const directory = join(base, [...name, ...(offline ? ['offline'] : [])].join('@'));
  try {
    mkdirSync(base, { recursive: true, mode: 0o700 });
    for (const path of listScratch(cacheDir).abandoned) {
      // Another command may be at it as well, and it may be another user's.
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
    }
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    throw new KoalaError('archive', `cannot write below ${base}: ${reasonOf(error)}`, {
      hint: 'give another place for the cache with --cache-dir DIR',
      cause: error,
    });
  }
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** The same for who only wants others to know. Where nothing can be written, nothing can be pruned either. */
export async function announceUse(cacheDir: string, options: { readonly offline: boolean }): Promise<Scratch> {
  try {
    return await createScratch(cacheDir, options);
  } catch {
    return { directory: scratchBase(cacheDir), remove: async () => {} };
  }
}

export function listScratch(cacheDir: string): ScratchList {
  const running: Running[] = [];
  const abandoned: string[] = [];
  const base = scratchBase(cacheDir);
  for (const name of namesIn(base)) {
    const [place = '', pid, start = '', since, , mode] = name.split('@');
    const path = join(base, name);
    if (isAbandoned({ place, pid: Number(pid), start }, path)) abandoned.push(path);
    else running.push({ since: Number(since) || 0, offline: mode === 'offline' });
  }
  return { running, abandoned };
}

function scratchBase(cacheDir: string): string {
  return join(cacheDir, 'builds');
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
