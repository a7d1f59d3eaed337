import { KoalaError } from '../formats/errors.js';
import { type Layout, NumberList, padded, twiceAsLong } from './numbers.js';

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
/** Numbers that a table begins with. */
const SIZES = 4;

/** Collects the stanzas that have a name, in the form in which they are laid out. */
export class NameTableBuilder {
  readonly #names: Names = {
    slots: new Uint32Array(FIRST_NAMES * 2),
    ends: new Uint32Array(FIRST_NAMES),
    text: new Uint8Array(FIRST_NAMES * 32),
  };
  #hashes: Uint32Array = new Uint32Array(FIRST_NAMES);
  #count = 0;
  #size = 0;
  /** The last mention of each name. Mentions are counted from 1. */
  #lasts: Uint32Array = new Uint32Array(FIRST_NAMES);
  /** The stanza of each mention, and the mention of the same name before it, or 0. */
  readonly #stanzas = new NumberList();
  readonly #before = new NumberList();

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
      this.#names.slots[slot] = this.#count;
      this.#hashes[number] = hash;
      if (this.#count === this.#hashes.length) this.#grow();
    }
    const last = this.#lasts[number] ?? 0;
    if (last !== 0 && this.#stanzas.at(last - 1) === stanza) return;
    this.#stanzas.push(stanza);
    this.#before.push(last);
    this.#lasts[number] = this.#stanzas.length;
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

  /** What is laid out, in bytes. */
  get length(): number {
    const { slots } = this.#names;
    return 4 * (SIZES + slots.length + 2 * this.#count + 2 * this.#stanzas.length) + padded(this.#size);
  }

  /**
   * Lays out what `openNameTable` opens: how many names, mentions, bytes of names and slots there are; the slots; the end and the
   * last mention of each name; the stanza of each mention and the mention before it; the names.
   */
  layOut(layout: Layout): void {
    const { slots, ends, text } = this.#names;
    const mentions = this.#stanzas.length;
    layout.numbers(SIZES).set([this.#count, mentions, this.#size, slots.length]);
    layout.numbers(slots.length).set(slots);
    for (const list of [ends, this.#lasts]) layout.numbers(this.#count).set(list.subarray(0, this.#count));
    for (const list of [this.#stanzas, this.#before]) layout.numbers(mentions).set(list.view());
    layout.bytes(this.#size).set(text.subarray(0, this.#size));
  }
}

/** A table that is searched where it lies. */
export function openNameTable(layout: Layout): NameTable {
  const [count = 0, mentions = 0, size = 0, slotCount = 0] = layout.numbers(SIZES);
  const slots = layout.numbers(slotCount);
  const ends = layout.numbers(count);
  const lasts = layout.numbers(count);
  const stanzas = layout.numbers(mentions);
  const before = layout.numbers(mentions);
  const text = layout.bytes(size);
  const names: Names = { slots, ends, text };
  return {
    get(name) {
      const wanted = Buffer.from(name, 'latin1');
      const slot = slotOf(names, hashOf(wanted, 0, wanted.length), wanted, 0, wanted.length);
      const number = (slots[slot] ?? 0) - 1;
      if (number === -1) return undefined;
      const found: number[] = [];
      for (let mention = lasts[number] ?? 0; mention > 0; mention = before[mention - 1] ?? 0) {
        found.push(stanzas[mention - 1] ?? 0);
      }
      return found.reverse();
    },
    *keys() {
      for (let number = 0; number < count; number++) {
        yield text.toString('latin1', startOf(names, number), ends[number]);
      }
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
