import { createHash } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KoalaError } from '../../src/formats/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../../src/formats/limits.js';
import { unpackDeb } from '../../src/unpack/deb.js';
import type { UnpackedPackage, UnpackRequest } from '../../src/unpack/types.js';
import {
  type ArMemberBytes,
  compressAs,
  DEB_TIME,
  type DebCompression,
  type DebFile,
  type DebOptions,
  makeDeb,
  makeTar,
} from '../builder/deb.js';
import { testDirectory } from '../builder/directory.js';
import { listPackage, shortHash } from '../builder/listing.js';
import { hasProgram } from '../builder/programs.js';

interface Unpacked {
  readonly directory: string;
  readonly result: UnpackedPackage;
}

async function unpack(
  deb: Uint8Array,
  request: Partial<UnpackRequest> = {},
  limits: Partial<Limits> = {},
  directory = testDirectory(),
): Promise<Unpacked> {
  const path = join(directory, 'sample.deb');
  writeFileSync(path, deb);
  const result = await unpackDeb(
    {
      deb: path,
      promised: { size: deb.byteLength, sha256: createHash('sha256').update(deb).digest('hex') },
      name: 'sample',
      version: '1.0-1',
      architecture: 'amd64',
      ...request,
    },
    join(directory, 'spool'),
    { ...DEFAULT_LIMITS, ...limits },
  );
  return { directory, result };
}

/** The refusal of a .deb, after which there must be no spool. */
async function refusal(
  deb: Uint8Array,
  request: Partial<UnpackRequest> = {},
  limits: Partial<Limits> = {},
): Promise<string> {
  const directory = testDirectory();
  const error = await unpack(deb, request, limits, directory).then(
    () => 'accepted',
    (thrown: unknown) => thrown,
  );
  expect(existsSync(join(directory, 'spool'))).toBe(false);
  if (!(error instanceof KoalaError)) throw new Error(`not refused: ${error}`);
  return `${error.code}: ${error.message.replaceAll(`${directory}/`, '')}`;
}

const FILES: readonly DebFile[] = [
  { path: '/usr/bin/tool', content: 'tool', mode: 0o4755 },
  { path: '/usr/bin/alias', type: 'hardlink', target: '/usr/bin/tool', mode: 0o4755 },
  { path: '/usr/bin/link', target: '../../etc/conf' },
  { path: '/etc/conf', content: 'x=1\n', uid: 7, gid: 42 },
  { path: '/etc/empty', content: '' },
  { path: `/opt/${'long/'.repeat(60)}name`, content: 'deep' },
  { path: '/opt/ünïcode', content: 'u' },
  { path: '/dev/null', type: 'char', major: 1, minor: 3, mode: 0o666 },
  { path: '/run/pipe', type: 'fifo', mode: 0o600 },
];

/** `printf koala-koala | xz --lzma2=dict=1536MiB`. */
const LARGE_DICTIONARY = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhASUAAAA7eHtBAQAKa29hbGEta29hbGEAAKLitJTtdCr0AAEjC8Ib/QkftvN9AQAAAAAEWVo=',
  'base64',
);

