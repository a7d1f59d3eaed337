import { KoalaError } from '../formats/errors.js';
import { nameOf, normalisePath, parentOf } from '../formats/path.js';
import { NO_XATTRS, newDirectory, type Tree } from './tree.js';
import type { Attributes, DirectoryNode, Owner, TreeNode } from './types.js';

/** What an edit may say of an entry; the rest is 0:0 and the type's usual mode. */
export interface Ownership {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** Edits a tree as root in the chroot would, each entry marked with the owner that asked for it. */
export interface Editor {
  /** Writes a file; an existing one, links followed, keeps its mode and owner unless they are given. */
  writeFile(path: string, bytes: Uint8Array | string, ownership?: Ownership): void;
  /** Makes a link, in place of a file or link that is there. */
  symlink(path: string, target: string): void;
  hardLink(path: string, existing: string): void;
  /** Makes a directory and its parents; the given mode and owner are set even where it is there already. */
  directory(path: string, ownership?: Ownership): void;
}

/**
 * @param owner who is named as the owner of everything that the editor touches.
 * @param mtime seconds since the epoch, the time of every entry that it makes.
 */
export function editTree(tree: Tree, owner: Owner, mtime: number): Editor {
  const attributes = (mode: number, { uid = 0, gid = 0 }: Ownership): Attributes => {
    return { mode, uid, gid, mtime, xattrs: NO_XATTRS, owner };
  };
  const parentFor = (path: string): DirectoryNode => {
    return tree.makeDirectories(parentOf(path), { owner, mtime }).node;
  };
  const replace = (path: string, node: TreeNode): void => {
    const parent = parentFor(path);
    const name = nameOf(path);
    if (name === '' || parent.children.get(name)?.type === 'directory') {
      throw new KoalaError('tree', `cannot make the ${node.type} ${path}: a directory is there`);
    }
    parent.children.set(name, node);
  };

  return {
    writeFile(path, bytes, ownership = {}) {
      const content = { type: 'bytes', bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes } as const;
      const found = tree.canonical(normalisePath(path));
      if (found?.node?.type === 'file') {
        Object.assign(found.node, { content, mtime, owner, ...ownership });
      } else {
        const node: TreeNode = { type: 'file', ...attributes(ownership.mode ?? 0o644, ownership), content };
        replace(found?.path ?? normalisePath(path), node);
      }
    },
    symlink(path, target) {
      replace(normalisePath(path), { type: 'symlink', ...attributes(0o777, {}), target });
    },
    hardLink(path, existing) {
      const node = tree.resolve(normalisePath(existing));
      if (node?.type !== 'file') {
        throw new KoalaError('tree', `cannot make the hard link ${path}: there is no file ${existing}`);
      }
      replace(normalisePath(path), node);
    },
    directory(path, ownership = {}) {
      const { path: canonical } = tree.makeDirectories(parentOf(normalisePath(path)), { owner, mtime });
      const full = tree.canonical(normalisePath(path));
      if (full?.node?.type === 'directory') {
        Object.assign(full.node, ownership);
        if (Object.keys(ownership).length > 0) full.node.owner = owner;
        return;
      }
      if (full?.node !== undefined) {
        throw new KoalaError('tree', `cannot make the directory ${path}: a ${full.node.type} is there`);
      }
      const node = newDirectory({ owner, mtime, mode: ownership.mode ?? 0o755 });
      Object.assign(node, ownership);
      tree.set(`${canonical === '/' ? '' : canonical}/${nameOf(normalisePath(path))}`, node);
    },
  };
}
