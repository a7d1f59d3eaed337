import { describe, expect, it } from 'vitest';
import { editTree } from '../../src/rootfs/editor.js';
import { filterPaths, type PathRule, pathRules } from '../../src/rootfs/filters.js';
import { clampTimes } from '../../src/rootfs/normalise.js';
import { Tree } from '../../src/rootfs/tree.js';
import type { Owner } from '../../src/rootfs/types.js';

const OWNER: Owner = { type: 'profile', name: 'p' };

function treeOf(...files: string[]): Tree {
  const tree = new Tree(OWNER, 0);
  const edit = editTree(tree, OWNER, 100);
  for (const file of files) edit.writeFile(file, '');
  return tree;
}

describe('filterPaths', () => {
  const files = ['/usr/share/doc/a/copyright', '/usr/share/doc/a/README', '/usr/share/man/man1/a.1.gz', '/usr/bin/a'];

  it.each<[string, PathRule[], string[]]>([
    ['nothing without rules', [], files],
    [
      'what a rule names, and directories that it empties',
      [{ glob: '/usr/share/man*', keep: false }],
      [...files.slice(0, 2), ...files.slice(3)],
    ],
    [
      'by the last rule that matches',
      [
        { glob: '/usr/share/doc/*', keep: false },
        { glob: '*/copyright', keep: true },
      ],
      [files[0] ?? '', ...files.slice(2)],
    ],
  ])('takes out %s', (_, rules, expected) => {
    const tree = treeOf(...files);
    filterPaths(tree, rules);
    const left = [...tree.walk()].filter(([, node]) => node.type === 'file').map(([path]) => path);
    expect(left).toEqual([...expected].sort());
  });

  it('keeps a directory that no rule names, even an empty one', () => {
    const tree = treeOf('/var/cache/x/y');
    filterPaths(tree, [{ glob: '/var/cache/x/*', keep: false }]);
    expect(tree.get('/var/cache/x')).toMatchObject({ type: 'directory' });
    expect(tree.get('/var/cache/x/y')).toBeUndefined();
  });
});

describe('clampTimes', () => {
  it.each([
    [50, 50],
    [100, 100],
    [200, 100],
    [-5, 0],
  ])('makes %i into %i where the build date is 100', (mtime, expected) => {
    const tree = treeOf('/f');
    Object.assign(tree.get('/f') ?? {}, { mtime });
    clampTimes(tree, 100);
    expect(tree.get('/f')?.mtime).toBe(expected);
  });
});

it('keeps of a sliced package what its slices name, its copyright file, and what others brought', () => {
  const tree = new Tree(OWNER, 0);
  const sliced = editTree(tree, { type: 'package', name: 'a' }, 100);
  for (const file of [
    '/usr/bin/a',
    '/usr/bin/b',
    '/usr/lib/a/x',
    '/usr/share/doc/a/copyright',
    '/usr/share/doc/a/NEWS',
  ]) {
    sliced.writeFile(file, '');
  }
  editTree(tree, { type: 'package', name: 'other' }, 100).writeFile('/usr/bin/other', '');
  editTree(tree, { type: 'effect', name: 'link', package: 'a' }, 100).writeFile('/etc/made', '');
  const slices = [
    { package: 'a', keep: ['/usr/bin/a'] },
    { package: 'a', keep: ['/usr/lib/a/*'] },
  ];
  const gone = filterPaths(tree, pathRules({ excludePaths: ['*/x'], includePaths: [], slices }, []));
  expect([...gone].map(([path, rule]) => [path, rule.package])).toEqual([
    ['/usr/bin/b', 'a'],
    ['/usr/lib/a/x', undefined],
    ['/usr/lib/a', 'a'],
    ['/usr/lib', 'a'],
    ['/usr/share/doc/a/NEWS', 'a'],
  ]);
});
