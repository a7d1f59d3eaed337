import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { recipeChunks } from '../../../src/emit/recipe.js';
import { tarRecipe } from '../../../src/emit/tar.js';
import { Tree } from '../../../src/rootfs/tree.js';
import { lay } from '../../builder/layers.js';
import { listTree } from '../../builder/listing.js';

const OWNER = { type: 'effect', name: 'test', package: undefined } as const;

/** All that is known of a tree: modes, owners, contents, hard links, and times. */
export function listing(tree: Tree): string[] {
  const times = Array.from(tree.walk(), ([, { mtime }]) => mtime);
  return listTree(tree).map((line, at) => `${line} @${times[at]}`);
}

/** What the layers make, read as their tars. */
export async function laid(layers: readonly Tree[], directory: string): Promise<Tree> {
  const tree = new Tree(OWNER, 0);
  for (const layer of layers) {
    const spool = join(directory, randomBytes(8).toString('hex'));
    await lay(tree, { compression: 'none', bytes: recipeChunks(tarRecipe(layer)), size: 0, origin: 'a layer' }, spool);
  }
  return tree;
}
