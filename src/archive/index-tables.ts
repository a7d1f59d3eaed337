import type { IndexScan } from './index-scan.js';

/** Stanzas by a key. A Map of them is one; `openTables` gives one that is searched where it lies. */
interface StanzaTable {
  get(key: string): readonly number[] | undefined;
  keys(): Iterable<string>;
}

/** What packages are looked up by: see `IndexScan`. */
export interface IndexTables {
  readonly byName: StanzaTable;
  readonly byProvided: StanzaTable;
  readonly byPriority: StanzaTable;
  readonly essential: readonly number[];
}

/** The tables of an index, and where its stanzas are, without an object for a package or a name. */
export interface StoredTables extends IndexTables {
  /** Byte offsets of a stanza in the text. */
  bounds(stanza: number): readonly [start: number, end: number];
}

/** The one key of the table of essential packages. */
const YES = 'yes';
export const LENGTH_BYTES = 4;

/**
 * Lays out what was found in an index: the length of the whole in bytes, the number of stanzas, their starts and ends, then
 * a table each for names, provided names, priorities and `Essential: yes`. All numbers are 32 bits wide, in the machine's byte order. A table has the number
 * of its keys, of its stanzas and of the bytes of its keys, the ends of the keys among these bytes, the ends of their lists
 * among the stanzas, the stanzas, and the keys in the order of their bytes, padded to whole numbers.
 */
export function layOutTables(scan: IndexScan): Uint8Array {
  const essential = new Map([[YES, scan.essential]]);
  const parts = [
    bytesOf([scan.starts.length]),
    bytesOf(scan.starts),
    bytesOf(scan.ends),
    ...[scan.byName, scan.byProvided, scan.byPriority, essential].flatMap(layOutTable),
  ];
  const length = parts.reduce((sum, part) => sum + part.length, LENGTH_BYTES);
  return Buffer.concat([bytesOf([length]), ...parts]);
}

/** How long the tables are that begin with these bytes. */
export function tablesLength(start: Uint8Array): number {
  return new Reader(start).numbers(1)[0] ?? 0;
}

/** @param bytes as `layOutTables` gives them, at a multiple of 4 in their buffer */
export function openTables(bytes: Uint8Array): StoredTables {
  const reader = new Reader(bytes);
  const [, count = 0] = reader.numbers(2);
  const starts = reader.numbers(count);
  const ends = reader.numbers(count);
  return {
    bounds: (stanza) => [starts[stanza] ?? 0, ends[stanza] ?? 0],
    byName: reader.table(),
    byProvided: reader.table(),
    byPriority: reader.table(),
    essential: reader.table().get(YES) ?? [],
  };
}

function layOutTable(table: ReadonlyMap<string, readonly number[]>): Uint8Array[] {
  // Keys were read as latin1: a character is a byte, so the order of strings is that of bytes.
  const keys = [...table.keys()].sort((a, b) => (a < b ? -1 : 1));
  const lists = keys.map((key) => table.get(key) ?? []);
  const text = Buffer.from(keys.join(''), 'latin1');
  const stanzas = lists.flat();
  return [
    bytesOf([keys.length, stanzas.length, text.length]),
    bytesOf(endsOf(keys)),
    bytesOf(endsOf(lists)),
    bytesOf(stanzas),
    text,
    Buffer.alloc(-text.length & 3),
  ];
}

/** Where each one ends if they are put one after another. */
function endsOf(pieces: readonly { readonly length: number }[]): number[] {
  let end = 0;
  return pieces.map(({ length }) => {
    end += length;
    return end;
  });
}

function bytesOf(numbers: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(numbers).buffer);
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  numbers(count: number): Uint32Array {
    const numbers = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, count);
    this.#at += numbers.byteLength;
    return numbers;
  }

  table(): StanzaTable {
    const [keyCount = 0, stanzaCount = 0, textLength = 0] = this.numbers(3);
    const keyEnds = this.numbers(keyCount);
    const stanzaEnds = this.numbers(keyCount);
    const stanzas = this.numbers(stanzaCount);
    const text = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, textLength);
    this.#at += (textLength + 3) & ~3;
    return new SortedTable(text, keyEnds, stanzaEnds, stanzas);
  }
}

class SortedTable implements StanzaTable {
  readonly #text: Buffer;
  readonly #keyEnds: Uint32Array;
  readonly #stanzaEnds: Uint32Array;
  readonly #stanzas: Uint32Array;

  constructor(text: Buffer, keyEnds: Uint32Array, stanzaEnds: Uint32Array, stanzas: Uint32Array) {
    this.#text = text;
    this.#keyEnds = keyEnds;
    this.#stanzaEnds = stanzaEnds;
    this.#stanzas = stanzas;
  }

  get(key: string): readonly number[] | undefined {
    const wanted = Buffer.from(key, 'latin1');
    let low = 0;
    let high = this.#keyEnds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const start = this.#keyEnds[middle - 1] ?? 0;
      const order = this.#text.compare(wanted, 0, wanted.length, start, this.#keyEnds[middle]);
      if (order === 0) return [...this.#stanzas.subarray(this.#stanzaEnds[middle - 1] ?? 0, this.#stanzaEnds[middle])];
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }

  *keys(): Iterable<string> {
    let start = 0;
    for (const end of this.#keyEnds) {
      yield this.#text.toString('latin1', start, end);
      start = end;
    }
  }
}
