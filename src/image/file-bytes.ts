import { closeSync, openSync, readSync } from 'node:fs';
import { fileReason, KoalaError } from '../formats/errors.js';

const CHUNK = 1 << 20;

/**
 * The bytes of a file, or of a part of it, in chunks that belong to the caller. Nothing else waits for the disk here.
 *
 * @throws KoalaError `usage` where it cannot be read
 */
export function* fileBytes(path: string, start = 0, size = Number.POSITIVE_INFINITY): Generator<Buffer> {
  const file = reading(path, () => openSync(path, 'r'));
  try {
    for (let done = 0; done < size; ) {
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK, size - done));
      const count = reading(path, () => readSync(file, buffer, 0, buffer.length, start + done));
      if (count === 0) return;
      done += count;
      yield buffer.subarray(0, count);
    }
  } finally {
    closeSync(file);
  }
}

/** A part of a file as a whole: all there is of it, where it is shorter. */
export function readBytes(path: string, start: number, size: number): Buffer {
  return Buffer.concat([...fileBytes(path, start, size)]);
}

function reading<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new KoalaError('usage', `cannot read ${path}: ${fileReason(error)}`, { cause: error });
  }
}
