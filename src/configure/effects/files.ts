import type { TreeNode } from '../../rootfs/types.js';
import { bytesOf, linesOf } from '../shell/bytes.js';
import * as fs from '../shell/filesystem.js';
import { PosixError } from '../shell/posix-error.js';
import { resolvePath, type World } from '../shell/resolve.js';
import type { Bytes } from '../shell/types.js';

export interface Ownership {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * The tree as Debian's own tools use it: whole files read and replaced, and answers instead of exceptions where something
 * is missing. Modes are as given, whatever the caller's umask: the tools that these stand for set their own.
 */
export class Files {
  readonly #world: World;

  constructor(world: World) {
    this.#world = { system: world.system, cwd: world.cwd, umask: 0, descriptors: world.descriptors };
  }

  /** What stands at the path, a last link not followed. */
  lstat(path: Bytes): TreeNode | undefined {
    return path === '' ? undefined : fs.tryLstat(this.#world, path)?.node;
  }

  /** What the path leads to; undefined for a link that leads nowhere, as for `test -e`. */
  stat(path: Bytes): TreeNode | undefined {
    return path === '' ? undefined : fs.tryStat(this.#world, path)?.node;
  }

  exists(path: Bytes): boolean {
    return this.stat(path) !== undefined;
  }

  isFile(path: Bytes): boolean {
    return this.stat(path)?.type === 'file';
  }

  isDirectory(path: Bytes): boolean {
    return this.stat(path)?.type === 'directory';
  }

  /** As `test -x` for root: a file with any x bit, or a directory. */
  isExecutable(path: Bytes): boolean {
    const node = this.stat(path);
    return node?.type === 'directory' || (node?.type === 'file' && (node.mode & 0o111) !== 0);
  }

  /** A link's target; undefined where no link is there. */
  readlink(path: Bytes): Bytes | undefined {
    const node = this.lstat(path);
    return node?.type === 'symlink' ? bytesOf(node.target) : undefined;
  }

  /** The canonical path, of which the last component may be missing; undefined where another one is. */
  realpath(path: Bytes): Bytes | undefined {
    try {
      return bytesOf(resolvePath(this.#world, path, true).path);
    } catch (error) {
      if (error instanceof PosixError) return undefined;
      throw error;
    }
  }

  /** A file's text; undefined where there is no file. */
  read(path: Bytes): Bytes | undefined {
    return this.isFile(path) ? fs.readFile(this.#world, path) : undefined;
  }

  /** A file's bytes, not to be changed; undefined where there is no file. */
  readBuffer(path: Bytes): Uint8Array | undefined {
    return this.isFile(path) ? fs.readBuffer(this.#world, path) : undefined;
  }

  /** A file's lines without their ends; none where there is no file. */
  lines(path: Bytes): Bytes[] {
    return linesOf(this.read(path) ?? '');
  }

  /** The names in a directory, in the order of their bytes; none where it is missing. */
  list(path: Bytes): Bytes[] {
    return this.isDirectory(path) ? fs.readdir(this.#world, path) : [];
  }

  /** Writes a file in place, links followed: one that is there keeps its mode and owner unless they are given. */
  write(path: Bytes, bytes: Bytes, ownership: Ownership = {}): void {
    fs.writeFile(this.#world, path, bytes, ownership.mode ?? 0o644);
    this.#own(path, ownership);
  }

  /** Puts a new file in place of what is there, as a rename over it does: no link is followed and no mode is kept. */
  replace(path: Bytes, bytes: Bytes, ownership: Ownership = {}): void {
    this.unlink(path);
    fs.writeFile(this.#world, path, bytes, ownership.mode ?? 0o644);
    this.#own(path, ownership);
  }

  /** @throws PosixError EEXIST where something is there. */
  symlink(target: Bytes, path: Bytes): void {
    fs.symlink(this.#world, target, path);
  }

  /** A link in place of the file or link that is there. */
  replaceLink(target: Bytes, path: Bytes): void {
    this.unlink(path);
    fs.symlink(this.#world, target, path);
  }

  /** Another name for the same file, in place of what is there. */
  hardLink(existing: Bytes, path: Bytes): void {
    this.unlink(path);
    fs.link(this.#world, existing, path);
  }

  /** Takes a name away that is not a directory's. Says whether it was there. */
  unlink(path: Bytes): boolean {
    if (this.lstat(path) === undefined) return false;
    fs.unlink(this.#world, path);
    return true;
  }

  /** Takes an empty directory away. Says whether it is gone. */
  rmdir(path: Bytes): boolean {
    const node = this.lstat(path);
    if (node?.type !== 'directory' || node.children.size > 0) return false;
    fs.rmdir(this.#world, path);
    return true;
  }

  rename(from: Bytes, to: Bytes): void {
    fs.rename(this.#world, from, to);
  }

  /** `mkdir -p`; the mode is for those that it makes. Says whether the last one was made. */
  makeDirectories(path: Bytes, mode = 0o755): boolean {
    if (this.isDirectory(path)) return false;
    const slash = path.lastIndexOf('/');
    if (slash > 0) this.makeDirectories(path.slice(0, slash), mode);
    fs.mkdir(this.#world, path, mode);
    return true;
  }

  chmod(path: Bytes, mode: number): void {
    fs.chmod(this.#world, path, mode);
  }

  chown(path: Bytes, uid: number | undefined, gid: number | undefined, follow = true): void {
    fs.chown(this.#world, path, uid, gid, { follow });
  }

  #own(path: Bytes, { mode, uid, gid }: Ownership): void {
    if (uid !== undefined || gid !== undefined) fs.chown(this.#world, path, uid, gid);
    if (mode !== undefined) fs.chmod(this.#world, path, mode);
  }
}
