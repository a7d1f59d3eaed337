import { describe, expect, it } from 'vitest';
import * as fs from '../../../src/configure/shell/filesystem.js';
import { openSink } from '../../../src/configure/shell/open-file.js';
import type { World } from '../../../src/configure/shell/resolve.js';
import { EPOCH, makeSystem, PACKAGE, type SystemInput } from './system.js';

function makeWorld(input: SystemInput = {}, umask = 0o022): World {
  const { system } = makeSystem({
    directories: ['/d', '/d/full/inner'],
    files: { '/f': 'text' },
    links: { '/l': 'f', '/dl': 'd' },
    ...input,
  });
  return { system, cwd: '/', umask, descriptors: new Map() };
}

/** Every entry but the root, a line each. */
function list({ system }: World): string[] {
  return [...system.tree.walk()].slice(1).map(([path, node]) => {
    const mode = node.mode.toString(8).padStart(4, '0');
    return `${path}: ${node.type} ${mode}${node.owner === system.owner ? ' demo' : ''}`;
  });
}

/** The world with a link `/made`. */
function linked(world: World, target: string): World {
  fs.symlink(world, target, '/made');
  return world;
}

const FAILURES: readonly (readonly [what: string, call: (world: World) => unknown, code: string])[] = [
  ['stat of nothing', (world) => fs.stat(world, '/nope'), 'ENOENT'],
  ['stat of an empty path', (world) => fs.stat(world, ''), 'ENOENT'],
  ['stat below a file', (world) => fs.stat(world, '/f/x'), 'ENOTDIR'],
  ['stat of a file as a directory', (world) => fs.stat(world, '/f/'), 'ENOTDIR'],
  ['stat of a link to itself', (world) => fs.stat(linked(world, 'made'), '/made'), 'ELOOP'],
  ['stat of a dangling link', (world) => fs.stat(linked(world, 'gone'), '/made'), 'ENOENT'],
  ['a long name', (world) => fs.stat(world, 'x'.repeat(256)), 'ENAMETOOLONG'],
  ['a long path', (world) => fs.stat(world, '/x'.repeat(2048)), 'ENAMETOOLONG'],
  ['reading a directory', (world) => fs.readFile(world, '/d'), 'EISDIR'],
  ['writing a directory', (world) => fs.writeFile(world, '/d', ''), 'EISDIR'],
  ['writing below nothing', (world) => fs.writeFile(world, '/nope/x', ''), 'ENOENT'],
  ['making what is there', (world) => fs.open(world, '/f', { write: true, create: true, exclusive: true }), 'EEXIST'],
  ['mkdir of what is there', (world) => fs.mkdir(world, '/l'), 'EEXIST'],
  ['mkdir without a parent', (world) => fs.mkdir(world, '/nope/x'), 'ENOENT'],
  ['rmdir of a full one', (world) => fs.rmdir(world, '/d'), 'ENOTEMPTY'],
  ['rmdir of a file', (world) => fs.rmdir(world, '/f'), 'ENOTDIR'],
  ['rmdir of a dot', (world) => fs.rmdir(world, '/d/full/inner/.'), 'EINVAL'],
  ['unlink of a directory', (world) => fs.unlink(world, '/d'), 'EISDIR'],
  ['rename into itself', (world) => fs.rename(world, '/d', '/d/full/x'), 'EINVAL'],
  ['rename onto a full directory', (world) => fs.rename(world, '/d/full/inner', '/d'), 'ENOTEMPTY'],
  ['rename of a file onto a directory', (world) => fs.rename(world, '/f', '/d'), 'EISDIR'],
  ['rename of a directory onto a file', (world) => fs.rename(world, '/d', '/f'), 'ENOTDIR'],
  ['hard link to a directory', (world) => fs.link(world, '/d', '/x'), 'EPERM'],
  ['link over what is there', (world) => fs.link(world, '/f', '/l'), 'EEXIST'],
  ['symlink over what is there', (world) => fs.symlink(world, 'x', '/f'), 'EEXIST'],
  ['readlink of a file', (world) => fs.readlink(world, '/f'), 'EINVAL'],
  ['a file below the virtual /dev', (world) => fs.writeFile(world, '/dev/x', ''), 'ENOENT'],
  ['removing /dev/null where it is none of the tree', (world) => fs.unlink(world, '/dev/null'), 'ENOENT'],
];

