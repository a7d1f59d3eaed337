import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareArtifacts, type FileChange } from '../../src/diff/compare.js';
import { readArtifact } from '../../src/diff/read.js';
import type { Artifact } from '../../src/diff/types.js';
import { compressAs, type DebCompression, type DebFile, makeTar } from '../builder/deb.js';
import { testDirectory, workDirectory } from '../builder/directory.js';
import { hasProgram } from '../builder/programs.js';
import { dockerArchive, ociLayout, tarOf, writeFiles } from './images.js';

const cacheDir = workDirectory('diff');

let count = 0;

async function read(bytes: Uint8Array, architecture?: string, directory = testDirectory()): Promise<Artifact> {
  const path = join(directory, `${++count}`);
  writeFileSync(path, bytes);
  return readPath(path, architecture);
}

async function readPath(path: string, architecture?: string): Promise<Artifact> {
  const artifact = await readArtifact(path, { architecture, cacheDir });
  if (artifact === undefined) throw new Error(`${path} is nothing that can be compared`);
  return artifact;
}

const treeOf = async (files: readonly DebFile[]) => read(await makeTar(files));

/** `+ /path`, `- /path`, `~ /path mode owner`. */
function lines(one: Artifact, other: Artifact, times = false): string[] {
  const { files = [] } = compareArtifacts(one, other, { times });
  return files.map(({ path, before, after, fields }: FileChange) => {
    return `${before === undefined ? '+' : after === undefined ? '-' : '~'} ${[path, ...fields].join(' ')}`;
  });
}

const BASE: DebFile[] = [
  { path: '/', type: 'directory' },
  { path: '/etc', type: 'directory' },
  { path: '/etc/a', content: 'a' },
  { path: '/etc/b', content: 'b' },
  { path: '/etc/link', target: 'a' },
  { path: '/etc/hard', type: 'hardlink', target: '/etc/b' },
  { path: '/dev/null', type: 'char', major: 1, minor: 3, mode: 0o666 },
  { path: '/run/pipe', type: 'fifo' },
];
const changed = (path: string, change: Partial<DebFile>) =>
  BASE.map((file) => (file.path === path ? { ...file, ...change } : file));

