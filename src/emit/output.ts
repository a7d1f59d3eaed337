import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { KoalaError } from '../formats/errors.js';
import type { ArchiveCompression } from './compress.js';
import { writeDirectory } from './directory.js';
import { OutputThread, type TakeParts, writeInThread } from './output-thread.js';
import type { Packing } from './output-worker.js';
import { pour } from './pour.js';
import { type Recipe, recipeChunks } from './recipe.js';
import { openSink, placeOf } from './sink.js';
import { type TarRecipe, tarRecipe, type Walkable } from './tar.js';

export interface EmitOptions {
  /** A path, or `-` for `stdout` (not with `dir`). */
  readonly output: string;
  readonly format: 'tar' | 'tar.gz' | 'tar.xz' | 'tar.zst' | 'dir';
  /** Threads, at least 1; the bytes do not depend on it. */
  readonly jobs: number;
  /** The process's own unless a caller has another. */
  readonly stdout?: Writable;
  /** What has to be done before there is an output; where it throws, there is none. The tree stays as it is. */
  readonly before?: () => Promise<unknown>;
  /**
   * What writes a tar to a file, packed or not, while `before` goes on; it may have been started already.
   * Undefined: one of its own.
   */
  readonly thread?: OutputThread | undefined;
  readonly signal?: AbortSignal;
  /** Bytes of the tar that were written since the last call, of `total`. */
  readonly onProgress?: (bytes: number, total: number) => void;
}

export interface Emitted {
  /** Size of the file; for a directory the sum of its files' contents. */
  readonly bytes: number;
  /** Of the file; for a directory of the tar that the same tree makes. */
  readonly sha256: string;
  /** Of the uncompressed tar. */
  readonly tarSha256: string;
  readonly entries: number;
  /** What the output does not have of the tree, in words. */
  readonly notes: readonly string[];
  /** What the file was put together by, where it is an uncompressed one. */
  readonly recipe: Recipe | undefined;
}

/**
 * Writes a tree. The output is complete or absent: on an error or an abort nothing is left of it (but for what `stdout`
 * or a device took).
 *
 * @throws KoalaError 'emit' where it cannot be written; 'cancelled' on abort.
 */
export async function emit(tree: Walkable, options: EmitOptions): Promise<Emitted> {
  const { format } = options;
  if (format === 'dir') return emitDirectory(tree, options);
  return emitArchive(tree, format === 'tar' ? undefined : COMPRESSIONS[format], options);
}

const COMPRESSIONS: Readonly<Record<'tar.gz' | 'tar.xz' | 'tar.zst', ArchiveCompression>> = {
  'tar.gz': 'gz',
  'tar.xz': 'xz',
  'tar.zst': 'zst',
};

async function emitArchive(
  tree: Walkable,
  compression: ArchiveCompression | undefined,
  options: EmitOptions,
): Promise<Emitted> {
  const { thread = new OutputThread(), before = nothing, signal, onProgress } = options;
  const inThread = threadPacking(options);
  const place = inThread === undefined ? undefined : await placeOf(options.output);
  if (place !== undefined && inThread !== undefined) {
    const { packing } = inThread;
    const make = (take: TakeParts): TarRecipe => tarRecipe(tree, take);
    const written = await writeInThread(make, place, thread, { packing, signal, onProgress, meanwhile: before });
    const { recipe } = written;
    return { ...written, entries: recipe.entries, notes: [], recipe: packing === undefined ? recipe : undefined };
  }
  const recipe = tarRecipe(tree);
  await before();
  return compression === undefined ? emitStream(recipe, options) : emitPacked(recipe, compression, options);
}

async function nothing(): Promise<void> {}

/** How a thread packs files of a format, and whether one does. */
export function threadPacking({
  format,
  jobs,
}: Pick<EmitOptions, 'format' | 'jobs'>): { readonly packing: Packing | undefined } | undefined {
  switch (format) {
    case 'tar':
      return { packing: undefined };
    case 'tar.gz':
      return { packing: { compression: 'gz', jobs } };
    case 'tar.zst':
      return { packing: { compression: 'zst', jobs } };
    // A block of xz takes seconds, against which what is done before there is an output is nothing.
    case 'tar.xz':
    case 'dir':
      return undefined;
  }
}

/** To a device, a pipe or standard output, which take nothing back. */
async function emitStream(recipe: TarRecipe, options: EmitOptions): Promise<Emitted> {
  const { output, stdout = process.stdout, signal } = options;
  // One is written while the other is filled.
  const tar = watched(recipeChunks(recipe, 2), recipe.size, options);
  const { bytes, sha256 } = await pour(tar, await openSink(output, stdout), () => throwIfAborted(signal));
  return { bytes, sha256, tarSha256: sha256, entries: recipe.entries, notes: [], recipe: undefined };
}

async function emitPacked(recipe: TarRecipe, compression: ArchiveCompression, options: EmitOptions): Promise<Emitted> {
  const { output, stdout = process.stdout, jobs, signal } = options;
  // Half of this room's code is for compressed ones.
  const { compress, UNIT_SIZE } = await import('./compress.js');
  const tarHash = createHash('sha256');
  // A compressor keeps what it gets.
  const chunks = recipeChunks(recipe, 0, UNIT_SIZE[compression]);
  const tar = watched(chunks, recipe.size, options, (chunk) => tarHash.update(chunk));
  const packed = compress(tar, compression, { jobs, ...(signal === undefined ? {} : { signal }) });
  const { bytes, sha256 } = await pour(packed, await openSink(output, stdout), () => throwIfAborted(signal));
  return { bytes, sha256, tarSha256: tarHash.digest('hex'), entries: recipe.entries, notes: [], recipe: undefined };
}

async function emitDirectory(tree: Walkable, options: EmitOptions): Promise<Emitted> {
  if (options.output === '-') {
    throw new KoalaError('usage', 'cannot write a directory to standard output', { hint: 'name a path with --output' });
  }
  await options.before?.();
  const recipe = tarRecipe(tree);
  const { bytes, notes } = await writeDirectory(tree, options.output, {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const tarHash = createHash('sha256');
  const tar = watched(recipeChunks(recipe, 1), recipe.size, options, (chunk) => tarHash.update(chunk));
  // Between chunks others get their turn: signals, and the progress on the terminal.
  for (const _ of tar) await setImmediate();
  const tarSha256 = tarHash.digest('hex');
  return { bytes, sha256: tarSha256, tarSha256, entries: recipe.entries, notes, recipe: undefined };
}

function* watched(
  chunks: Iterable<Uint8Array>,
  total: number,
  { signal, onProgress }: EmitOptions,
  onChunk: (chunk: Uint8Array) => void = () => {},
): Generator<Uint8Array> {
  for (const chunk of chunks) {
    throwIfAborted(signal);
    onChunk(chunk);
    onProgress?.(chunk.byteLength, total);
    yield chunk;
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new KoalaError('cancelled', 'cannot go on writing: it was cancelled');
}
