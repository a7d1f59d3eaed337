import { deserialize, serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { type ContentSource, type PackedNodes, packNodes, unpackNodes } from '../../src/rootfs/packed.js';
import { NO_XATTRS, newDirectory } from '../../src/rootfs/tree.js';
import type { Attributes, DirectoryNode, FileNode, TreeNode } from '../../src/rootfs/types.js';

const PACKAGE = { type: 'package', name: 'a' } as const;
const EFFECT = { type: 'effect', name: 'postinst', package: 'ä' } as const;
const OF_A = '/spool/a';
const CONTROL = Buffer.from('of the control member');
const SOURCES: readonly ContentSource[] = ['/spool/other', OF_A, CONTROL];

function attributes(more: Partial<Attributes> = {}): Attributes {
  return { mode: 0o644, uid: 0, gid: 0, mtime: 1000, xattrs: NO_XATTRS, owner: PACKAGE, ...more };
}
function directory(children: Readonly<Record<string, TreeNode>>, more: Partial<Attributes> = {}): DirectoryNode {
  const node = newDirectory({ owner: PACKAGE, mtime: 5 });
  for (const [name, child] of Object.entries(children)) node.children.set(name, child);
  return Object.assign(node, more);
}
const slice = (offset: number, size: number, file = OF_A): FileNode => {
  return { ...attributes(), type: 'file', content: { type: 'slice', file, offset, size } };
};
const bytes = (content: Uint8Array, more?: Partial<Attributes>): FileNode => {
  return { ...attributes(more), type: 'file', content: { type: 'bytes', bytes: content } };
};
const pack = (nodes: readonly TreeNode[], maxBytes = 100): PackedNodes =>
  deserialize(serialize(packNodes(nodes, new Map(SOURCES.map((source, at) => [source, at])), maxBytes)));
const again = (...nodes: readonly TreeNode[]): TreeNode[] => unpackNodes(pack(nodes), SOURCES);

const CASES: Readonly<Record<string, TreeNode>> = {
  'an empty directory': directory({}, { mode: 0o1777, uid: 7, gid: 8, owner: EFFECT }),
  'a file of a package': slice(2 ** 40, 5),
  'a file of a control member': bytes(CONTROL, { owner: EFFECT }),
  'a file of its own': bytes(Buffer.from('äöü\0'), { mode: 0o4755, mtime: -1 }),
  'an empty file': bytes(Buffer.alloc(0)),
  'a file with attributes': bytes(Buffer.from('x'), {
    xattrs: new Map([['security.capability', Uint8Array.of(1, 0, 255)]]),
  }),
  'a link': { ...attributes({ mode: 0o777 }), type: 'symlink', target: '../Főtanúsítvány' },
  'a device': { ...attributes({ gid: 2 ** 32 - 1 }), type: 'char', major: 1, minor: 2 ** 20 },
  'a block device': { ...attributes(), type: 'block', major: 259, minor: 0 },
  'a fifo': { ...attributes(), type: 'fifo' },
};

describe('packed nodes', () => {
  it.each(Object.entries(CASES))('have %s again', (_, node) => {
    expect(again(node)).toEqual([node]);
    expect(again(directory({ x: node, y: slice(0, 1) }), node)).toEqual([directory({ x: node, y: slice(0, 1) }), node]);
  });

  it('have the order of names, and owners that are few', () => {
    const many = directory({ z: slice(0, 1), a: directory({ 'ő b': slice(1, 1) }), é: slice(2, 1) });
    const [found] = again(many) as DirectoryNode[];
    expect(found).toEqual(many);
    expect([...(found?.children.keys() ?? [])]).toEqual(['z', 'a', 'é']);
    expect(pack([many]).owners).toEqual([PACKAGE]);
  });

  it('share what hard links share, beside the tree as well', () => {
    const one = slice(0, 1);
    const [found, beside] = again(directory({ d: directory({ x: one }), y: one, z: slice(0, 1) }), one);
    const { children } = found as DirectoryNode;
    const x = (children.get('d') as DirectoryNode).children.get('x');
    expect([children.get('y'), beside]).toEqual([x, x]);
    expect([children.get('y') === x, beside === x, children.get('z') === x]).toEqual([true, true, false]);
  });

  it('are as many as there are', () => {
    const names = Array.from({ length: 10_000 }, (_, at) => String(at));
    const large = directory(Object.fromEntries(names.map((name) => [name, slice(Number(name), 1)])));
    expect(again(large)).toEqual([large]);
  });

  it('are refused where contents lie elsewhere, or are too many', () => {
    expect(() => pack([slice(0, 1, '/elsewhere')])).toThrow('/elsewhere is of no package');
    const three = directory({ a: bytes(Buffer.alloc(2)), b: bytes(Buffer.alloc(1)), c: bytes(CONTROL) });
    expect(pack([three], 3).bytes).toHaveLength(3);
    expect(() => pack([three], 2)).toThrow('too many bytes');
  });

  it.each<[string, (packed: PackedNodes) => Partial<PackedNodes>]>([
    ['a row', ({ rows }) => ({ rows: rows.subarray(0, rows.length - 9) })],
    ['a part of a row', ({ rows }) => ({ rows: rows.subarray(0, rows.length - 5) })],
    ['a name', ({ names }) => ({ names: names.slice(0, names.lastIndexOf('/')) })],
    ['an owner', () => ({ owners: [] })],
    ['a target', () => ({ targets: [] })],
  ])('are refused without %s', (_, without) => {
    const packed = pack([directory({ a: slice(0, 1), l: { ...attributes(), type: 'symlink', target: 't' } })]);
    expect(() => unpackNodes({ ...packed, ...without(packed) }, SOURCES)).toThrow('something is missing');
  });
});