describe('two tars', () => {
  it.each<[string, DebFile[], string[]]>([
    ['the same', BASE, []],
    ['one more', [...BASE, { path: '/new', content: '' }], ['+ /new']],
    ['one less', BASE.filter(({ path }) => path !== '/etc/link'), ['- /etc/link']],
    ['a mode', changed('/etc/a', { mode: 0o4755 }), ['~ /etc/a mode']],
    ['an owner', changed('/etc', { uid: 7 }), ['~ /etc owner']],
    ['a group', changed('/', { gid: 7 }), ['~ / owner']],
    ['content of the same size', changed('/etc/a', { content: 'b' }), ['~ /etc/a sha256']],
    [
      'content under two names',
      changed('/etc/b', { content: 'bb' }),
      ['~ /etc/b size sha256', '~ /etc/hard size sha256'],
    ],
    ['a hard link that is a file now', changed('/etc/hard', { type: 'file', content: 'b' }), []],
    ['a target', changed('/etc/link', { target: 'b' }), ['~ /etc/link target']],
    ["a link's mode, which says nothing", changed('/etc/link', { mode: 0o700 }), []],
    ['a type', changed('/run/pipe', { type: 'file' }), ['~ /run/pipe type sha256']],
    ['a device', changed('/dev/null', { minor: 5 }), ['~ /dev/null target']],
    ['an attribute', changed('/etc/a', { pax: { 'SCHILY.xattr.user.x': 'y' } }), ['~ /etc/a xattrs']],
    ['a time', changed('/etc/a', { mtime: 1 }), []],
    ['another order', [...BASE].reverse().filter(({ type }) => type !== 'hardlink'), ['- /etc/hard']],
  ])('that differ in: %s', async (_, files, expected) => {
    expect(lines(await treeOf(BASE), await treeOf(files))).toEqual(expected);
  });

  it('may be compared with times', async () => {
    expect(lines(await treeOf(BASE), await treeOf(changed('/etc/a', { mtime: 1 })), true)).toEqual(['~ /etc/a mtime']);
  });

  it('have sizes, each content counted once', async () => {
    const { before, after } = compareArtifacts(
      await treeOf(BASE),
      await treeOf([...BASE, { path: '/c', content: 'cc' }]),
      { times: false },
    );
    expect([before, after]).toEqual([
      { packages: 0, files: 8, bytes: 2 },
      { packages: 0, files: 9, bytes: 4 },
    ]);
  });

  it.each<DebCompression>(['gz', 'xz', 'zst', 'bz2'])('may be compressed: %s', async (compression) => {
    if (compression === 'bz2' && !hasProgram('bzip2')) return;
    const packed = await read(await compressAs(compression, await makeTar(BASE)));
    expect(lines(await treeOf(BASE), packed)).toEqual([]);
  });

  it('differ in what they were made to differ in', async () => {
    const directory = testDirectory();
    const file = fc.record({
      mode: fc.constantFrom(0o644, 0o755),
      uid: fc.constantFrom(0, 1),
      content: fc.constantFrom('', 'x', 'yy'),
    });
    const tree = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd/e', 'd/f'), file, { noNullPrototype: true });
    const tarOfTree = (files: Record<string, object>) =>
      makeTar(Object.entries(files).map(([path, fields]) => ({ path: `/${path}`, ...fields })));
    await fc.assert(
      fc.asyncProperty(tree, tree, async (one, other) => {
        const expected = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort().flatMap((name) => {
          const [a, b] = [one[name], other[name]];
          if (a === undefined) return [`+ /${name}`];
          if (b === undefined) return [`- /${name}`];
          const fields = [
            ...(a.mode === b.mode ? [] : ['mode']),
            ...(a.uid === b.uid ? [] : ['owner']),
            ...(a.content === b.content ? [] : ['size', 'sha256']),
          ];
          return fields.length === 0 ? [] : [['~', `/${name}`, ...fields].join(' ')];
        });
        const trees = [
          await read(await tarOfTree(one), undefined, directory),
          await read(await tarOfTree(other), undefined, directory),
        ] as const;
        expect(lines(...trees)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});

describe('packages of a tree', () => {
  const status = (...stanzas: string[]) => stanzas.map((text) => `${text.replaceAll('; ', '\n')}\n`).join('\n');
  const withStatus = (text: string) => treeOf([{ path: '/var/lib/dpkg/status', content: text }]);
  const installed = 'Status: install ok installed; Architecture: amd64';

  it.each([
    [status(`Package: a; Version: 2; ${installed}`), 'a 1 2'],
    [status(`Package: a; Version: 1; ${installed}`, `Package: b; Version: 1; ${installed}`), 'b undefined 1'],
    [status(`Package: a; Version: 1; ${installed}`, 'Package: b; Version: 1; Status: deinstall ok config-files'), ''],
    ['', 'a 1 undefined'],
  ])('are those that dpkg says are installed: %#', async (text, expected) => {
    const before = await withStatus(status(`Package: a; Version: 1; ${installed}`));
    const { packages } = compareArtifacts(before, await withStatus(text), { times: false });
    expect(packages.map(({ name, from, to }) => `${name} ${from} ${to}`).join()).toBe(expected);
  });

  it('may stand in a file each', async () => {
    const tree = await treeOf([
      { path: '/var/lib/dpkg/status.d/a', content: 'Package: a\nVersion: 1\nArchitecture: all\n' },
      { path: '/var/lib/dpkg/status.d/a.md5sums', content: 'no stanza' },
    ]);
    expect(tree).toMatchObject({ tree: { packages: [{ name: 'a', version: '1', architecture: 'all' }] } });
  });
});

describe('an image', () => {
  const LOWER: DebFile[] = [
    { path: '/etc/keep', content: 'k' },
    { path: '/etc/gone', content: 'g' },
    { path: '/usr/share/doc/a', content: 'a' },
    { path: '/usr/share/man/b', content: 'b' },
    { path: '/opt/was-directory', type: 'directory' },
    { path: '/opt/was-directory/c', content: 'c' },
    { path: '/var/lib/dpkg/status.d/old', content: 'Package: old\nVersion: 1\n' },
  ];
  const UPPER: DebFile[] = [
    { path: '/etc/.wh.gone' },
    { path: '/usr/share/doc/new', content: 'n' },
    { path: '/usr/share/doc/.wh..wh..opq' },
    { path: '/usr/share/.wh.man' },
    { path: '/opt/was-directory', content: 'file' },
    { path: '/etc/hard', type: 'hardlink', target: '/etc/keep' },
    { path: '/var/lib/dpkg/status.d/.wh.old' },
  ];
  const RESULT: DebFile[] = [
    { path: '/etc/keep', content: 'k' },
    { path: '/etc/hard', content: 'k' },
    { path: '/usr/share/doc/new', content: 'n' },
    { path: '/opt/was-directory', content: 'file' },
  ];
  const read2 = async (files: Awaited<ReturnType<typeof ociLayout>>) => [
    await readPath(writeFiles(testDirectory(), files)),
    await read(await tarOf(files)),
  ];

  it.each<DebCompression>(['none', 'gz', 'zst'])(
    'is what its layers make, as an OCI layout and as a tar of one: %s',
    async (compression) => {
      for (const image of await read2(await ociLayout({ amd64: [LOWER, UPPER] }, compression))) {
        expect(lines(await treeOf(RESULT), image)).toEqual([]);
        expect(image).toMatchObject({ tree: { packages: [] } });
      }
    },
  );

  it('is what its layers make, as docker save writes it', async () => {
    const image = await read(await tarOf(await dockerArchive([LOWER, UPPER])));
    expect(lines(await treeOf(RESULT), image)).toEqual([]);
  });

  it('has known differences to a tar', async () => {
    const image = await read(
      await tarOf(await ociLayout({ amd64: [LOWER, UPPER, [{ path: '/etc/keep', mode: 0o600, content: 'k' }]] })),
    );
    expect(lines(await treeOf(LOWER), image)).toEqual([
      '- /etc/gone',
      '+ /etc/hard',
      '~ /etc/keep mode',
      '~ /opt/was-directory type mode size sha256',
      '- /opt/was-directory/c',
      '- /usr/share/doc/a',
      '+ /usr/share/doc/new',
      '- /usr/share/man/b',
      '- /var/lib/dpkg/status.d/old',
    ]);
  });

  it('of several architectures is the one that is asked for', async () => {
    const bytes = await tarOf(await ociLayout({ amd64: [LOWER], arm64: [RESULT] }));
    expect(lines(await treeOf(RESULT), await read(bytes, 'arm64'))).toEqual([]);
    await expect(read(bytes)).rejects.toThrow(
      /cannot tell which image of .* is meant: it has linux\/amd64, linux\/arm64/,
    );
  });

  it.each([
    [
      'a layer that is not there',
      (files: Map<string, Uint8Array>) => files.delete([...files.keys()][0] ?? ''),
      'it is not there',
    ],
    [
      'a layer that is another one',
      (files: Map<string, Uint8Array>) => files.set([...files.keys()][0] ?? '', Buffer.alloc(1024)),
      'its SHA-256 is ',
    ],
    [
      'an index without manifests',
      (files: Map<string, Uint8Array>) => files.set('index.json', Buffer.from('{}')),
      'it is neither a manifest nor an index',
    ],
    [
      'a digest that is a path',
      (files: Map<string, Uint8Array>) => files.set('index.json', Buffer.from('{"manifests":[{"digest":"../../x"}]}')),
      '"../../x" is no digest',
    ],
  ])('is refused with %s', async (_, damage, message) => {
    const files = await ociLayout({ amd64: [LOWER] });
    damage(files);
    await expect(read(await tarOf(files))).rejects.toThrow(message);
  });
});

describe('a directory', () => {
  it('is compared as it lies there', async () => {
    const root = testDirectory();
    chmodSync(root, 0o755);
    mkdirSync(join(root, 'etc'), { mode: 0o755 });
    writeFileSync(join(root, 'etc/a'), 'a', { mode: 0o644 });
    writeFileSync(join(root, 'etc/b'), 'c', { mode: 0o600 });
    symlinkSync('a', join(root, 'etc/link'));
    const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    const tree = await treeOf(BASE.slice(0, 5).map((file) => ({ ...file, ...own })));
    expect(lines(tree, await readPath(root))).toEqual(['~ /etc/b mode sha256']);
  });
});

describe('what is nothing that can be compared', () => {
  it.each([
    ['name: web\n', undefined],
    ['{"a": 1}', 'it is no lock'],
  ])('%j', async (text, message) => {
    const path = join(testDirectory(), 'x');
    writeFileSync(path, text);
    if (message === undefined) expect(await readArtifact(path, { architecture: undefined, cacheDir })).toBeUndefined();
    else await expect(readArtifact(path, { architecture: undefined, cacheDir })).rejects.toThrow(message);
    await expect(readArtifact(`${path}.none`, { architecture: undefined, cacheDir })).rejects.toThrow('cannot read');
  });
});
