import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readText } from '../../src/rootfs/content.js';
import { Tree } from '../../src/rootfs/tree.js';
import { type DebFile, makeTar } from '../builder/deb.js';
import { workDirectory } from '../builder/directory.js';
import { lay } from '../builder/layers.js';

const work = workDirectory('layers');
const OWNER = { type: 'effect', name: 'test', package: undefined } as const;
let spools = 0;

async function laid(...layers: readonly (readonly DebFile[])[]): Promise<Tree> {
  const tree = new Tree(OWNER, 0);
  for (const layer of layers) {
    spools += 1;
    const tar = await makeTar(layer);
    const source = { compression: 'none', bytes: [tar], size: tar.length, origin: 'a layer' } as const;
    await lay(tree, source, join(work, `${spools}`));
  }
  return tree;
}

const paths = (tree: Tree): string[] => [...tree.walk()].map(([path]) => path).slice(1);

describe('layers over each other', () => {
  it.each<[string, readonly (readonly DebFile[])[], string[]]>([
    ['a whiteout', [[{ path: '/a/b' }, { path: '/a/c' }], [{ path: '/a/.wh.b' }]], ['/a', '/a/c']],
    ['one of a directory', [[{ path: '/a/b' }, { path: '/c' }], [{ path: '/.wh.a' }]], ['/c']],
    ['one of nothing', [[{ path: '/c' }], [{ path: '/.wh.a' }, { path: '/x/.wh.y' }]], ['/c']],
    [
      'one that stands behind what it does not speak of',
      [[{ path: '/a/b' }], [{ path: '/a/b', content: 'new' }, { path: '/a/.wh.b' }]],
      ['/a', '/a/b'],
    ],
    [
      'an opaque directory',
      [
        [{ path: '/a/b' }, { path: '/a/c/d' }],
        [{ path: '/a/e' }, { path: '/a/.wh..wh..opq' }],
      ],
      ['/a', '/a/e'],
    ],
    ['a file in place of a directory', [[{ path: '/a/b' }], [{ path: '/a' }]], ['/a']],
    [
      'a directory in place of a file',
      [[{ path: '/a' }], [{ path: '/a/', type: 'directory' }, { path: '/a/b' }]],
      ['/a', '/a/b'],
    ],
    [
      'a path through a link of the layer below',
      [[{ path: '/usr/bin/x' }, { path: '/bin', target: 'usr/bin' }], [{ path: '/bin/y' }]],
      ['/bin', '/usr', '/usr/bin', '/usr/bin/x', '/usr/bin/y'],
    ],
    [
      'a path through a link that leads out',
      [[{ path: '/out', target: '../../../etc' }], [{ path: '/out/y' }]],
      ['/etc', '/etc/y', '/out'],
    ],
  ])('%s', async (_, layers, expected) => {
    expect(paths(await laid(...layers))).toEqual(expected);
  });

  it('share the file of a hard link, of their own layer or of one below', async () => {
    const tree = await laid(
      [
        { path: '/a', content: 'x' },
        { path: '/b', type: 'hardlink', target: '/a' },
      ],
      [{ path: '/c', type: 'hardlink', target: '/a' }],
    );
    expect(tree.get('/b')).toBe(tree.get('/a'));
    expect(tree.get('/c')).toBe(tree.get('/a'));
    expect(readText(tree, '/c')).toBe('x');
  });

  it('are refused with a hard link to nothing, or to a directory', async () => {
    const message = 'cannot read a layer: /b is a hard link to /a, which is no file';
    await expect(laid([{ path: '/b', type: 'hardlink', target: '/a' }])).rejects.toThrow(message);
    await expect(laid([{ path: '/a/c' }], [{ path: '/b', type: 'hardlink', target: '/a' }])).rejects.toThrow(message);
  });

  it('are refused where a file is in the way', async () => {
    await expect(laid([{ path: '/a' }], [{ path: '/a/b' }])).rejects.toThrow(
      'cannot make the directory /a: a file is there',
    );
  });
});
