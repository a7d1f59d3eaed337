import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newDirectory, Tree } from '../../src/rootfs/tree.js';
import type { Content, Owner, TreeNode } from '../../src/rootfs/types.js';

const owner: Owner = { type: 'profile', name: 'test' };
const TIME = 1_700_000_000;

interface Options {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
}

const attributes = ({ mode = 0o644, uid = 0, gid = 0, mtime = TIME, xattrs = new Map() }: Options) => ({
  mode,
  uid,
  gid,
  mtime,
  xattrs,
  owner,
});

export function file(content: string | Uint8Array | Content, options: Options = {}): TreeNode {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return {
    type: 'file',
    ...attributes(options),
    content: bytes instanceof Uint8Array ? { type: 'bytes', bytes } : bytes,
  };
}

export function symlink(target: string, options: Options = {}): TreeNode {
  return { type: 'symlink', ...attributes({ mode: 0o777, ...options }), target };
}

export function device(type: 'char' | 'block', major: number, minor: number, options: Options = {}): TreeNode {
  return { type, ...attributes(options), major, minor };
}

export function fifo(options: Options = {}): TreeNode {
  return { type: 'fifo', ...attributes(options) };
}

function directory(options: Options = {}): TreeNode {
  return { ...newDirectory({ owner, mtime: TIME }), ...attributes({ mode: 0o755, ...options }) };
}

/** A tree of these nodes; directories above them are made. */
export function treeOf(nodes: Readonly<Record<string, TreeNode>>): Tree {
  const tree = new Tree(owner, TIME);
  for (const [path, node] of Object.entries(nodes)) {
    tree.makeDirectories(path.slice(0, path.lastIndexOf('/')) || '/', { owner, mtime: TIME });
    tree.set(path, node);
  }
  return tree;
}

/** Has every type, hard links, slices of a spool of `directory`, and what needs pax headers, but for nodes that need root. */
export function sampleNodes(spoolDirectory: string): Record<string, TreeNode> {
  const spool = join(spoolDirectory, 'spool');
  const bytes = Buffer.alloc(3_000_000, '0123456789');
  writeFileSync(spool, bytes);
  const tool = file('tool', { mode: 0o4755 });
  return {
    '/bin': symlink('usr/bin'),
    '/etc/conf': file('x=1\n', { mode: 0o600 }),
    '/etc/empty': file(''),
    '/usr/bin/a-tool': tool,
    '/usr/bin/b-tool': tool,
    '/usr/share/big': file({ type: 'slice', file: spool, offset: 17, size: 2_500_000 }),
    '/usr/share/small': file({ type: 'slice', file: spool, offset: 511, size: 3 }),
    [`/usr/share/${'n'.repeat(120)}`]: file('long'),
    '/usr/share/ünïcode': file('u', { mtime: 1 }),
    '/var/readonly': directory({ mode: 0o555 }),
    '/var/readonly/file': file('r', { mode: 0o444 }),
    '/var/tmp': directory({ mode: 0o1777, mtime: 12345 }),
  };
}
