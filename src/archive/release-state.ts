import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { type Store, writeDurably } from './store.js';
import { maskUrl } from './url.js';

const schema = z.strictObject({
  /** Base URL, password masked. */
  archive: z.string(),
  suite: z.string(),
  /** The Release file's Date, seconds since the epoch. */
  date: z.int(),
  /** InRelease, or Release and Release.gpg: entries of the store. */
  files: z
    .array(z.strictObject({ size: z.int(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }))
    .min(1)
    .max(2),
});

/** The newest Release file that was verified of a suite at a base URL: what a replay is told by, and what `--offline` reads. */
export type ReleaseState = z.infer<typeof schema>;

/** Where the state lies; named in hints, since removing the file makes the build forget. */
export function releaseStatePath(store: Store, base: string, suite: string): string {
  const key = createHash('sha256')
    .update(`${maskUrl(base)}\n${suite}`)
    .digest('hex');
  return join(store.directory, 'releases', `${key}.json`);
}

/** @throws KoalaError `archive` where the file is there and cannot be read: it guards against replays, so it is not skipped */
export async function readReleaseState(store: Store, base: string, suite: string): Promise<ReleaseState | undefined> {
  const path = releaseStatePath(store, base, suite);
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KoalaError('archive', `cannot read ${path}: ${reasonOf(error)}`, {
      hint: 'remove the file: it holds the date of the Release file that was seen last',
      cause: error,
    });
  }
}

export async function writeReleaseState(store: Store, base: string, state: ReleaseState): Promise<void> {
  await writeDurably(store, releaseStatePath(store, base, state.suite), `${JSON.stringify(state, null, 2)}\n`);
}
