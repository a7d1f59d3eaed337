import { existsSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type ArMemberBytes, type DebFile, makeDeb, makeTar } from '../builder/deb.js';
import { listTar } from '../builder/listing.js';
import { hasProgram } from '../builder/programs.js';
import { archive, member, meta, pax, rawHeader } from '../formats/tar/support.js';
import { CONTROL, type Ground, ground } from './ground.js';

/** A signed package that wants to harm the host: its data member is this tar. */
const withData = (tar: Uint8Array): Promise<Uint8Array> =>
  makeDeb({
    control: CONTROL,
    compression: 'gz',
    members: ([a, b]) => (a && b ? [a, b, { name: 'data.tar.gz', bytes: gzipSync(tar) }] : []),
  });

const withFiles = (...files: readonly DebFile[]): Promise<Uint8Array> =>
  makeDeb({ control: CONTROL, compression: 'gz', files, parents: false });

const withMembers = (members: (members: readonly ArMemberBytes[]) => readonly ArMemberBytes[]): Promise<Uint8Array> =>
  makeDeb({ control: CONTROL, compression: 'gz', files: [{ path: '/x', content: 'x' }], members });

const withControl = async (...files: readonly DebFile[]): Promise<Uint8Array> => {
  const bytes = gzipSync(await makeTar(files));
  return makeDeb({
    control: CONTROL,
    compression: 'gz',
    members: ([a, , c]) => (a && c ? [a, { name: 'control.tar.gz', bytes }, c] : []),
  });
};

/** An ar archive whose second header says something else: fields by their offset in the header. */
const withArHeader = async (fields: Readonly<Record<number, string>>): Promise<Uint8Array> => {
  const deb = Buffer.from(await withFiles({ path: '/x', content: 'x' }));
  const header = 8 + 60 + 4;
  for (const [at, text] of Object.entries(fields)) deb.write(text, header + Number(at), 'latin1');
  return deb;
};

const root = member({ path: '/', type: 'directory' });
const passwd = rawHeader({ 0: './etc/passwd' });
const control = 'Package: evil\nVersion: 1.0-1\nArchitecture: amd64\n';
const CONTROLS = '\u001b[2J\u001b]0;owned\u0007';

/** What the limits of a test are, so that its bombs can be small. */
const SMALL = { limits: { dataBytes: 3_000_000, controlBytes: 1_000_000, entries: 1000 } };

type Attack = readonly [
  name: string,
  deb: () => Promise<Uint8Array>,
  why: RegExp,
  options?: Parameters<Ground['build']>[0],
];

