import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layerBetween } from '../../../src/emit/oci/difference.js';
import type { TreeNode } from '../../../src/rootfs/types.js';
import { workDirectory } from '../../builder/directory.js';
import { device, fifo, file, sampleNodes, symlink, treeOf } from '../trees.js';
import { laid, listing } from './layers.js';

const work = workDirectory('layers');

const paths = (before: Record<string, TreeNode>, after: Record<string, TreeNode>): string[] =>
  [...layerBetween(treeOf(before), treeOf(after)).tree.walk()].map(([path]) => path);

const shared = file('one');
const other = file('one');

describe('a layer', () => {
  it.each<[string, Record<string, TreeNode>, Record<string, TreeNode>, string[]]>([
    ['nothing for the same tree', { '/a/b': file('x') }, { '/a/b': file('x') }, ['/']],
    ['what came, below its directories', {}, { '/a/b': file('x') }, ['/', '/a', '/a/b']],
    ['a content', { '/a': file('x'), '/b': file('b') }, { '/a': file('y'), '/b': file('b') }, ['/', '/a']],
    ['a mode', { '/a': file('x') }, { '/a': file('x', { mode: 0o600 }) }, ['/', '/a']],
    ['an owner', { '/a': file('x') }, { '/a': file('x', { gid: 5 }) }, ['/', '/a']],
    ['a time', { '/a': file('x') }, { '/a': file('x', { mtime: 9 }) }, ['/', '/a']],
    [
      'an attribute',
      { '/a': file('x') },
      { '/a': file('x', { xattrs: new Map([['user.x', Buffer.from('y')]]) }) },
      ['/', '/a'],
    ],
    ['a target', { '/a': symlink('b') }, { '/a': symlink('c') }, ['/', '/a']],
    ["a device's number", { '/a': device('char', 1, 3) }, { '/a': device('char', 1, 5) }, ['/', '/a']],
    ['a whiteout for what went', { '/a/b': file(''), '/a/c': file('') }, { '/a/c': file('') }, ['/', '/a', '/a/.wh.b']],
    ['one for a directory with all in it', { '/a/b/c': file(''), '/d': file('') }, { '/d': file('') }, ['/', '/.wh.a']],
    ['a file in the place of a directory', { '/a/b': file('') }, { '/a': file('') }, ['/', '/a']],
    ['a directory in the place of a file', { '/a': file('') }, { '/a/b': file('') }, ['/', '/a', '/a/b']],
    ['all names of a file', { '/a': file('one'), '/b': file('2') }, { '/a': shared, '/b': shared }, ['/', '/a', '/b']],
    ['none of a file that is the same', { '/a': other, '/b': other }, { '/a': shared, '/b': shared }, ['/']],
    ['the name that is left of two', { '/a': other, '/b': other }, { '/a': shared }, ['/', '/.wh.b', '/a']],
    [
      'files that were one and are two',
      { '/a': other, '/b': other },
      { '/a': file('one'), '/b': file('one') },
      ['/', '/a', '/b'],
    ],
  ])('has %s', (_, before, after, expected) => {
    expect(paths(before, after)).toEqual(expected);
  });

  it('has a directory above others as the tree has it', async () => {
    const before = treeOf({ '/a/b': file('x') });
    const after = treeOf({ '/a/b': file('x'), '/a/c': file('y') });
    Object.assign(before.get('/a') ?? {}, { mode: 0o1770, uid: 7 });
    Object.assign(after.get('/a') ?? {}, { mode: 0o1770, uid: 7 });
    const layers = [layerBetween(undefined, before).tree, layerBetween(before, after).tree];
    expect(layers[1]?.get('/a')).toMatchObject({ mode: 0o1770, uid: 7 });
    expect(listing(await laid(layers, work))).toEqual(listing(after));
  });

  it('of a whole tree is that tree', async () => {
    const tree = treeOf({ ...sampleNodes(work), '/dev/null': device('char', 1, 3), '/run/pipe': fifo() });
    const layer = layerBetween(undefined, tree);
    expect(listing(layer.tree)).toEqual(listing(tree));
    expect(listing(await laid([layer.tree], work))).toEqual(listing(tree));
  });

  it('has no name that would be a whiteout', () => {
    expect(() => layerBetween(undefined, treeOf({ '/a/.wh.b': file('') }))).toThrow(
      'cannot write /a/.wh.b into a layer: its name means that another file is gone',
    );
  });

  it('over those below it gives the tree, whatever the trees are', async () => {
    const names = fc.constantFrom('/a', '/b', '/c/d', '/c/e', '/c/f/g', '/h');
    const node = fc.oneof(
      fc
        .record({ mode: fc.constantFrom(0o644, 0o755), uid: fc.constantFrom(0, 1) })
        .map((options) => file('x', options)),
      fc.constantFrom('1', '22').map((content) => file(content)),
      fc.constantFrom('t', 'u').map((target) => symlink(target)),
      fc.constant(undefined),
    );
    const tree = fc
      .tuple(fc.dictionary(names, node, { noNullPrototype: true }), fc.array(names, { maxLength: 3 }), fc.boolean())
      .map(([nodes, links, isDirectory]) => {
        const present = Object.entries(nodes).filter((entry): entry is [string, TreeNode] => entry[1] !== undefined);
        const one = file('linked');
        const all = { ...Object.fromEntries(present), ...Object.fromEntries(links.map((name) => [name, one])) };
        // A name that is a file here and a directory there.
        if (isDirectory) return treeOf({ ...omit(all, '/h'), '/h/i': file('i') });
        return treeOf(all);
      });
    await fc.assert(
      fc.asyncProperty(fc.array(tree, { minLength: 2, maxLength: 4 }), async (trees) => {
        const layers = trees.map((one, at) => layerBetween(trees[at - 1], one).tree);
        const last = trees.at(-1);
        expect(listing(await laid(layers, work))).toEqual(last === undefined ? [] : listing(last));
      }),
      { numRuns: 200 },
    );
  });
});

function omit(nodes: Record<string, TreeNode>, name: string): Record<string, TreeNode> {
  return Object.fromEntries(Object.entries(nodes).filter(([path]) => path !== name));
}
