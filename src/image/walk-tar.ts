import { closeSync, openSync, readSync } from 'node:fs';
import { fileReason, KoalaError } from '../formats/errors.js';
import { TarReader } from '../formats/tar/reader.js';
import type { TarEntry } from '../formats/tar/types.js';

/** A part of a file. */
export interface Place {
  readonly file: string;
  readonly start: number;
  /** Bytes. */
  readonly size: number;
}

/** As large as most files; of larger ones the rest is not read. */
const CHUNK = 1 << 16;

/**
 * The entries of a tar that is not compressed, with the places of their contents. Contents are passed over.
 *
 * @throws KoalaError `usage` where it cannot be read, `unpack` where it is not a whole tar
 */
export function walkTar(
  { file, start, size }: Place,
  origin: string,
  visit: (entry: TarEntry, place: Place) => void,
): void {
  const reader = new TarReader(
    { entry: (entry, offset) => visit(entry, { file, start: start + offset, size: entry.size }) },
    origin,
  );
  const bytes = Buffer.allocUnsafe(CHUNK);
  const descriptor = openFile(file);
  try {
    for (let at = 0; at < size; ) {
      const skipped = Math.min(reader.contentLeft, size - at);
      reader.skip(skipped);
      at += skipped;
      const count = readSync(descriptor, bytes, 0, Math.min(CHUNK, size - at), start + at);
      if (count === 0) break;
      reader.write(bytes.subarray(0, count));
      at += count;
    }
  } finally {
    closeSync(descriptor);
  }
  reader.end();
}

function openFile(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    throw new KoalaError('usage', `cannot read ${file}: ${fileReason(error)}`, { cause: error });
  }
}
