import { rmSync } from 'node:fs';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { BLOCK, type BlockFile, keepBlockFile, openBlockFile, touchBlockFile } from './block-file.js';
import { LENGTH_BYTES, openTables, type StoredTables, tablesLength } from './index-tables.js';
import { entryPath } from './layout.js';
import type { Store } from './store.js';
import type { Promise256 } from './types.js';

/**
 * A decompressed index in the cache directory, with the tables that packages are found by: decompressing and scanning one
 * takes half a second, asking this for the hundred packages of a build some milliseconds.
 */
export interface StoredIndex {
  readonly tables: StoredTables;
  /** @throws DamagedIndex */
  text(start: number, end: number): Buffer;
}

/**
 * A stored index turned out to be damaged while packages were looked up in it. It is removed by then: doing the same again
 * makes a new one.
 */
export class DamagedIndex extends KoalaError {}

/**
 * Finds the index that was made of promised bytes.
 *
 * @param packed what the Release file promises of the file in the archive
 * @param plain what it promises of the decompressed index, where it does
 * @returns undefined where there is none, or none that may be believed
 */
export async function readStoredIndex(
  store: Store,
  packed: Promise256,
  plain: Promise256 | undefined,
): Promise<StoredIndex | undefined> {
  const path = pathOf(store, packed);
  try {
    const file = openBlockFile(path);
    const length = tablesLength(file.read(file.size - LENGTH_BYTES, LENGTH_BYTES));
    const tables = openTables(file.read(file.size - length, length));
    if (plain !== undefined && (plain.sha256 !== file.tag || plain.size !== tables.size)) return undefined;
    await touchBlockFile(path);
    return storedIndex(file, tables, path);
  } catch {
    // There is none, or a damaged one, or somebody else's: it is made, over this one.
    return undefined;
  }
}

/** What is known of a text once all of it was read. */
export interface ReadText {
  readonly sha256: string;
  /** As `openTables` takes them. */
  readonly tables: Uint8Array;
}

/**
 * Keeps an index for the next time.
 *
 * @param read reads it and gives each piece of it to `put`
 * @returns undefined where it could not be kept
 * @throws what `read` throws
 */
export async function writeStoredIndex(
  store: Store,
  packed: Promise256,
  read: (put: (piece: Uint8Array) => Promise<void>) => Promise<ReadText>,
): Promise<StoredIndex | undefined> {
  const path = pathOf(store, packed);
  let tables: Uint8Array = new Uint8Array();
  const isKept = await keepBlockFile(store, path, async (put) => {
    let size = 0;
    const text = await read((piece) => {
      size += piece.length;
      return put(piece);
    });
    tables = text.tables;
    // The tables begin with a block, and their numbers at a multiple of their width.
    await put(Buffer.alloc(Math.ceil(size / BLOCK) * BLOCK - size));
    await put(tables);
    return text.sha256;
  });
  try {
    return isKept ? storedIndex(openBlockFile(path), openTables(tables), path) : undefined;
  } catch {
    // Somebody else took it away.
    return undefined;
  }
}

function storedIndex(file: BlockFile, tables: StoredTables, path: string): StoredIndex {
  return { tables, text: (start, end) => readText(file, start, end, path) };
}

function pathOf(store: Store, { sha256 }: Promise256): string {
  return entryPath(store.directory, 'indices', sha256);
}

function readText(file: BlockFile, start: number, end: number, path: string): Buffer {
  try {
    return file.read(start, end - start);
  } catch (error) {
    rmSync(path, { force: true });
    throw new DamagedIndex('archive', `cannot read ${path}: ${reasonOf(error)}`, {
      hint: 'run the command again: the file is made again from what was verified',
      cause: error,
    });
  }
}