const REFUSED: Attack[] = [
  [
    'traversal: ../../etc/passwd',
    () => withFiles({ path: '../../etc/passwd', content: 'x' }),
    /has a "\.\." component$/,
  ],
  [
    'traversal in the middle: usr/../../etc/passwd',
    () => withData(archive(rawHeader({ 0: './usr/../../etc/passwd' }))),
    /has a "\.\." component$/,
  ],
  [
    'traversal by a pax path',
    () => withData(archive(pax('x', 'path=../../etc/passwd'), passwd)),
    /has a "\.\." component$/,
  ],
  [
    'traversal by a global pax path',
    () => withData(archive(pax('g', 'path=../../etc/passwd'), passwd)),
    /has a "\.\." component$/,
  ],
  [
    'traversal by a GNU long name',
    () => withData(archive(meta('L', '../../etc/passwd\0'), passwd)),
    /has a "\.\." component$/,
  ],
  [
    'traversal by the prefix field',
    () => withData(archive(rawHeader({ 0: 'passwd', 345: '../../etc' }))),
    /has a "\.\." component$/,
  ],
  [
    'hard link to ../../etc/shadow',
    () => withFiles({ path: '/x', type: 'hardlink', target: '../../etc/shadow' }),
    /has a "\.\." component$/,
  ],
  [
    "hard link to the host's /etc/shadow",
    () => withFiles({ path: '/x', type: 'hardlink', target: '/etc/shadow' }),
    /is a hard link to \/etc\/shadow, which the package does not ship before it$/,
  ],
  [
    'hard link to itself',
    () => withFiles({ path: '/x', type: 'hardlink', target: '/x' }),
    /is a hard link to \/x, which/,
  ],
  [
    'hard link to a directory',
    () => withFiles({ path: '/d/' }, { path: '/x', type: 'hardlink', target: '/d' }),
    /is a hard link to \/d, which/,
  ],
  [
    'hard link through a symbolic link',
    () => withFiles({ path: '/d', target: '/etc' }, { path: '/x', type: 'hardlink', target: '/d/passwd' }),
    /is a hard link to \/d\/passwd, which/,
  ],
  [
    'file through a symbolic link out of the tree',
    () => withFiles({ path: '/d', target: '/tmp' }, { path: '/d/x', content: 'x' }),
    /\/d is a symlink that evil brought$/,
  ],
  [
    'file through a relative symbolic link',
    () => withFiles({ path: '/d', target: '../../..' }, { path: '/d/x', content: 'x' }),
    /\/d is a symlink that evil brought$/,
  ],
  [
    'directory through a symbolic link',
    () => withFiles({ path: '/d', target: '/etc' }, { path: '/d/x/' }),
    /\/d is a symlink that evil brought$/,
  ],
  [
    'cycle of symbolic links, and a file through it',
    () => withFiles({ path: '/a', target: 'b' }, { path: '/b', target: 'a' }, { path: '/a/x', content: '' }),
    /\/a is a symlink that evil brought$/,
  ],
  [
    'symbolic link in the place of a directory',
    () => withFiles({ path: '/usr/' }, { path: '/usr/share/' }, { path: '/usr/share', target: '/etc' }),
    /\/usr\/share is a directory that evil brought$/,
  ],
  [
    'entry under a file',
    () => withFiles({ path: '/f', content: '' }, { path: '/f/x', content: '' }),
    /\/f is a file that evil brought$/,
  ],
  ['file in the place of the root', () => withData(archive(rawHeader({ 0: '.' }))), /\/ is a file$/],
  [
    'the same path twice',
    () => withFiles({ path: '/x', content: '1' }, { path: '/x', content: '2' }),
    /\/x stands twice in the package$/,
  ],
  [
    'the same path twice, once in other words',
    () => withData(archive(root, rawHeader({ 0: './x' }), rawHeader({ 0: './/./x' }))),
    /\/x stands twice in the package$/,
  ],
  ['negative size (base-256)', () => withData(archive(rawHeader({ 124: Array(12).fill(0xff) }))), /has a bad size$/],
  [
    'size of 2^63',
    () => withData(archive(rawHeader({ 124: [0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0] }))),
    /has a bad size$/,
  ],
  ['size that is no number', () => withData(archive(rawHeader({ 124: '0x10_______\0' }))), /has a bad size$/],
  [
    'pax size that is no number',
    () => withData(archive(pax('x', 'size=-1'), passwd)),
    /the pax keyword size is not a number in range$/,
  ],
  [
    'pax size beyond all numbers',
    () => withData(archive(pax('x', `size=${'9'.repeat(30)}`), passwd)),
    /the pax keyword size is not a number in range$/,
  ],
  ['size beyond the end', () => withData(archive(rawHeader({ 124: '00000100000\0' }))), /ends early/],
  [
    'sparse file of GNU tar',
    () => withData(archive(rawHeader({ 156: 'S' }))),
    /is of the type "S", which is not supported$/,
  ],
  ['sparse file of pax', () => withData(archive(pax('x', 'GNU.sparse.major=1'), passwd)), /it holds a sparse file/],
  ...['D', 'M', 'V', 'A', 'Z', '\u0001'].map(
    (type): Attack => [
      `unknown type ${JSON.stringify(type)}`,
      () => withData(archive(rawHeader({ 156: type }))),
      /, which is not supported$/,
    ],
  ),
  ['NUL in a pax path', () => withData(archive(pax('x', 'path=etc/pass\0wd'), passwd)), /it holds a NUL byte$/],
  ['NUL in a GNU long name', () => withData(archive(meta('L', 'etc/pass\0wd\0'), passwd)), /it holds a NUL byte$/],
  [
    'NUL in the target of a symbolic link',
    () => withData(archive(pax('x', 'linkpath=a\0b'), rawHeader({ 156: '2' }))),
    /holds a NUL byte$/,
  ],
  [
    'invalid UTF-8 in a name',
    () => withData(archive(rawHeader({ 0: [0x2e, 0x2f, 0xc0, 0xaf] }))),
    /the name of an entry is not UTF-8$/,
  ],
  [
    'invalid UTF-8 in a target',
    () => withData(archive(rawHeader({ 0: 'x', 156: '2', 157: [0xff, 0xfe] }))),
    /is not UTF-8$/,
  ],
  ['no name at all', () => withData(archive(rawHeader({ 0: '\0\0\0\0' }))), /an entry has no name$/],
  [
    'two pax headers for one entry',
    () => withData(archive(pax('x', 'path=a'), pax('x', 'path=b'), passwd)),
    /contradicts the one before it$/,
  ],
  [
    'pax header after a long name',
    () => withData(archive(meta('L', 'a\0'), pax('x', 'path=b'), passwd)),
    /contradicts the one before it$/,
  ],
  [
    'pax header that is damaged',
    () => withData(archive(meta('x', '999 path=a\n'), passwd)),
    /a pax extended header is damaged$/,
  ],
  [
    'pax header of 4 GiB',
    () => withData(archive(rawHeader({ 124: '40000000000\0', 156: 'x' }))),
    /is longer than 1048576 bytes$/,
  ],
  [
    'long name of a megabyte',
    () => withData(archive(meta('L', 'n/'.repeat(500_000)), passwd)),
    /is longer than 8192 bytes$/,
  ],
  [
    'a thousand extended attributes',
    () => withData(archive(pax('x', ...Array.from({ length: 1000 }, (_, at) => `SCHILY.xattr.user.${at}=x`)), passwd)),
    /more than 128 extended attributes$/,
  ],
  [
    'path a thousand directories deep',
    () => withData(archive(pax('x', `path=${'d/'.repeat(1000)}x`), passwd)),
    /an entry is more than 256 directories deep$/,
  ],
  [
    'path longer than the kernel takes',
    () => withData(archive(pax('x', `path=${'dddddddddddddddddddddddd/'.repeat(200)}x`), passwd)),
    /it is longer than 4095 bytes$/,
  ],
  [
    'name longer than the kernel takes',
    () => withData(archive(pax('x', `path=${'n'.repeat(256)}`), passwd)),
    /a component is longer than 255 bytes$/,
  ],
  [
    'more entries than allowed',
    () => withData(archive(...Array.from({ length: 1001 }, (_, at) => rawHeader({ 0: `./${at}` })))),
    /more than 1000 entries$/,
    SMALL,
  ],
  [
    'tar header with a wrong checksum',
    () => withData(archive(Buffer.concat([Buffer.from('x'), passwd.subarray(1)]))),
    /is damaged$/,
  ],
  ['tar that goes on after its end', () => withData(Buffer.concat([archive(root), passwd])), /goes on after its end/],
  ['tar that is cut off', () => withData(archive(root).subarray(0, 700)), /ends early/],
  ...(['gz', 'xz', 'zst', 'bz2', 'lzma'] as const)
    .filter((kind) => kind !== 'bz2' || hasProgram('bzip2'))
    .map(
      (kind): Attack => [
        `bomb (${kind})`,
        async () =>
          makeDeb({
            control: CONTROL,
            compression: kind,
            files: [{ path: '/zeros', content: Buffer.alloc(40_000_000) }],
          }),
        /has more than 3000000 bytes$/,
        SMALL,
      ],
    ),
  [
    'bomb by ratio: 70 MB of 70 KB',
    () =>
      makeDeb({ control: CONTROL, compression: 'gz', files: [{ path: '/zeros', content: Buffer.alloc(70_000_000) }] }),
    /has more than 67108864 bytes$/,
    { limits: { dataRatio: 100 } },
  ],
  [
    'bomb in the control files',
    () => makeDeb({ control: CONTROL, compression: 'gz', scripts: { templates: ' '.repeat(5_000_000) } }),
    /control\.tar\.gz of .* has more than 1000000 bytes$|cannot decompress control\.tar\.gz.*more than 1000000 bytes$/,
    SMALL,
  ],
  ['.deb cut off', async () => (await withFiles({ path: '/x', content: 'x' })).subarray(0, -50), /^cannot /],
  ['.deb with no more than a name', async () => Buffer.from('!<arch>\n'), /its first member is not debian-binary$/],
  [
    '.deb that is something else',
    async () => Buffer.from('<!DOCTYPE html><title>Sign in</title>'),
    /it is not an ar archive$/,
  ],
  [
    'data behind the compressed data',
    () =>
      withMembers((m) =>
        m.map((one, at) => (at === 2 ? { ...one, bytes: Buffer.concat([one.bytes, Buffer.from('more')]) } : one)),
      ),
    /^cannot decompress data\.tar\.gz/,
  ],
  [
    'two data members',
    () => withMembers((m) => [...m, ...m.slice(2)]),
    /it has the member data\.tar\.gz after data\.tar\.gz$/,
  ],
  [
    'data members in two compressions',
    () => withMembers((m) => [...m, { name: 'data.tar', bytes: Buffer.alloc(0) }]),
    /it has the member data\.tar after data\.tar\.gz$/,
  ],
  [
    'data before control',
    () => withMembers(([a, b, c]) => (a && b && c ? [a, c, b] : [])),
    /the member data\.tar\.gz where control\.tar is expected$/,
  ],
  ['no control member', () => withMembers(([a, , c]) => (a && c ? [a, c] : [])), /where control\.tar is expected$/],
  [
    'format of version 3',
    () => withMembers(([, ...rest]) => [{ name: 'debian-binary', bytes: Buffer.from('3.0\n') }, ...rest]),
    /its format version is not 2/,
  ],
  ['ar member with a negative size', () => withArHeader({ 48: '-1        ' }), /is not a decimal number$/],
  ['ar member with a size beyond all numbers', () => withArHeader({ 48: '9999999999' }), /ends after the file/],
  ['ar member named ../x', () => withArHeader({ 0: '../../etc/passwd' }), /^cannot /],
  ['ar member with a long name of GNU', () => withArHeader({ 0: '/0              ' }), /^cannot /],
  ['ar member with a long name of BSD', () => withArHeader({ 0: '#1/20           ' }), /^cannot /],
  [
    'ar of nothing but headers',
    async () =>
      Buffer.from(`!<arch>\n${`${'_x'.padEnd(16)}${'0'.padEnd(12)}0     0     100644  0         \`\n`.repeat(2000)}`),
    /more than 1024 members$/,
  ],
  [
    'control: another package',
    () => makeDeb({ control: { ...CONTROL, Package: 'sudo' }, compression: 'gz' }),
    /its Package is sudo, the index says evil$/,
  ],
  [
    'control: another version',
    () => makeDeb({ control: { ...CONTROL, Version: '9' }, compression: 'gz' }),
    /its Version is 9, the index says 1\.0-1$/,
  ],
  [
    'control: another architecture',
    () => makeDeb({ control: { ...CONTROL, Architecture: 'all' }, compression: 'gz' }),
    /its Architecture is all, the index says amd64$/,
  ],
  [
    'control: fields twice',
    () => withControl({ path: 'control', content: `${control}Package: evil\n` }),
    /field Package occurs twice/,
  ],
  [
    'control: two of them',
    () => withControl({ path: 'control', content: control }, { path: './control', content: control }),
    /"\/control" is there twice$/,
  ],
  [
    'control: a symbolic link to /etc/passwd',
    () => withControl({ path: 'control', target: '/etc/passwd' }),
    /is a symlink, not a file$/,
  ],
  [
    'control: a file out of it',
    () => withControl({ path: 'control', content: control }, { path: '../x', content: '' }),
    /has a "\.\." component$/,
  ],
  [
    'control: a name with a line break',
    () => withControl({ path: 'control', content: control }, { path: 'post\ninst', content: '' }),
    /is not a plain name$/,
  ],
  [
    'control: a device',
    () => withControl({ path: 'control', content: control }, { path: 'x', type: 'block', major: 8 }),
    /is a block, not a file$/,
  ],
  [
    'terminal escapes in a name that is told of',
    () => withFiles({ path: `/${CONTROLS}`, content: '' }, { path: `/${CONTROLS}`, content: '' }),
    /stands twice in the package$/,
  ],
  [
    'maintainer script that never ends',
    () => makeDeb({ control: CONTROL, compression: 'gz', scripts: { postinst: '#!/bin/sh\nwhile :; do :; done\n' } }),
    /its postinst used up its budget of steps at line 2$/,
    { limits: { scriptSteps: 10_000 } },
  ],
  [
    'maintainer script that eats memory',
    () =>
      makeDeb({
        control: CONTROL,
        compression: 'gz',
        scripts: { postinst: '#!/bin/sh\nx=y\nwhile :; do x=$x$x; done\n' },
      }),
    /used up its budget of/,
  ],
  [
    'maintainer script that fills the disk',
    () =>
      makeDeb({
        control: CONTROL,
        compression: 'gz',
        scripts: { postinst: '#!/bin/sh\nwhile :; do printf %9999d 1 >> /var/x; done\n' },
      }),
    /used up its budget of/,
    { limits: { scriptOutputBytes: 100_000 } },
  ],
];

const FORBIDDEN: readonly (readonly [kind: string, file: DebFile])[] = [
  ['setuid', { path: '/usr/bin/su', mode: 0o4755, content: 'x' }],
  ['setgid', { path: '/usr/bin/wall', mode: 0o2755, content: 'x' }],
  ['devices', { path: '/usr/lib/sda', type: 'block', major: 8 }],
  ['devices', { path: '/usr/lib/mem', type: 'char', major: 1, minor: 1 }],
  ['capabilities', { path: '/usr/bin/ping', content: 'x', pax: { 'SCHILY.xattr.security.capability': '\u0001' } }],
];

describe('what a profile forbids: refused, and nothing is built', () => {
  it.each(FORBIDDEN.map(([kind, file]) => ({ kind, file, path: file.path })))(
    '$kind: $path',
    async ({ kind, file }) => {
      const place = await ground();
      await place.write({}, await makeDeb({ control: CONTROL, compression: 'gz', files: [file] }));
      await place.expectRefused(new RegExp(`it has what the profile forbids, ${file.path}, of evil: ${kind}$`), {
        forbid: [kind],
      });
      expect((await place.build()).error).toBeUndefined();
    },
  );

  it('setuid that a maintainer script sets', async () => {
    const place = await ground();
    const scripts = { postinst: '#!/bin/sh\nchmod 4755 /usr/bin/x\n' };
    await place.write(
      {},
      await makeDeb({ control: CONTROL, compression: 'gz', files: [{ path: '/usr/bin/x', content: 'x' }], scripts }),
    );
    await place.expectRefused(/it has what the profile forbids, \/usr\/bin\/x, of (?:evil|postinst): setuid$/, {
      forbid: ['setuid'],
    });
  });
});

describe('signed packages that are malicious: refused, and nothing is built', () => {
  it.each(REFUSED.map(([name, ...attack]) => ({ name, attack })))('$name', async ({ attack: [deb, why, options] }) => {
    const place = await ground();
    await place.write({}, await deb());
    await place.expectRefused(why, options);
  });
});

describe('signed packages that are malicious: what they say stays in the tree', () => {
  const CONTAINED: readonly (readonly [name: string, files: readonly DebFile[], line: RegExp])[] = [
    ['absolute path', [{ path: '/etc/passwd', content: 'x' }], /^\/etc\/passwd: file 0644/m],
    [
      "symbolic link to the host's files",
      [{ path: '/x', target: '/etc/shadow' }],
      /^\/x: symlink 0777 0:0 -> \/etc\/shadow$/m,
    ],
    [
      'symbolic link out of the tree',
      [{ path: '/x', target: '../../../../etc/shadow' }],
      /-> \.\.\/\.\.\/\.\.\/\.\.\/etc\/shadow$/m,
    ],
    ['device', [{ path: '/sda', type: 'block', major: 8, minor: 0 }], /^\/sda: block 0644/m],
    ['setuid root', [{ path: '/su', mode: 0o4755, content: 'x' }], /^\/su: file 4755/m],
  ];
  it.each(CONTAINED)('%s', async (_, files, line) => {
    const place = await ground();
    await place.write({}, await makeDeb({ control: CONTROL, compression: 'gz', files }));
    const before = readFileSync('/etc/passwd', 'utf8');
    expect((await place.build()).error).toBeUndefined();
    expect(listTar(readFileSync(place.output)).join('\n')).toMatch(line);
    expect(readFileSync('/etc/passwd', 'utf8')).toBe(before);
  });

  it('a directory is written: links are links, and nothing is written through them', async () => {
    const place = await ground();
    const outside = join(place.directory, '..', 'outside');
    mkdirSync(outside);
    const files = [
      { path: '/link', target: outside },
      { path: '/other', target: '../../outside/x' },
      { path: '/usr/share/x', content: 'x' },
    ];
    await place.write(
      {},
      await makeDeb({
        control: CONTROL,
        compression: 'gz',
        files,
        scripts: { postinst: '#!/bin/sh\necho owned > /link/x\necho owned > /other\n' },
      }),
    );
    const output = join(place.directory, 'out', 'root');
    expect((await place.build({ output, format: 'dir' })).error).toBeUndefined();
    expect(lstatSync(join(output, 'link')).isSymbolicLink()).toBe(true);
    expect([existsSync(join(outside, 'x')), existsSync(join(output, 'usr/share/x'))]).toEqual([false, true]);
  });

  it.each([
    ['reads the host', 'cat /etc/hostname /proc/self/environ > /stolen || :'],
    [
      'starts a program of the host',
      `${process.execPath} --version > /stolen || :; sh -c '${process.execPath} --version' >> /stolen || :`,
    ],
    ['asks the network', 'exec 3<>/dev/tcp/127.0.0.1/80 || : > /stolen'],
  ])('a maintainer script that %s gets nothing', async (_, line) => {
    const place = await ground();
    await place.write(
      {},
      await makeDeb({
        control: CONTROL,
        compression: 'gz',
        scripts: { postinst: `#!/bin/sh\n: > /stolen\n${line}\n` },
      }),
    );
    expect((await place.build()).error).toBeUndefined();
    const stolen = listTar(readFileSync(place.output)).filter((text) => text.startsWith('/stolen'));
    expect(stolen).toEqual(['/stolen: file 0644 0:0 e3b0c442']);
  });
});
