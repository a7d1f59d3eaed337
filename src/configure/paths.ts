import { KoalaError } from '../formats/errors.js';
import type { PathMutation } from '../profile/types.js';
import type { Editor, Ownership } from '../rootfs/editor.js';
import type { Tree } from '../rootfs/tree.js';
import type { Owner } from '../rootfs/types.js';
import { linkBusyboxApplets } from './effects/busybox-applets.js';

/**
 * Carries out the profile's `paths`, in order; the types mean what they mean in apko's image configuration.
 *
 * @throws KoalaError where something else is in the way, or where a source or target is missing.
 */
export function applyPaths(tree: Tree, editor: Editor, paths: readonly PathMutation[], owner: Owner): void {
  for (const mutation of paths) applyPath(tree, editor, mutation, owner);
}

function applyPath(tree: Tree, editor: Editor, mutation: PathMutation, owner: Owner): void {
  const { path } = mutation;
  const ownership = ownershipOf(mutation);
  switch (mutation.type) {
    case 'directory':
      editor.directory(path, ownership);
      if (mutation.recursive) setBelow(tree, path, ownership, owner);
      break;
    case 'empty-file':
      editor.writeFile(path, '', ownership);
      break;
    case 'file':
      editor.writeFile(path, Buffer.from(mutation.content, mutation.encoding ?? 'utf8'), ownership);
      break;
    case 'symlink':
      editor.symlink(path, mutation.source);
      break;
    case 'hardlink':
      editor.hardLink(path, mutation.source);
      break;
    case 'permissions':
      if (mutation.recursive) setBelow(tree, path, ownership, owner);
      else setOne(tree, path, ownership, owner);
      break;
    case 'busybox-applets':
      linkBusyboxApplets(tree, editor, mutation.source, path);
      break;
  }
}

function ownershipOf({ permissions, uid, gid }: PathMutation): Ownership {
  return {
    ...(permissions === undefined ? {} : { mode: permissions }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  };
}

function setOne(tree: Tree, path: string, ownership: Ownership, owner: Owner): void {
  const node = tree.resolve(path);
  if (node === undefined) throw new KoalaError('configure', `cannot set the permissions of ${path}: nothing is there`);
  Object.assign(node, ownership, { owner });
}

/** Links keep their 0777, which chmod(2) cannot change either; their owner is set. */
function setBelow(tree: Tree, path: string, ownership: Ownership, owner: Owner): void {
  const start = tree.canonical(path);
  if (start?.node === undefined) {
    throw new KoalaError('configure', `cannot set the permissions of ${path}: nothing is there`);
  }
  for (const [, node] of tree.walk(start.path)) {
    Object.assign(node, ownership, node.type === 'symlink' ? { mode: 0o777 } : {}, { owner });
  }
}
