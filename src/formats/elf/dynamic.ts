import { type ByteSource, stringAt, Words } from './bytes.js';
import { type ElfFile, offsetOf, PT, wordsOf } from './file.js';

const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_SONAME = 14;
const DT_RPATH = 15;
const DT_RUNPATH = 29;
const DT_VERDEF = 0x6ffffffc;
const DT_VERDEFNUM = 0x6ffffffd;
const DT_VERNEED = 0x6ffffffe;
const DT_VERNEEDNUM = 0x6fffffff;
const VER_FLG_WEAK = 2;
/** More than any file has versions, and libraries to have them from. */
const MAX_VERSIONS = 10_000;

/** What the dynamic linker is told (ld.so(8)). */
export interface Dynamic {
  readonly soname: string | undefined;
  /** DT_NEEDED, in order. */
  readonly needed: readonly string[];
  readonly rpath: readonly string[];
  readonly runpath: readonly string[];
  readonly tables: Tables;
}

interface Tables {
  readonly strings: number;
  readonly definitions: Place | undefined;
  readonly needs: Place | undefined;
}

interface Place {
  readonly offset: number;
  readonly count: number;
}

/** The versions of symbols that a file asks a library for. */
export interface VersionNeed {
  /** The soname of the library. */
  readonly library: string;
  readonly versions: readonly {
    readonly name: string;
    /** Whether the dynamic linker goes on without it. */
    readonly weak: boolean;
  }[];
}

const TAGS = new Set([
  ...[DT_NEEDED, DT_STRTAB, DT_SONAME, DT_RPATH, DT_RUNPATH],
  ...[DT_VERDEF, DT_VERDEFNUM, DT_VERNEED, DT_VERNEEDNUM],
]);

/** Undefined where the file has no dynamic section: it is static, or its code is elsewhere. */
export function dynamicOf(source: ByteSource, file: ElfFile): Dynamic | undefined {
  const segment = file.segments.find(({ type }) => type === PT.DYNAMIC);
  if (segment === undefined || segment.size === 0) return undefined;
  const values = valuesOf(wordsOf(source, file, segment));
  const first = (tag: number): number | undefined => values.get(tag)?.[0];
  const strings = placeOf(file, first(DT_STRTAB));
  if (strings === undefined) return undefined;
  const texts = (tag: number): string[] =>
    values.get(tag)?.flatMap((value) => stringAt(source, strings + value) ?? []) ?? [];
  const paths = (tag: number): string[] => texts(tag).flatMap((text) => text.split(':').filter((path) => path !== ''));
  const table = (address: number, count: number): Place | undefined => {
    const offset = placeOf(file, first(address));
    return offset === undefined ? undefined : { offset, count: Math.min(first(count) ?? 0, MAX_VERSIONS) };
  };
  return {
    soname: texts(DT_SONAME)[0],
    needed: texts(DT_NEEDED),
    rpath: paths(DT_RPATH),
    runpath: paths(DT_RUNPATH),
    tables: { strings, definitions: table(DT_VERDEF, DT_VERDEFNUM), needs: table(DT_VERNEED, DT_VERNEEDNUM) },
  };
}

function placeOf(file: ElfFile, address: number | undefined): number | undefined {
  return address === undefined ? undefined : offsetOf(file, address);
}

/** What a dynamic section has for each of the tags that somebody asks for, in order. */
function valuesOf(table: Words): ReadonlyMap<number, readonly number[]> {
  const width = table.bits / 8;
  const values = new Map<number, number[]>();
  for (let at = 0; at + 2 * width <= table.bytes.byteLength; at += 2 * width) {
    const tag = table.address(at);
    if (tag === 0) break;
    if (!TAGS.has(tag)) continue;
    const known = values.get(tag);
    if (known === undefined) values.set(tag, [table.address(at + width)]);
    else known.push(table.address(at + width));
  }
  return values;
}

/** The versions that a library has symbols of (Verdef of the LSB, "Symbol Versioning"); none: it has no versions. */
export function versionsDefined(source: ByteSource, file: ElfFile, { tables }: Dynamic): ReadonlySet<string> {
  if (tables.definitions === undefined) return new Set();
  const names: number[] = [];
  const table = new Table(source, file);
  let { offset } = tables.definitions;
  for (let left = tables.definitions.count; left > 0; left--) {
    names.push(table.word(offset + table.word(offset + 12)));
    const next = table.word(offset + 16);
    if (next === 0) break;
    offset += next;
  }
  return new Set(names.flatMap((name) => stringAt(source, tables.strings + name) ?? []));
}

/** The versions that a file asks its libraries for (Verneed). */
export function versionsNeeded(source: ByteSource, file: ElfFile, { tables }: Dynamic): VersionNeed[] {
  if (tables.needs === undefined) return [];
  // All of the table before the names, which lie elsewhere.
  const found: { library: number; versions: { name: number; weak: boolean }[] }[] = [];
  const table = new Table(source, file);
  let { offset } = tables.needs;
  let count = 0;
  for (let left = tables.needs.count; left > 0 && count < MAX_VERSIONS; left--) {
    const versions: { name: number; weak: boolean }[] = [];
    let own = offset + table.word(offset + 8);
    for (let more = true; more && count < MAX_VERSIONS; count++) {
      // The flags are the first half of their word.
      const flags = table.word(own + 4);
      const weak = ((file.bigEndian ? flags >>> 16 : flags & 0xffff) & VER_FLG_WEAK) !== 0;
      versions.push({ name: table.word(own + 8), weak });
      const next = table.word(own + 12);
      more = next !== 0;
      own += next;
    }
    found.push({ library: table.word(offset + 4), versions });
    const next = table.word(offset + 12);
    if (next === 0) break;
    offset += next;
  }
  const nameAt = (name: number): string | undefined => stringAt(source, tables.strings + name);
  return found.map(({ library, versions }) => ({
    library: nameAt(library) ?? '',
    versions: versions.flatMap(({ name, weak }) => {
      const text = nameAt(name);
      return text === undefined ? [] : { name: text, weak };
    }),
  }));
}

/** Most tables of versions are shorter. */
const TABLE_BYTES = 1024;

/** Words at places that lie near each other; its bytes hold as long as nobody else reads. */
class Table {
  readonly #source: ByteSource;
  readonly #file: ElfFile;
  #words: Words | undefined;
  #start = 0;

  constructor(source: ByteSource, file: ElfFile) {
    this.#source = source;
    this.#file = file;
  }

  word(offset: number): number {
    const at = offset - this.#start;
    if (this.#words !== undefined && at >= 0 && at + 4 <= this.#words.bytes.byteLength) return this.#words.word(at);
    this.#start = offset;
    this.#words = new Words(this.#source.read(offset, TABLE_BYTES), this.#file.bits, this.#file.bigEndian);
    return this.#words.word(0);
  }
}
