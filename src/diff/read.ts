import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { TarReader } from '../formats/tar/reader.js';
import { parseLock } from '../solve/lock/file.js';
import { fileBytes, readBytes } from './file-bytes.js';
import { type ImageFiles, isImage, readImage } from './image.js';
import { readLayer } from './layer.js';
import { compressionOf, isTar } from './magic.js';
import { overlay } from './overlay.js';
import { readRootDirectory } from './rootfs-directory.js';
import type { Artifact } from './types.js';

/** Enough to tell a compressed file, a tar and a text apart. */
const HEAD_BYTES = 512;
/** Of a manifest or an index; registries take 4 MiB. */
const MAX_DOCUMENT_BYTES = 1 << 24;

/**
 * Reads what can be compared from a path: a lock, a root filesystem as a tar (compressed or not) or a directory, an image as
 * an OCI layout (a directory, or a tar of one) or as `docker save` writes it.
 *
 * @param architecture Debian's name of the one that is meant, where an image is of several
 * @returns undefined where it is a text of another kind
 * @throws KoalaError as its reader; `usage` where it cannot be opened
 */
export async function readArtifact(path: string, architecture: string | undefined): Promise<Artifact | undefined> {
  const found = await stat(path).catch((error: unknown) => {
    throw new KoalaError('usage', `cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  });
  if (found.isDirectory()) {
    const files = directoryFiles(path);
    const tree = isImage(files) ? await readImage(files, architecture, path) : await readRootDirectory(path);
    return { type: 'tree', origin: path, tree };
  }
  const head = readBytes(path, 0, HEAD_BYTES);
  const compression = compressionOf(head);
  if (compression === 'none' && !isTar(head)) {
    const text = await readFile(path, 'utf8');
    if (!/^\s*\{/.test(text)) return undefined;
    return { type: 'plan', origin: path, lock: await parseLock(text, path) };
  }
  if (compression === 'none') {
    const files = tarFiles(path);
    if (isImage(files)) return { type: 'tree', origin: path, tree: await readImage(files, architecture, path) };
  }
  const layer = await readLayer(fileBytes(path), path);
  return { type: 'tree', origin: path, tree: overlay([layer], path) };
}

function directoryFiles(directory: string): ImageFiles {
  return {
    has: (name) => existsSync(join(directory, name)),
    read: (name) => readBytes(join(directory, name), 0, MAX_DOCUMENT_BYTES),
    open: (name) => fileBytes(join(directory, name)),
  };
}

/** The files of a tar that is not compressed, read where they lie in it. */
function tarFiles(tar: string): ImageFiles {
  const places = new Map<string, { readonly start: number; readonly size: number }>();
  const reader = new TarReader(
    {
      entry: ({ path, type, size }, start) => {
        if (type === 'file') places.set(path.slice(1), { start, size });
      },
    },
    tar,
  );
  for (const chunk of fileBytes(tar)) reader.write(chunk);
  reader.end();
  const placeOf = (name: string) => {
    const place = places.get(name);
    if (place !== undefined) return place;
    throw new KoalaError('unpack', `cannot read ${name} of ${tar}: it is not there`);
  };
  return {
    has: (name) => places.has(name),
    read: (name) => readBytes(tar, placeOf(name).start, Math.min(placeOf(name).size, MAX_DOCUMENT_BYTES)),
    open: (name) => fileBytes(tar, placeOf(name).start, placeOf(name).size),
  };
}
