import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { KoalaError, reasonOf } from '../../formats/errors.js';
import { type Compression, decode } from '../../unpack/decoders.js';

/** A part of a file. */
export interface Place {
  readonly file: string;
  readonly start: number;
  readonly size: number;
}

const CHUNK = 1 << 20;
/** More than any layer has; what is compressed may claim anything. */
const MAX_BYTES = 64 * 2 ** 30;

/** The first bytes of compressed files (RFC 1952, RFC 8878, the formats of xz and bzip2). */
const MAGIC: readonly (readonly [Compression, string])[] = [
  ['gz', '1f8b'],
  ['xz', 'fd377a585a00'],
  ['zst', '28b52ffd'],
  ['bz2', '425a68'],
];

/** All there is of `length` bytes at an offset of a place. */
export function readPlace({ file, start, size }: Place, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
  const descriptor = openFile(file);
  try {
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, start + offset));
  } finally {
    closeSync(descriptor);
  }
}

/** @throws KoalaError `usage` */
export function openFile(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    throw new KoalaError('usage', `cannot read ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

/** The same bytes without compression: in place, or in a file of the scratch directory. */
export async function uncompressed(place: Place, scratch: string, origin: string): Promise<Place> {
  const start = readPlace(place, 0, 8).toString('hex');
  const compression = MAGIC.find(([, bytes]) => start.startsWith(bytes))?.[0];
  if (compression === undefined) return place;
  const file = join(
    scratch,
    `layer-${place.start}-${place.size}-${place.file.replace(/[^A-Za-z0-9]/g, '_').slice(-64)}`,
  );
  const output = openSync(file, 'wx', 0o600);
  let size = 0;
  try {
    await decode(
      compression,
      chunksOf(place),
      (chunk) => {
        for (let done = 0; done < chunk.byteLength; ) done += writeSync(output, chunk, done, chunk.byteLength - done);
        size += chunk.byteLength;
      },
      { origin, maxBytes: MAX_BYTES },
    );
  } finally {
    closeSync(output);
  }
  return { file, start: 0, size };
}

function* chunksOf({ file, start, size }: Place): Generator<Buffer> {
  const descriptor = openFile(file);
  try {
    for (let done = 0; done < size; ) {
      const bytes = Buffer.allocUnsafe(Math.min(CHUNK, size - done));
      const count = readSync(descriptor, bytes, 0, bytes.length, start + done);
      if (count === 0) return;
      done += count;
      yield bytes.subarray(0, count);
    }
  } finally {
    closeSync(descriptor);
  }
}
