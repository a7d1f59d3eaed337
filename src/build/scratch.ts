import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import fse from 'fs-extra';
import { KoalaError, reasonOf } from '../formats/errors.js';

const DAY = 86_400_000;

/** A private directory for the files of one build, beside the store so that both are on one disk. */
export interface Scratch {
  readonly directory: string;
  remove(): Promise<void>;
}

/**
 * Makes a private directory below the cache, and removes those that killed builds left there: their name tells host and
 * process, and what nobody can tell of is removed after a day.
 */
export async function createScratch(cacheDir: string): Promise<Scratch> {
  const base = join(cacheDir, 'builds');
  const name = `${encodeURIComponent(hostname())}@${process.pid}@${randomBytes(6).toString('hex')}`;
  const directory = join(base, name);
  try {
    await fse.ensureDir(base, 0o700);
    await removeAbandoned(base);
    await fse.ensureDir(directory, 0o700);
  } catch (error) {
    throw new KoalaError('archive', `cannot write below ${base}: ${reasonOf(error)}`, {
      hint: 'give another place for the cache with --cache-dir DIR',
      cause: error,
    });
  }
  return { directory, remove: () => fse.remove(directory) };
}

async function removeAbandoned(base: string): Promise<void> {
  for (const name of await readdir(base)) {
    const [host, pid] = name.split('@');
    const directory = join(base, name);
    const ours = host === encodeURIComponent(hostname());
    if (ours ? !isRunning(Number(pid)) : await isOlderThanADay(directory)) await fse.remove(directory);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isOlderThanADay(directory: string): Promise<boolean> {
  const { mtimeMs } = await stat(directory).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs > DAY;
}
