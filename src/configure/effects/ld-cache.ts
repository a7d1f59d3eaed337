import { compareStrings } from '../shell/bytes.js';
import type { Bytes } from '../shell/types.js';

/** One library of the cache. */
export interface CacheEntry {
  readonly soname: Bytes;
  readonly path: Bytes;
  /** Kind and architecture (elf/ldconfig.h). */
  readonly flags: number;
  /** The name of its subdirectory of glibc-hwcaps; undefined for the directories themselves. */
  readonly hwcaps: Bytes | undefined;
  readonly isaLevel: number;
}

const MAGIC = 'glibc-ld.so.cache1.1';
const HEADER = 48;
const ENTRY = 24;
const EXTENSION_MAGIC = 0xeaa42174;
const TAG_GENERATOR = 0;
const TAG_HWCAPS = 1;
/** dl-cache.h: the entry is one of glibc-hwcaps, its low word the index of the name. */
const HWCAP_EXTENSION = 1n << 62n;

/**
 * The bytes of `/etc/ld.so.cache` as ldconfig of glibc 2.33 and later writes them in the new format (sysdeps/generic/dl-cache.h,
 * elf/cache.c, elf/stringtable.c): entries, strings of which suffixes are shared, and the extension that names the writer.
 *
 * @param entries in the order in which ldconfig came upon them.
 * @param generator as in `ldconfig (Debian GLIBC 2.36-9) stable release version 2.36`.
 */
export function formatLdCache(entries: readonly CacheEntry[], generator: Bytes, bigEndian: boolean): Buffer {
  const sorted = [...entries].sort(compareEntries);
  const names = [...new Set(sorted.flatMap(({ hwcaps }) => hwcaps ?? []))].sort(compareStrings);
  const table = stringTable([...sorted.flatMap(({ soname, path }) => [soname, path]), ...names]);
  const strings = HEADER + ENTRY * sorted.length;
  const extension = Math.ceil((strings + table.text.length) / 4) * 4;
  const sections = names.length > 0 ? 2 : 1;
  const hwcapsAt = extension + 8 + 16 * sections;
  const generatorAt = hwcapsAt + 4 * names.length;

  const bytes = Buffer.alloc(generatorAt + generator.length);
  const word = (at: number, value: number): void => {
    if (bigEndian) bytes.writeUInt32BE(value, at);
    else bytes.writeUInt32LE(value, at);
  };
  const words = (at: number, values: readonly number[]): void => {
    for (const [index, value] of values.entries()) word(at + 4 * index, value);
  };
  const at = (text: Bytes): number => strings + (table.offsets.get(text) ?? 0);

  bytes.write(MAGIC, 0, 'latin1');
  words(20, [sorted.length, table.text.length]);
  bytes[28] = bigEndian ? 3 : 2;
  word(32, extension);
  sorted.forEach((entry, index) => {
    const start = HEADER + ENTRY * index;
    words(start, [entry.flags, at(entry.soname), at(entry.path)]);
    const hwcap = hwcapValue(entry, names);
    if (bigEndian) bytes.writeBigUInt64BE(hwcap, start + 16);
    else bytes.writeBigUInt64LE(hwcap, start + 16);
  });
  bytes.write(table.text, strings, 'latin1');
  words(extension, [EXTENSION_MAGIC, sections, TAG_GENERATOR, 0, generatorAt, generator.length]);
  if (names.length > 0) words(extension + 24, [TAG_HWCAPS, 0, hwcapsAt, 4 * names.length]);
  words(hwcapsAt, names.map(at));
  bytes.write(generator, generatorAt, 'latin1');
  return bytes;
}

function hwcapValue({ hwcaps, isaLevel }: CacheEntry, names: readonly Bytes[]): bigint {
  if (hwcaps === undefined) return 0n;
  return HWCAP_EXTENSION | (BigInt(isaLevel) << 32n) | BigInt(names.indexOf(hwcaps));
}

/** Newer libraries first, then kinds, entries of glibc-hwcaps before the plain ones. */
function compareEntries(a: CacheEntry, b: CacheEntry): number {
  const order = compareLibraries(b.soname, a.soname) || b.flags - a.flags;
  if (order !== 0) return order;
  if (a.hwcaps === undefined || b.hwcaps === undefined) {
    return Number(a.hwcaps === undefined) - Number(b.hwcaps === undefined);
  }
  return compareStrings(a.hwcaps, b.hwcaps) || b.isaLevel - a.isaLevel;
}

/** The order of `_dl_cache_libcmp`: runs of digits as numbers, and digits after other characters. */
export function compareLibraries(a: Bytes, b: Bytes): number {
  let i = 0;
  let j = 0;
  while (i < a.length) {
    const left = digitsAt(a, i);
    const right = digitsAt(b, j);
    if (left !== '' && right !== '') {
      // C's int wraps around; no soname has numbers of that size.
      const order = Number(left) - Number(right);
      if (order !== 0) return order;
      i += left.length;
      j += right.length;
    } else if (left !== '') {
      return 1;
    } else if (right !== '') {
      return -1;
    } else {
      const order = signedByte(a, i) - signedByte(b, j);
      if (order !== 0) return order;
      i += 1;
      j += 1;
    }
  }
  return 0 - signedByte(b, j);
}

function digitsAt(text: Bytes, at: number): string {
  let end = at;
  while (end < text.length && /\d/.test(text[end] ?? '')) end += 1;
  return text.slice(at, end);
}

function signedByte(text: Bytes, at: number): number {
  return at < text.length ? (text.charCodeAt(at) << 24) >> 24 : 0;
}

/** Strings ordered by their reversal, the last first, so that a suffix follows what it is the end of and can share it. */
function stringTable(strings: readonly Bytes[]): {
  readonly text: Bytes;
  readonly offsets: ReadonlyMap<Bytes, number>;
} {
  const reversed = [...new Set(strings)].map((text) => [[...text].reverse().join(''), text] as const);
  reversed.sort(([a], [b]) => compareStrings(b, a));
  const offsets = new Map<Bytes, number>();
  const parts: Bytes[] = [];
  let length = 0;
  let last: Bytes | undefined;
  for (const [, text] of reversed) {
    if (last?.endsWith(text) === true) {
      offsets.set(text, (offsets.get(last) ?? 0) + last.length - text.length);
      continue;
    }
    offsets.set(text, length);
    parts.push(`${text}\0`);
    length += text.length + 1;
    last = text;
  }
  return { text: parts.join(''), offsets };
}
