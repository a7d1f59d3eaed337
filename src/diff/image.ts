import type { ImageFiles } from '../image/files.js';
import { findImage, verifiedBytes } from '../image/read.js';
import { readLayer } from './layer.js';
import { overlay } from './overlay.js';
import type { TreeFacts } from './types.js';

/**
 * The root filesystem that an image is of.
 *
 * @param architecture Debian's name of the one that is meant, where an image is of several
 * @throws KoalaError `unpack` where it cannot be read, `verify` where a layer is not what its digest says, `usage` where it is not clear which image is meant
 */
export async function readImage(
  files: ImageFiles,
  architecture: string | undefined,
  origin: string,
): Promise<TreeFacts> {
  const layers = [];
  for (const name of findImage(files, architecture, origin).layers)
    layers.push(await readLayer(verifiedBytes(files, name, origin), `${name} of ${origin}`));
  return overlay(layers, origin);
}
