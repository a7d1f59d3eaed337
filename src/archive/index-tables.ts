import { type NameTable, type NameTableBuilder, openNameTable } from './name-table.js';

import { Layout, type NumberList } from './numbers.js';

/** What packages are looked up by. A stanza is known by its number, from 0 in the order of the text. */
export interface IndexTables {
  readonly byName: NameTable;
  /** By each name in a Provides field. */
  readonly byProvided: NameTable;
  readonly byPriority: NameTable;
  /** Those with `Essential: yes`. */
  readonly essential: readonly number[];
}

/** The tables of an index, and where its stanzas are, without an object for a package or a name. */
export interface StoredTables extends IndexTables {
  /** Of the text in bytes. */
  readonly size: number;
  /** The number of stanzas. */
  readonly count: number;
  /** Byte offsets of a stanza in the text; the end is behind the line feed of its last line. */
  bounds(stanza: number): readonly [start: number, end: number];
}

/** What was found in an index. */
export interface IndexContents {
  readonly size: number;
  readonly starts: NumberList;
  readonly ends: NumberList;
  readonly essential: NumberList;
  readonly byName: NameTableBuilder;
  readonly byProvided: NameTableBuilder;
  readonly byPriority: NameTableBuilder;
}

/** Offsets in a text are 32 bits wide. */
export const LONGEST_TEXT = 2 ** 32 - 1;
/** Of the number at the end of tables that says how long they are. */
export const LENGTH_BYTES = 4;

/** Numbers that tables begin with. */
const SIZES = 3;

/**
 * Lays out what was found in an index: the size of the text, the number of stanzas and of essential ones; the starts, the ends,
 * the essential ones; tables of names, provided names and priorities; the length of all of this.
 */
export function layOutTables(contents: IndexContents): Uint8Array {
  const { size, starts, ends, essential, byName, byProvided, byPriority } = contents;
  const lists = [starts, ends, essential];
  const tables = [byName, byProvided, byPriority];
  const counted = lists.reduce((sum, list) => sum + 4 * list.length, 4 * SIZES + LENGTH_BYTES);
  const length = tables.reduce((sum, table) => sum + table.length, counted);
  const bytes = new Uint8Array(length);
  const layout = new Layout(bytes);
  layout.numbers(SIZES).set([size, starts.length, essential.length]);
  for (const list of lists) layout.numbers(list.length).set(list.view());
  for (const table of tables) table.layOut(layout);
  layout.numbers(1).set([length]);
  return bytes;
}

/** How long the tables are that these bytes end. @param end the last `LENGTH_BYTES`, at a multiple of them in their buffer */
export function tablesLength(end: Uint8Array): number {
  return new Layout(end).numbers(1)[0] ?? 0;
}

/** @param bytes as `layOutTables` gives them, at a multiple of 4 in their buffer */
export function openTables(bytes: Uint8Array): StoredTables {
  const layout = new Layout(bytes);
  const [size = 0, count = 0, essentialCount = 0] = layout.numbers(SIZES);
  const starts = layout.numbers(count);
  const ends = layout.numbers(count);
  return {
    size,
    count,
    bounds: (stanza) => [starts[stanza] ?? 0, ends[stanza] ?? 0],
    essential: [...layout.numbers(essentialCount)],
    byName: openNameTable(layout),
    byProvided: openNameTable(layout),
    byPriority: openNameTable(layout),
  };
}