describe('unpackDeb', () => {
  it.each<DebCompression>(['xz', 'gz', 'zst', 'none', 'lzma', 'bz2'])('unpacks %s', async (compression) => {
    if (compression === 'bz2' && !hasProgram('bzip2')) return console.warn('skipped: bzip2 is not installed');
    const options: DebOptions = {
      compression,
      files: FILES,
      conffiles: ['/etc/conf'],
      scripts: { postinst: '#!/bin/sh\n', triggers: 'interest x\n' },
    };
    const { result } = await unpack(await makeDeb(options));
    expect(listPackage(result).filter((line) => !line.includes('long'))).toEqual([
      '/: directory 0755 0:0',
      '/usr: directory 0755 0:0',
      '/usr/bin: directory 0755 0:0',
      `/usr/bin/tool: file 4755 0:0 ${shortHash('tool')}`,
      '/usr/bin/alias: hardlink 4755 0:0 -> /usr/bin/tool',
      '/usr/bin/link: symlink 0777 0:0 -> ../../etc/conf',
      '/etc: directory 0755 0:0',
      `/etc/conf: file 0644 7:42 ${shortHash('x=1\n')}`,
      `/etc/empty: file 0644 0:0 ${shortHash('')}`,
      '/opt: directory 0755 0:0',
      `/opt/ünïcode: file 0644 0:0 ${shortHash('u')}`,
      '/dev: directory 0755 0:0',
      '/dev/null: char 0666 0:0 1,3',
      '/run: directory 0755 0:0',
      '/run/pipe: fifo 0600 0:0',
    ]);
    expect(listPackage(result).at(-6)).toBe(`/opt/${'long/'.repeat(60)}name: file 0644 0:0 ${shortHash('deep')}`);
    expect(new Set(result.entries.map((entry) => entry.mtime))).toEqual(new Set([DEB_TIME]));
    const control = [...result.control].map(([name, { mode }]) => `${name} ${mode.toString(8)}`);
    expect(control).toEqual(['control 644', 'md5sums 644', 'conffiles 644', 'postinst 755', 'triggers 644']);
    expect(Buffer.from(result.control.get('conffiles')?.bytes ?? []).toString()).toBe('/etc/conf\n');
  });

  it('spools the data member as it is, in one file', async () => {
    const { directory, result } = await unpack(await makeDeb({ files: FILES }));
    expect(readdirSync(directory).sort()).toEqual(['sample.deb', 'spool']);
    expect(result.bytes % 512).toBe(0);
    expect(result.spool).toBe(join(directory, 'spool'));
  });

  it('unpacks files that are larger than all buffers', async () => {
    const content = Buffer.alloc(3_000_001, 'abcdefg');
    const { result } = await unpack(await makeDeb({ files: [{ path: '/big', content }] }));
    expect(listPackage(result).at(-1)).toBe(`/big: file 0644 0:0 ${shortHash(content)}`);
  });
});

describe('the promise of the index', () => {
  it.each([
    [
      'another size',
      { promised: { size: 1, sha256: '' } },
      /^verify: cannot accept sample.deb: it has \d+ bytes, .* 1$/,
    ],
    [
      'another name',
      { name: 'other' },
      /^unpack: cannot unpack sample.deb: its Package is sample, the index says other$/,
    ],
    ['another version', { version: '2' }, /its Version is 1\.0-1, the index says 2$/],
    ['another architecture', { architecture: 'arm64' }, /its Architecture is amd64, the index says arm64$/],
    ['no file', { deb: '/nonexistent.deb' }, /^unpack: cannot open \/nonexistent\.deb: ENOENT/],
    ['a directory', { deb: '/' }, /^verify: cannot accept \/: it is not a plain file$/],
  ])('%s is refused', async (_, request, message) => {
    expect(await refusal(await makeDeb(), request)).toMatch(message);
  });

  it('another byte anywhere is refused, also where nothing reads it', async () => {
    const comment = { name: '_comment', bytes: Buffer.alloc(100) };
    const deb = await makeDeb({ compression: 'none', members: (members) => [...members, comment] });
    const sha256 = createHash('sha256').update(deb).digest('hex');
    const changed = Buffer.from(deb);
    changed[changed.length - 1] = 1;
    expect(await refusal(changed, { promised: { size: deb.byteLength, sha256 } })).toMatch(
      /^verify: cannot accept sample\.deb: its SHA-256 is [0-9a-f]{64}, the index says [0-9a-f]{64}$/,
    );
  });
});

