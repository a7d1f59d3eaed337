import { type Dirent, lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { fileReason, KoalaError } from '../formats/errors.js';
import { NO_XATTRS, newDirectory, Tree } from '../rootfs/tree.js';
import type { DirectoryNode, TreeNode } from '../rootfs/types.js';
import { UNKNOWN } from './owners.js';

/** A root filesystem that lies in a directory; what is mounted in it is left out. */
export function directoryTree(path: string): Tree {
  const tree = new Tree(UNKNOWN, 0);
  const { dev, mode, uid, gid, mtimeMs } = statSync(path);
  Object.assign(tree.root, { mode: mode & 0o7777, uid, gid, mtime: Math.floor(mtimeMs / 1000) });
  addChildren(tree.root, path, dev, new Map());
  return tree;
}

function addChildren(directory: DirectoryNode, path: string, device: number, links: Map<string, TreeNode>): void {
  for (const child of entriesOf(path)) {
    const node = nodeOf(`${path}/${child.name}`, device, links);
    if (node !== undefined) directory.children.set(child.name, node);
  }
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    throw new KoalaError('usage', `cannot read ${path}: ${fileReason(error)}`, { cause: error });
  }
}

/** Undefined for sockets, and for what went away while it was looked at. */
function nodeOf(path: string, device: number, links: Map<string, TreeNode>): TreeNode | undefined {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  const { uid, gid } = status;
  const mode = status.mode & 0o7777;
  const mtime = Math.floor(status.mtimeMs / 1000);
  const attributes = { mode, uid, gid, mtime, xattrs: NO_XATTRS, owner: UNKNOWN };
  if (status.isDirectory()) {
    const node = Object.assign(newDirectory({ owner: UNKNOWN, mtime, mode }), { uid, gid });
    if (status.dev === device) addChildren(node, path, device, links);
    return node;
  }
  if (status.isSymbolicLink()) return { ...attributes, type: 'symlink', target: readlinkSync(path) };
  if (status.isFIFO()) return { ...attributes, type: 'fifo' };
  if (status.isCharacterDevice() || status.isBlockDevice()) {
    return { ...attributes, type: status.isBlockDevice() ? 'block' : 'char', ...deviceNumbers(status.rdev) };
  }
  if (!status.isFile()) return undefined;
  const key = `${status.dev}:${status.ino}`;
  const known = status.nlink > 1 ? links.get(key) : undefined;
  const content = { type: 'slice', file: path, offset: 0, size: status.size } as const;
  const node = known ?? { ...attributes, type: 'file', content };
  if (status.nlink > 1) links.set(key, node);
  return node;
}

/** As makedev(3) of Linux puts them together; numbers above 2^32 do not occur. */
function deviceNumbers(device: number): { readonly major: number; readonly minor: number } {
  return { major: (device >>> 8) & 0xfff, minor: (device & 0xff) | ((device >>> 12) & 0xfff00) };
}
