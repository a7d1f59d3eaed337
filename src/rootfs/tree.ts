import { KoalaError } from '../formats/errors.js';
import { nameOf, normalisePath, parentOf, sortNames } from '../formats/path.js';
import type { DirectoryNode, Owner, TreeNode } from './types.js';

/** Linux' limit for links in one resolution (path_resolution(7)). */
const MAX_LINKS = 40;

/** Where a path led: the canonical path, and what is there. */
interface Found {
  readonly path: string;
  readonly node: TreeNode | undefined;
}

/**
 * The virtual rootfs. Paths are absolute and pass the one path gate (`normalisePath`); owners, modes and devices are
 * data. `canonical` leads a path through links as a kernel in a chroot would, so nothing can name a place outside.
 */
export class Tree {
  readonly root: DirectoryNode;

  /** @param root of entries that are there already; else it is empty, and of this owner and time */
  constructor(owner: Owner, mtime: number, root = newDirectory({ owner, mtime })) {
    this.root = root;
  }

  /** What stands at exactly this path; links on the way, the last one included, are not followed. */
  get(path: string): TreeNode | undefined {
    let node: TreeNode = this.root;
    for (const name of componentsOf(path)) {
      if (node.type !== 'directory') return undefined;
      const child = node.children.get(name);
      if (child === undefined) return undefined;
      node = child;
    }
    return node;
  }

  /**
   * Follows links, the last one only where `followLast` is set. A missing last component is not an error: its
   * canonical path is where a new file would go.
   *
   * @returns undefined where a directory on the way is missing or is something else.
   * @throws KoalaError where more than 40 links are in the way.
   */
  canonical(path: string, followLast = true): Found | undefined {
    let todo = componentsOf(path).reverse();
    let at: TreeNode[] = [this.root];
    let names: string[] = [];
    let links = 0;
    while (todo.length > 0) {
      const name = todo.pop();
      if (name === undefined || name === '' || name === '.') continue;
      if (name === '..') {
        if (names.length > 0) {
          names.pop();
          at.pop();
        }
        continue;
      }
      const here = at.at(-1);
      if (here?.type !== 'directory') return undefined;
      const child = here.children.get(name);
      if (child === undefined) {
        return todo.every((rest) => rest === '' || rest === '.')
          ? { path: `/${[...names, name].join('/')}`, node: undefined }
          : undefined;
      }
      if (child.type === 'symlink' && (followLast || todo.length > 0)) {
        links += 1;
        if (links > MAX_LINKS) throw new KoalaError('tree', `cannot resolve ${path}: too many levels of links`);
        if (child.target.startsWith('/')) {
          names = [];
          at = [this.root];
        }
        todo = [...todo, ...child.target.split('/').reverse()];
        continue;
      }
      names.push(name);
      at.push(child);
    }
    return { path: `/${names.join('/')}`, node: at.at(-1) };
  }

  /** What a path leads to, links followed; undefined where nothing is there. */
  resolve(path: string): TreeNode | undefined {
    return this.canonical(path)?.node;
  }

  /**
   * Puts a node at a path, in place of whatever stood there.
   *
   * @throws KoalaError where the parent is not a directory of the tree (links are not followed).
   */
  set(path: string, node: TreeNode): void {
    const parent = this.get(parentOf(path));
    if (parent?.type !== 'directory' || path === '/') {
      throw new KoalaError('tree', `cannot put ${path} into the tree: ${parentOf(path)} is not a directory`);
    }
    parent.children.set(nameOf(path), node);
  }

  /** Takes a name, and all below it, out of the tree. Says whether it was there. */
  remove(path: string): boolean {
    const parent = this.get(parentOf(path));
    return parent?.type === 'directory' && path !== '/' && parent.children.delete(nameOf(path));
  }

  /**
   * Makes the directories of `path` that are missing, each with `attributes`, following the links on the way.
   *
   * @returns the canonical path and its node.
   * @throws KoalaError where something that is not a directory is in the way.
   */
  makeDirectories(path: string, attributes: NewDirectory): { readonly path: string; readonly node: DirectoryNode } {
    const normal = normalisePath(path);
    const found = this.canonical(normal);
    if (found?.node?.type === 'directory') return { path: found.path, node: found.node };
    if (found?.node !== undefined || normal === '/') {
      throw new KoalaError('tree', `cannot make the directory ${normal}: a ${found?.node?.type} is there`);
    }
    // A dangling link is followed to where it points, as `mkdir -p` in the chroot would fail on it and a user would mean.
    const parent = this.makeDirectories(parentOf(found?.path ?? normal), attributes);
    const node = newDirectory(attributes);
    const name = nameOf(found?.path ?? normal);
    parent.node.children.set(name, node);
    return { path: parent.path === '/' ? `/${name}` : `${parent.path}/${name}`, node };
  }

  /** A tree of its own with the same entries; contents are shared, as nobody changes those in place. */
  clone(): Tree {
    const root = { ...this.root, children: new Map() };
    copyChildren(this.root, root, new Map());
    return new Tree(root.owner, root.mtime, root);
  }

  /** Every entry, the root first, directories before what is in them, names in the order of their bytes. */
  walk(from = '/'): Generator<readonly [path: string, node: TreeNode]> {
    const start = this.get(from);
    return start === undefined ? noEntries() : walkNode(from, start);
  }
}

export interface NewDirectory {
  readonly owner: Owner;
  readonly mtime: number;
  readonly mode?: number;
}

/** An empty directory, 0755 and 0:0 unless told otherwise. */
export function newDirectory({ owner, mtime, mode = 0o755 }: NewDirectory): DirectoryNode {
  return { type: 'directory', mode, uid: 0, gid: 0, mtime, xattrs: NO_XATTRS, owner, children: new Map() };
}

/** Most entries have none, so that they can share this one. */
export const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();

function copyChildren(from: DirectoryNode, to: DirectoryNode, copies: Map<TreeNode, TreeNode>): void {
  for (const [name, child] of from.children) {
    const known = copies.get(child);
    const copy = known ?? (child.type === 'directory' ? { ...child, children: new Map() } : { ...child });
    to.children.set(name, copy);
    if (known !== undefined) continue;
    copies.set(child, copy);
    if (child.type === 'directory' && copy.type === 'directory') copyChildren(child, copy, copies);
  }
}

function componentsOf(path: string): string[] {
  return path === '/' ? [] : path.split('/').slice(path.startsWith('/') ? 1 : 0);
}

function* noEntries(): Generator<readonly [string, TreeNode]> {}

function* walkNode(path: string, node: TreeNode): Generator<readonly [string, TreeNode]> {
  yield [path, node];
  // One generator for all depths: of nested ones each entry would pass through as many as it lies deep.
  const levels = [levelOf(path, node)];
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const name = level.names[level.next++];
    if (name === undefined) {
      levels.pop();
      continue;
    }
    const child = level.children.get(name);
    if (child === undefined) continue;
    const own = level.prefix + name;
    yield [own, child];
    if (child.type === 'directory') levels.push(levelOf(own, child));
  }
}

interface Level {
  readonly prefix: string;
  readonly children: ReadonlyMap<string, TreeNode>;
  readonly names: readonly string[];
  next: number;
}

function levelOf(path: string, node: TreeNode): Level {
  const children: ReadonlyMap<string, TreeNode> = node.type === 'directory' ? node.children : new Map();
  return { prefix: path === '/' ? '/' : `${path}/`, children, names: sortNames([...children.keys()]), next: 0 };
}
