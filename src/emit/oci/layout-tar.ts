import { join } from 'node:path';
import { NO_XATTRS, newDirectory, Tree } from '../../rootfs/tree.js';
import type { Content, TreeNode } from '../../rootfs/types.js';
import { recipeChunks } from '../recipe.js';
import { tarRecipe } from '../tar.js';
import type { Staging } from './staging.js';

const OWNER = { type: 'effect', name: 'image', package: undefined } as const;

/**
 * The tar of a staged layout, in the order of its names, all times that of the build: the same bytes for the same images.
 *
 * @param documents the small files at its top, by name
 */
export function layoutTar(
  staging: Staging,
  documents: ReadonlyMap<string, Uint8Array>,
  epoch: number,
): Generator<Uint8Array> {
  const tree = new Tree(OWNER, epoch);
  const file = (content: Content): TreeNode => {
    return { type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: epoch, xattrs: NO_XATTRS, owner: OWNER, content };
  };
  for (const path of ['/blobs', '/blobs/sha256']) tree.set(path, newDirectory({ owner: OWNER, mtime: epoch }));
  for (const { name, size } of staging.blobs()) {
    tree.set(`/${name}`, file({ type: 'slice', file: join(staging.directory, name), offset: 0, size }));
  }
  for (const [name, bytes] of documents) tree.set(`/${name}`, file({ type: 'bytes', bytes }));
  return recipeChunks(tarRecipe(tree));
}
