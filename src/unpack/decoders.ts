import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { liblzma } from '../formats/liblzma.js';
import { DEFAULT_LIMITS } from '../formats/limits.js';
import { decodeZstd, type ZstdLibrary, zstdLibrary } from '../formats/zstd.js';
import { openLiblzma, openLzmaNative, type XzDecoder } from './xz.js';

/** What deb(5) allows for the members of a .deb; by the suffix of the member's name. */
export type Compression = 'none' | 'gz' | 'xz' | 'zst' | 'bz2' | 'lzma';

export type ByteSource = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface DecodeOptions {
  /** What is decompressed, for messages: `the member data.tar.xz of …`. */
  readonly origin: string;
  /** The most bytes that may come out: the limit for decompression bombs. */
  readonly maxBytes: number;
  /** The most memory that an .xz or .lzma may ask for. */
  readonly xzMemoryBytes?: number;
  /** What decodes where there is a choice; unless said, the fastest of what is there. */
  readonly by?: 'lzma-native' | ZstdLibrary;
}

/**
 * Decompresses `source` into `sink`, in order. Input is accepted only whole: data that is cut off, damaged, or followed
 * by anything else is refused, in every compression. (`lzma` has no checksum, and `zst` need not have one; their callers
 * have the SHA-256 of the compressed bytes.) What the sink is given is
 * valid until it returns.
 *
 * Memory does not grow with the size of the data, hostile data included: decoders are given slices that are small
 * enough for all of a slice's output to be held at once. The exception is hostile `bz2`, for which only `maxBytes` holds.
 *
 * @throws KoalaError('unpack'), and whatever `source` and `sink` throw.
 */
export async function decode(
  compression: Compression,
  source: ByteSource,
  sink: (chunk: Uint8Array) => void,
  options: DecodeOptions,
): Promise<void> {
  let total = 0;
  let cause: { readonly error: unknown } | undefined;
  const limited = (chunk: Uint8Array): void => {
    try {
      total += chunk.byteLength;
      if (total > options.maxBytes) {
        throw new KoalaError(
          'unpack',
          `cannot decompress ${options.origin}: it has more than ${options.maxBytes} bytes`,
        );
      }
      sink(chunk);
    } catch (error) {
      // Streams may wrap or replace what passes through them; the sink's own words are the ones to report.
      cause ??= { error };
      throw error;
    }
  };
  const watched = watch(source, (error) => {
    cause ??= { error };
  });
  try {
    await DECODERS[compression](watched, limited, options);
  } catch (error) {
    if (cause !== undefined) throw cause.error;
    throw new KoalaError('unpack', `cannot decompress ${options.origin}: ${explain(compression, error)}`, {
      cause: error,
    });
  }
}

type Sink = (chunk: Uint8Array) => void;
type Decoder = (source: AsyncGenerator<Uint8Array>, sink: Sink, options: DecodeOptions) => Promise<void>;

const DECODERS: Readonly<Record<Compression, Decoder>> = {
  none: async (source, sink) => {
    for await (const chunk of source) sink(chunk);
  },
  gz: decodeGzip,
  xz: async (source, sink, options) => decodeLzma(await openXz(options), source, sink),
  lzma: async (source, sink, options) =>
    decodeLzma(await openLzmaNative('autoDecoder', memoryOf(options)), source, sink),
  zst: (source, sink, { by }) => decodeZstd(source, sink, by === 'lzma-native' ? undefined : by),
  bz2: decodeBzip2,
};

/** The one place that chooses an implementation of xz: what is fastest of what is there. */
async function openXz(options: DecodeOptions): Promise<() => XzDecoder> {
  const fast = options.by === 'lzma-native' ? undefined : openLiblzma();
  return fast ?? openLzmaNative('streamDecoder', memoryOf(options));
}

function memoryOf({ xzMemoryBytes = DEFAULT_LIMITS.xzMemoryBytes }: DecodeOptions): number {
  return xzMemoryBytes;
}

/** What decodes on this machine, for people. */
export async function decoderNames(): Promise<{ readonly xz: string; readonly zst: string }> {
  return { xz: liblzma() === undefined ? 'lzma-native' : 'node-liblzma', zst: await zstdLibrary() };
}

async function decodeLzma(open: () => XzDecoder, source: AsyncGenerator<Uint8Array>, sink: Sink): Promise<void> {
  const decoder = open();
  try {
    for await (const chunk of source) decoder.write(chunk, sink);
    decoder.end(sink);
  } finally {
    decoder.close();
  }
}

async function decodeGzip(source: AsyncGenerator<Uint8Array>, sink: Sink): Promise<void> {
  const gunzip = createGunzip();
  let given = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      given += chunk.byteLength;
      yield chunk;
    }
  };
  await through(gunzip, counted(), sink);
  // Node stops in silence at a zero byte after the last member (RFC 1952 has no such padding).
  if (gunzip.bytesWritten !== given) throw new Error('there is something after its end');
}

/** Only old packages have bzip2. The library is synchronous: it hands out blocks while it is written to. */
async function decodeBzip2(source: AsyncGenerator<Uint8Array>, sink: (chunk: Uint8Array) => void): Promise<void> {
  const { default: unbzip2 } = await import('unbzip2-stream');
  const stream = unbzip2();
  let failure: { readonly error: unknown } | undefined;
  let given = 0;
  stream.on('data', sink);
  stream.on('error', (error: unknown) => {
    failure ??= { error };
  });
  const check = (): void => {
    if (failure !== undefined) throw failure.error;
  };
  for await (const chunk of source) {
    given += chunk.byteLength;
    stream.write(chunk);
    check();
  }
  if (given === 0) throw new Error('it is empty');
  stream.end();
  check();
}

async function through(
  transform: Transform,
  source: AsyncIterable<Uint8Array>,
  sink: (chunk: Uint8Array) => void,
): Promise<void> {
  await pipeline(source, transform, async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) sink(chunk);
  });
}

async function* watch(source: ByteSource, failed: (error: unknown) => void): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    failed(error);
    throw error;
  }
}

/** Libraries' messages (`Cannot read properties of undefined`) say little about the data, so it is said here first. */
function explain(compression: Compression, error: unknown): string {
  return `not one whole ${compression} stream (${reasonOf(error)})`;
}
