import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { KoalaError } from '../formats/errors.js';
import type { ArchiveCompression } from './compress.js';
import { writeDirectory } from './directory.js';
import { openSink } from './sink.js';
import { tarChunks, tarSize, type Walkable } from './tar.js';

export interface EmitOptions {
  /** A path, or `-` for `stdout` (not with `dir`). */
  readonly output: string;
  readonly format: 'tar' | 'tar.gz' | 'tar.xz' | 'tar.zst' | 'dir';
  /** Threads, at least 1; the bytes do not depend on it. */
  readonly jobs: number;
  /** The process's own unless a caller has another. */
  readonly stdout?: Writable;
  /** A file that gets the same bytes, as far as it takes them; not with `dir`. */
  readonly copy?: FileHandle | undefined;
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
  const { bytes: total, entries } = tarSize(tree);
  // Half of this room's code is for compressed ones.
  const packer = compression === undefined ? undefined : await import('./compress.js');
  const tarHash = createHash('sha256');
  // One is written while the other is filled; a compressor keeps what it gets.
  const chunks =
    packer === undefined || compression === undefined
      ? tarChunks(tree, 2)
      : tarChunks(tree, 0, packer.UNIT_SIZE[compression]);
  const tar = watched(chunks, options, (chunk) => {
    tarHash.update(chunk);
    options.onProgress?.(chunk.byteLength, total);
  });
  const sink = await openSink(options.output, options.stdout ?? process.stdout);
  try {
    const { signal, jobs } = options;
    const output =
      packer === undefined || compression === undefined
        ? tar
        : packer.compress(tar, compression, { jobs, ...(signal === undefined ? {} : { signal }) });
    const fileHash = compression === undefined ? undefined : createHash('sha256');
    let bytes = 0;
    // A chunk is written while the next one is made.
    let writing = Promise.resolve();
    for await (const chunk of output) {
      bytes += chunk.byteLength;
      fileHash?.update(chunk);
      await writing;
      writing = both(sink.write(chunk), options.copy?.writeFile(chunk));
      // It is awaited in the next round; until then a failure is not an unhandled one.
      writing.catch(() => {});
    }
    await writing;
    throwIfAborted(signal);
    await sink.finish();
    const tarSha256 = tarHash.digest('hex');
    return { bytes, sha256: fileHash?.digest('hex') ?? tarSha256, tarSha256, entries, notes: [] };
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

async function emitDirectory(tree: Walkable, options: EmitOptions): Promise<Emitted> {
  if (options.output === '-') {
    throw new KoalaError('usage', 'cannot write a directory to standard output', { hint: 'name a path with --output' });
  }
  const { entries, bytes: total } = tarSize(tree);
  const { bytes, notes } = await writeDirectory(tree, options.output, {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const tarHash = createHash('sha256');
  const tar = watched(tarChunks(tree, 1), options, (chunk) => {
    tarHash.update(chunk);
    options.onProgress?.(chunk.byteLength, total);
  });
  // Between chunks others get their turn: signals, and the progress on the terminal.
  for (const _ of tar) await setImmediate();
  const tarSha256 = tarHash.digest('hex');
  return { bytes, sha256: tarSha256, tarSha256, entries, notes };
}

function* watched(
  chunks: Iterable<Uint8Array>,
  { signal }: EmitOptions,
  onChunk: (chunk: Uint8Array) => void,
): Generator<Uint8Array> {
  for (const chunk of chunks) {
    throwIfAborted(signal);
    onChunk(chunk);
    yield chunk;
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new KoalaError('cancelled', 'cannot go on writing: it was cancelled');
}

/** The copy is nobody's output: where it fails it stays short. */
async function both(output: Promise<void>, copy: Promise<void> | undefined): Promise<void> {
  await Promise.all([output, copy?.catch(() => undefined)]);
}