describe('filesystem', () => {
  it.each(FAILURES)('%s', (_, call, code) => {
    expect(() => call(makeWorld())).toThrowError(expect.objectContaining({ name: 'PosixError', code }));
  });

  it('follows links where the system call does', () => {
    const world = makeWorld();
    expect([fs.stat(world, '/l').type, fs.lstat(world, '/l').type]).toEqual(['file', 'symlink']);
    expect([fs.lstat(world, '/dl').type, fs.lstat(world, '/dl/').type]).toEqual(['symlink', 'directory']);
    expect(fs.realpath(world, 'dl/full/../../l')).toBe('/f');
    fs.writeFile(world, '/l', 'new');
    expect(fs.readFile(world, '/f')).toBe('new');
    fs.symlink(world, 'd/made', '/dangling');
    fs.writeFile(world, '/dangling', 'x');
    expect(fs.stat(world, '/d/made').size).toBe(1);
    fs.unlink(world, '/l');
    expect(fs.tryLstat(world, '/f')?.type).toBe('file');
  });

  it('marks what it writes with the owner and the build date, and nothing else', () => {
    const world = makeWorld({}, 0o027);
    fs.writeFile(world, '/d/new', 'x');
    fs.mkdir(world, '/d/sub');
    fs.chmod(world, '/d/full', 0o1777);
    fs.open(world, '/f', { write: true, append: true }).write('!');
    fs.mknod(world, '/d/p', { type: 'fifo' }, 0o600);
    expect(list(world)).toEqual([
      '/d: directory 0755',
      '/d/full: directory 1777',
      '/d/full/inner: directory 0755',
      '/d/new: file 0640 demo',
      '/d/p: fifo 0600 demo',
      '/d/sub: directory 0750 demo',
      '/dl: symlink 0777',
      '/f: file 0755 demo',
      '/l: symlink 0777',
    ]);
    expect(fs.stat(world, '/f').mtime).toBe(EPOCH);
    expect(fs.stat(world, '/d').mtime).toBe(EPOCH);
    expect(fs.stat(world, '/d/full/inner').mtime).toBe(EPOCH - 100);
    expect(fs.lstat(world, '/l').node.owner).toBe(PACKAGE);
  });

  it('moves directories with what is in them, and links share their file', () => {
    const world = makeWorld();
    fs.rename(world, '/d', '/e');
    fs.link(world, '/f', '/e/g');
    fs.open(world, '/f', { write: true, append: true }).write('+');
    expect(fs.readFile(world, '/e/g')).toBe('text+');
    expect(fs.stat(world, '/f').node).toBe(fs.stat(world, '/e/g').node);
    fs.rename(world, '/f', '/e/g');
    expect(fs.readdir(world, '/e')).toEqual(['full', 'g']);
    expect(fs.readdir(world, '/')).toEqual(['dl', 'e', 'f', 'l']);
  });

  it('inherits the group of a set-group-ID directory (inode(7)); chown takes set-id bits away (chown(2))', () => {
    const world = makeWorld();
    fs.chown(world, '/d', 0, 50);
    fs.chmod(world, '/d', 0o2775);
    fs.mkdir(world, '/d/sub');
    fs.writeFile(world, '/d/file', '');
    const [sub, file] = ['/d/sub', '/d/file'].map((path) => fs.stat(world, path));
    expect([sub?.gid, sub?.mode, file?.gid, file?.mode]).toEqual([50, 0o2755, 50, 0o644]);
    fs.chmod(world, '/f', 0o6755);
    fs.chown(world, '/f', 7, undefined);
    expect(fs.stat(world, '/f')).toMatchObject({ mode: 0o755, uid: 7, gid: 0 });
    expect(fs.stat(world, '/d').mode).toBe(0o2775);
  });

  it('reads and writes as descriptors do', () => {
    const world = makeWorld();
    const file = fs.open(world, '/f', { read: true, write: true });
    expect(file.read(2)).toBe('te');
    file.write('XY!');
    expect([file.read(9), fs.readFile(world, '/f')]).toEqual(['', 'teXY!']);
    const before = fs.readBuffer(world, '/f');
    const appending = fs.open(world, '/f', { write: true, append: true });
    for (let count = 0; count < 1000; count += 1) appending.write('a');
    fs.open(world, '/f', { write: true }).write('T');
    expect(Buffer.from(before).toString()).toBe('teXY!');
    expect(fs.readFile(world, '/f')).toBe(`TeXY!${'a'.repeat(1000)}`);
    expect(() => fs.open(world, '/f', { read: true }).write('x')).toThrowError('Bad file descriptor');
  });

  it('knows names that are no ASCII', () => {
    const world = makeWorld();
    const bytes = Buffer.from('/d/\u00e9').toString('latin1');
    fs.writeFile(world, bytes, '\xff\x00');
    expect(world.system.tree.get('/d/\u00e9')?.type).toBe('file');
    expect(fs.readdir(world, '/d')).toEqual(['full', bytes.slice(3)]);
    expect(Buffer.from(fs.readBuffer(world, bytes))).toEqual(Buffer.from([255, 0]));
  });

  it('has the standard devices even without a /dev', () => {
    const plain = makeWorld();
    const output = openSink(plain.system);
    const world = { ...plain, descriptors: new Map([[1, output]]) };
    fs.writeFile(world, '/dev/null', 'gone');
    fs.writeFile(world, '/dev/stdout', 'kept');
    expect([output.bytes(), fs.readFile(world, '/dev/null')]).toEqual(['kept', '']);
    expect(fs.stat(world, '/dev/null').type).toBe('char');
    expect(() => fs.writeFile(world, '/dev/full', 'x')).toThrowError('No space left on device');
    expect(() => fs.open(world, '/dev/fd/7', { read: true })).toThrowError('No such file or directory');
    fs.symlink(world, '/dev/null', '/masked');
    expect(fs.stat(world, '/masked').type).toBe('char');
    fs.mkdir(world, '/dev');
    expect(fs.readdir(world, '/dev')).toEqual([]);
  });
});
