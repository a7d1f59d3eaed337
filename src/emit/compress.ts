import { totalmem } from 'node:os';
import { crc32 } from 'node:zlib';
import { WorkerPool } from '../threads/pool.js';
import type { CompressedUnit, CompressRequest } from './compress-worker.js';
import { WINDOW_SIZE } from './deflate.js';
import { type XzRecord, xzEnd, xzStart } from './xz.js';

export type ArchiveCompression = 'gz' | 'xz' | 'zst';

/** Threads that compress. */
export type CompressThreads = WorkerPool<CompressRequest, CompressedUnit>;

export interface CompressOptions {
  /** Threads, at least 1; the bytes do not depend on it. */
  readonly jobs: number;
  /** As many of them that are there already; they end with the stream. */
  readonly threads?: CompressThreads | undefined;
  readonly signal?: AbortSignal;
}

const MEBIBYTE = 1024 * 1024;

/**
 * What a thread compresses at a time, in bytes. For xz, twice the dictionary of preset 6. For zst, what several threads of
 * zstd take at its default level, but for the overlap.
 */
export const UNIT_SIZE: Readonly<Record<ArchiveCompression, number>> = {
  gz: MEBIBYTE,
  xz: 16 * MEBIBYTE,
  zst: 8 * MEBIBYTE,
};

function compressThreads(jobs: number): CompressThreads {
  const script = new URL('./compress-worker.js', import.meta.url);
  return new WorkerPool<CompressRequest, CompressedUnit>({ script, size: jobs, task: 'compressing', code: 'emit' });
}

/** Starts threads for a stream that will come soon. */
export function warmThreads(jobs: number, compression: ArchiveCompression): CompressThreads {
  const threads = compressThreads(jobs);
  // Whoever gives them work learns of what is wrong with them.
  for (let count = 0; count < jobs; count++) threads.run({ type: 'warm', compression }).catch(() => {});
  return threads;
}

/**
 * Compresses a stream on several threads. The same input gives the same bytes, on any machine, Node and number of threads,
 * because each thread's work is a unit of fixed size, and because one encoder makes the bytes, or another that makes the same:
 *
 * - gz: one member (RFC 1952); each MiB is deflated on its own, with what is before it as dictionary.
 * - xz: one stream with blocks of 16 MiB, what `xz -6 -T2 --block-size=16MiB` makes.
 * - zst: a frame (RFC 8878) for each 8 MiB, at zstd's default level.
 *
 * @param chunks are handed over to other threads; least is copied where they are of `UNIT_SIZE`, but for the last.
 * @throws KoalaError where a thread dies; 'cancelled' on abort.
 */
export function compress(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  compression: ArchiveCompression,
  options: CompressOptions,
): AsyncGenerator<Uint8Array> {
  const units = inUnits(chunks, UNIT_SIZE[compression]);
  switch (compression) {
    case 'gz':
      return gzip(units, options);
    case 'xz':
      return xz(units, options);
    case 'zst':
      return zstd(units, options);
  }
}

type UnitRequest = Extract<CompressRequest, { readonly chunk: Uint8Array }>;

/** Magic, deflate, no flags, no time, no level, no operating system: nothing that depends on where it is made. */
const GZIP_HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
/** An empty last block with fixed codes (RFC 1951, 3.2.6). */
const DEFLATE_END = Uint8Array.of(0x03, 0x00);

async function* gzip(units: AsyncIterable<Uint8Array>, options: CompressOptions): AsyncGenerator<Uint8Array> {
  let crc = 0;
  let size = 0;
  const requests = async function* (): AsyncGenerator<UnitRequest> {
    let dictionary = new Uint8Array(0);
    for await (const chunk of units) {
      crc = crc32(chunk, crc);
      size += chunk.byteLength;
      const next = chunk.slice(-WINDOW_SIZE);
      yield { type: 'gz', chunk, dictionary };
      dictionary = next;
    }
  };
  yield GZIP_HEADER;
  for await (const { bytes } of onWorkers(requests(), options)) yield bytes;
  const end = Buffer.alloc(8);
  end.writeUInt32LE(crc, 0);
  end.writeUInt32LE(size % 2 ** 32, 4);
  yield DEFLATE_END;
  yield end;
}

/** What an encoder of preset 6 takes, with the unit that it works at and what comes out. */
const XZ_MEMORY = 128 * MEBIBYTE;

async function* xz(
  units: AsyncIterable<Uint8Array>,
  { jobs, ...options }: CompressOptions,
): AsyncGenerator<Uint8Array> {
  const sizes: number[] = [];
  const records: XzRecord[] = [];
  const requests = async function* (): AsyncGenerator<UnitRequest> {
    for await (const chunk of units) {
      sizes.push(chunk.byteLength);
      yield { type: 'xz', chunk };
    }
  };
  // As xz does: a quarter of the memory, however many processors there are.
  const most = Math.max(1, Math.floor(totalmem() / 4 / XZ_MEMORY));
  yield xzStart();
  const threads = Math.min(jobs, most);
  for await (const { bytes, unpaddedSize } of onWorkers(requests(), { jobs: threads, ...options }, threads + 1)) {
    records.push({ unpaddedSize, uncompressedSize: sizes[records.length] ?? 0 });
    yield bytes;
  }
  yield xzEnd(records);
}

async function* zstd(units: AsyncIterable<Uint8Array>, options: CompressOptions): AsyncGenerator<Uint8Array> {
  const requests = async function* (): AsyncGenerator<UnitRequest> {
    for await (const chunk of units) yield { type: 'zst', chunk };
  };
  for await (const { bytes } of onWorkers(requests(), options)) yield bytes;
}

async function* inUnits(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array> {
  let unit: Uint8Array | undefined;
  let filled = 0;
  for await (const chunk of chunks) {
    if (filled === 0 && chunk.byteLength === size) {
      yield chunk;
      continue;
    }
    for (let at = 0; at < chunk.byteLength; ) {
      const count = Math.min(chunk.byteLength - at, size - filled);
      unit ??= new Uint8Array(size);
      unit.set(chunk.subarray(at, at + count), filled);
      at += count;
      filled += count;
      if (filled < size) continue;
      yield unit;
      unit = undefined;
      filled = 0;
    }
  }
  if (unit !== undefined) yield unit.subarray(0, filled);
}

/**
 * Runs requests on worker threads and gives the results in the order of the requests.
 *
 * @param most requests at a time: one waits for each thread that works, so that none has to wait for this one.
 */
async function* onWorkers(
  requests: AsyncIterable<UnitRequest>,
  { jobs, threads: pool = compressThreads(jobs), signal }: CompressOptions,
  most = 2 * jobs,
): AsyncGenerator<CompressedUnit> {
  const abort = (): void => void pool.close();
  signal?.addEventListener('abort', abort);
  try {
    const results: Promise<CompressedUnit>[] = [];
    for await (const request of requests) {
      const result = pool.run(request, transferOf(request.chunk));
      // It is awaited later; until then a failure is not an unhandled one.
      result.catch(() => {});
      results.push(result);
      if (results.length < most) continue;
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
