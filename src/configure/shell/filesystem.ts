import { contentSize, readContent } from '../../rootfs/content.js';
import { NO_XATTRS, newDirectory } from '../../rootfs/tree.js';
import type { Attributes, Content, DirectoryNode, FileNode, TreeNode } from '../../rootfs/types.js';
import { charge, chargeReading } from './budget.js';
import { bufferOf, bytesOf, bytesOfBuffer, pathOf } from './bytes.js';
import { type OpenFlags, openDevice, openNode, touched, withoutCapability } from './open-file.js';
import { type PosixCode, PosixError } from './posix-error.js';
import { descriptorNamed, lookUp, type Resolved, resolvePath, type World } from './resolve.js';
import type { Bytes, OpenFile } from './types.js';

/*
 * System calls over the tree, as root: the first argument is the process that asks (its cwd, umask and descriptors),
 * paths are byte strings, absolute or relative to the cwd. Each throws `PosixError` as its manual page in section 2 says.
 * What is written gets the system's owner and the build date.
 */

export interface Stat {
  readonly type: TreeNode['type'];
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  readonly size: number;
  /** The canonical path in the tree, as text. */
  readonly path: string;
  /** The entry itself: hard links of one file are the same object. */
  readonly node: TreeNode;
}

/** What making an entry costs beside its command, so that a script makes some hundred thousand at most. */
const ENTRY_STEPS = 20;
const S_ISUID = 0o4000;
const S_ISGID = 0o2000;

export function stat(world: World, path: Bytes): Stat {
  return statOf(resolvePath(world, path, true));
}

export function lstat(world: World, path: Bytes): Stat {
  return statOf(resolvePath(world, path, false));
}

/** As `stat`, undefined where nothing is there or the path leads nowhere. */
export function tryStat(world: World, path: Bytes): Stat | undefined {
  return optionalStat(lookUp(world, path, true));
}

/** As `lstat`, undefined where nothing is there or the path leads nowhere. */
export function tryLstat(world: World, path: Bytes): Stat | undefined {
  return optionalStat(lookUp(world, path, false));
}

/** Opens, and makes where `create` is set, a file. /dev/stdin, /dev/fd/N and the like are the process' descriptors. */
export function open(world: World, path: Bytes, flags: OpenFlags, mode = 0o666): OpenFile {
  const found = resolvePath(world, path, flags.exclusive !== true);
  const { node } = found;
  if (found.virtual) {
    const descriptor = descriptorNamed(found.path);
    const file = descriptor === undefined ? undefined : world.descriptors.get(descriptor);
    if (file !== undefined) return file;
  }
  if (node === undefined) {
    if (flags.create !== true) throw new PosixError('ENOENT');
    if (found.directory) throw new PosixError('EISDIR');
    const content = { type: 'bytes', bytes: new Uint8Array() } as const;
    const made: FileNode = { type: 'file', ...newAttributes(world, found, mode & ~world.umask), content };
    insert(world, found, made);
    return openNode(world.system, found.path, made, flags);
  }
  if (flags.create === true && flags.exclusive === true) throw new PosixError('EEXIST');
  if (node.type === 'directory' && flags.write !== true) return openDirectory(found.path);
  if (node.type === 'char' && node.major === 1) {
    const file = openDevice(world.system, node.minor);
    if (file !== undefined) return file;
  }
  const file = fileOf(node);
  if (flags.truncate === true && flags.write === true) {
    file.content = { type: 'bytes', bytes: new Uint8Array() };
    touched(world.system, found.path, file);
  }
  return openNode(world.system, found.path, file, flags);
}

/** All of a file's bytes. */
export function readFile(world: World, path: Bytes): Bytes {
  return bytesOfBuffer(readBuffer(world, path));
}

/** All of a file's bytes, as a buffer that must not be changed. */
export function readBuffer(world: World, path: Bytes): Uint8Array {
  const found = resolvePath(world, path, true);
  const descriptor = found.virtual ? descriptorNamed(found.path) : undefined;
  if (descriptor !== undefined || found.node?.type === 'char') {
    if (found.node?.type === 'char' && found.node.minor === 5) throw new PosixError('EINVAL');
    return bufferOf(readAll(open(world, path, { read: true })));
  }
  const { content } = fileOf(existing(found));
  chargeReading(world.system, contentSize(content));
  return readContent(content);
}

