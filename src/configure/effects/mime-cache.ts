import { compareStrings } from '../shell/bytes.js';
import { GlibHashTable } from './glib-hash-table.js';
import type { Match } from './mime-magic.js';
import type { Glob, MimeTypes } from './mime-types.js';

const HEADER_SIZE = 44;
const MATCH_SIZE = 32;
const CASE_SENSITIVE = 0x100;

/** A node of the tree of suffixes, which are read from their end. An end of one has no character and a type. */
interface Suffix {
  readonly character: number;
  readonly type: string;
  weight: number;
  readonly flags: number;
  readonly children: Suffix[];
}

/**
 * The bytes of mime.cache, version 1.2 (update-mime-database.c): a table of strings, then what is in the other files; all numbers
 * are big endian, and places count from the start of the file.
 */
export function mimeCache(types: MimeTypes): Buffer {
  const file = new CacheFile();
  for (const text of stringsOf(types)
    .entries()
    .map(([key]) => key))
    file.addString(text);
  const { aliases, parents, globs, namespaces, icons, genericIcons } = types;
  const starts = [
    file.section(() => file.addMap(aliases.entries())),
    file.section(() => addParents(file, parents)),
    file.section(() => addGlobs(file, globs, 'literal')),
    file.section(() => addSuffixes(file, globs)),
    file.section(() => addGlobs(file, globs, 'full')),
    file.section(() => addMagic(file, types)),
    file.section(() => {
      const sorted = namespaces.entries().sort(([a], [b]) => compareStrings(a, b));
      file.card32(sorted.length);
      for (const [name, type] of sorted) {
        const space = name.indexOf(' ');
        file.strings(name.slice(0, space), name.slice(space + 1), type);
      }
    }),
    file.section(() => file.addMap(icons.entries())),
    file.section(() => file.addMap(genericIcons.entries())),
    file.section(() => {
      // The program looks each one up with the newline that it has in the file `types`, and finds none.
      file.card32(types.types.size);
      for (let left = types.types.size; left > 0; left--) file.card32(0);
    }),
  ];
  return file.finish(starts);
}

/** In the order of the program's own table of them. */
function stringsOf({
  aliases,
  parents,
  globs,
  magic,
  namespaces,
  genericIcons,
  icons,
}: MimeTypes): GlibHashTable<true> {
  const strings = new GlibHashTable<true>();
  const add = (...texts: readonly string[]): void => {
    for (const text of texts) strings.set(text, true);
  };
  for (const [alias, type] of aliases.entries()) add(alias, type);
  for (const [type, others] of parents.entries()) add(type, ...others);
  for (const [pattern, list] of globs.entries()) {
    if (kindOf(pattern) !== 'suffix') add(pattern);
    add(...list.map(({ type }) => type));
  }
  add(...magic.map(({ type }) => type));
  for (const [name, type] of namespaces.entries()) {
    const space = name.indexOf(' ');
    add(type, name.slice(0, space), name.slice(space + 1));
  }
  for (const table of [genericIcons, icons]) for (const [type, icon] of table.entries()) add(type, icon);
  return strings;
}