describe('the members of the archive', () => {
  type Change = (members: readonly ArMemberBytes[]) => readonly ArMemberBytes[];
  const member = (name: string, bytes: string | Uint8Array = ''): ArMemberBytes => ({
    name,
    bytes: Buffer.from(bytes),
  });
  const at = (members: readonly ArMemberBytes[], index: number): ArMemberBytes => members[index] ?? member('missing');

  it.each<[string, Change]>([
    ['members to ignore between', (m) => m.flatMap((each, i) => (i === 0 ? [each] : [member('_new', 'x'), each]))],
    ['a signature at the end', (m) => [...m, member('_gpgorigin', 'x')]],
    ['a later minor version', (m) => [member('debian-binary', '2.1\nmore\n'), ...m.slice(1)]],
  ])('%s are fine', async (_, members) => {
    const { result } = await unpack(await makeDeb({ files: [{ path: '/x', content: '1' }], members }));
    expect(result.entries.map((entry) => entry.path)).toEqual(['/', '/x']);
  });

  it.each<[string, Change, RegExp]>([
    ['nothing', () => [], /its first member is not debian-binary/],
    ['no version', (m) => m.slice(1), /its first member is not debian-binary/],
    [
      'version 3',
      (m) => [member('debian-binary', '3.0\n'), ...m.slice(1)],
      /its format version is not 2 but "3\.0\\n"/,
    ],
    ['an empty version', (m) => [member('debian-binary'), ...m.slice(1)], /its format version is not 2 but ""/],
    [
      'no control member',
      (m) => [at(m, 0), at(m, 2)],
      /it has the member data\.tar\.xz where control\.tar is expected/,
    ],
    ['no data member', (m) => m.slice(0, 2), /it has no member data\.tar$/],
    ['the wrong order', (m) => [at(m, 0), at(m, 2), at(m, 1)], /the member data\.tar\.xz where control\.tar is/],
    ['an unknown member', (m) => [at(m, 0), member('new'), at(m, 1), at(m, 2)], /the member new where control\.tar is/],
    ['two data members', (m) => [...m, at(m, 2)], /it has the member data\.tar\.xz after data\.tar\.xz$/],
    ['two kinds of data', (m) => [...m, member('data.tar')], /it has the member data\.tar after data\.tar\.xz$/],
    ['an unknown compression', (m) => [at(m, 0), at(m, 1), member('data.tar.lz4')], /the member data\.tar\.lz4 where/],
    ['bzip2 for control', (m) => [at(m, 0), member('control.tar.bz2'), at(m, 2)], /control\.tar\.bz2 where control/],
    ['a wrong suffix', (m) => [at(m, 0), at(m, 1), { ...at(m, 2), name: 'data.tar.gz' }], /not one whole gz stream/],
    [
      'data that is cut off',
      (m) => [at(m, 0), at(m, 1), { ...at(m, 2), bytes: at(m, 2).bytes.slice(0, -4) }],
      /data\.tar/,
    ],
    [
      'data with more behind',
      (m) => [at(m, 0), at(m, 1), member('data.tar.xz', Buffer.concat([at(m, 2).bytes, Buffer.from('more')]))],
      /data\.tar\.xz of sample\.deb/,
    ],
    [
      'a dictionary of 1.5 GiB',
      (m) => [at(m, 0), at(m, 1), member('data.tar.xz', LARGE_DICTIONARY)],
      /cannot decompress data\.tar\.xz of sample\.deb: it needs a dictionary of more than 536870912 bytes/,
    ],
    [
      'data that is empty',
      (m) => [at(m, 0), at(m, 1), member('data.tar')],
      /cannot read data\.tar of sample\.deb: .*ends early/,
    ],
  ])('%s is refused', async (_, members, message) => {
    const refused = await refusal(await makeDeb({ files: [{ path: '/x', content: '1' }], members }));
    expect(refused).toMatch(/^unpack: cannot /);
    expect(refused).toMatch(message);
  });

  it('every length that is too short is refused', async () => {
    const deb = await makeDeb({ files: [{ path: '/x', content: '1' }] });
    for (let length = 0; length < deb.byteLength; length += 13) {
      expect(await refusal(deb.subarray(0, length))).toMatch(/^unpack: cannot /);
    }
  });
});

