import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type KindName, LAYOUT } from '../archive/layout.js';

/** Something that lies in the cache directory for later. */
export interface Entry {
  readonly kind: KindName;
  readonly path: string;
  /** The SHA-256 that names it. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly lastUsed: number;
  /** `leftover`: of another version of the format, which this program does not read. `odd`: no plain file. */
  readonly state: 'whole' | 'leftover' | 'odd';
}

/** The names that this program ever gave to entries; nothing else is touched, whoever put it there. */
const NAME = /^([0-9a-f]{64})(-v\d+|\.json)?$/;

/** All entries of some kinds, with one look at each, in no particular order. */
export function listEntries(cacheDir: string, kinds: readonly KindName[]): Entry[] {
  return kinds.flatMap((kind) => {
    const { directory, fanOut } = LAYOUT[kind];
    const base = join(cacheDir, directory);
    if (!fanOut) return entriesIn(base, kind);
    const below = namesIn(base).filter((one) => one.isDirectory() && /^[0-9a-f]{2}$/.test(one.name));
    return below.flatMap(({ name }) => entriesIn(join(base, name), kind));
  });
}

function entriesIn(directory: string, kind: KindName): Entry[] {
  return namesIn(directory).flatMap(({ name }) => {
    const [, key, suffix = ''] = NAME.exec(name) ?? [];
    if (key === undefined) return [];
    const path = join(directory, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    // Somebody else was quicker.
    if (found === undefined) return [];
    const state = !found.isFile() ? 'odd' : suffix === LAYOUT[kind].suffix ? 'whole' : 'leftover';
    return [{ kind, path, key, size: found.isFile() ? found.size : 0, lastUsed: found.mtimeMs, state }];
  });
}

function namesIn(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** The bytes of entries together. */
export function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { size }) => sum + size, 0);
}
