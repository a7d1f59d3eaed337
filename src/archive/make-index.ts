import { createHash } from 'node:crypto';
import { KoalaError } from '../formats/errors.js';
import { expandedLimit, type Limits } from '../formats/limits.js';
import { type Compression, decompress } from './decompress.js';
import type { ReadText } from './index-cache.js';
import { IndexScanner } from './index-scan.js';
import { LONGEST_TEXT } from './index-tables.js';
import { checkPromise, type Store } from './store.js';
import type { Promise256 } from './types.js';

/** An index that is in the store as the archive has it. */
export interface PackedIndex {
  readonly compression: Compression;
  readonly packed: Promise256;
  /** Of the decompressed index, where the Release file lists it. */
  readonly plain: Promise256 | undefined;
  /** For messages. */
  readonly url: string;
  readonly limits: Pick<Limits, 'indexBytes' | 'indexRatio' | 'xzMemoryBytes'>;
}

/**
 * Decompresses an index piece by piece, checks all of it against what was promised, and finds out where things are in it.
 * Pieces are given away before all of them were seen: nobody may believe them before this is done.
 *
 * @throws KoalaError `archive` for damaged data, `verify` for bytes that are not the promised ones
 */
export async function readPackedIndex(
  { compression, packed, plain, url, limits }: PackedIndex,
  store: Store,
  put: (piece: Uint8Array) => Promise<void>,
): Promise<ReadText> {
  const bytes = plain?.size === 0 ? undefined : await store.read(packed);
  if (bytes === undefined && plain?.size !== 0) {
    throw new KoalaError('archive', `cannot read ${store.path(packed)}: it was damaged just now`);
  }
  const most =
    compression === '' ? limits.indexBytes : expandedLimit(packed.size, limits.indexBytes, limits.indexRatio);
  if (plain !== undefined && plain.size > most) throw tooLarge(url, plain.size, most);
  const allowed = { limit: Math.min(plain?.size ?? most, LONGEST_TEXT), memory: limits.xzMemoryBytes, url };
  const scanner = new IndexScanner();
  const hash = createHash('sha256');
  let size = 0;
  if (bytes !== undefined) {
    await decompress(bytes, compression, allowed, async (piece) => {
      const written = put(piece);
      size += piece.length;
      hash.update(piece);
      scanner.write(piece);
      await written;
    });
  }
  const sha256 = hash.digest('hex');
  if (plain !== undefined) checkPromise(plain, { size, sha256 }, url);
  return { sha256, tables: scanner.end() };
}

function tooLarge(url: string, size: number, most: number): KoalaError {
  return new KoalaError('archive', `cannot read ${url}: it is to have ${size} bytes, which is more than ${most}`);
}
