import { describe, expect, it } from 'vitest';
import { editTree } from '../../src/rootfs/editor.js';
import { Tree } from '../../src/rootfs/tree.js';
import type { Owner } from '../../src/rootfs/types.js';
import { listTree } from './listing.js';

const OWNER: Owner = { type: 'profile', name: 'p' };

function sample() {
  const tree = new Tree(OWNER, 0);
  const edit = editTree(tree, OWNER, 7);
  edit.directory('/usr/bin');
  edit.symlink('/bin', 'usr/bin');
  edit.writeFile('/usr/bin/env', 'x', { mode: 0o755 });
  edit.symlink('/usr/bin/loop', 'loop');
  edit.symlink('/usr/up', '../../../../bin/env');
  edit.symlink('/abs', '/usr/bin/../bin/./env');
  edit.symlink('/dangling', 'usr/new');
  return { tree, edit };
}

describe('Tree.canonical', () => {
  it.each([
    ['/bin/env', true, '/usr/bin/env', 'file'],
    ['/bin', true, '/usr/bin', 'directory'],
    ['/bin', false, '/bin', 'symlink'],
    ['/usr/up', true, '/usr/bin/env', 'file'],
    ['/abs', true, '/usr/bin/env', 'file'],
    ['/bin/new', true, '/usr/bin/new', undefined],
    ['/dangling', true, '/usr/new', undefined],
    ['/dangling', false, '/dangling', 'symlink'],
    ['/', true, '/', 'directory'],
  ])('leads %s (follow the last: %s) to %s', (path, follow, expected, type) => {
    const found = sample().tree.canonical(path, follow);
    expect([found?.path, found?.node?.type]).toEqual([expected, type]);
  });

  it.each(['/none/x', '/usr/bin/env/x', '/dangling/x'])('finds no place at %s', (path) => {
    expect(sample().tree.canonical(path)).toBeUndefined();
  });

  it('ends a loop of links with an error', () => {
    expect(() => sample().tree.canonical('/bin/loop')).toThrow('cannot resolve /bin/loop: too many levels of links');
  });
});

describe('Tree.walk', () => {
  it('goes by the bytes of names, a directory before what is in it', () => {
    const { tree, edit } = sample();
    for (const name of ['usr-x/a', 'usr.d', 'ä', 'zz', '\u{1f600}', '\uffee']) edit.directory(`/${name}`);
    const paths = [...tree.walk()].map(([path]) => path).filter((path) => !path.startsWith('/usr/'));
    const rest = ['/zz', '/ä', '/\uffee', '/\u{1f600}'];
    expect(paths).toEqual(['/', '/abs', '/bin', '/dangling', '/usr', '/usr-x', '/usr-x/a', '/usr.d', ...rest]);
  });

  it('starts where it is told, and finds nothing below nothing', () => {
    const { tree } = sample();
    expect([...tree.walk('/usr/bin')].map(([path]) => path)).toEqual(['/usr/bin', '/usr/bin/env', '/usr/bin/loop']);
    expect([...tree.walk('/none')]).toEqual([]);
  });
});

describe('editTree', () => {
  it('writes through links, and keeps the mode of a file that is there', () => {
    const { tree, edit } = sample();
    edit.writeFile('/abs', 'changed');
    edit.writeFile('/dangling', 'made');
    edit.writeFile('/etc/deep/file', '', { mode: 0o600, uid: 3, gid: 4 });
    edit.hardLink('/etc/second', '/bin/env');
    expect(tree.get('/usr/bin/env')).toMatchObject({ mode: 0o755, content: { bytes: Buffer.from('changed') } });
    expect(tree.get('/etc/second')).toBe(tree.get('/usr/bin/env'));
    expect(listTree(tree).filter((line) => /new|deep/.test(line))).toEqual([
      '/dangling symlink -> usr/new 0:0 [p]',
      '/etc/deep directory 0755 0:0 [p]',
      '/etc/deep/file file 0600 3:4 [p]',
      '/usr/new file 0644 0:0 [p]',
    ]);
  });

  it('replaces a link by a link, and sets what it is told of a directory', () => {
    const { tree, edit } = sample();
    edit.symlink('/abs', 'bin');
    edit.directory('/usr/bin', { mode: 0o1777, gid: 9 });
    expect(tree.get('/abs')).toMatchObject({ target: 'bin' });
    expect(tree.get('/usr/bin')).toMatchObject({ mode: 0o1777, gid: 9 });
  });

  it.each([
    ['a link over a directory', (e: ReturnType<typeof editTree>) => e.symlink('/usr', 'x'), 'a directory is there'],
    ['a directory over a file', (e: ReturnType<typeof editTree>) => e.directory('/bin/env'), 'a file is there'],
    ['a file below a file', (e: ReturnType<typeof editTree>) => e.writeFile('/bin/env/x', ''), 'a file is there'],
    ['a file over a directory', (e: ReturnType<typeof editTree>) => e.writeFile('/usr', ''), 'a directory is there'],
    ['a hard link to nothing', (e: ReturnType<typeof editTree>) => e.hardLink('/h', '/none'), 'there is no file /none'],
    ['a path with ..', (e: ReturnType<typeof editTree>) => e.writeFile('/usr/../x', ''), 'it has a ".." component'],
  ])('refuses %s', (_, edit, message) => {
    expect(() => edit(sample().edit)).toThrow(message);
  });
});
