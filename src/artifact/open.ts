import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { KoalaError } from '../formats/errors.js';
import { fileBytes } from '../image/file-bytes.js';
import { compressionIn, headOf, type ImageFiles, openImageFiles } from '../image/files.js';
import { findImage, verifiedBytes } from '../image/read.js';
import { applyLayer, type LayerEntry, type LayerSource, layerInPlace, spoolLayer } from '../rootfs/read-layers.js';
import { Tree } from '../rootfs/tree.js';
import { directoryTree } from './directory.js';
import { IMPLIED, UNKNOWN } from './owners.js';

export interface ArtifactOptions {
  /** Debian's name of the one that is meant, where an image is of several. */
  readonly architecture: string | undefined;
  /** A directory for what has to be decompressed; whoever made it removes it. */
  readonly scratch: string;
}

const OWNERS = { owner: UNKNOWN, implied: IMPLIED };

/**
 * The tree of a root filesystem, a directory or a tar (compressed or not), or of an image, an OCI layout or what `docker save`
 * writes, each as a directory or a tar. Contents stay where they are; nothing is extracted.
 *
 * @throws KoalaError `usage` where the path cannot be read, or it is not clear which image is meant; `unpack` where it is nothing
 * of these, or damaged; `verify` where a part of an image is not what its digest says
 */
export async function openArtifact(path: string, { architecture, scratch }: ArtifactOptions): Promise<Tree> {
  const files = await openImageFiles(path);
  const status = statSync(path);
  if (files === undefined && status.isDirectory()) return directoryTree(path);
  const tree = new Tree(IMPLIED, 0);
  if (files !== undefined) {
    const { layers } = findImage(files, architecture, path);
    for (const name of layers) {
      const entries = await readLayer(files, name, path, scratch);
      applyLayer(tree, entries, { ...OWNERS, origin: `${name} of ${path}`, whiteouts: true });
    }
    return tree;
  }
  const { compression, isTar } = headOf(path);
  if (compression === 'none' && !isTar) {
    throw new KoalaError('unpack', `cannot read ${path}: it is no tar`, {
      hint: 'a root filesystem or an image is read, as a tar or a directory',
    });
  }
  const entries =
    compression === 'none'
      ? layerInPlace({ file: path, start: 0, size: status.size }, path)
      : await spooled({ compression, bytes: fileBytes(path), size: status.size, origin: path }, scratch);
  applyLayer(tree, entries, { ...OWNERS, origin: path, whiteouts: false });
  return tree;
}

/**
 * The tree that one layer of an image makes by itself, with the names by which it takes others away.
 *
 * @throws KoalaError `unpack` where it is damaged, or has hard links into other layers; `verify` where it is not what its digest says
 */
export async function openLayer(files: ImageFiles, name: string, image: string, scratch: string): Promise<Tree> {
  const tree = new Tree(IMPLIED, 0);
  const entries = await readLayer(files, name, image, scratch);
  applyLayer(tree, entries, { ...OWNERS, origin: `${name} of ${image}`, whiteouts: false });
  return tree;
}

/** The entries of a layer of an image, its digest verified. */
async function readLayer(files: ImageFiles, name: string, image: string, scratch: string): Promise<LayerEntry[]> {
  const origin = `${name} of ${image}`;
  const compression = compressionIn(files, name);
  const bytes = verifiedBytes(files, name, image);
  if (compression !== 'none') return spooled({ compression, bytes, size: files.place(name).size, origin }, scratch);
  for (const _ of bytes);
  return layerInPlace(files.place(name), origin);
}

/** A layer may be there twice, so that its name is no name of a spool. */
function spooled(layer: LayerSource, scratch: string): Promise<LayerEntry[]> {
  return spoolLayer(layer, join(scratch, `layer-${randomUUID()}`));
}
