import { bufferOf } from '../shell/bytes.js';
import type { Bytes } from '../shell/types.js';

/** dpkg's number of bins (lib/dpkg/fsys-hash.c). */
const BINS = 262_139;

/**
 * Orders paths as dpkg writes its diversions and statoverrides: by walking its hash table, whose bins are FNV-1a of the path
 * without its first slash, and where a bin keeps the order in which the paths came (lib/dpkg/strhash.c, fsys-hash.c).
 */
export function inHashOrder<T>(items: readonly T[], pathOf: (item: T) => Bytes): T[] {
  return items
    .map((item) => ({ item, bin: fnv1a(pathOf(item).replace(/^(?:\.?\/)+/, '')) % BINS }))
    .sort((a, b) => a.bin - b.bin)
    .map(({ item }) => item);
}

/** The characters are signed in dpkg's hash, as they are on amd64. */
function fnv1a(text: Bytes): number {
  let hash = 2_166_136_261;
  for (const byte of bufferOf(text)) hash = Math.imul(hash ^ ((byte << 24) >> 24), 16_777_619);
  return hash >>> 0;
}
