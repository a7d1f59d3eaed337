import { readFile, stat } from 'node:fs/promises';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { fileBytes } from '../image/file-bytes.js';
import { headOf, openImageFiles } from '../image/files.js';
import { parseLock } from '../solve/lock/file.js';
import { readImage } from './image.js';
import { readLayer } from './layer.js';
import { overlay } from './overlay.js';
import { readRootDirectory } from './rootfs-directory.js';
import type { Artifact } from './types.js';

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
  const files = await openImageFiles(path);
  if (files !== undefined) return { type: 'tree', origin: path, tree: await readImage(files, architecture, path) };
  if (found.isDirectory()) return { type: 'tree', origin: path, tree: await readRootDirectory(path) };
  const head = headOf(path);
  if (head.compression === 'none' && !head.isTar) {
    const text = await readFile(path, 'utf8');
    if (!/^\s*\{/.test(text)) return undefined;
    return { type: 'plan', origin: path, lock: await parseLock(text, path) };
  }
  const layer = await readLayer(fileBytes(path), path);
  return { type: 'tree', origin: path, tree: overlay([layer], path) };
}
