import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { KoalaError, reasonOf } from '../formats/errors.js';

/** How an index may be compressed, by its suffix, the cheapest to read first. */
export const COMPRESSIONS = ['.gz', '.zst', '.xz', ''] as const;

export type Compression = (typeof COMPRESSIONS)[number];

/**
 * zlib fills buffers of this size and copies them together at the end. With its own 16 KiB an index takes three times as
 * long; one buffer, with room to see the end, needs no copy.
 */
const MAX_CHUNK = 1 << 26;

const unpackGzip = promisify(gunzip);

/**
 * Decompresses an index that was verified as it is.
 *
 * @param limit bytes that may come out at most
 * @param url for messages
 * @throws KoalaError `archive` for damaged data, and for more than the limit
 */
export async function decompress(bytes: Buffer, compression: Compression, limit: number, url: string): Promise<Buffer> {
  try {
    const plain = await decompressors[compression](bytes, limit);
    if (plain.length > limit) throw new Error(`it has more than ${limit} bytes`);
    return plain;
  } catch (error) {
    throw new KoalaError('archive', `cannot decompress ${url}: ${reasonOf(error)}`, { cause: error });
  }
}

const decompressors: Record<Compression, (bytes: Buffer, limit: number) => Promise<Buffer>> = {
  '': async (bytes) => bytes,
  '.gz': (bytes, limit) =>
    unpackGzip(bytes, { maxOutputLength: limit + 1, chunkSize: Math.min(Math.max(limit + 1, 1024), MAX_CHUNK) }),
  async '.xz'(bytes, limit) {
    const { default: lzma } = await import('lzma-native');
    const decoder = lzma.createDecompressor();
    decoder.end(bytes);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of decoder as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw new Error(`it has more than ${limit} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  },
  async '.zst'(bytes) {
    // Not what the package has compiled: its state belongs to the process, and two threads at once crash it.
    const { decompress: unpackZstd } = await import('@cloudpss/zstd/wasm');
    return Buffer.from(unpackZstd(bytes));
  },
};
