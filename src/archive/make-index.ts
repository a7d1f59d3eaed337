import { KoalaError } from '../formats/errors.js';
import { expandedLimit, type Limits } from '../formats/limits.js';
import { type Compression, decompress } from './decompress.js';
import { writeStoredIndex } from './index-cache.js';
import { type IndexScan, scanIndex } from './index-scan.js';
import { checkPromise, openStore, promiseOf, type Store } from './store.js';
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

/** What `index-thread.ts` is asked: an index and the cache directory. */
export interface IndexRequest extends PackedIndex {
  readonly directory: string;
}

/** A decompressed index that is what was promised, and where things are in it. */
export interface ReadIndex {
  readonly text: Buffer;
  readonly sha256: string;
  readonly scan: IndexScan;
}

/** @throws KoalaError `archive` for damaged data, `verify` for bytes that are not the promised ones */
export async function readPackedIndex(
  { compression, packed, plain, url, limits }: PackedIndex,
  store: Store,
): Promise<ReadIndex> {
  const bytes = plain?.size === 0 ? undefined : await store.read(packed);
  if (bytes === undefined && plain?.size !== 0) {
    throw new KoalaError('archive', `cannot read ${store.path(packed)}: it was damaged just now`);
  }
  const most =
    compression === '' ? limits.indexBytes : expandedLimit(packed.size, limits.indexBytes, limits.indexRatio);
  if (plain !== undefined && plain.size > most) throw tooLarge(url, plain.size, most);
  const limit = plain?.size ?? most;
  const text =
    bytes === undefined
      ? Buffer.alloc(0)
      : await decompress(bytes, compression, { limit, memory: limits.xzMemoryBytes, url });
  const is = promiseOf(text);
  if (plain !== undefined) checkPromise(plain, is, url);
  return { text, sha256: is.sha256, scan: scanIndex(text) };
}

function tooLarge(url: string, size: number, most: number): KoalaError {
  return new KoalaError('archive', `cannot read ${url}: it is to have ${size} bytes, which is more than ${most}`);
}

/** Reads an index and keeps what `readStoredIndex` finds. */
export async function keepIndex(request: IndexRequest): Promise<void> {
  const store = await openStore(request.directory);
  const { text, sha256, scan } = await readPackedIndex(request, store);
  await writeStoredIndex(store, request.packed, text, sha256, scan);
}
