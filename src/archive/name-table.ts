import { KoalaError } from '../formats/errors.js';
import { bytesOf, NumberList, type NumberReader, twiceAsLong } from './numbers.js';

/** Stanzas by a name. */
export interface NameTable {
  /** In ascending order; undefined for a name that is not there. */
  get(name: string): readonly number[] | undefined;
  /** In the order in which they were met. */
  keys(): Iterable<string>;
}

/** Names one after another, and a hash table of them with open addressing; half of its slots at least are empty. */
interface Names {
  /** The number of a name, counted from 1, and 0 where there is none. Their number is a power of 2. */
  slots: Uint32Array;
  /** Where each name ends in `text`. */
  ends: Uint32Array;
  text: Uint8Array;
}

/**
 * Slots in a row that are looked at for a name. Tens of millions of names need less than a hundred; names that were chosen
 * to fall on each other would keep this busy for hours.
 */
const MOST_PROBES = 256;

const FIRST_NAMES = 1024;

/** Collects the stanzas that have a name. */
export class NameTableBuilder {
  readonly #names: Names = {
    slots: new Uint32Array(FIRST_NAMES * 2),
    ends: new Uint32Array(FIRST_NAMES),
    text: new Uint8Array(FIRST_NAMES * 32),
  };
  #count = 0;
  #size = 0;
  /** Of each name: its hash, and the stanza that it came with last. */
  #hashes: Uint32Array = new Uint32Array(FIRST_NAMES);
  #lasts: Uint32Array = new Uint32Array(FIRST_NAMES);
  /** What came: the number of a name, counted from 0, and beside it the stanza. */
  readonly #numbers = new NumberList();
  readonly #stanzas = new NumberList();

  /**
   * Notes that a stanza has the name that these bytes are; once, however often in a row that is said.
   *
   * @param stanza not lower than the one before
   * @throws KoalaError `archive` for names that were chosen to make this slow
   */
  add(bytes: Uint8Array, start: number, end: number, stanza: number): void {
    const hash = hashOf(bytes, start, end);
    const slot = slotOf(this.#names, hash, bytes, start, end);
    let number = (this.#names.slots[slot] ?? 0) - 1;
    if (number === -1) {
      number = this.#append(bytes, start, end);
      this.#hashes[number] = hash;
      this.#names.slots[slot] = this.#count;
      if (this.#count === this.#hashes.length) this.#grow();
    } else if (this.#lasts[number] === stanza) return;
    this.#lasts[number] = stanza;
    this.#numbers.push(number);
    this.#stanzas.push(stanza);
  }

  #append(bytes: Uint8Array, start: number, end: number): number {
    const names = this.#names;
    const from = this.#size;
    this.#size += end - start;
    if (this.#size > names.text.length) {
      const text = new Uint8Array(this.#size * 2);
      text.set(names.text);
      names.text = text;
    }
    // Names are short: this takes less than making a view of each.
    for (let at = start; at < end; at++) names.text[from + at - start] = bytes[at] ?? 0;
    names.ends[this.#count] = this.#size;
    return this.#count++;
  }

  #grow(): void {
    const names = this.#names;
    const slots = new Uint32Array(names.slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#count; number++) {
      let slot = (this.#hashes[number] ?? 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    names.slots = slots;
    names.ends = twiceAsLong(names.ends);
    this.#hashes = twiceAsLong(this.#hashes);
    this.#lasts = twiceAsLong(this.#lasts);
  }

  /**
   * What `openNameTable` opens, numbers of 32 bits in the machine's byte order: how many names, stanzas, bytes of names and slots
   * there are; the slots; the ends of the names; the ends of their lists of stanzas; these lists; the names, padded.
   */
  layOut(): Uint8Array[] {
    const { slots, text } = this.#names;
    const ends = this.#names.ends.subarray(0, this.#count);
    const numbers = this.#numbers.view();
    const listEnds = new Uint32Array(this.#count);
    for (const number of numbers) listEnds[number] = (listEnds[number] ?? 0) + 1;
    let total = 0;
    // Each list's start, which its stanzas then move to its end.
    for (const [number, length] of listEnds.entries()) {
      listEnds[number] = total;
      total += length;
    }
    const lists = new Uint32Array(total);
    for (const [at, stanza] of this.#stanzas.view().entries()) {
      const number = numbers[at] ?? 0;
      const place = listEnds[number] ?? 0;
      lists[place] = stanza;
      listEnds[number] = place + 1;
    }
    const sizes = Uint32Array.of(this.#count, total, this.#size, slots.length);
    const padding = new Uint8Array(-this.#size & 3);
    return [...[sizes, slots, ends, listEnds, lists].map(bytesOf), text.subarray(0, this.#size), padding];
  }
}

/** A table that is searched where it lies. */
export function openNameTable(reader: NumberReader): NameTable {
  const [count = 0, total = 0, size = 0, slotCount = 0] = reader.numbers(4);
  const slots = reader.numbers(slotCount);
  const ends = reader.numbers(count);
  const listEnds = reader.numbers(count);
  const lists = reader.numbers(total);
  const text = reader.bytes(size);
  const names: Names = { slots, ends, text };
  return {
    get(name) {
      const wanted = Buffer.from(name, 'latin1');
      const hash = hashOf(wanted, 0, wanted.length);
      const number = (slots[slotOf(names, hash, wanted, 0, wanted.length)] ?? 0) - 1;
      return number === -1 ? undefined : [...lists.subarray(listEnds[number - 1] ?? 0, listEnds[number])];
    },
    *keys() {
      for (const [number, end] of ends.entries()) yield text.toString('latin1', startOf(names, number), end);
    },
  };
}

/** The slot that has a name, or else the empty one where it belongs. */
function slotOf(names: Names, hash: number, bytes: Uint8Array, start: number, end: number): number {
  const { slots, ends, text } = names;
  const mask = slots.length - 1;
  let slot = hash & mask;
  for (let probes = 0; probes < MOST_PROBES; probes++) {
    const number = (slots[slot] ?? 0) - 1;
    if (number === -1) return slot;
    const from = startOf(names, number);
    if ((ends[number] ?? 0) - from === end - start && isSame(text, from, bytes, start, end)) return slot;
    slot = (slot + 1) & mask;
  }
  throw new KoalaError('archive', 'cannot read an index whose names were chosen to fall on each other in a hash table');
}

function startOf({ ends }: Names, number: number): number {
  return number === 0 ? 0 : (ends[number - 1] ?? 0);
}

function isSame(text: Uint8Array, from: number, bytes: Uint8Array, start: number, end: number): boolean {
  // Names that follow each other differ at their ends.
  for (let at = end - 1; at >= start; at--) if (text[from + at - start] !== bytes[at]) return false;
  return true;
}

/** FNV-1a, its upper bits laid over the lower ones, which choose the slot. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}
