import { compareStrings } from '../shell/bytes.js';
import { djbHash, type GlibHashTable } from './glib-hash-table.js';

/** What a key of a GVDB table leads to: a serialised GVariant in a variant, a list of the items below it, or a table. */
type GvdbValue =
  | { readonly type: 'value'; readonly bytes: Uint8Array }
  | { readonly type: 'list' }
  | { readonly type: 'table'; readonly table: GlibHashTable<GvdbItem> };

export interface GvdbItem {
  readonly value: GvdbValue;
  /** The key of the item whose list it is in; its own key begins with that. */
  readonly parent: string | undefined;
}

interface Numbered {
  readonly key: string;
  readonly hash: number;
  readonly item: GvdbItem;
}

const SIGNATURE = 'GVariant';
const HEADER_SIZE = 24;
const ITEM_SIZE = 24;
const NO_PARENT = 0xffffffff;
/** Kept in the header of each table, though nobody writes its Bloom filter. */
const BLOOM_SHIFT = 5;

/** Lays out a table and those in it as GVDB's builder does (gvdb-builder.c): little endian, in the order of its hash tables. */
export function encodeGvdb(table: GlibHashTable<GvdbItem>): Buffer {
  const builder = new FileBuilder();
  const root = builder.addTable(table);
  const header = Buffer.alloc(HEADER_SIZE);
  header.write(SIGNATURE, 'latin1');
  root.copy(header, 16);
  return Buffer.concat([header, ...builder.parts]);
}

class FileBuilder {
  readonly parts: Buffer[] = [];
  #offset = HEADER_SIZE;

  /** @returns where the table starts and ends, as the file points to it. */
  addTable(table: GlibHashTable<GvdbItem>): Buffer {
    const buckets = bucketsOf(table);
    const items = buckets.flat();
    const numbers = new Map(items.map(({ key }, index) => [key, index]));
    const data = Buffer.alloc(8 + buckets.length * 4 + items.length * ITEM_SIZE);
    const pointer = this.#allocate(4, data);
    data.writeUInt32LE((BLOOM_SHIFT << 27) >>> 0, 0);
    data.writeUInt32LE(buckets.length, 4);
    let first = 0;
    for (const [index, bucket] of buckets.entries()) {
      data.writeUInt32LE(first, 8 + index * 4);
      first += bucket.length;
    }
    for (const [index, { key, hash, item }] of items.entries()) {
      const at = 8 + buckets.length * 4 + index * ITEM_SIZE;
      const { parent, value } = item;
      data.writeUInt32LE(hash, at);
      data.writeUInt32LE(parent === undefined ? NO_PARENT : (numbers.get(parent) ?? NO_PARENT), at + 4);
      const name = Buffer.from(key.slice(parent?.length ?? 0), 'latin1');
      data.writeUInt32LE(this.#offset, at + 8);
      data.writeUInt16LE(name.length, at + 12);
      this.#allocate(1, name);
      const pointer = this.#addValue(value, key, items, numbers);
      if (pointer === undefined) continue;
      data.write({ value: 'v', list: 'L', table: 'H' }[value.type], at + 14, 'latin1');
      pointer.copy(data, at + 16);
    }
    return pointer;
  }

  /** Undefined for an empty list, which is not there. */
  #addValue(
    value: GvdbValue,
    key: string,
    items: readonly Numbered[],
    numbers: ReadonlyMap<string, number>,
  ): Buffer | undefined {
    if (value.type === 'table') return this.addTable(value.table);
    if (value.type === 'value') return this.#allocate(8, Buffer.from(value.bytes));
    const children = items.filter(({ item }) => item.parent === key).sort((a, b) => compareStrings(a.key, b.key));
    if (children.length === 0) return undefined;
    const list = Buffer.alloc(children.length * 4);
    for (const [index, child] of children.entries()) list.writeUInt32LE(numbers.get(child.key) ?? 0, index * 4);
    return this.#allocate(4, list);
  }

  #allocate(alignment: number, data: Buffer): Buffer {
    const padding = -this.#offset & (alignment - 1);
    if (padding > 0) this.parts.push(Buffer.alloc(padding));
    this.#offset += padding;
    this.parts.push(data);
    const pointer = Buffer.alloc(8);
    pointer.writeUInt32LE(this.#offset, 0);
    this.#offset += data.length;
    pointer.writeUInt32LE(this.#offset, 4);
    return pointer;
  }
}

/** As many buckets as items, each item put before those that are in its bucket. */
function bucketsOf(table: GlibHashTable<GvdbItem>): Numbered[][] {
  const buckets: Numbered[][] = Array.from({ length: table.size }, () => []);
  for (const [key, item] of table.entries()) {
    const hash = djbHash(key);
    buckets[hash % buckets.length]?.unshift({ key, hash, item });
  }
  return buckets;
}
