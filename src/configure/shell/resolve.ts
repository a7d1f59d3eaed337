import { NO_XATTRS } from '../../rootfs/tree.js';
import type { DeviceNode, DirectoryNode, TreeNode } from '../../rootfs/types.js';
import { pathOf } from './bytes.js';
import { type PosixCode, PosixError } from './posix-error.js';
import type { Bytes, Process } from './types.js';

/** What a file access needs to know of the process that asks for it; a `Process` is one. */
export type World = Pick<Process, 'system' | 'cwd' | 'umask' | 'identity' | 'descriptors'>;

/** Linux' limits: path_resolution(7), limits.h. */
const MAX_LINKS = 40;
const PATH_MAX = 4096;
const NAME_MAX = 255;

/** Where a path led. */
export interface Resolved {
  /** Canonical, in the tree. */
  readonly path: string;
  readonly parent: DirectoryNode;
  readonly name: string;
  readonly node: TreeNode | undefined;
  /** The node is one of those that exist without being in the tree. */
  readonly virtual: boolean;
  /** The path ended in a slash: only a directory is meant. */
  readonly directory: boolean;
}

/** The standard devices (proc_pid_fd(5), null(4)) can be used even where the tree has no /dev. */
const DEVICES: ReadonlyMap<string, DeviceNode> = new Map([
  ['/dev/null', device(1, 3)],
  ['/dev/zero', device(1, 5)],
  ['/dev/full', device(1, 7)],
]);
const DESCRIPTOR = /^\/(?:dev|proc\/self)\/fd\/([0-9]+)$/;
const STANDARD = ['/dev/stdin', '/dev/stdout', '/dev/stderr'];

function device(major: number, minor: number): DeviceNode {
  const owner = { type: 'effect', name: 'device', package: undefined } as const;
  return { type: 'char', major, minor, mode: 0o666, uid: 0, gid: 0, mtime: 0, xattrs: NO_XATTRS, owner };
}

/** The descriptor that a canonical path such as /dev/stdin names. */
export function descriptorNamed(path: string): number | undefined {
  const standard = STANDARD.indexOf(path);
  if (standard >= 0) return standard;
  const number = DESCRIPTOR.exec(path)?.[1];
  return number === undefined ? undefined : Number(number);
}

/**
 * Leads a path through the tree as a kernel in the chroot would (path_resolution(7)). A missing last component is not an
 * error: `node` is undefined then.
 *
 * @throws PosixError ENOENT, ENOTDIR, ELOOP or ENAMETOOLONG.
 */
export function resolvePath(world: World, path: Bytes, followLast: boolean): Resolved {
  const found = lookUp(world, path, followLast);
  if (typeof found === 'string') throw new PosixError(found);
  return found;
}

/** As `resolvePath`, with the error's code for a result: scripts ask after what is not there all the time. */
export function lookUp(world: World, path: Bytes, followLast: boolean): Resolved | PosixCode {
  if (path === '') return 'ENOENT';
  if (path.length >= PATH_MAX) return 'ENAMETOOLONG';
  const text = pathOf(path);
  const directory = /\/\.?$/.test(text);
  const root = world.system.tree.root;
  let todo = text.split('/').reverse();
  if (!text.startsWith('/')) todo.push(...world.cwd.split('/').reverse());
  let names: string[] = [];
  let nodes: TreeNode[] = [root];
  let links = 0;
  while (todo.length > 0) {
    const name = todo.pop();
    if (name === undefined || name === '' || name === '.') continue;
    const here = nodes.at(-1);
    if (here?.type !== 'directory') return 'ENOTDIR';
    if (name === '..') {
      if (names.pop() !== undefined) nodes.pop();
      continue;
    }
    if (name.length > NAME_MAX / 4 && Buffer.byteLength(name) > NAME_MAX) return 'ENAMETOOLONG';
    const child = here.children.get(name);
    if (child === undefined) {
      const rest = todo.filter((part) => part !== '' && part !== '.').reverse();
      const full = `/${[...names, name, ...rest].join('/')}`;
      const virtual = virtualNode(world, full);
      if (rest.length > 0 && virtual === undefined) return 'ENOENT';
      return { path: full, parent: here, name, node: virtual, virtual: virtual !== undefined, directory };
    }
    if (child.type === 'symlink' && (followLast || directory || todo.length > 0)) {
      links += 1;
      if (links > MAX_LINKS) return 'ELOOP';
      if (child.target.startsWith('/')) {
        names = [];
        nodes = [root];
      }
      todo = [...todo, ...child.target.split('/').reverse()];
      continue;
    }
    names.push(name);
    nodes.push(child);
  }
  const node = nodes.at(-1);
  const parent = nodes.at(-2) ?? root;
  if (directory && node?.type !== 'directory') return 'ENOTDIR';
  if (parent.type !== 'directory') return 'ENOTDIR';
  return { path: `/${names.join('/')}`, parent, name: names.at(-1) ?? '', node, virtual: false, directory };
}

function virtualNode(world: World, path: string): DeviceNode | undefined {
  const descriptor = descriptorNamed(path);
  if (descriptor === undefined) return DEVICES.get(path);
  return world.descriptors.has(descriptor) ? device(1, 3) : undefined;
}