function kindOf(pattern: string): 'literal' | 'suffix' | 'full' {
  if (/[\\[?*]/.test(pattern.replace(/^\*/, ''))) return 'full';
  return pattern.startsWith('*') ? 'suffix' : 'literal';
}

function addParents(file: CacheFile, parents: GlibHashTable<string[]>): void {
  const sorted = parents.entries().sort(([a], [b]) => compareStrings(a, b));
  file.card32(sorted.length);
  let at = file.offset + sorted.length * 8;
  for (const [type, others] of sorted) {
    file.strings(type);
    file.card32(at);
    at += 4 + others.length * 4;
  }
  for (const [, others] of sorted) {
    file.card32(others.length);
    file.strings(...others);
  }
}

function addGlobs(file: CacheFile, table: GlibHashTable<Glob[]>, kind: 'literal' | 'full'): void {
  const patterns = table.entries().filter(([pattern]) => kindOf(pattern) === kind);
  const globs = patterns.sort(([a], [b]) => compareStrings(a, b)).flatMap(([, list]) => list);
  file.card32(globs.length);
  for (const { pattern, type, weight, caseSensitive } of globs) {
    file.strings(pattern, type);
    file.card32((weight & 0xff) | (caseSensitive ? CASE_SENSITIVE : 0));
  }
}

function addSuffixes(file: CacheFile, table: GlibHashTable<Glob[]>): void {
  const roots: Suffix[] = [];
  for (const [pattern, list] of table.entries()) {
    if (kindOf(pattern) !== 'suffix') continue;
    const characters = [...Buffer.from(pattern.slice(1), 'latin1').toString('utf8')].reverse();
    for (const glob of list)
      insertSuffix(
        roots,
        characters.map((each) => each.codePointAt(0) ?? 0),
        glob,
      );
  }
  file.card32(roots.length);
  file.card32(file.offset + 4);
  // Level by level; each node says where its children are on the next one.
  let child = file.offset + roots.length * 12;
  for (let level = roots; level.length > 0; level = level.flatMap(({ children }) => children)) {
    for (const { character, type, weight, flags, children } of level) {
      file.card32(character);
      if (character === 0) {
        file.strings(type);
        file.card32((weight & 0xff) | flags);
      } else {
        file.card32(children.length);
        file.card32(child);
      }
      child += children.length * 12;
    }
  }
}

function insertSuffix(siblings: Suffix[], [character = 0, ...rest]: readonly number[], glob: Glob): void {
  const at = siblings.findIndex((sibling) => sibling.character >= character);
  let node = at < 0 ? undefined : siblings[at];
  if (node?.character !== character) {
    node = { character, type: '', weight: 0, flags: 0, children: [] };
    siblings.splice(at < 0 ? siblings.length : at, 0, node);
  }
  if (rest.length > 0) {
    insertSuffix(node.children, rest, glob);
    return;
  }
  const { type, weight, caseSensitive } = glob;
  const ends = node.children.filter((child) => child.character === 0);
  const same = ends.find((end) => end.type === type);
  if (same !== undefined) same.weight = Math.max(same.weight, weight);
  else {
    const end = { character: 0, type, weight, flags: caseSensitive ? CASE_SENSITIVE : 0, children: [] };
    node.children.splice(ends.length, 0, end);
  }
}

function addMagic(file: CacheFile, { magic }: MimeTypes): void {
  const all: Match[] = [];
  const collect = (matches: readonly Match[]): void => {
    all.push(...matches);
    for (const match of matches) collect(match.matches);
  };
  for (const { matches } of magic) collect(matches);
  const indices = new Map(all.map((match, index) => [match, index]));
  // A rule that two types share stands at its first place.
  for (const [index, match] of [...all.entries()].reverse()) indices.set(match, index);
  const extent = Math.max(0, ...all.map(({ data, start, length }) => data.length + start + length));
  file.card32(magic.length);
  file.card32(extent);
  file.card32(file.offset + 4);
  const base = file.offset + magic.length * 16;
  const placeOf = (matches: readonly Match[]): number => {
    const [first] = matches;
    return first === undefined ? 0 : base + MATCH_SIZE * (indices.get(first) ?? 0);
  };
  for (const { priority, type, matches } of magic) {
    file.card32(priority);
    file.strings(type);
    file.card32(matches.length);
    file.card32(placeOf(matches));
  }
  let data = base + MATCH_SIZE * all.length;
  const reserve = (bytes: Buffer): number => {
    data += aligned(bytes.length);
    return data - aligned(bytes.length);
  };
  for (const { start, length, wordSize, data: value, mask, matches } of all) {
    for (const number of [start, length, wordSize, value.length, reserve(value)]) file.card32(number);
    file.card32(mask === undefined ? 0 : reserve(mask));
    file.card32(matches.length);
    file.card32(placeOf(matches));
  }
  for (const { data: value, mask } of all) {
    file.padded(value);
    if (mask !== undefined) file.padded(mask);
  }
}

function aligned(length: number): number {
  return Math.ceil(length / 4) * 4;
}

class CacheFile {
  readonly #parts: Buffer[] = [];
  readonly #strings = new Map<string, number>();
  offset = HEADER_SIZE;

  addString(text: string): void {
    this.#strings.set(text, this.offset);
    this.padded(Buffer.from(`${text}\0`, 'latin1'));
  }

  /** @returns where what `write` adds starts. */
  section(write: () => void): number {
    const start = this.offset;
    write();
    return start;
  }

  card32(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value | 0);
    this.#parts.push(bytes);
    this.offset += 4;
  }

  /** The places of strings. */
  strings(...texts: readonly string[]): void {
    for (const text of texts) this.card32(this.#strings.get(text) ?? 0);
  }

  padded(bytes: Buffer): void {
    this.#parts.push(bytes, Buffer.alloc(aligned(bytes.length) - bytes.length));
    this.offset += aligned(bytes.length);
  }

  /** Pairs of strings, in the order of the first ones. */
  addMap(entries: readonly (readonly [string, string])[]): void {
    const sorted = [...entries].sort(([a], [b]) => compareStrings(a, b));
    this.card32(sorted.length);
    for (const [key, value] of sorted) this.strings(key, value);
  }

  finish(starts: readonly number[]): Buffer {
    const header = Buffer.alloc(HEADER_SIZE);
    header.writeUInt16BE(1, 0);
    header.writeUInt16BE(2, 2);
    for (const [index, start] of starts.entries()) header.writeUInt32BE(start, 4 + index * 4);
    return Buffer.concat([header, ...this.#parts]);
  }
}
