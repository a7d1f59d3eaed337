import { KoalaError } from '../formats/errors.js';
import { nameOf, parentOf } from '../formats/path.js';
import type { TarEntry } from '../formats/tar/types.js';
import { type Place, walkTar } from '../image/walk-tar.js';
import { newDirectory, type Tree } from '../rootfs/tree.js';
import type { Owner, TreeNode } from '../rootfs/types.js';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/** Who brought what an artifact has, which does not say. */
export const UNKNOWN: Owner = { type: 'effect', name: 'artifact', package: undefined };
/** Of directories that no entry is of, and that are there because something lies in them. */
export const IMPLIED: Owner = { type: 'effect', name: 'implied', package: undefined };

/**
 * Lays a tar over a tree.
 *
 * @param whiteouts whether it is a layer of an image, which by `.wh.name` takes a name of the layers below away, and by
 * `.wh..wh..opq` all that they have in a directory (layer.md of the OCI image specification, "Applying Changesets")
 * @throws KoalaError `unpack` where it is not a whole tar, or has a hard link to nothing
 */
export function addLayer(tree: Tree, place: Place, origin: string, whiteouts: boolean): void {
  const entries: [TarEntry, Place][] = [];
  walkTar(place, origin, (entry, content) => {
    // They speak of the layers below, wherever they stand in the tar.
    if (whiteouts && nameOf(entry.path).startsWith(WHITEOUT)) takeAway(tree, entry.path);
    else entries.push([entry, content]);
    if (!whiteouts) addAll(tree, entries.splice(0), origin);
  });
  addAll(tree, entries, origin);
}

function takeAway(tree: Tree, path: string): void {
  const directory = tree.resolve(parentOf(path));
  if (directory?.type !== 'directory') return;
  const name = nameOf(path);
  if (name === OPAQUE) directory.children.clear();
  else directory.children.delete(name.slice(WHITEOUT.length));
}

function addAll(tree: Tree, entries: readonly [TarEntry, Place][], origin: string): void {
  for (const [entry, place] of entries) addEntry(tree, entry, place, origin);
}

function addEntry(tree: Tree, entry: TarEntry, place: Place, origin: string): void {
  const { path, mode, uid, gid, mtime, xattrs } = entry;
  const attributes = { mode, uid, gid, mtime, xattrs, owner: UNKNOWN };
  if (path === '/') {
    Object.assign(tree.root, attributes);
    return;
  }
  const { node: parent } = tree.makeDirectories(parentOf(path), { owner: IMPLIED, mtime });
  const name = nameOf(path);
  const existing = parent.children.get(name);
  if (entry.type === 'directory') {
    const node = existing?.type === 'directory' ? existing : newDirectory({ owner: UNKNOWN, mtime, mode });
    parent.children.set(name, Object.assign(node, attributes));
  } else {
    parent.children.set(name, nodeOf(tree, entry, attributes, place, origin));
  }
}

function nodeOf(
  tree: Tree,
  entry: TarEntry,
  attributes: Omit<TreeNode, 'type'>,
  { file, start, size }: Place,
  origin: string,
): TreeNode {
  switch (entry.type) {
    case 'symlink':
      return { ...attributes, type: 'symlink', target: entry.target };
    case 'char':
    case 'block':
      return { ...attributes, type: entry.type, major: entry.major, minor: entry.minor };
    case 'fifo':
      return { ...attributes, type: 'fifo' };
    case 'hardlink': {
      const target = tree.get(entry.target);
      if (target !== undefined) return target;
      const what = `${entry.path} is a hard link to ${entry.target}, which is not there`;
      throw new KoalaError('unpack', `cannot read ${origin}: ${what}`);
    }
    default:
      return { ...attributes, type: 'file', content: { type: 'slice', file, offset: start, size } };
  }
}
