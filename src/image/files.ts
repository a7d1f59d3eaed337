import { existsSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileReason, KoalaError } from '../formats/errors.js';
import { fileBytes, readBytes } from './file-bytes.js';
import { compressionOf, isTar, type KnownCompression } from './magic.js';
import { type Place, walkTar } from './walk-tar.js';

/** The files of an image, by names below its top: a directory, or a tar. */
export interface ImageFiles {
  has(name: string): boolean;
  /** A small file. */
  read(name: string): Buffer;
  /** @param from leaves out so many bytes at its start */
  open(name: string, from?: number): Iterable<Uint8Array>;
  /** Where it lies. */
  place(name: string): Place;
}

/** Enough to tell a compressed file, a tar and a text apart. */
const HEAD_BYTES = 512;
/** Of a manifest or an index; registries take 4 MiB. */
const MAX_DOCUMENT_BYTES = 1 << 24;

/**
 * The files of an OCI layout (a directory, or a tar of one) or of what `docker save` writes.
 *
 * @returns undefined where it is something else
 * @throws KoalaError `usage` where it cannot be opened, `unpack` where a tar is none
 */
export async function openImageFiles(path: string): Promise<ImageFiles | undefined> {
  const found = await stat(path).catch((error: unknown) => {
    throw new KoalaError('usage', `cannot read ${path}: ${fileReason(error)}`, {
      cause: error,
      hint: 'give a root filesystem or an image, as a tar or a directory; profiles are given with --profile',
    });
  });
  const files = found.isDirectory() ? directoryFiles(path) : tarFilesOf(path);
  return files !== undefined && isImage(files) ? files : undefined;
}

/** Whether these are the files of an image: an OCI layout (image-layout.md) or what `docker save` writes. */
function isImage(files: Pick<ImageFiles, 'has'>): boolean {
  return files.has('oci-layout') || files.has('manifest.json');
}

/** How a file begins that is neither a lock nor a profile, and whether it is a tar as it stands. */
export function headOf(path: string) {
  const head = readBytes(path, 0, HEAD_BYTES);
  const compression = compressionOf(head);
  return { compression, isTar: compression === 'none' && isTar(head) };
}

/** How a file of an image is compressed. */
export function compressionIn(files: ImageFiles, name: string): KnownCompression {
  for (const chunk of files.open(name)) return compressionOf(chunk);
  return 'none';
}

function directoryFiles(directory: string): ImageFiles {
  return {
    has: (name) => existsSync(join(directory, name)),
    read: (name) => readBytes(join(directory, name), 0, MAX_DOCUMENT_BYTES),
    open: (name, from) => fileBytes(join(directory, name), from),
    place: (name) => {
      const file = join(directory, name);
      const status = statSync(file, { throwIfNoEntry: false });
      if (status === undefined) throw notThere(name, directory);
      return { file, start: 0, size: status.size };
    },
  };
}

/** The files of a tar that is not compressed, read where they lie in it. */
function tarFilesOf(tar: string): ImageFiles | undefined {
  if (!headOf(tar).isTar) return undefined;
  const places = new Map<string, Place>();
  walkTar({ file: tar, start: 0, size: statSync(tar).size }, tar, ({ path, type, target }, place) => {
    const name = path.slice(1);
    if (type === 'file') places.set(name, place);
    // `docker save` writes a layer that several images have once, and links to it.
    const linked = type === 'hardlink' ? places.get(target.slice(1)) : undefined;
    if (linked !== undefined) places.set(name, linked);
  });
  const placeOf = (name: string) => {
    const place = places.get(name);
    if (place !== undefined) return place;
    throw notThere(name, tar);
  };
  return {
    has: (name) => places.has(name),
    read: (name) => readBytes(tar, placeOf(name).start, Math.min(placeOf(name).size, MAX_DOCUMENT_BYTES)),
    open: (name, from = 0) => fileBytes(tar, placeOf(name).start + from, placeOf(name).size - from),
    place: placeOf,
  };
}

function notThere(name: string, origin: string): KoalaError {
  return new KoalaError('unpack', `cannot read ${name} of ${origin}: it is not there`);
}
