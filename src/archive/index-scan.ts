/** Where things are in the text of a Packages index. A stanza is known by its number, from 0 in the order of the file. */
export interface IndexScan {
  /** Byte offsets; the end is that of the last line's line feed. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly byName: ReadonlyMap<string, readonly number[]>;
  /** By each name in a Provides field. */
  readonly byProvided: ReadonlyMap<string, readonly number[]>;
  readonly byPriority: ReadonlyMap<string, readonly number[]>;
  readonly essential: readonly number[];
}

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;

/** The fields that are indexed, in lower case; names of fields have no case (Policy 5.1). */
const PACKAGE = fieldName('package');
const PROVIDES = fieldName('provides');
const PRIORITY = fieldName('priority');
const ESSENTIAL = fieldName('essential');

/**
 * Finds the stanzas of an index and the fields that packages are looked up by, in one pass over the bytes and without an
 * object for a stanza: an index has tens of thousands, a build asks for a hundred. What is malformed is found by whoever
 * reads the stanza; one without a name can't be asked for.
 */
export function scanIndex(bytes: Uint8Array): IndexScan {
  const starts: number[] = [];
  const ends: number[] = [];
  const byName = new Map<string, number[]>();
  const byProvided = new Map<string, number[]>();
  const byPriority = new Map<string, number[]>();
  const essential: number[] = [];
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const { length } = buffer;
  let inside = false;
  for (let at = 0; at < length; ) {
    let end = buffer.indexOf(LF, at);
    if (end === -1) end = length;
    const first = buffer[at];
    if (end === at || (first === CR && end === at + 1)) {
      if (inside) ends.push(at);
      inside = false;
    } else {
      if (!inside) starts.push(at);
      inside = true;
      const stanza = starts.length - 1;
      // 0x20 folds the case of a letter.
      const letter = (first ?? 0) | 0x20;
      if (letter === 0x70) {
        if (startsField(buffer, at, PACKAGE)) {
          add(byName, valueAt(buffer, at + PACKAGE.length, end), stanza);
        } else if (startsField(buffer, at, PRIORITY)) {
          add(byPriority, valueAt(buffer, at + PRIORITY.length, end), stanza);
        } else if (startsField(buffer, at, PROVIDES)) {
          end = endOfField(buffer, end);
          for (const name of providedNames(buffer.toString('latin1', at + PROVIDES.length, end)))
            add(byProvided, name, stanza);
        }
      } else if (letter === 0x65 && startsField(buffer, at, ESSENTIAL)) {
        if (valueAt(buffer, at + ESSENTIAL.length, end) === 'yes') essential.push(stanza);
      }
    }
    at = end + 1;
  }
  if (inside) ends.push(length);
  return { starts, ends, byName, byProvided, byPriority, essential };
}

function fieldName(name: string): Uint8Array {
  return Buffer.from(`${name}:`);
}

function startsField(buffer: Buffer, at: number, field: Uint8Array): boolean {
  for (let i = 0; i < field.length; i++) {
    const byte = buffer[at + i] ?? 0;
    if ((byte === COLON ? byte : byte | 0x20) !== field[i]) return false;
  }
  return true;
}

function valueAt(buffer: Buffer, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(buffer[start])) start++;
  while (end > start && isBlank(buffer[end - 1])) end--;
  return buffer.toString('latin1', start, end);
}

/** The end of the last continuation line. */
function endOfField(buffer: Buffer, lineEnd: number): number {
  let end = lineEnd;
  while (end + 1 < buffer.length && (buffer[end + 1] === SPACE || buffer[end + 1] === TAB)) {
    const next = buffer.indexOf(LF, end + 1);
    end = next === -1 ? buffer.length : next;
  }
  return end;
}

/** The names of `a (= 1), b, c:any`. */
function providedNames(text: string): string[] {
  const names: string[] = [];
  for (const entry of text.split(',')) {
    const name = /[A-Za-z0-9][A-Za-z0-9+._-]*/.exec(entry)?.[0];
    if (name !== undefined) names.push(name);
  }
  return names;
}

function add(map: Map<string, number[]>, key: string, stanza: number): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [stanza]);
  else if (known.at(-1) !== stanza) known.push(stanza);
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === CR;
}
