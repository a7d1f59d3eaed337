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

/** A version of symbols that a file asks a library for. */
export interface VersionNeed {
  /** The soname of the library. */
  readonly library: string;
  readonly version: string;
  /** Whether the dynamic linker goes on without it. */
  readonly weak: boolean;
}

/** Undefined where the file has no dynamic section: it is static, or its code is elsewhere. */
export function dynamicOf(source: ByteSource, file: ElfFile): Dynamic | undefined {
  const segment = file.segments.find(({ type }) => type === PT.DYNAMIC);
  if (segment === undefined || segment.size === 0) return undefined;
  const entries = entriesOf(wordsOf(source, file, segment));
  const entry = (tag: number): number | undefined => entries.find(([own]) => own === tag)?.[1];
  const strings = placeOf(file, entry(DT_STRTAB));
  if (strings === undefined) return undefined;
  const texts = (tag: number): string[] =>
    entries.flatMap(([own, value]) => (own === tag ? (stringAt(source, strings + value) ?? []) : []));
  const paths = (tag: number): string[] => texts(tag).flatMap((text) => text.split(':').filter((path) => path !== ''));
  const table = (address: number, count: number): Place | undefined => {
    const offset = placeOf(file, entry(address));
    return offset === undefined ? undefined : { offset, count: Math.min(entry(count) ?? 0, MAX_VERSIONS) };
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

function entriesOf(table: Words): [tag: number, value: number][] {
  const width = table.bits / 8;
  const entries: [number, number][] = [];
  for (let at = 0; at + 2 * width <= table.bytes.byteLength; at += 2 * width) {
    const tag = table.address(at);
    if (tag === 0) break;
    entries.push([tag, table.address(at + width)]);
  }
  return entries;
}

/** The versions that a library has symbols of (Verdef of the LSB, "Symbol Versioning"); none: it has no versions. */
export function versionsDefined(source: ByteSource, file: ElfFile, { tables }: Dynamic): ReadonlySet<string> {
  const versions = new Set<string>();
  if (tables.definitions === undefined) return versions;
  let { offset } = tables.definitions;
  for (let left = tables.definitions.count; left > 0; left--) {
    const [auxiliary, next] = at(source, file, offset, [12, 16]);
    const [name] = at(source, file, offset + (auxiliary ?? 0), [0]);
    const text = stringAt(source, tables.strings + (name ?? 0));
    if (text !== undefined) versions.add(text);
    if (next === 0) break;
    offset += next ?? 0;
  }
  return versions;
}

/** The versions that a file asks its libraries for (Verneed). */
export function versionsNeeded(source: ByteSource, file: ElfFile, { tables }: Dynamic): VersionNeed[] {
  const found: VersionNeed[] = [];
  if (tables.needs === undefined) return found;
  let { offset } = tables.needs;
  for (let left = tables.needs.count; left > 0 && found.length < MAX_VERSIONS; left--) {
    const [name, auxiliary, next] = at(source, file, offset, [4, 8, 12]);
    const library = stringAt(source, tables.strings + (name ?? 0)) ?? '';
    let own = offset + (auxiliary ?? 0);
    for (let more = true; more && found.length < MAX_VERSIONS; ) {
      const [flags, text, after] = at(source, file, own, [4, 8, 12]);
      const version = stringAt(source, tables.strings + (text ?? 0));
      // The flags are the first half of their word.
      const bits = file.bigEndian ? (flags ?? 0) >>> 16 : (flags ?? 0) & 0xffff;
      if (version !== undefined) found.push({ library, version, weak: (bits & VER_FLG_WEAK) !== 0 });
      more = after !== 0 && after !== undefined;
      own += after ?? 0;
    }
    if (next === 0) break;
    offset += next ?? 0;
  }
  return found;
}

/** Words at places of a table. */
function at(source: ByteSource, file: ElfFile, offset: number, places: readonly number[]): number[] {
  const words = new Words(source.read(offset, 20), file.bits, file.bigEndian);
  return places.map((place) => words.word(place));
}
