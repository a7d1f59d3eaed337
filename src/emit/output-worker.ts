import { createHash } from 'node:crypto';
import { on } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { serve, throwIfStopped } from '../threads/serve.js';
import type { ArchiveCompression, CompressThreads } from './compress.js';
import { type Poured, pour } from './pour.js';
import { CHUNK_SIZE, type Recipe, recipeChunks } from './recipe.js';
import { openPart, type Place } from './sink.js';

export interface WriteRequest {
  readonly type: 'write';
  /** Gives `RecipePart`s; it is closed before the last one where that will not come. */
  readonly parts: MessagePort;
  readonly place: Place;
  /** Undefined: it is written as it is. */
  readonly packing: Packing | undefined;
  /** One number in memory that threads share: how many bytes were made so far. */
  readonly progress: BigInt64Array;
}

/** What comes next in the file; undefined: that was all. */
export type RecipePart = Recipe | undefined;

/** Says what will be asked for soon. */
export interface ReadyRequest {
  readonly type: 'ready';
  readonly packing: Packing;
}

export interface Packing {
  /** One whose units take far less than the time that a thread has to stop. */
  readonly compression: Exclude<ArchiveCompression, 'xz'>;
  /** Threads that compress, at least 1. */
  readonly jobs: number;
}

export interface Written extends Poured {
  /** Of what the recipe makes. */
  readonly tarSha256: string;
}

let threads: CompressThreads | undefined;

serve<WriteRequest | ReadyRequest, Written | undefined>(async (request) => {
  if (request.type === 'write') return { result: await write(request) };
  const { compression, jobs } = request.packing;
  threads = (await import('./compress.js')).warmThreads(jobs, compression);
  return { result: undefined };
});

/** Writes the part of a file, which stays whatever becomes of it. */
async function write({ parts, place, packing, progress }: WriteRequest): Promise<Written> {
  if (packing === undefined) {
    const poured = await pour(chunksOf(parts, 2, progress), await openPart(place));
    return { ...poured, tarSha256: poured.sha256 };
  }
  const { compression, jobs } = packing;
  const { compress, UNIT_SIZE } = await import('./compress.js');
  const tarHash = createHash('sha256');
  // A compressor keeps what it gets, where that is a unit.
  const buffers = UNIT_SIZE[compression] === CHUNK_SIZE ? 0 : 1;
  const tar = chunksOf(parts, buffers, progress, (chunk) => tarHash.update(chunk));
  const poured = await pour(compress(tar, compression, { jobs, threads }), await openPart(place));
  return { ...poured, tarSha256: tarHash.digest('hex') };
}

/** @param buffers as of `recipeChunks` */
async function* chunksOf(
  parts: MessagePort,
  buffers: number,
  progress: BigInt64Array,
  onChunk: (chunk: Uint8Array) => void = () => {},
): AsyncGenerator<Uint8Array> {
  for await (const part of received(parts)) {
    for (const chunk of recipeChunks(part, buffers)) {
      throwIfStopped();
      onChunk(chunk);
      Atomics.add(progress, 0, BigInt(chunk.byteLength));
      yield chunk;
    }
  }
}

async function* received(parts: MessagePort): AsyncGenerator<Recipe> {
  for await (const [part] of on(parts, 'message', { close: ['close'] }) as AsyncIterable<[RecipePart]>) {
    if (part === undefined) return;
    yield part;
  }
  throw new Error('the rest of the recipe did not come');
}
