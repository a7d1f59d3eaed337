import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mergePackages } from '../../src/rootfs/merge.js';
import { workDirectory } from '../builder/directory.js';
import { mergeInput } from './inputs.js';
import { listTree } from './listing.js';

const EPOCH = 5000;

/** The merged tree without the layout that every tree has. */
function merged(...inputs: ReturnType<typeof mergeInput>[]): string[] {
  return listTree(mergePackages(inputs, 'arm64', EPOCH)).filter((line) => !line.endsWith('[merged-usr]'));
}

describe('mergePackages', () => {
  it('has the links of merged-/usr before any package', () => {
    expect(listTree(mergePackages([], 'amd64', EPOCH))).toEqual([
      '/ directory 0755 0:0 [merged-usr]',
      '/bin symlink -> usr/bin 0:0 [merged-usr]',
      '/lib symlink -> usr/lib 0:0 [merged-usr]',
      '/lib64 symlink -> usr/lib64 0:0 [merged-usr]',
      '/sbin symlink -> usr/sbin 0:0 [merged-usr]',
      '/usr directory 0755 0:0 [merged-usr]',
      '/usr/bin directory 0755 0:0 [merged-usr]',
      '/usr/lib directory 0755 0:0 [merged-usr]',
      '/usr/lib64 directory 0755 0:0 [merged-usr]',
      '/usr/sbin directory 0755 0:0 [merged-usr]',
    ]);
  });

  it('gives one tree whether packages ship /bin or /usr/bin', () => {
    const bookworm = merged(mergeInput('a', ['/bin directory', '/bin/sh file 0755', '/bin/ash hardlink -> /bin/sh']));
    const trixie = merged(
      mergeInput('a', ['/bin symlink -> usr/bin', '/usr/bin/sh file 0755', '/usr/bin/ash hardlink -> /usr/bin/sh']),
    );
    expect(bookworm).toEqual([
      '/usr/bin directory 0755 0:0 [a]',
      '/usr/bin/ash file 0755 0:0 [a]',
      '/usr/bin/sh file 0755 0:0 [a]',
    ]);
    expect(trixie).toEqual(['/bin symlink -> usr/bin 0:0 [a]', ...bookworm.slice(1)]);
  });

  it('keeps the owner and mode of a directory that is there', () => {
    const lines = merged(
      mergeInput('a', ['/srv directory 1777 0:5']),
      mergeInput('b', ['/srv directory 0700', '/srv/x fifo 0600']),
    );
    expect(lines).toEqual(['/srv directory 1777 0:5 [a]', '/srv/x fifo 0600 0:0 [b]']);
  });

  it('makes the parents that a package does not ship', () => {
    expect(merged(mergeInput('a', ['/opt/x/y file']))).toEqual([
      '/opt directory 0755 0:0 [a]',
      '/opt/x directory 0755 0:0 [a]',
      '/opt/x/y file 0644 0:0 [a]',
    ]);
  });

  it('shares one node between the names of a hard link, and keeps devices', () => {
    const tree = mergePackages([mergeInput('a', ['/x file', '/y hardlink -> /x', '/null char 0666'])], 'arm64', EPOCH);
    expect(tree.get('/y')).toBe(tree.get('/x'));
    expect(tree.get('/null')).toMatchObject({ type: 'char', major: 1, minor: 3, mode: 0o666 });
  });

  // Debian Policy 7.6.1
  it.each([
    ['the later package replaces', { b: 'a' }, '/f file 0644 0:0 [b]'],
    ['the later package replaces that version', { b: 'a (<< 2)' }, '/f file 0644 0:0 [b]'],
    ['the earlier package replaces', { a: 'b' }, '/f file 0644 0:0 [a]'],
  ])('takes the file that stands where %s', (_, replaces: { a?: string; b?: string }, expected) => {
    const a = mergeInput('a', ['/f file'], replaces.a === undefined ? {} : { replaces: replaces.a });
    const b = mergeInput('b', ['/f file'], replaces.b === undefined ? {} : { replaces: replaces.b });
    expect(merged(a, b)).toEqual([expected]);
  });

  it.each([
    ['a file of another package', ['/f file'], ['/f file'], '/f is also in a, and neither package replaces the other'],
    ['a root that is not a directory', [], ['/ file'], '/ is a file'],
    ['a file twice', [], ['/f file', '/f file'], '/f stands twice in the package'],
    ['a file over a directory', ['/d directory'], ['/d file'], '/d is a directory that a brought'],
    ['a directory over a link', ['/l symlink -> usr'], ['/l directory'], '/l is also in a, and neither package'],
    ['an entry below a file', ['/f file'], ['/f/x file'], '/f is a file that a brought'],
    ['an entry through a link', ['/l symlink -> usr'], ['/l/x file'], '/l is a symlink that a brought'],
    ['an entry through its own link', [], ['/l symlink -> /etc', '/l/x file'], '/l is a symlink that b brought'],
    ['a link elsewhere at an alias', [], ['/lib symlink -> /tmp'], 'its link /lib leads to /tmp, not to /usr/lib'],
    ['a hard link to nothing', [], ['/h hardlink -> /x'], '/h is a hard link to /x, which the package does not ship'],
    ["a hard link to another's file", ['/x file'], ['/h hardlink -> /x'], '/h is a hard link to /x, which the package'],
  ])('refuses %s', (_, first, second, message) => {
    expect(() => merged(mergeInput('a', first), mergeInput('b', second))).toThrow(`cannot unpack b: ${message}`);
  });
});

