import { execFileSync, spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { workDirectory } from '../../builder/directory.js';
import { archive, member, readTar } from './support.js';

const GNU_TAR = /GNU tar/.test(spawnSync('tar', ['--version']).stdout?.toString() ?? '');
const directory = workDirectory('tar');

const LONG = `${'directory/'.repeat(20)}${'file'.repeat(30)}`;

const OURS = archive(
  member({ path: '/', type: 'directory' }),
  member({ path: '/usr/é', type: 'directory', mode: 0o1777, uid: 33, gid: 8 }),
  member({ path: '/a', mode: 0o4755, mtime: -86_400 }, 'hello'),
  member({ path: `/${LONG}`, uid: 3_000_000, gid: 4_000_000, mtime: 10_000_000_000 }, 'x'.repeat(600)),
  member({ path: `/${'p/'.repeat(60)}name` }),
  member({ path: '/sym', type: 'symlink', mode: 0o777, target: '../x/./y' }),
  member({ path: '/long-sym', type: 'symlink', mode: 0o777, target: 't'.repeat(200) }),
  member({ path: '/hard', type: 'hardlink', target: '/a' }),
  member({ path: '/long-hard', type: 'hardlink', target: `/${LONG}` }),
  member({ path: '/dev/null', type: 'char', mode: 0o666, major: 1, minor: 3 }),
  member({ path: '/dev/sda', type: 'block', mode: 0o660, gid: 6, major: 8, minor: 0 }),
  member({ path: '/pipe', type: 'fifo' }),
  member({ path: '/cap', xattrs: new Map([['user.x', Buffer.from([1, 0, 10, 0xff])]]) }, 'y'),
);

describe('what we write', () => {
  it.skipIf(!GNU_TAR)('GNU tar lists (skipped where tar is not GNU tar)', () => {
    const options = ['--numeric-owner', '--full-time', '--quoting-style=literal', '--xattrs', '-tvvf', '-'];
    const env = { ...process.env, TZ: 'UTC', LC_ALL: 'C' };
    const lines = execFileSync('tar', options, { input: OURS, env }).toString().trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/ +/g, ' '))).toEqual([
      'drwxr-xr-x 0/0 0 2023-11-14 22:13:20 ./',
      'drwxrwxrwt 33/8 0 2023-11-14 22:13:20 ./usr/é/',
      '-rwsr-xr-x 0/0 5 1969-12-31 00:00:00 ./a',
      `-rw-r--r-- 3000000/4000000 600 2286-11-20 17:46:40 ./${LONG}`,
      `-rw-r--r-- 0/0 0 2023-11-14 22:13:20 ./${'p/'.repeat(60)}name`,
      'lrwxrwxrwx 0/0 0 2023-11-14 22:13:20 ./sym -> ../x/./y',
      `lrwxrwxrwx 0/0 0 2023-11-14 22:13:20 ./long-sym -> ${'t'.repeat(200)}`,
      'hrw-r--r-- 0/0 0 2023-11-14 22:13:20 ./hard link to ./a',
      `hrw-r--r-- 0/0 0 2023-11-14 22:13:20 ./long-hard link to ./${LONG}`,
      'crw-rw-rw- 0/0 1,3 2023-11-14 22:13:20 ./dev/null',
      'brw-rw---- 0/6 8,0 2023-11-14 22:13:20 ./dev/sda',
      'prw-r--r-- 0/0 0 2023-11-14 22:13:20 ./pipe',
      '-rw-r--r--* 0/0 1 2023-11-14 22:13:20 ./cap',
      ' x: 4 user.x',
    ]);
  });

  it('tar-stream extracts', async () => {
    const types = { file: 'file', directory: 'directory', symlink: 'symlink', hardlink: 'link', fifo: 'fifo' };
    const devices = { char: 'character-device', block: 'block-device' };
    const theirs: string[] = [];
    const extractor = extract();
    extractor.end(OURS);
    for await (const one of extractor) {
      const { name, type, mode, linkname } = one.header;
      theirs.push(JSON.stringify([name.replace(/(?<=.)\/$/, ''), type, mode, linkname ?? '', await text(one)]));
    }
    const ours = readTar(OURS).map(({ path, type, mode, target, content }) => {
      const link = type === 'hardlink' ? `.${target}` : target;
      return JSON.stringify([path === '/' ? '.' : `.${path}`, { ...types, ...devices }[type], mode, link, content]);
    });
    expect(theirs).toEqual(ours);
  });
});

