import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { decodeZstd } from '../formats/zstd.js';

/** How an index may be compressed, by its suffix, the cheapest to read first. */
export const COMPRESSIONS = ['.gz', '.zst', '.xz', ''] as const;

export type Compression = (typeof COMPRESSIONS)[number];

/**
 * Bytes of a piece. One is checked, searched and written while the next one is decompressed, so it should be large enough to
 * make up for going to another thread and back, and small enough to be in the processor's cache.
 */
const PIECE = 1 << 20;

/** Takes what comes out, piece by piece; they are not touched again. */
type Sink = (piece: Uint8Array) => Promise<void>;

/** What decompressing may take. */
interface Allowed {
  /** Bytes that may come out at most. */
  readonly limit: number;
  /** Bytes that an .xz may ask for. */
  readonly memory: number;
}

/**
 * Decompresses an index that was verified as it is.
 *
 * @param url for messages
 * @throws KoalaError `archive` for damaged data, and for more than what is allowed; whatever `sink` throws
 */
export async function decompress(
  bytes: Buffer,
  compression: Compression,
  { url, limit, memory }: Allowed & { readonly url: string },
  sink: Sink,
): Promise<void> {
  let size = 0;
  let failure: unknown;
  try {
    await decompressors[compression](bytes, { limit, memory }, async (piece) => {
      size += piece.length;
      if (size > limit) throw new Error(`it has more than ${limit} bytes`);
      await sink(piece).catch((error: unknown) => {
        failure = error;
        throw error;
      });
    });
  } catch (error) {
    throw failure ?? new KoalaError('archive', `cannot decompress ${url}: ${reasonOf(error)}`, { cause: error });
  }
}

const decompressors: Record<Compression, (bytes: Buffer, allowed: Allowed, sink: Sink) => Promise<void>> = {
  async ''(bytes, _, sink) {
    for (let at = 0; at < bytes.length; at += PIECE) await sink(bytes.subarray(at, at + PIECE));
  },
  async '.gz'(bytes, { limit }, sink) {
    const decoder = createGunzip({ chunkSize: Math.min(Math.max(limit + 1, 1024), PIECE) });
    decoder.end(bytes);
    for await (const piece of decoder as AsyncIterable<Buffer>) await sink(piece);
  },
  async '.xz'(bytes, { memory }, sink) {
    const { default: lzma } = await import('lzma-native');
    const decoder = lzma.createStream('autoDecoder', { memlimit: memory });
    decoder.end(bytes);
    for await (const piece of decoder) await sink(piece);
  },
  '.zst': (bytes, _, sink) => decodeZstd(Readable.from([bytes]), (piece) => sink(Buffer.from(piece))),
};
