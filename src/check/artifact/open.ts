import { stat } from 'node:fs/promises';
import { KoalaError, reasonOf } from '../../formats/errors.js';
import { Tree } from '../../rootfs/tree.js';
import { directoryTree } from './directory.js';
import { filesOfDirectory, filesOfTree, imageTree, isImage } from './image.js';
import { readPlace, uncompressed } from './place.js';
import { addLayer, UNKNOWN } from './tar.js';

export interface ArtifactOptions {
  /** Debian's name of the one that is meant, where an image is of several. */
  readonly architecture: string | undefined;
  /** A directory for what has to be decompressed; whoever made it removes it. */
  readonly scratch: string;
}

/**
 * The tree of a root filesystem, a directory or a tar (compressed or not), or of an image, an OCI layout or what `docker save`
 * writes, each as a directory or a tar. Contents stay where they are; nothing is extracted.
 *
 * @throws KoalaError `usage` where the path cannot be read, `unpack` where it is nothing of these, or damaged
 */
export async function openArtifact(path: string, { architecture, scratch }: ArtifactOptions): Promise<Tree> {
  const status = await stat(path).catch((error: unknown) => {
    throw new KoalaError('usage', `cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  });
  const options = { architecture, scratch, origin: path };
  if (status.isDirectory()) {
    const files = filesOfDirectory(path);
    return files('oci-layout') === undefined ? directoryTree(path) : imageTree(files, options);
  }
  const place = await uncompressed({ file: path, start: 0, size: status.size }, scratch, path);
  const magic = readPlace(place, 257, 5).toString('latin1');
  if (magic !== 'ustar') {
    throw new KoalaError('unpack', `cannot read ${path}: it is no tar`, {
      hint: 'check takes a root filesystem or an image, as a tar or a directory',
    });
  }
  const tree = new Tree(UNKNOWN, 0);
  addLayer(tree, place, path);
  const files = filesOfTree(tree);
  return isImage(files) ? imageTree(files, options) : tree;
}
