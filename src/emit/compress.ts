import { crc32 } from 'node:zlib';
import lzma from 'lzma-native';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { WorkerPool } from '../threads/pool.js';
import type { CompressRequest } from './compress-worker.js';
import { WINDOW_SIZE } from './deflate.js';

export type ArchiveCompression = 'gz' | 'xz' | 'zst';

export interface CompressOptions {
  /** Threads, at least 1; the bytes do not depend on it. */
  readonly jobs: number;
  readonly signal?: AbortSignal;
}

/**
 * Compresses a stream on several threads. The same input in the same chunks gives the same bytes, on any machine and any
 * number of threads, because each thread's work is a unit of fixed size:
 *
 * - gz: one member (RFC 1952); each chunk is deflated on its own, with what is before it as dictionary.
 * - xz: one stream with blocks of 16 MiB, `xz -6`.
 * - zst: a frame (RFC 8878) for each 8 MiB.
 *
 * @param chunks of a fixed size but for the last; they are handed over to other threads.
 * @throws KoalaError where a thread dies; 'cancelled' on abort.
 */
export function compress(
  chunks: Iterable<Uint8Array>,
  compression: ArchiveCompression,
  options: CompressOptions,
): AsyncGenerator<Uint8Array> {
  switch (compression) {
    case 'gz':
      return gzip(chunks, options);
    case 'xz':
      return xz(chunks, options);
    case 'zst':
      return onWorkers(frames(chunks, ZSTD_FRAME_SIZE), options);
  }
}

/** Magic, deflate, no flags, no time, no level, no operating system: nothing that depends on where it is made. */
const GZIP_HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
/** An empty last block with fixed codes (RFC 1951, 3.2.6). */
const DEFLATE_END = Uint8Array.of(0x03, 0x00);

async function* gzip(chunks: Iterable<Uint8Array>, options: CompressOptions): AsyncGenerator<Uint8Array> {
  let crc = 0;
  let size = 0;
  const requests = function* (): Generator<CompressRequest> {
    let dictionary = new Uint8Array(0);
    for (const chunk of chunks) {
      crc = crc32(chunk, crc);
      size += chunk.byteLength;
      const next = chunk.slice(-WINDOW_SIZE);
      yield { type: 'gz', chunk, dictionary };
      dictionary = next;
    }
  };
  yield GZIP_HEADER;
  yield* onWorkers(requests(), options);
  const end = Buffer.alloc(8);
  end.writeUInt32LE(crc, 0);
  end.writeUInt32LE(size % 2 ** 32, 4);
  yield DEFLATE_END;
  yield end;
}

/** The window of level 9: a smaller frame costs bytes, a larger one keeps threads waiting. */
const ZSTD_FRAME_SIZE = 8 * 1024 * 1024;

function* frames(chunks: Iterable<Uint8Array>, size: number): Generator<CompressRequest> {
  let frame = new Uint8Array(size);
  let filled = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength; ) {
      const count = Math.min(chunk.byteLength - at, size - filled);
      frame.set(chunk.subarray(at, at + count), filled);
      at += count;
      filled += count;
      if (filled < size) continue;
      yield { type: 'zst', chunk: frame };
      frame = new Uint8Array(size);
      filled = 0;
    }
  }
  if (filled > 0) yield { type: 'zst', chunk: frame.subarray(0, filled) };
}

/** Runs requests on worker threads and gives the results in the order of the requests. */
async function* onWorkers(
  requests: Iterable<CompressRequest>,
  { jobs, signal }: CompressOptions,
): AsyncGenerator<Uint8Array> {
  const pool = new WorkerPool<CompressRequest, Uint8Array>({
    script: new URL('./compress-worker.js', import.meta.url),
    size: jobs,
    task: 'compressing',
    code: 'emit',
  });
  const abort = (): void => void pool.close();
  signal?.addEventListener('abort', abort);
  try {
    const results: Promise<Uint8Array>[] = [];
    for (const request of requests) {
      const result = pool.run(request, transferOf(request.chunk));
      // It is awaited later; until then a failure is not an unhandled one.
      result.catch(() => {});
      results.push(result);
      // One waits for each thread that works, so that none has to wait for this one.
      if (results.length < 2 * jobs) continue;
      const first = await results.shift();
      if (first !== undefined) yield first;
    }
    for (const result of results) yield await result;
  } finally {
    signal?.removeEventListener('abort', abort);
    await pool.close();
  }
}

function transferOf(chunk: Uint8Array): readonly ArrayBuffer[] {
  return chunk.buffer instanceof ArrayBuffer ? [chunk.buffer] : [];
}

const XZ_PRESET = 6;
/** Twice the dictionary of preset 6. */
const XZ_BLOCK_SIZE = 16 * 1024 * 1024;

/** liblzma's LZMA_CHECK_CRC64: the package wants the number that its types do not know. */
const LZMA_CHECK_CRC64 = 4 as unknown as 'CHECK_CRC64';

/** On liblzma's own threads: told of `threads`, it makes blocks of a fixed size, whatever their number. */
async function* xz(chunks: Iterable<Uint8Array>, { jobs, signal }: CompressOptions): AsyncGenerator<Uint8Array> {
  const encoder = lzma.createStream('easyEncoder', {
    preset: XZ_PRESET,
    check: LZMA_CHECK_CRC64,
    threads: jobs,
    blockSize: XZ_BLOCK_SIZE,
  });
  // Errors reach the loop below; where it has ended already, nobody needs them.
  encoder.on('error', () => {});
  const abort = (): void => void encoder.destroy(cancelled());
  const source = chunks[Symbol.iterator]();
  // Not by `pipeline`, which waits for an event that the package does not always send.
  const feed = async (): Promise<void> => {
    for (let next = source.next(); next.done !== true && !encoder.destroyed; next = source.next()) {
      const chunk = next.value;
      await new Promise<void>((resolve) => encoder.write(chunk, () => resolve()));
    }
    encoder.end();
  };
  signal?.addEventListener('abort', abort);
  feed().catch((error: Error) => encoder.destroy(error));
  try {
    if (signal?.aborted === true) throw cancelled();
    for await (const chunk of encoder) yield chunk;
  } catch (error) {
    if (error instanceof KoalaError) throw error;
    throw new KoalaError('emit', `cannot compress as xz: ${reasonOf(error)}`, { cause: error });
  } finally {
    signal?.removeEventListener('abort', abort);
    encoder.destroy();
    source.return?.();
  }
}

function cancelled(): KoalaError {
  return new KoalaError('cancelled', 'cannot go on compressing: it was cancelled');
}
