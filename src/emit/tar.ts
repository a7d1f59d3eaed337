import type { TarEntry } from '../formats/tar/types.js';
import { TAR_END, tarPadding, writeTarHeader } from '../formats/tar/writer.js';
import { contentSize } from '../rootfs/content.js';
import type { Content, TreeNode } from '../rootfs/types.js';
import { type Recipe, RecipeMaker } from './recipe.js';

/** What the writers need of a tree: every entry, the root first, directories before what is in them. */
export interface Walkable {
  walk(): Iterable<readonly [path: string, node: TreeNode]>;
}

/** How the tar of a tree is put together. */
export interface TarRecipe extends Recipe {
  readonly entries: number;
}

/** An entry of the tar, and its content where it is a file. */
interface Member {
  readonly entry: TarEntry;
  readonly content: Content;
}

/** Entries of the first part of a recipe; each further part has as many as all before it. */
const FIRST_PART = 256;

/**
 * The tar of a tree. Of the names of one file, the first is the file and the others are hard links to it.
 *
 * @param onPart takes parts of the recipe as soon as they are there; there is at least one
 * @throws KoalaError where an entry is nothing that a tar can say
 */
export function tarRecipe(tree: Walkable, onPart?: (part: Recipe) => void): TarRecipe {
  const maker = new RecipeMaker();
  const block = Buffer.alloc(TAR_END.byteLength / 2);
  let entries = 0;
  let partAt = FIRST_PART;
  for (const { entry, content } of tarMembers(tree)) {
    entries += 1;
    maker.add({ type: 'bytes', bytes: writeTarHeader(entry, block) });
    if (entry.size > 0) {
      maker.add(content);
      maker.add({ type: 'bytes', bytes: tarPadding(entry.size) });
    }
    if (entries !== partAt) continue;
    onPart?.(maker.take());
    partAt *= 2;
  }
  maker.add({ type: 'bytes', bytes: TAR_END });
  onPart?.(maker.take());
  return { ...maker.finish(), entries };
}

const NO_CONTENT: Content = { type: 'bytes', bytes: new Uint8Array(0) };

function* tarMembers(tree: Walkable): Generator<Member> {
  const seen = new Map<TreeNode, string>();
  for (const [path, node] of tree.walk()) {
    const first = node.type === 'directory' ? undefined : seen.get(node);
    if (node.type !== 'directory' && first === undefined) seen.set(node, path);
    const content = node.type === 'file' && first === undefined ? node.content : NO_CONTENT;
    const { mode, uid, gid, mtime, xattrs } = node;
    const device = node.type === 'char' || node.type === 'block';
    const entry: TarEntry = {
      type: first === undefined ? node.type : 'hardlink',
      path,
      mode,
      uid,
      gid,
      mtime,
      size: contentSize(content),
      target: first ?? (node.type === 'symlink' ? node.target : ''),
      major: device ? node.major : 0,
      minor: device ? node.minor : 0,
      xattrs,
    };
    yield { entry, content };
  }
}