/** What is left in an open file. */
export function readAll(file: OpenFile): Bytes {
  const parts: Bytes[] = [];
  for (;;) {
    const part = file.read(65536);
    if (part === '') return parts.join('');
    parts.push(part);
  }
}

/**
 * Makes or overwrites a file. A `Content` is taken over as it is, so that a copy of a large file costs nothing.
 *
 * @param mode for a new file, less the umask.
 */
export function writeFile(world: World, path: Bytes, bytes: Bytes | Content, mode = 0o666): void {
  const file = open(world, path, { write: true, create: true, truncate: true }, mode);
  if (typeof bytes === 'string') {
    file.write(bytes);
    return;
  }
  // Its bytes are not copied, but they are written in the end.
  chargeReading(world.system, contentSize(bytes));
  const node = file.path === undefined ? undefined : world.system.tree.get(file.path);
  if (node?.type === 'file') node.content = bytes;
  else file.write(bytesOfBuffer(readContent(bytes)));
}

export function mkdir(world: World, path: Bytes, mode = 0o777): void {
  const found = resolvePath(world, path, false);
  if (found.node !== undefined && !found.virtual) throw new PosixError('EEXIST');
  const attributes = newAttributes(world, found, mode & ~world.umask & 0o1777);
  const inherited = found.parent.mode & S_ISGID;
  const node: DirectoryNode = { ...newDirectory(attributes), ...attributes, mode: attributes.mode | inherited };
  insert(world, found, node);
}

