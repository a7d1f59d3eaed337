import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { jsonText } from '../formats/json-text.js';
import { entryPath } from './layout.js';
import { type Store, writeDurably } from './store.js';
import type { Promise256 } from './types.js';
import { maskUrl } from './url.js';

/** The newest Release file that was verified of a suite at a base URL: what a replay is told by, and what `--offline` reads. */
export interface ReleaseState {
  /** Base URL, password masked. */
  readonly archive: string;
  readonly suite: string;
  /** The Release file's Date, seconds since the epoch. */
  readonly date: number;
  /** InRelease, or Release and Release.gpg: entries of the store. */
  readonly files: readonly Promise256[];
}

/** Where the state lies; named in hints, since removing the file makes the build forget. */
export function releaseStatePath(store: Store, base: string, suite: string): string {
  const key = createHash('sha256')
    .update(`${maskUrl(base)}\n${suite}`)
    .digest('hex');
  return entryPath(store.directory, 'releases', key);
}

/** @throws KoalaError `archive` where the file is there and cannot be read: it guards against replays, so it is not skipped */
export async function readReleaseState(store: Store, base: string, suite: string): Promise<ReleaseState | undefined> {
  const path = releaseStatePath(store, base, suite);
  try {
    return parseReleaseState(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KoalaError('archive', `cannot read ${path}: ${reasonOf(error)}`, {
      hint: 'remove the file: it holds the date of the Release file that was seen last',
      cause: error,
    });
  }
}

/** @throws Error where it is not what `writeReleaseState` wrote */
export function parseReleaseState(text: string): ReleaseState {
  const { digest, ...state } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  // Those of older versions of this program have none.
  const isAsWritten = digest === undefined || digest === digestOf(state);
  if (isAsWritten && isState(state)) return state;
  throw new Error('it is not what was written there');
}

/** A date that is damaged would have the archive refused, or a replay accepted. */
function digestOf(state: unknown): string {
  return createHash('sha256').update(JSON.stringify(state)).digest('hex');
}

export async function writeReleaseState(store: Store, base: string, state: ReleaseState): Promise<void> {
  const text = jsonText({ ...state, digest: digestOf(state) });
  await writeDurably(store, releaseStatePath(store, base, state.suite), text);
}

/** By hand: loading a library for these few fields takes longer than all that is done with them. */
function isState(value: unknown): value is ReleaseState {
  const { archive, suite, date, files } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const areText = typeof archive === 'string' && typeof suite === 'string';
  return (
    areText &&
    Number.isSafeInteger(date) &&
    Array.isArray(files) &&
    (files.length === 1 || files.length === 2) &&
    files.every(isPromise)
  );
}

function isPromise(value: unknown): value is Promise256 {
  const { size, sha256 } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return Number.isSafeInteger(size) && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256);
}
