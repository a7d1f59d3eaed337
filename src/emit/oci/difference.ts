import { KoalaError } from '../../formats/errors.js';
import { WHITEOUT } from '../../formats/oci/whiteouts.js';
import { compareBytes, nameOf, parentOf } from '../../formats/path.js';
import { isSameNode } from '../../rootfs/same-node.js';
import { NO_XATTRS, Tree } from '../../rootfs/tree.js';
import type { DirectoryNode, TreeNode } from '../../rootfs/types.js';

/** A part of a tree, to be written as a layer. */
export interface LayerTree {
  readonly tree: Tree;
  /** Entries that are in the layer for themselves, not only as directories above others. */
  readonly changes: number;
}

/**
 * What a layer has to hold, so that over the layers of `before` it gives `after`: entries that came or changed, each with the
 * directories above it, since what is put into a directory changes its time; and a whiteout for what went. Whiteouts are
 * explicit, as the specification wants them.
 *
 * All names of a file that has several are in the layer if one of them is: a link to a file of a layer below is nothing that
 * every program understands.
 *
 * @param before undefined: the layer is the lowest
 * @throws KoalaError `emit` where an entry has a name that would be a whiteout
 */
export function layerBetween(before: Tree | undefined, after: Tree): LayerTree {
  const old = new Map(before?.walk() ?? []);
  const [oldNames, newNames] = [namesByFile(old), namesByFile(after.walk())];
  const layer = partOf(after);
  for (const [path, node] of after.walk()) {
    if (nameOf(path).startsWith(WHITEOUT)) {
      throw new KoalaError('emit', `cannot write ${path} into a layer: its name means that another file is gone`);
    }
    const names = newNames.get(node) ?? [path];
    const isSame = names.every((name) => {
      const other = old.get(name);
      if (other === undefined || !isUnchanged(other, node)) return false;
      return node.type === 'directory' || (oldNames.get(other) ?? [name]).join('\0') === names.join('\0');
    });
    if (!isSame) layer.add(path, node);
  }
  for (const [path] of old) {
    const parent = parentOf(path);
    if (after.get(path) !== undefined || after.get(parent)?.type !== 'directory') continue;
    if (old.get(parent)?.type === 'directory') layer.addWhiteout(path);
  }
  return layer;
}

/** A tree that is filled with entries of another one. */
export interface Part extends LayerTree {
  /** An entry, which need not come after the directories above it. Entries of one file keep being one. */
  add(path: string, node: TreeNode): void;
  addWhiteout(path: string): void;
}

/**
 * An empty part of a tree.
 *
 * @param parentOfEntry what a directory above an entry shall be, where it is not in the part for itself
 */
export function partOf(
  whole: Tree,
  parentOfEntry: (directory: DirectoryNode, entry: TreeNode) => DirectoryNode = (directory) => directory,
): Part {
  const tree = new Tree(whole.root.owner, whole.root.mtime);
  let changes = 0;
  const directoryAt = (path: string, entry: TreeNode): DirectoryNode => {
    const known = tree.get(path);
    if (path !== '/' && known?.type === 'directory') return known;
    const original = whole.get(path);
    if (original?.type !== 'directory')
      throw new KoalaError('emit', `cannot write ${path} into a layer: it is no directory`);
    const { children: _, ...attributes } = parentOfEntry(original, entry);
    if (path === '/') return Object.assign(tree.root, attributes);
    const made: DirectoryNode = { ...attributes, children: new Map() };
    directoryAt(parentOf(path), entry).children.set(nameOf(path), made);
    return made;
  };
  const put = (path: string, node: TreeNode): void => {
    changes += 1;
    if (node.type !== 'directory') {
      directoryAt(parentOf(path), node).children.set(nameOf(path), node);
      return;
    }
    const { children: _, ...attributes } = node;
    Object.assign(directoryAt(path, node), attributes);
  };
  return {
    tree,
    get changes() {
      return changes;
    },
    add: put,
    addWhiteout(path) {
      const { uid, gid, mtime, owner } = whole.get(parentOf(path)) ?? whole.root;
      const content = { type: 'bytes', bytes: new Uint8Array(0) } as const;
      const whiteout: TreeNode = { type: 'file', mode: 0o644, uid, gid, mtime, xattrs: NO_XATTRS, owner, content };
      put(`${parentOf(path) === '/' ? '' : parentOf(path)}/${WHITEOUT}${nameOf(path)}`, whiteout);
    },
  };
}

/** The names of each file that has several, in order. */
function namesByFile(entries: Iterable<readonly [path: string, node: TreeNode]>): Map<TreeNode, readonly string[]> {
  const names = new Map<TreeNode, string[]>();
  for (const [path, node] of entries) {
    if (node.type === 'directory') continue;
    const known = names.get(node);
    if (known === undefined) names.set(node, [path]);
    else known.push(path);
  }
  for (const list of names.values()) list.sort(compareBytes);
  return names;
}

function isUnchanged(one: TreeNode, other: TreeNode): boolean {
  return one.mtime === other.mtime && haveSameXattrs(one.xattrs, other.xattrs) && isSameNode(one, other);
}

function haveSameXattrs(one: ReadonlyMap<string, Uint8Array>, other: ReadonlyMap<string, Uint8Array>): boolean {
  return (
    one.size === other.size &&
    [...one].every(([name, value]) => Buffer.compare(value, other.get(name) ?? NOTHING) === 0)
  );
}

const NOTHING = new Uint8Array(0);