describe('packages of several architectures', () => {
  const directory = workDirectory('merge');
  const spool = join(directory, 'spool');
  writeFileSync(spool, 'onetwoone');

  const both = (own: readonly string[], foreign: readonly string[]) =>
    mergePackages(
      [
        mergeInput('lib', ['/usr/share directory', ...own], { multiArch: 'same', spool }),
        mergeInput('lib', ['/usr/share directory', ...foreign], { multiArch: 'same', spool, architecture: 'i386' }),
      ],
      'amd64',
      EPOCH,
      ['i386'],
    );

  it('are named with it, and share what is the same in both', () => {
    const tree = both(
      [
        '/usr/share/x file 0644 0:0 3 0',
        '/usr/share/y hardlink -> /usr/share/x',
        '/usr/share/l symlink -> x',
        '/usr/lib/a',
      ],
      [
        '/usr/share/x file 0644 0:0 3 6',
        '/usr/share/y hardlink -> /usr/share/x',
        '/usr/share/l symlink -> x',
        '/usr/lib/b',
      ],
    );
    expect(listTree(tree).filter((line) => line.includes('[lib'))).toEqual([
      '/usr/lib/a file 0644 0:0 [lib]',
      '/usr/lib/b file 0644 0:0 [lib:i386]',
      '/usr/share directory 0755 0:0 [lib]',
      '/usr/share/l symlink -> x 0:0 [lib]',
      '/usr/share/x file 0644 0:0 [lib]',
      '/usr/share/y file 0644 0:0 [lib]',
    ]);
    expect(tree.get('/usr/share/y')).toBe(tree.get('/usr/share/x'));
  });

  it.each([
    ['contents', '/usr/share/x file 0644 0:0 3 0', '/usr/share/x file 0644 0:0 3 3'],
    ['sizes', '/usr/share/x file 0644 0:0 3 0', '/usr/share/x file 0644 0:0 2 0'],
    ['modes', '/usr/share/x file 0644 0:0 3 0', '/usr/share/x file 0755 0:0 3 0'],
    ['owners', '/usr/share/x file 0644 0:0 3 0', '/usr/share/x file 0644 0:1 3 0'],
    ['types', '/usr/share/x file 0644 0:0 3 0', '/usr/share/x symlink -> y'],
    ['targets', '/usr/share/x symlink -> z', '/usr/share/x symlink -> y'],
  ])('cannot differ in the %s of a path', (_, own, foreign) => {
    expect(() => both([own], [foreign])).toThrow(
      'cannot unpack lib:i386: /usr/share/x is also in lib, and differs from it',
    );
  });

  it('have the library directories of all of them', () => {
    expect(mergePackages([], 'i386', EPOCH, ['amd64']).get('/lib64')?.type).toBe('symlink');
    expect(mergePackages([], 'i386', EPOCH).get('/lib64')).toBeUndefined();
  });
});
