import { describe, expect, it } from 'vitest';
import type { PackageRecord } from '../../../src/archive/types.js';
import { layersByOrigin } from '../../../src/emit/oci/origin-layers.js';
import { parseRelations } from '../../../src/formats/relation.js';
import type { TreeNode } from '../../../src/rootfs/types.js';
import { workDirectory } from '../../builder/directory.js';
import { file, symlink, treeOf } from '../trees.js';
import { laid, listing } from './layers.js';

const work = workDirectory('origin');

const of = (name: string, node: TreeNode): TreeNode => ({ ...node, owner: { type: 'package', name } });

function recordOf(name: string, source: string, installedSize: number, replaces = ''): PackageRecord {
  const relations = replaces === '' ? [] : parseRelations(replaces, 'test');
  return {
    name,
    version: '1',
    installedSize,
    source: { name: source, version: '1' },
    replaces: relations,
  } as unknown as PackageRecord;
}

const PACKAGES = [
  recordOf('libc6', 'glibc', 500),
  recordOf('libc-bin', 'glibc', 100),
  recordOf('zlib1g', 'zlib', 300),
  recordOf('libstdc++6', 'gcc-14', 200),
  recordOf('tiny', 'tiny', 1),
  recordOf('small', 'small', 2),
].map((record) => ({ name: record.name, record }));

const linked = of('zlib1g', file('z'));
const TREE = treeOf({
  '/etc/made': file('by the profile'),
  '/usr/bin/ldd': of('libc-bin', file('ldd', { mtime: 5 })),
  '/usr/lib/libc.so': of('libc6', file('libc', { mtime: 7 })),
  '/usr/lib/libstdc.so': of('libstdc++6', symlink('x')),
  '/usr/lib/libz.so': linked,
  '/usr/share/libz': linked,
  '/usr/share/small': of('small', file('s')),
  '/usr/share/tiny': of('tiny', file('t')),
  '/var/lib/dpkg/status.d/libc6': file('libc6'),
  '/var/lib/dpkg/status.d/libstdc++6.md5sums': file('sums'),
  '/var/lib/dpkg/info/zlib1g:amd64.list': file('list'),
  '/var/lib/dpkg/status.d/unknown': file('?'),
});

const layersOf = (budget: number, packages = PACKAGES) =>
  layersByOrigin(TREE, packages, budget).map(({ name, tree }) => {
    const files = [...tree.walk()].filter(([, node]) => node.type !== 'directory').map(([path]) => path);
    return [name, ...files];
  });

describe('layers by source package', () => {
  it('are one for each, the largest first, and one for what belongs to none', () => {
    expect(layersOf(10)).toEqual([
      ['glibc', '/usr/bin/ldd', '/usr/lib/libc.so', '/var/lib/dpkg/status.d/libc6'],
      ['zlib', '/usr/lib/libz.so', '/usr/share/libz', '/var/lib/dpkg/info/zlib1g:amd64.list'],
      ['gcc-14', '/usr/lib/libstdc.so', '/var/lib/dpkg/status.d/libstdc++6.md5sums'],
      ['small', '/usr/share/small'],
      ['tiny', '/usr/share/tiny'],
      ['all else', '/etc/made', '/var/lib/dpkg/status.d/unknown'],
    ]);
  });

  it.each([
    [1, ['glibc, gcc-14, small and 2 more', 'all else']],
    [2, ['glibc', 'gcc-14, small, tiny and 1 more', 'all else']],
    [5, ['glibc', 'zlib', 'gcc-14', 'small', 'tiny', 'all else']],
  ])('share the last of a budget of %i', (budget, names) => {
    expect(layersOf(budget).map(([name]) => name)).toEqual(names);
  });

  it('are one where packages replace files of each other', () => {
    const packages = PACKAGES.map((one) =>
      one.name === 'tiny' ? { ...one, record: recordOf('tiny', 'tiny', 1, 'small (<< 2)') } : one,
    );
    const apart = PACKAGES.map((one) =>
      one.name === 'tiny' ? { ...one, record: recordOf('tiny', 'tiny', 1, 'small (<< 1)') } : one,
    );
    expect(layersOf(10, packages).map(([name]) => name)).toContain('small, tiny');
    expect(layersOf(10, apart).map(([name]) => name)).not.toContain('small, tiny');
  });

  it('give the tree', async () => {
    for (const budget of [1, 3, 10]) {
      const layers = layersByOrigin(TREE, PACKAGES, budget).map(({ tree }) => tree);
      expect(listing(await laid(layers, work))).toEqual(listing(TREE));
    }
  });

  it('hang on nothing but their packages', () => {
    const [glibc] = layersByOrigin(TREE, PACKAGES, 10);
    expect(glibc?.tree.get('/usr')?.mtime).toBe(5);
    expect(glibc?.tree.get('/usr/lib')?.mtime).toBe(7);
  });
});