describe('the control member', () => {
  const CONTROL: DebFile = { path: 'control', content: 'Package: sample\nVersion: 1.0-1\nArchitecture: amd64\n' };

  async function withControl(files: readonly DebFile[]): Promise<Uint8Array> {
    const bytes = await compressAs('gz', await makeTar(files));
    return makeDeb({ members: ([a, , b]) => (a && b ? [a, { name: 'control.tar.gz', bytes }, b] : []) });
  }

  it.each<[string, readonly DebFile[], RegExp]>([
    ['no control file', [{ path: 'md5sums', content: '' }], /sample\.deb: it has no control file$/],
    ['no Version', [{ ...CONTROL, content: 'Package: sample\n' }], /it has no Version, the index says 1\.0-1$/],
    ['two control files', [CONTROL, CONTROL], /"\/control" is there twice$/],
    ['a directory', [CONTROL, { path: 'sub/' }], /"\/sub" is a directory, not a file$/],
    ['a file in a directory', [CONTROL, { path: 'sub/x', content: '' }], /"\/sub\/x" is not a plain name$/],
    ['a symlink', [{ path: 'control', target: '/etc/passwd' }], /"\/control" is a symlink, not a file$/],
    ['a device', [CONTROL, { path: 'null', type: 'char' }], /"\/null" is a char, not a file$/],
    ['a name with a blank', [CONTROL, { path: 'a b', content: '' }], /"\/a b" is not a plain name$/],
    ['a name with a dot in front', [CONTROL, { path: '.x', content: '' }], /"\/\.x" is not a plain name$/],
    ['a way out', [CONTROL, { path: '../x', content: '' }], /has a "\.\." component$/],
  ])('%s is refused', async (_, files, message) => {
    const refused = await refusal(await withControl(files));
    expect(refused).toMatch(/^unpack: cannot /);
    expect(refused).toMatch(message);
  });
});

describe('the data member', () => {
  it.each<[string, DebFile, RegExp]>([
    [
      'a way out',
      { path: '../../etc/passwd', content: 'x' },
      /cannot read data\.tar\.xz of sample\.deb: .*"\.\." component$/,
    ],
    ['a hard link out', { path: '/x', type: 'hardlink', target: '../../etc/shadow' }, /"\.\." component$/],
    ['a name that is too long', { path: `/${'n'.repeat(256)}`, content: '' }, /longer than 255 bytes$/],
  ])('%s is refused', async (_, file, message) => {
    const refused = await refusal(await makeDeb({ files: [file], parents: false }));
    expect(refused).toMatch(/^unpack: cannot /);
    expect(refused).toMatch(message);
  });

  it('keeps a symlink target as it is: where it leads is the tree’s affair', async () => {
    const { result } = await unpack(await makeDeb({ files: [{ path: '/x', target: '../../../etc/passwd' }] }));
    expect(listPackage(result).at(-1)).toBe('/x: symlink 0777 0:0 -> ../../../etc/passwd');
  });
});

describe('limits', () => {
  const big = Buffer.alloc(2_000_000);

  it.each<[string, DebOptions, Partial<Limits>, RegExp]>([
    [
      'data',
      { files: [{ path: '/big', content: big }] },
      { dataBytes: 1_000_000 },
      /data\.tar\.xz .* more than 1000000 bytes/,
    ],
    [
      'control',
      { scripts: { templates: big.toString('latin1') } },
      { controlBytes: 1_000_000 },
      /control\.tar\.xz .* than/,
    ],
    ['entries', { files: FILES }, { entries: 10 }, /more than 10 entries/],
  ])('of %s', async (_, options, limits, message) => {
    expect(await refusal(await makeDeb(options), {}, limits)).toMatch(message);
  });

  it('does not write over a file that is there', async () => {
    const directory = testDirectory();
    writeFileSync(join(directory, 'spool'), 'mine');
    await expect(unpack(await makeDeb(), {}, {}, directory)).rejects.toThrow(/^cannot write .*spool: EEXIST/);
    expect(existsSync(join(directory, 'spool'))).toBe(true);
  });
});
