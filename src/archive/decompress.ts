import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { decodeZstd } from '../formats/zstd.js';

/** How an index may be compressed, by its suffix, the cheapest to read first. */
export const COMPRESSIONS = ['.gz', '.zst', '.xz', ''] as const;

export type Compression = (typeof COMPRESSIONS)[number];

/**
 * zlib fills buffers of this size and copies them together at the end. With its own 16 KiB an index takes three times as
 * long; one buffer, with room to see the end, needs no copy.
 */
const MAX_CHUNK = 1 << 26;

const unpackGzip = promisify(gunzip);

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
 * @throws KoalaError `archive` for damaged data, and for more than what is allowed
 */
export async function decompress(
  bytes: Buffer,
  compression: Compression,
  { url, ...allowed }: Allowed & { readonly url: string },
): Promise<Buffer> {
  try {
    const plain = await decompressors[compression](bytes, allowed);
    if (plain.length > allowed.limit) throw new Error(`it has more than ${allowed.limit} bytes`);
    return plain;
  } catch (error) {
    throw new KoalaError('archive', `cannot decompress ${url}: ${reasonOf(error)}`, { cause: error });
  }
}

const decompressors: Record<Compression, (bytes: Buffer, allowed: Allowed) => Promise<Buffer>> = {
  '': async (bytes) => bytes,
  '.gz': (bytes, { limit }) =>
    unpackGzip(bytes, { maxOutputLength: limit + 1, chunkSize: Math.min(Math.max(limit + 1, 1024), MAX_CHUNK) }),
  async '.xz'(bytes, { limit, memory }) {
    const { default: lzma } = await import('lzma-native');
    const decoder = lzma.createStream('autoDecoder', { memlimit: memory });
    decoder.end(bytes);
    return collect(decoder, limit);
  },
  async '.zst'(bytes, { limit }) {
    const kept = keeper(limit);
    await decodeZstd(Readable.from([bytes]), (chunk) => kept.add(Buffer.from(chunk)));
    return kept.all();
  },
};

async function collect(decoder: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const kept = keeper(limit);
  for await (const chunk of decoder) kept.add(chunk);
  return kept.all();
}

function keeper(limit: number) {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add: (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) throw new Error(`it has more than ${limit} bytes`);
      chunks.push(chunk);
    },
    all: () => Buffer.concat(chunks),
  };
}