export function rmdir(world: World, path: Bytes): void {
  if (/(^|\/)\.\/*$/.test(path)) throw new PosixError('EINVAL');
  if (/(^|\/)\.\.\/*$/.test(path)) throw new PosixError('ENOTEMPTY');
  const found = resolvePath(world, path, false);
  const node = existing(found);
  if (node.type !== 'directory') throw new PosixError('ENOTDIR');
  if (node === world.system.tree.root) throw new PosixError('EBUSY');
  if (node.children.size > 0) throw new PosixError('ENOTEMPTY');
  take(world, found);
}

export function unlink(world: World, path: Bytes): void {
  const found = resolvePath(world, path, false);
  const node = existing(found);
  if (node.type === 'directory') throw new PosixError('EISDIR');
  take(world, found);
}

/** Gives an entry another name, in place of what is there (rename(2)); a directory takes along what is in it. */
export function rename(world: World, from: Bytes, to: Bytes): void {
  const source = resolvePath(world, from, false);
  const node = existing(source);
  const goal = resolvePath(world, to, false);
  if (source.path === '/' || goal.path === '/') throw new PosixError('EBUSY');
  if (goal.node === node) return;
  if (node.type === 'directory' && goal.path.startsWith(`${source.path}/`)) throw new PosixError('EINVAL');
  if (goal.node !== undefined && !goal.virtual) {
    if (goal.node.type === 'directory') {
      if (node.type !== 'directory') throw new PosixError('EISDIR');
      if (goal.node.children.size > 0) throw new PosixError('ENOTEMPTY');
    } else if (node.type === 'directory') {
      throw new PosixError('ENOTDIR');
    }
  } else if (goal.directory && node.type !== 'directory') {
    throw new PosixError('ENOTDIR');
  }
  take(world, source);
  insert(world, goal, node);
}

/** Makes a hard link; a symbolic link is linked itself, as Linux does. */
export function link(world: World, from: Bytes, to: Bytes): void {
  const node = existing(resolvePath(world, from, false));
  if (node.type === 'directory') throw new PosixError('EPERM');
  insert(world, vacant(resolvePath(world, to, false)), node);
}

export function symlink(world: World, target: Bytes, path: Bytes): void {
  if (target === '') throw new PosixError('ENOENT');
  const found = vacant(resolvePath(world, path, false));
  insert(world, found, { type: 'symlink', ...newAttributes(world, found, 0o777), target: pathOf(target) });
}

export function readlink(world: World, path: Bytes): Bytes {
  const node = existing(resolvePath(world, path, false));
  if (node.type !== 'symlink') throw new PosixError('EINVAL');
  return bytesOf(node.target);
}

/** @param mode permission bits, 0 to 0o7777. */
export function chmod(world: World, path: Bytes, mode: number): void {
  changing(world, resolvePath(world, path, true)).mode = mode & 0o7777;
}

/** Changes the owner, the group or both; a file loses its set-id bits and capabilities, as in Linux (chown(2)). */
export function chown(
  world: World,
  path: Bytes,
  uid: number | undefined,
  gid: number | undefined,
  options: { readonly follow?: boolean } = {},
): void {
  const node = changing(world, resolvePath(world, path, options.follow ?? true));
  if (uid !== undefined) node.uid = uid;
  if (gid !== undefined) node.gid = gid;
  if (node.type === 'file') {
    node.mode &= ~(S_ISUID | ((node.mode & 0o010) === 0 ? 0 : S_ISGID));
    node.xattrs = withoutCapability(node.xattrs);
  }
}

/** @param mtime seconds since the epoch. */
export function utimes(world: World, path: Bytes, mtime: number, options: { readonly follow?: boolean } = {}): void {
  changing(world, resolvePath(world, path, options.follow ?? true)).mtime = Math.floor(mtime);
}

/** The names in a directory, in the order of their bytes, without `.` and `..`. */
export function readdir(world: World, path: Bytes): Bytes[] {
  const node = existing(resolvePath(world, path, true));
  if (node.type !== 'directory') throw new PosixError('ENOTDIR');
  return Array.from(node.children.keys(), bytesOf).sort();
}

/** The canonical path of something that exists. */
export function realpath(world: World, path: Bytes): Bytes {
  const found = resolvePath(world, path, true);
  existing(found);
  return bytesOf(found.path);
}

type SpecialFile =
  | { readonly type: 'fifo' }
  | { readonly type: 'char' | 'block'; readonly major: number; readonly minor: number };

export function mknod(world: World, path: Bytes, special: SpecialFile, mode = 0o666): void {
  const found = vacant(resolvePath(world, path, false));
  insert(world, found, { ...special, ...newAttributes(world, found, mode & ~world.umask) });
}

function statOf(found: Resolved): Stat {
  const node = existing(found);
  const { type, mode, uid, gid, mtime } = node;
  return { type, mode, uid, gid, mtime, size: sizeOf(node), path: found.path, node };
}

function sizeOf(node: TreeNode): number {
  if (node.type === 'file') return contentSize(node.content);
  if (node.type === 'symlink') return bytesOf(node.target).length;
  return node.type === 'directory' ? 4096 : 0;
}

function existing(found: Resolved): TreeNode {
  if (found.node === undefined) throw new PosixError('ENOENT');
  return found.node;
}

/** What is there, whose attributes are about to change. */
function changing({ system }: World, found: Resolved): TreeNode {
  const node = existing(found);
  system.changed?.(found.path);
  return node;
}

function vacant(found: Resolved): Resolved {
  if (found.node !== undefined && !found.virtual) throw new PosixError('EEXIST');
  if (found.directory) throw new PosixError('ENOENT');
  return found;
}

function fileOf(node: TreeNode): FileNode {
  if (node.type === 'file') return node;
  throw new PosixError(node.type === 'directory' ? 'EISDIR' : 'ENXIO');
}

/** A new entry belongs to root, and to the group of a set-group-ID directory (inode(7)). */
function newAttributes({ system, identity }: World, { parent }: Resolved, mode: number): Attributes {
  const gid = (parent.mode & S_ISGID) === 0 ? (identity?.gid ?? 0) : parent.gid;
  return { mode, uid: identity?.uid ?? 0, gid, mtime: system.epoch, xattrs: NO_XATTRS, owner: system.owner };
}

/** A virtual device takes no part in the tree: a name below a /dev that is not there has no parent to be put into. */
function insert({ system }: World, found: Resolved, node: TreeNode): void {
  if (system.tree.get(found.path.slice(0, Math.max(found.path.lastIndexOf('/'), 1))) !== found.parent) {
    throw new PosixError('ENOENT');
  }
  charge(system, 'steps', ENTRY_STEPS);
  system.changed?.(found.path);
  system.tree.set(found.path, node);
  found.parent.mtime = system.epoch;
}

function take({ system }: World, found: Resolved): void {
  if (found.virtual) throw new PosixError('ENOENT');
  system.changed?.(found.path);
  found.parent.children.delete(found.name);
  found.parent.mtime = system.epoch;
}

function openDirectory(path: string): OpenFile {
  return {
    path,
    read() {
      throw new PosixError('EISDIR');
    },
    write() {
      throw new PosixError('EBADF');
    },
  };
}

function optionalStat(found: Resolved | PosixCode): Stat | undefined {
  return typeof found === 'string' || found.node === undefined ? undefined : statOf(found);
}
