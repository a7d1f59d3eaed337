import { rmSync } from 'node:fs';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { BLOCK, type BlockFile, keepBlockFile, openBlockFile, touchBlockFile } from './block-file.js';
import type { IndexScan } from './index-scan.js';
import { LENGTH_BYTES, layOutTables, openTables, type StoredTables, tablesLength } from './index-tables.js';
import { entryPath } from './layout.js';
import type { Store } from './store.js';
import type { Promise256 } from './types.js';

/**
 * A decompressed index in the cache directory, with the tables that packages are found by: decompressing and scanning one
 * takes half a second, asking this for the hundred packages of a build some milliseconds.
 */
export interface StoredIndex {
  readonly tables: StoredTables;
  /** Of the text in bytes. */
  readonly size: number;
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
    const length = tablesLength(file.read(0, LENGTH_BYTES));
    const tables = openTables(file.read(0, length));
    const start = textStart(length);
    const size = file.size - start;
    if (plain !== undefined && (plain.sha256 !== file.tag || plain.size !== size)) return undefined;
    await touchBlockFile(path);
    return { tables, size, text: (from, to) => readText(file, start, from, to, path) };
  } catch {
    // There is none, or a damaged one, or somebody else's: it is made, over this one.
    return undefined;
  }
}

/**
 * Keeps an index for the next time.
 *
 * @param sha256 of the text
 */
export async function writeStoredIndex(
  store: Store,
  packed: Promise256,
  text: Uint8Array,
  sha256: string,
  scan: IndexScan,
): Promise<void> {
  const tables = layOutTables(scan);
  const padding = Buffer.alloc(textStart(tables.length) - tables.length);
  await keepBlockFile(store, pathOf(store, packed), [tables, padding, text], sha256);
}

/** The text begins with a block, so that reading a stanza reads few of them. */
function textStart(tables: number): number {
  return Math.ceil(tables / BLOCK) * BLOCK;
}

function pathOf(store: Store, { sha256 }: Promise256): string {
  return entryPath(store.directory, 'indices', sha256);
}

function readText(file: BlockFile, origin: number, start: number, end: number, path: string): Buffer {
  try {
    return file.read(origin + start, end - start);
  } catch (error) {
    rmSync(path, { force: true });
    throw new DamagedIndex('archive', `cannot read ${path}: ${reasonOf(error)}`, {
      hint: 'run the command again: the file is made again from what was verified',
      cause: error,
    });
  }
}
