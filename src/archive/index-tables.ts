import { type NameTable, type NameTableBuilder, openNameTable } from './name-table.js';

import { bytesOf, type NumberList, NumberReader } from './numbers.js';

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

/**
 * Lays out what was found in an index, numbers of 32 bits in the machine's byte order: the size of the text, the number of
 * stanzas and of essential ones, their starts, ends, the essential ones; tables of names, provided names and priorities; the
 * length of all of this.
 */
export function layOutTables(contents: IndexContents): Uint8Array {
  const { size, starts, ends, essential, byName, byProvided, byPriority } = contents;
  const sizes = Uint32Array.of(size, starts.length, essential.length);
  const parts = [sizes, starts.view(), ends.view(), essential.view()].map(bytesOf);
  for (const table of [byName, byProvided, byPriority]) parts.push(...table.layOut());
  const length = parts.reduce((sum, part) => sum + part.length, LENGTH_BYTES);
  const tables = new Uint8Array(length);
  let at = 0;
  for (const part of [...parts, bytesOf(Uint32Array.of(length))]) {
    tables.set(part, at);
    at += part.length;
  }
  return tables;
}

/** How long the tables are that these bytes end. @param end the last `LENGTH_BYTES`, at a multiple of them in their buffer */
export function tablesLength(end: Uint8Array): number {
  return new NumberReader(end).numbers(1)[0] ?? 0;
}

/** @param bytes as `layOutTables` gives them, at a multiple of 4 in their buffer */
export function openTables(bytes: Uint8Array): StoredTables {
  const reader = new NumberReader(bytes);
  const [size = 0, count = 0, essentialCount = 0] = reader.numbers(3);
  const starts = reader.numbers(count);
  const ends = reader.numbers(count);
  return {
    size,
    count,
    bounds: (stanza) => [starts[stanza] ?? 0, ends[stanza] ?? 0],
    essential: [...reader.numbers(essentialCount)],
    byName: openNameTable(reader),
    byProvided: openNameTable(reader),
    byPriority: openNameTable(reader),
  };
}
