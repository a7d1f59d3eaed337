import { layOutTables } from './index-tables.js';
import { NameTableBuilder } from './name-table.js';
import { NumberList } from './numbers.js';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const COMMA = 0x2c;

/** The fields that are indexed, in lower case; names of fields have no case (Policy 5.1). */
const PACKAGE = fieldName('package');
const PROVIDES = fieldName('provides');
const PRIORITY = fieldName('priority');
const ESSENTIAL = fieldName('essential');

/** What bytes are in a name of a package: 2 where it may be the first, 1 where it may not. */
const NAME_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9]/.test(character) ? 2 : /[+._-]/.test(character) ? 1 : 0;
});

/**
 * Finds the stanzas of a Packages index and the fields that packages are looked up by, in one pass over pieces of the text
 * and without an object for a stanza or a name: an index has tens of thousands, a build asks for a hundred. What is malformed
 * is found by whoever reads the stanza; one without a name can't be asked for.
 */
export class IndexScanner {
  readonly #starts = new NumberList();
  readonly #ends = new NumberList();
  readonly #essential = new NumberList();
  readonly #byName = new NameTableBuilder();
  readonly #byProvided = new NameTableBuilder();
  readonly #byPriority = new NameTableBuilder();
  /** Bytes of all pieces so far. */
  #size = 0;
  /** The beginning of a line that ends in a later piece. */
  readonly #rest: Buffer[] = [];
  #isInside = false;
  #isProvides = false;
  /** Whether the next name in a Provides field is the first of its entry, which is what is provided. */
  #isEntry = false;

  /** @throws KoalaError `archive` for names that were chosen to make this slow */
  write(piece: Uint8Array): void {
    const buffer = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    const last = buffer.lastIndexOf(LF) + 1;
    let first = 0;
    if (last > 0 && this.#rest.length > 0) {
      first = buffer.indexOf(LF) + 1;
      this.#scanRest(buffer.subarray(0, first));
    }
    this.#scan(buffer.subarray(first, last), this.#size + first);
    if (last < buffer.length) this.#rest.push(Buffer.from(buffer.subarray(last)));
    this.#size += buffer.length;
  }

  /** The tables of what was written, as `openTables` takes them. */
  end(): Uint8Array {
    this.#scanRest();
    if (this.#isInside) this.#ends.push(this.#size);
    return layOutTables({
      size: this.#size,
      starts: this.#starts,
      ends: this.#ends,
      essential: this.#essential,
      byName: this.#byName,
      byProvided: this.#byProvided,
      byPriority: this.#byPriority,
    });
  }

  /** @param end of the line, which the next piece begins with */
  #scanRest(end: Buffer = Buffer.alloc(0)): void {
    const rest = Buffer.concat(this.#rest);
    this.#rest.length = 0;
    this.#scan(Buffer.concat([rest, end]), this.#size - rest.length);
  }

  /** @param offset of these lines in the text */
  #scan(lines: Buffer, offset: number): void {
    const { length } = lines;
    for (let at = 0; at < length; ) {
      let end = lines.indexOf(LF, at);
      if (end === -1) end = length;
      const first = lines[at] ?? LF;
      if (end === at || (first === CR && end === at + 1)) {
        if (this.#isInside) this.#ends.push(offset + at);
        this.#isInside = false;
        this.#isProvides = false;
      } else {
        if (!this.#isInside) this.#starts.push(offset + at);
        this.#isInside = true;
        if (first !== SPACE && first !== TAB) this.#scanField(lines, at, end, first);
        else if (this.#isProvides) this.#scanProvided(lines, at, end);
      }
      at = end + 1;
    }
  }

  #scanField(lines: Buffer, at: number, end: number, first: number): void {
    this.#isProvides = false;
    // 0x20 folds the case of a letter.
    const letter = first | 0x20;
    if (letter === 0x70) {
      if (startsField(lines, at, PACKAGE)) this.#add(this.#byName, lines, at + PACKAGE.length, end);
      else if (startsField(lines, at, PRIORITY)) this.#add(this.#byPriority, lines, at + PRIORITY.length, end);
      else if (startsField(lines, at, PROVIDES)) {
        this.#isProvides = true;
        this.#isEntry = true;
        this.#scanProvided(lines, at + PROVIDES.length, end);
      }
    } else if (letter === 0x65 && startsField(lines, at, ESSENTIAL)) {
      const value = lines.toString('latin1', at + ESSENTIAL.length, end).trim();
      if (value === 'yes') this.#essential.push(this.#starts.length - 1);
    }
  }

  /** Adds a value without the blanks around it. */
  #add(table: NameTableBuilder, lines: Buffer, from: number, to: number): void {
    let start = from;
    let end = to;
    while (start < end && isBlank(lines[start])) start++;
    while (end > start && isBlank(lines[end - 1])) end--;
    table.add(lines, start, end, this.#starts.length - 1);
  }

  /** Adds the names of `a (= 1), b, c:any`. */
  #scanProvided(lines: Buffer, start: number, end: number): void {
    for (let at = start; at < end; at++) {
      const byte = lines[at] ?? 0;
      if (byte === COMMA) this.#isEntry = true;
      else if (this.#isEntry && NAME_BYTES[byte] === 2) {
        const from = at;
        while (at + 1 < end && NAME_BYTES[lines[at + 1] ?? 0] !== 0) at++;
        this.#byProvided.add(lines, from, at + 1, this.#starts.length - 1);
        this.#isEntry = false;
      }
    }
  }
}

/** The tables of an index whose text is at hand, as `openTables` takes them. */
export function scanIndex(text: Uint8Array): Uint8Array {
  const scanner = new IndexScanner();
  scanner.write(text);
  return scanner.end();
}

function fieldName(name: string): Uint8Array {
  return Buffer.from(`${name}:`);
}

function startsField(lines: Buffer, at: number, field: Uint8Array): boolean {
  for (let i = 0; i < field.length; i++) {
    const byte = lines[at + i] ?? 0;
    if ((byte === COLON ? byte : byte | 0x20) !== field[i]) return false;
  }
  return true;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === CR;
}