describe('what others write', () => {
  const from = (tar: Buffer) => new Map(readTar(tar, 1000).map((one) => [one.path, one]));

  it('tar-stream packs', async () => {
    const packer = pack();
    packer.entry({ name: 'd/', type: 'directory', mode: 0o2755, uid: 7, gid: 8, mtime: new Date(5000) });
    packer.entry({ name: `d/${'é'.repeat(90)}`, pax: { 'SCHILY.xattr.user.x': 'y', mtime: '-3.25' } }, 'hello');
    packer.entry({ name: 'd/s', type: 'symlink', linkname: `../${'l'.repeat(150)}` });
    packer.entry({ name: 'd/h', type: 'link', linkname: 'd/s' });
    packer.entry({ name: 'd/c', type: 'character-device', devmajor: 5, devminor: 2 });
    packer.entry({ name: 'd/f', type: 'fifo' });
    packer.finalize();
    const entries = from(await buffer(packer));
    expect(entries.get('/d')).toMatchObject({ type: 'directory', mode: 0o2755, uid: 7, gid: 8, mtime: 5 });
    expect(entries.get(`/d/${'é'.repeat(90)}`)).toMatchObject({
      content: 'hello',
      mtime: -4,
      xattrs: new Map([['user.x', Buffer.from('y')]]),
    });
    expect(entries.get('/d/s')).toMatchObject({ type: 'symlink', target: `../${'l'.repeat(150)}` });
    expect(entries.get('/d/h')).toMatchObject({ type: 'hardlink', target: '/d/s' });
    expect(entries.get('/d/c')).toMatchObject({ type: 'char', major: 5, minor: 2 });
    expect(entries.get('/d/f')).toMatchObject({ type: 'fifo' });
  });

  const paths = ['/', '/a', '/b', '/d', '/d/é', '/link'];
  it.skipIf(!GNU_TAR).each<[format: string, options: string[], uid: number, mtime: number, more: string[]]>([
    ['v7', ['--owner=:33', '--mtime=@5'], 33, 5, []],
    ['ustar', ['--owner=:33', '--mtime=@5'], 33, 5, []],
    ['gnu', ['--owner=:3000000', '--mtime=@-5'], 3_000_000, -5, [`/${LONG}`, '/long-link']],
    ['oldgnu', ['--owner=:3000000', '--mtime=@-5'], 3_000_000, -5, [`/${LONG}`, '/long-link']],
    ['pax', ['--owner=:3000000', '--mtime=@-4.5'], 3_000_000, -5, [`/${LONG}`, '/long-link']],
  ])('GNU tar packs in format %s (skipped where tar is not GNU tar)', (format, options, uid, mtime, more) => {
    const root = join(directory, format);
    mkdirSync(join(root, 'd'), { recursive: true });
    writeFileSync(join(root, 'a'), 'hello', { mode: 0o640 });
    linkSync(join(root, 'a'), join(root, 'b'));
    writeFileSync(join(root, 'd/é'), 'x'.repeat(1500));
    symlinkSync('../d/./é', join(root, 'link'));
    if (more.length > 0) {
      mkdirSync(join(root, LONG, '..'), { recursive: true });
      writeFileSync(join(root, LONG), 'long');
      symlinkSync('t'.repeat(300), join(root, 'long-link'));
    }
    const args = [`--format=${format}`, '--sort=name', '--group=:8', ...options, '-C', root, '-cf', '-', '.'];
    const entries = from(execFileSync('tar', args, { env: { ...process.env, LC_ALL: 'C' } }));
    expect([...entries.keys()].filter((path) => !path.startsWith('/directory'))).toEqual(
      [...paths, ...more.filter((path) => !path.startsWith('/directory'))].sort(),
    );
    for (const one of entries.values()) expect(one).toMatchObject({ uid, gid: 8, mtime });
    expect(entries.get('/a')).toMatchObject({ type: 'file', mode: 0o640, content: 'hello', size: 5 });
    expect(entries.get('/b')).toMatchObject({ type: 'hardlink', target: '/a' });
    expect(entries.get('/d')).toMatchObject({ type: 'directory' });
    expect(entries.get('/d/é')).toMatchObject({ content: 'x'.repeat(1500) });
    expect(entries.get('/link')).toMatchObject({ type: 'symlink', target: '../d/./é' });
    if (more.length > 0) {
      expect(entries.get(`/${LONG}`)).toMatchObject({ content: 'long' });
      expect(entries.get('/long-link')).toMatchObject({ target: 't'.repeat(300) });
    }
  });

  it.skipIf(!GNU_TAR)('GNU tar packs sparse files, which are refused (skipped where tar is not GNU tar)', () => {
    const root = join(directory, 'sparse');
    mkdirSync(root);
    writeFileSync(join(root, 'hole'), '');
    truncateSync(join(root, 'hole'), 1024 * 1024);
    for (const format of ['gnu', 'pax']) {
      const tar = execFileSync('tar', [`--format=${format}`, '-S', '-C', root, '-cf', '-', 'hole']);
      expect(() => readTar(tar)).toThrow(/^cannot read x\.tar: .*is not supported$/);
    }
  });
});
