import { describe, expect, it } from 'vitest';
import { TarReader } from '../../../src/formats/tar/reader.js';
import type { TarLimits } from '../../../src/formats/tar/types.js';
import { archive, member, meta, pax, rawHeader, readTar } from './support.js';

const FILE = rawHeader({});
const SPARSE = pax('x', 'GNU.sparse.major=1');
/** GNU's base-256 in a field of `length` bytes. */
const base256 = (length: number, first: number, ...last: number[]) => [
  first,
  ...new Array<number>(length - 1 - last.length).fill(first === 0xff ? 0xff : 0),
  ...last,
];

describe('TarReader', () => {
  it('reads the same from chunks of any size', () => {
    const tar = archive(
      member({ path: '/', type: 'directory' }),
      member({ path: '/a' }, 'hello'),
      member(
        { path: `/${'n'.repeat(150)}`, xattrs: new Map([['user.x', Buffer.from([0, 10, 255, 61])]]) },
        'x'.repeat(512),
      ),
      meta('L', `${'long/'.repeat(40)}\0`),
      meta('K', `${'target/'.repeat(40)}\0`),
      rawHeader({ 156: '2' }),
      Buffer.alloc(1000),
    );
    const whole = readTar(tar);
    expect(whole.map(({ path, content, offset }) => [path.slice(0, 12), content.length, offset])).toEqual([
      ['/', 0, 512],
      ['/a', 5, 1024],
      [`/${'n'.repeat(11)}`, 512, 3072],
      ['/long/long/l', 0, 6144],
    ]);
    expect(whole[2]?.xattrs).toEqual(new Map([['user.x', Buffer.from([0, 10, 255, 61])]]));
    expect(whole[3]).toMatchObject({ type: 'symlink', target: 'target/'.repeat(40) });
    for (const size of [1, 3, 511, 512, 513, 1024, 4096]) expect(readTar(tar, size)).toEqual(whole);
  });

  it('tells where content lies in the stream and hands it over without a copy', () => {
    const tar = archive(member({ path: '/a' }, 'hello'), member({ path: '/b' }, 'world!'));
    for (const { offset, size, content } of readTar(tar, 100)) {
      expect(tar.toString('latin1', offset, offset + size)).toBe(content);
    }
    const buffers: ArrayBufferLike[] = [];
    const reader = new TarReader({ entry: () => undefined, content: (chunk) => buffers.push(chunk.buffer) }, 'x.tar');
    reader.write(tar);
    expect(buffers).toEqual([tar.buffer, tar.buffer]);
    expect(buffers[0]).toBe(tar.buffer);
  });

  it('needs no content callback', () => {
    const paths: string[] = [];
    const reader = new TarReader({ entry: ({ path }) => paths.push(path) }, 'x.tar');
    reader.write(archive(member({ path: '/a' }, 'hello'), member({ path: '/b' })));
    reader.end();
    expect(paths).toEqual(['/a', '/b']);
  });

  it.each<[what: string, members: Buffer[], expected: object]>([
    [
      'v7, without magic',
      [rawHeader({ 156: '\0', 257: '\0\0\0\0\0\0\0\0', 345: 'junk' })],
      { type: 'file', path: '/name' },
    ],
    ['a contiguous file', [rawHeader({ 156: '7' })], { type: 'file' }],
    ['a file with a slash as a directory', [rawHeader({ 0: 'd/', 156: '\0' })], { type: 'directory', path: '/d' }],
    ['a fifo', [rawHeader({ 156: '6' })], { type: 'fifo', size: 0 }],
    [
      'a character device',
      [rawHeader({ 156: '3', 329: '0000005\0', 337: '0000001\0' })],
      { type: 'char', major: 5, minor: 1 },
    ],
    [
      'a block device with base-256 numbers',
      [rawHeader({ 156: '4', 329: base256(8, 0x80, 1, 3), 337: ' 7 \0' })],
      { type: 'block', major: 259, minor: 7 },
    ],
    ['devices only of devices', [rawHeader({ 329: 'junk' })], { type: 'file', major: 0, minor: 0 }],
    [
      'a hardlink with the size of its file',
      [rawHeader({ 124: '00000001000\0', 156: '1', 157: './usr//bin/x' })],
      { type: 'hardlink', target: '/usr/bin/x', size: 0 },
    ],
    ['a directory with a size', [rawHeader({ 124: '00000001000\0', 156: '5' })], { type: 'directory', size: 0 }],
    ['a symlink, verbatim', [rawHeader({ 156: '2', 157: '../x/./y/' })], { type: 'symlink', target: '../x/./y/' }],
    ['a link name that fills its field', [rawHeader({ 156: '2', 157: 'l'.repeat(100) })], { target: 'l'.repeat(100) }],
    [
      'a name and prefix that fill their fields',
      [rawHeader({ 0: 'n'.repeat(100), 345: 'p'.repeat(155) })],
      { path: `/${'p'.repeat(155)}/${'n'.repeat(100)}` },
    ],
    ['no prefix in GNU headers', [rawHeader({ 257: 'ustar  \0', 345: '12345670123' })], { path: '/name' }],
    ['UTF-8 in a header', [rawHeader({ 0: [0xc3, 0xa9] })], { path: '/é' }],
    ['a byte order mark in a name', [rawHeader({ 0: [0xef, 0xbb, 0xbf, 0x61] })], { path: '/\ufeffa' }],
    ['the bits above the mode', [rawHeader({ 100: '0104755\0' })], { mode: 0o4755 }],
    ['numbers in spaces', [rawHeader({ 100: '   644 \0', 108: '    12 \0' })], { mode: 0o644, uid: 0o12 }],
    ['a number that fills its field', [rawHeader({ 136: '777777777777' })], { mtime: 8 ** 12 - 1 }],
    ['empty numbers', [rawHeader({ 108: '\0\0\0\0\0\0\0\0', 116: '        ' })], { uid: 0, gid: 0 }],
    ['base-256 owners', [rawHeader({ 108: base256(8, 0x80, 0x2d, 0xc6, 0xc0) })], { uid: 3_000_000 }],
    ['a base-256 time before the epoch', [rawHeader({ 136: base256(12, 0xff, 0xfb) })], { mtime: -5 }],
    ['signed checksums', [signed(rawHeader({ 0: [0xc3, 0xa9] }))], { path: '/é' }],
    [
      'pax numbers',
      [pax('x', 'uid=3000000', 'gid=4000000', 'mtime=12.75'), FILE],
      { uid: 3_000_000, gid: 4_000_000, mtime: 12 },
    ],
    ['a pax time before the epoch', [pax('x', 'mtime=-0.5'), FILE], { mtime: -1 }],
    ['a pax time that a float would round up', [pax('x', `mtime=1.${'9'.repeat(30)}`), FILE], { mtime: 1 }],
    ['a pax time of minus zero', [pax('x', 'mtime=-0.0'), FILE], { mtime: 0 }],
    ['a pax time without a fraction', [pax('x', 'mtime=-3.'), FILE], { mtime: -3 }],
    [
      'a pax size',
      [pax('x', 'size=3'), rawHeader({ 124: '77777777777\0' }), Buffer.from('abc'.padEnd(512, '\0'))],
      { size: 3, content: 'abc' },
    ],
    [
      'pax names',
      [pax('x', 'path=./é', 'linkpath=../ü'), rawHeader({ 0: [0xff], 156: '2', 157: [0xff] })],
      { path: '/é', target: '../ü' },
    ],
    ['the last of two equal pax records', [pax('x', 'path=a', 'path=b'), FILE], { path: '/b' }],
    ['pax records that take nothing back', [pax('x', 'path=', 'uid='), FILE], { path: '/name', uid: 0 }],
    [
      'unknown pax keywords',
      [pax('x', 'comment=x', 'LIBARCHIVE.xattr.a=eA==', 'hdrcharset=BINARY'), FILE],
      { xattrs: new Map() },
    ],
    [
      'xattrs',
      [pax('x', 'SCHILY.xattr.user.a==b', 'SCHILY.xattr.user.e='), FILE],
      {
        xattrs: new Map([
          ['user.a', Buffer.from('=b')],
          ['user.e', Buffer.alloc(0)],
        ]),
      },
    ],
    ['an empty pax header', [pax('x'), FILE], { path: '/name' }],
    ['a GNU name without its NUL', [meta('L', 'a/b'), FILE], { path: '/a/b' }],
    ['a GNU name of a directory of v7', [meta('L', 'a/b/\0'), FILE], { type: 'directory', path: '/a/b' }],
  ])('reads %s', (_what, members, expected) => {
    expect(readTar(archive(...members))).toEqual([expect.objectContaining(expected)]);
  });

  it('applies extended headers to one entry and global ones to all that follow', () => {
    const tar = archive(
      FILE,
      pax('g', 'uid=5', 'gid=6', 'comment=x'),
      pax('x', 'uid=7', 'gid='),
      FILE,
      FILE,
      pax('g', 'gid='),
      pax('x', 'SCHILY.xattr.a=b'),
      FILE,
      FILE,
    );
    expect(readTar(tar).map(({ uid, gid, xattrs }) => [uid, gid, xattrs.size])).toEqual([
      [0, 0, 0],
      [7, 0, 0],
      [5, 6, 0],
      [5, 0, 1],
      [5, 0, 0],
    ]);
  });

  it.each<[what: string, entries: number, tar: Buffer]>([
    ['one block of zeros', 1, Buffer.concat([FILE, Buffer.alloc(512)])],
    ['zeros up to any length', 1, Buffer.concat([FILE, Buffer.alloc(10_001)])],
    ['no entries', 0, Buffer.alloc(1024)],
  ])('takes as an end: %s', (_what, entries, tar) => {
    for (const size of [tar.length, 100]) expect(readTar(tar, size)).toHaveLength(entries);
  });

  it.each<[why: string, tar: Buffer]>([
    ['the tar archive ends early, at byte 0', Buffer.alloc(0)],
    ['the tar archive ends early, at byte 100', FILE.subarray(0, 100)],
    ['the tar archive ends early, at byte 512', FILE],
    ['the tar archive ends early, at byte 1023', Buffer.concat([FILE, Buffer.alloc(511)])],
    ['the tar archive ends early, at byte 514', member({ path: '/a' }, 'hello').subarray(0, 514)],
    ['the tar archive ends early, at byte 600', member({ path: '/a' }, 'hello').subarray(0, 600)],
    ['the tar archive ends early, at byte 514', pax('x', 'path=a').subarray(0, 514)],
    ['the tar archive goes on after its end, at byte 1536', archive(FILE, Buffer.alloc(1024), FILE)],
    [
      'the tar archive goes on after its end, at byte 2047',
      Buffer.concat([archive(FILE), Buffer.alloc(511), Buffer.from('x')]),
    ],
    ['the tar header at byte 0 is damaged', damaged(FILE, 0)],
    ['the tar header at byte 512 is damaged', archive(FILE, damaged(FILE, 148))],
    ['the tar header at byte 0 is damaged', archive(Buffer.from(`${'\0'.repeat(511)}x`))],
    ['the last extended header has no entry', archive(pax('x', 'path=a'))],
    ['the last extended header has no entry', archive(meta('L', 'a'))],
    ['the extended header at byte 1024 contradicts the one before it', archive(pax('x', 'path=a'), pax('x'), FILE)],
    [
      'the extended header at byte 1024 contradicts the one before it',
      archive(pax('x', 'path=a'), meta('L', 'b'), FILE),
    ],
    [
      'the extended header at byte 1024 contradicts the one before it',
      archive(meta('K', 'a'), pax('x', 'linkpath=b'), FILE),
    ],
    ['the extended header at byte 1024 contradicts the one before it', archive(meta('L', 'a'), meta('L', 'b'), FILE)],
    [
      'the extended header at byte 1024 contradicts the one before it',
      archive(meta('L', 'a'), pax('g', 'uid=1'), FILE),
    ],
    ['"name" is of the type "S", which is not supported', archive(rawHeader({ 156: 'S' }))],
    ['"name" is of the type "D", which is not supported', archive(rawHeader({ 156: 'D' }))],
    ['"name" is of the type "V", which is not supported', archive(rawHeader({ 156: 'V' }))],
    ['"name" is of the type "X", which is not supported', archive(rawHeader({ 156: 'X' }))],
    ['it holds a sparse file, which is not supported', archive(SPARSE, FILE)],
    ['"d/" is named as a directory and has content', archive(rawHeader({ 0: 'd/', 124: '00000000001\0' }))],
    ['an entry has no name', archive(rawHeader({ 0: '\0\0\0\0' }))],
    ['an entry has no name', archive(meta('L', '\0'), FILE)],
    ['the name of an entry is not UTF-8', archive(rawHeader({ 0: [0xff] }))],
    ['the name of an entry is not UTF-8', archive(rawHeader({ 345: [0xc3] }))],
    ['a long name is not UTF-8', archive(meta('L', Buffer.from([0xc3])), FILE)],
    [
      'the pax keyword path is not UTF-8',
      archive(meta('x', Buffer.from('8 path=\xff\n', 'latin1').fill('9', 0, 1)), FILE),
    ],
    ['cannot accept the path "a\\u0000b": it holds a NUL byte', archive(pax('x', 'path=a\0b'), FILE)],
    ['cannot accept the path "a\\u0000b": it holds a NUL byte', archive(meta('L', 'a\0b\0'), FILE)],
    ['cannot accept the path "../x": it has a ".." component', archive(rawHeader({ 0: '../x' }))],
    ['cannot accept the path "a/../../x": it has a ".." component', archive(rawHeader({ 156: '1', 157: 'a/../../x' }))],
    ['the target of "name" is not UTF-8', archive(rawHeader({ 156: '2', 157: [0xff] }))],
    ['the target of "name" holds a NUL byte', archive(pax('x', 'linkpath=a\0b'), rawHeader({ 156: '2' }))],
    ['"name" links to nothing', archive(rawHeader({ 156: '2' }))],
    ['"name" links to nothing', archive(rawHeader({ 156: '1' }))],
    ['"name" has a bad mode', archive(rawHeader({ 100: '0000648\0' }))],
    ['"name" has a bad mode', archive(rawHeader({ 100: '644\0 1\0\0' }))],
    ['"name" has a bad uid', archive(rawHeader({ 108: base256(8, 0xff, 1) }))],
    ['"name" has a bad gid', archive(rawHeader({ 116: '-000001\0' }))],
    ['"name" has a bad size', archive(rawHeader({ 124: base256(12, 0xff, 0xff) }))],
    ['"name" has a bad size', archive(rawHeader({ 124: base256(12, 0x80, 1, 0, 0, 0, 0, 0, 0, 0) }))],
    ['the tar header at byte 0 has a bad size', archive(rawHeader({ 124: base256(12, 0xff, 0xff), 156: 'x' }))],
    ['the pax keyword size is not a number in range', archive(pax('x', 'size=-1'), FILE)],
    ['the pax keyword size is not a number in range', archive(pax('x', 'size=0x10'), FILE)],
    ['the pax keyword uid is not a number in range', archive(pax('x', 'uid=9007199254740992'), FILE)],
    ['the pax keyword mtime is not a number in range', archive(pax('x', 'mtime=1e3'), FILE)],
    ['the pax keyword mtime is not a number in range', archive(pax('g', 'mtime= 1'), FILE)],
    ['a pax extended header is damaged', archive(meta('x', 'x'), FILE)],
    ['a pax extended header is damaged', archive(meta('x', '0 a=b\n'), FILE)],
    ['a pax extended header is damaged', archive(meta('x', '5 a=b\n'), FILE)],
    ['a pax extended header is damaged', archive(meta('x', '7 a=b\n'), FILE)],
    ['a pax extended header is damaged', archive(meta('x', '-6 a=b\n'), FILE)],
    ['a pax extended header is damaged', archive(meta('x', '5 =b\n'), FILE)],
    ['a pax extended header is damaged', archive(meta('x', '6 abc\n'), FILE)],
    ['a pax extended header is damaged', archive(meta('x', '6 abc\n6 a=b\n'), FILE)],
    ['a pax extended header is damaged', archive(meta('x', '6 a=b\n\0'), FILE)],
    ['a pax extended header is damaged', archive(meta('x', '6 a=b\n0 c=d\n'), FILE)],
    ['a pax extended header is damaged', archive(meta('x', `${'9'.repeat(400)} a=b\n`), FILE)],
    ['a pax extended header is damaged', archive(meta('x', Buffer.from('6 \xff=b\n', 'latin1')), FILE)],
  ])('refuses an archive: %s', (why, tar) => {
    for (const size of [tar.length, 700, 13]) {
      expect(() => readTar(tar, Math.max(size, 1))).toThrow(
        expect.objectContaining({ code: 'unpack', message: `cannot read x.tar: ${why}` }),
      );
    }
  });

  it.each<[why: string, limits: Partial<TarLimits>, members: Buffer[]]>([
    ['the tar archive has more than 2 entries', { entries: 2 }, [FILE, FILE, FILE]],
    ['the extended header at byte 0 is longer than 8 bytes', { paxBytes: 8 }, [pax('x', 'path=a'), FILE]],
    ['the extended header at byte 0 is longer than 8 bytes', { paxBytes: 8 }, [pax('g', 'path=a'), FILE]],
    ['the extended header at byte 0 is longer than 1048576 bytes', {}, [rawHeader({ 124: '77777777777\0', 156: 'x' })]],
    ['the extended header at byte 0 is longer than 8192 bytes', {}, [rawHeader({ 124: '77777777777\0', 156: 'L' })]],
    ['the extended header at byte 0 is longer than 3 bytes', { nameBytes: 3 }, [meta('K', 'long'), FILE]],
    [
      'an entry has more than 1 extended attributes',
      { xattrs: 1 },
      [pax('x', 'SCHILY.xattr.a=', 'SCHILY.xattr.b='), FILE],
    ],
  ])('keeps limits: %s', (why, limits, members) => {
    expect(() => readTar(archive(...members), undefined, limits)).toThrow(`cannot read x.tar: ${why}`);
  });
});

/** The same block with the sum of its bytes as signed ones, as some old writers had it. */
function signed(block: Buffer): Buffer {
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : (byte << 24) >> 24), 0);
  const copy = Buffer.from(block);
  copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return copy;
}

function damaged(block: Buffer, at: number): Buffer {
  const copy = Buffer.from(block);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
