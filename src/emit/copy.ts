import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { KoalaError } from '../formats/errors.js';
import { openSink } from './sink.js';

export interface CopyOptions {
  /** A path. */
  readonly output: string;
  /** What the source has to be. */
  readonly bytes: number;
  readonly sha256: string;
  readonly signal: AbortSignal;
  /** Bytes that were written since the last call. */
  readonly onProgress: (bytes: number) => void;
}

const CHUNK_SIZE = 1024 * 1024;
const NOTHING = { bytesRead: 0 };

/**
 * Copies a file to where an output goes, and checks it on the way.
 *
 * @returns false, and nothing was written, where there is no source, or it is not what it has to be.
 * @throws KoalaError 'emit' where the output cannot be written; 'cancelled' on abort.
 */
export async function copyOutput(source: string, options: CopyOptions): Promise<boolean> {
  const file = await open(source, 'r').catch(() => undefined);
  if (file === undefined) return false;
  try {
    if ((await file.stat()).size !== options.bytes) return false;
    return await copyChecked(file, options);
  } finally {
    await file.close();
  }
}

async function copyChecked(file: FileHandle, options: CopyOptions): Promise<boolean> {
  const { output, bytes, sha256, signal, onProgress } = options;
  const sink = await openSink(output, process.stdout);
  try {
    const hash = createHash('sha256');
    // While one is hashed, the one before is written and the one behind is read.
    const buffers = [0, 1, 2].map(() => Buffer.allocUnsafe(CHUNK_SIZE));
    const read = async (at: number): Promise<Buffer> => {
      const buffer = buffers[(at / CHUNK_SIZE) % buffers.length] as Buffer;
      // What cannot be read is not what it has to be.
      const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK_SIZE, bytes - at), at).catch(() => NOTHING);
      return buffer.subarray(0, bytesRead);
    };
    let next = read(0);
    let writing = Promise.resolve();
    for (let at = 0; at < bytes; at += CHUNK_SIZE) {
      if (signal.aborted) throw new KoalaError('cancelled', 'cannot go on writing: it was cancelled');
      const chunk = await next;
      await writing;
      if (at + CHUNK_SIZE < bytes) next = read(at + CHUNK_SIZE);
      writing = sink.write(chunk);
      // It is awaited in the next round; until then a failure is not an unhandled one.
      writing.catch(() => {});
      hash.update(chunk);
      onProgress(chunk.byteLength);
    }
    await writing;
    if (hash.digest('hex') === sha256) {
      await sink.finish();
      return true;
    }
  } catch (error) {
    await sink.discard();
    throw error;
  }
  await sink.discard();
  return false;
}
