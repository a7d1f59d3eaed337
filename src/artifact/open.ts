import { createHash } from 'node:crypto';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { KoalaError } from '../formats/errors.js';
import { fileBytes } from '../image/file-bytes.js';
import { headOf, type ImageFiles, openImageFiles } from '../image/files.js';
import { compressionOf, type KnownCompression } from '../image/magic.js';
import { findImage, verifiedBytes } from '../image/read.js';
import type { Place } from '../image/walk-tar.js';
import { Tree } from '../rootfs/tree.js';
import { decode } from '../unpack/decoders.js';
import { directoryTree } from './directory.js';
import { addLayer, IMPLIED } from './layer.js';

export interface ArtifactOptions {
  /** Debian's name of the one that is meant, where an image is of several. */
  readonly architecture: string | undefined;
  /** A directory for what has to be decompressed; whoever made it removes it. */
  readonly scratch: string;
}

/** More than any layer has; what is compressed may claim anything. */
const MAX_BYTES = 64 * 2 ** 30;

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
      const origin = `${name} of ${path}`;
      addLayer(tree, await imageLayer(files, name, path, scratch), origin, layers.length > 1);
    }
    return tree;
  }
  const { compression, isTar } = headOf(path);
  if (compression === 'none' && !isTar) {
    throw new KoalaError('unpack', `cannot read ${path}: it is no tar`, {
      hint: 'a root filesystem or an image is read, as a tar or a directory',
    });
  }
  const whole = { file: path, start: 0, size: status.size };
  const place = compression === 'none' ? whole : await decompressed(fileBytes(path), compression, scratch, path);
  addLayer(tree, place, path, false);
  return tree;
}

/**
 * The tree that one layer of an image makes by itself, with the names by which it takes others away.
 *
 * @throws KoalaError `unpack` where it is damaged, or has hard links into other layers; `verify` where it is not what its digest says
 */
export async function openLayer(files: ImageFiles, name: string, image: string, scratch: string): Promise<Tree> {
  const tree = new Tree(IMPLIED, 0);
  addLayer(tree, await imageLayer(files, name, image, scratch), `${name} of ${image}`, false);
  return tree;
}

/** Where the tar of a layer lies without compression, its digest verified. */
async function imageLayer(files: ImageFiles, name: string, image: string, scratch: string): Promise<Place> {
  const place = files.place(name);
  const [head = Buffer.alloc(0)] = fileBytes(place.file, place.start, Math.min(place.size, 8));
  const compression = compressionOf(head);
  const bytes = verifiedBytes(files, name, image);
  if (compression !== 'none') return decompressed(bytes, compression, scratch, `${name} of ${image}`);
  for (const _ of bytes);
  return place;
}

async function decompressed(
  bytes: Iterable<Uint8Array>,
  compression: KnownCompression,
  scratch: string,
  origin: string,
): Promise<Place> {
  const file = join(scratch, `layer-${createHash('sha256').update(origin).digest('hex')}`);
  // A layer may be there twice.
  const output = openSync(file, 'w', 0o600);
  let size = 0;
  try {
    const write = (chunk: Uint8Array): void => {
      for (let done = 0; done < chunk.byteLength; ) done += writeSync(output, chunk, done, chunk.byteLength - done);
      size += chunk.byteLength;
    };
    await decode(compression, bytes, write, { origin, maxBytes: MAX_BYTES });
  } finally {
    closeSync(output);
  }
  return { file, start: 0, size };
}
