import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { CHUNK_SIZE, type Recipe, recipeChunks } from '../../src/emit/recipe.js';
import { tarRecipe, type Walkable } from '../../src/emit/tar.js';
import type { TreeNode } from '../../src/rootfs/types.js';
import { testDirectory } from '../builder/directory.js';
import { listTar, listTree, shortHash } from '../builder/listing.js';
import { hasProgram } from '../builder/programs.js';
import { device, fifo, file, sampleNodes, symlink, treeOf } from './trees.js';

const CAPABILITY = new Map([['security.capability', Buffer.from('0100000200200000', 'hex')]]);

/** What a directory cannot hold unless root writes it. */
const PRIVILEGED: Readonly<Record<string, TreeNode>> = {
  '/dev/null': device('char', 1, 3, { mode: 0o666 }),
  '/dev/sda': device('block', 8, 0, { mode: 0o660, gid: 6 }),
  '/run/pipe': fifo({ mode: 0o600 }),
  '/usr/bin/ping': file('ping', { mode: 0o755, xattrs: CAPABILITY }),
  '/home/user': symlink('x', { uid: 3_000_000, gid: 3_000_000 }),
};

const sample = () => treeOf({ ...sampleNodes(testDirectory()), ...PRIVILEGED });
const tarOf = (tree: Walkable): Buffer => Buffer.concat([...recipeChunks(tarRecipe(tree))]);

describe('the tar of a tree', () => {
  it('writes what our reader reads', () => {
    const tree = sample();
    expect(listTar(tarOf(tree))).toEqual(listTree(tree));
  });

  it('writes the first name as the file, the others as hard links', () => {
    const node = file('same');
    const tar = tarOf(treeOf({ '/b': node, '/a': node, '/c': node }));
    expect(listTar(tar, { times: true })).toEqual([
      '/: directory 0755 0:0 @1700000000',
      `/a: file 0644 0:0 ${shortHash('same')} @1700000000`,
      '/b: hardlink 0644 0:0 -> /a @1700000000',
      '/c: hardlink 0644 0:0 -> /a @1700000000',
    ]);
  });

  it('comes in chunks of one size, and in as many bytes as its recipe says', () => {
    const tree = sample();
    const recipe = tarRecipe(tree);
    const sizes = Array.from(recipeChunks(recipe), (chunk) => chunk.byteLength);
    expect(sizes.slice(0, -1)).toEqual([CHUNK_SIZE, CHUNK_SIZE]);
    expect(recipe).toMatchObject({
      size: sizes.reduce((sum, size) => sum + size, 0),
      entries: [...tree.walk()].length,
    });
  });

  it('is the same whatever its chunks measure, in buffers that take turns', () => {
    const recipe = tarRecipe(sample());
    const chunks = Array.from(recipeChunks(recipe, 2, 1000), (chunk) => Buffer.from(chunk));
    expect(Buffer.concat(chunks).equals(tarOf(sample()))).toBe(true);
  });

  it('comes in parts too, while the rest is made', () => {
    const tree = treeOf(Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`/${at}`, file(`content ${at}`)])));
    const parts: Recipe[] = [];
    const recipe = tarRecipe(tree, (part) => parts.push(part));
    expect(parts).toHaveLength(3);
    expect(parts.reduce((sum, { size }) => sum + size, 0)).toBe(recipe.size);
    expect(Buffer.concat(parts.flatMap((part) => [...recipeChunks(part)])).equals(tarOf(tree))).toBe(true);
  });

  it('is the same by a recipe that another process reads', () => {
    const recipe = tarRecipe(sample());
    const read: typeof recipe = deserialize(serialize(recipe));
    expect(Buffer.concat([...recipeChunks(read)]).equals(tarOf(sample()))).toBe(true);
  });

  it('is read by GNU tar', () => {
    if (!hasProgram('tar')) return console.warn('skipped: tar is not installed');
    const directory = testDirectory();
    const tree = sample();
    writeFileSync(join(directory, 'x.tar'), tarOf(tree));
    const run = spawnSync(
      'tar',
      ['--numeric-owner', '--quoting-style=literal', '--xattrs', '-tvvf', join(directory, 'x.tar')],
      { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } },
    );
    expect(run.stderr).toBe('');
    const lines = run.stdout.split('\n').map((line) => line.replace(/ +/g, ' '));
    expect(lines).toHaveLength([...tree.walk()].length + lines.filter((line) => /^( |$)/.test(line)).length);
    expect(lines).toEqual(
      expect.arrayContaining([
        'drwxr-xr-x 0/0 0 2023-11-14 22:13 ./',
        'lrwxrwxrwx 0/0 0 2023-11-14 22:13 ./bin -> usr/bin',
        'crw-rw-rw- 0/0 1,3 2023-11-14 22:13 ./dev/null',
        'brw-rw---- 0/6 8,0 2023-11-14 22:13 ./dev/sda',
        '-rwsr-xr-x 0/0 4 2023-11-14 22:13 ./usr/bin/a-tool',
        'hrwsr-xr-x 0/0 0 2023-11-14 22:13 ./usr/bin/b-tool link to ./usr/bin/a-tool',
        'lrwxrwxrwx 3000000/3000000 0 2023-11-14 22:13 ./home/user -> x',
        'drwxrwxrwt 0/0 0 1970-01-01 03:25 ./var/tmp/',
      ]),
    );
  });

  it.each([
    ['a spool that is too short', 'spool', 2, /^cannot read .*spool: it ends before byte 12$/],
    ['a spool that is not there', 'missing', 0, /^cannot read .*missing: ENOENT/],
  ])('refuses %s', (_, name, offset, message) => {
    const directory = testDirectory();
    writeFileSync(join(directory, 'spool'), '0123456789');
    const tree = treeOf({ '/x': file({ type: 'slice', file: join(directory, name), offset, size: 10 }) });
    expect(() => tarOf(tree)).toThrow(message);
  });

  it('opens more spool files than it keeps open', () => {
    const directory = testDirectory();
    const nodes: Record<string, TreeNode> = {};
    for (let i = 0; i < 200; i++) {
      const spool = join(directory, String(i % 100));
      writeFileSync(spool, `content ${i % 100}`.padEnd(20));
      nodes[`/${i}`] = file({ type: 'slice', file: spool, offset: 8, size: 2 });
    }
    const tree = treeOf(nodes);
    expect(listTar(tarOf(tree))).toEqual(listTree(tree));
  });
});
