import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TarEntry } from '../../../src/formats/tar/types.js';
import { encodeTarHeader, TAR_END, tarPadding } from '../../../src/formats/tar/writer.js';
import { archive, entry, member, readTar } from './support.js';

/** The fields of a header block as text, NULs shown as `·`. */
function fieldsOf(block: Uint8Array): Record<string, string> {
  const offsets = { name: 0, mode: 100, uid: 108, gid: 116, size: 124, mtime: 136, sum: 148, type: 156, link: 157 };
  const more = { magic: 257, uname: 265, gname: 297, major: 329, minor: 337, prefix: 345, rest: 500 };
  const starts = Object.entries({ ...offsets, ...more });
  return Object.fromEntries(
    starts.map(([field, start], i) => {
      const text = Buffer.from(block.subarray(start, starts[i + 1]?.[1] ?? 512)).toString();
      return [field, text.replace(/\0+$/, '').replaceAll('\0', '·')];
    }),
  );
}

/** The records of the pax header that an entry gets, if it gets one. */
function recordsOf(values: Partial<TarEntry> & { path: string }): string[] {
  const header = Buffer.from(encodeTarHeader(entry(values)));
  if (header.length === 512) return [];
  expect(header[156]).toBe('x'.charCodeAt(0));
  const size = Number.parseInt(header.toString('latin1', 124, 135), 8);
  expect(header.length).toBe(1024 + Math.ceil(size / 512) * 512);
  return header
    .toString('utf8', 512, 512 + size)
    .trimEnd()
    .split('\n');
}

describe('encodeTarHeader', () => {
  it('writes a ustar block', () => {
    const device = entry({ path: '/dev/null', type: 'char', mode: 0o666, uid: 1, gid: 5, major: 1, minor: 3 });
    expect(fieldsOf(encodeTarHeader(device))).toEqual({
      name: './dev/null',
      mode: '0000666',
      uid: '0000001',
      gid: '0000005',
      size: '00000000000',
      mtime: '14524770400',
      sum: '011066· ',
      type: '3',
      link: '',
      magic: 'ustar·00',
      uname: '',
      gname: '',
      major: '0000001',
      minor: '0000003',
      prefix: '',
      rest: '',
    });
  });

  it.each<[values: Partial<TarEntry> & { path: string }, name: string, type: string, link: string]>([
    [{ path: '/', type: 'directory' }, './', '5', ''],
    [{ path: '/usr/bin', type: 'directory' }, './usr/bin/', '5', ''],
    [{ path: '/usr/bin/x' }, './usr/bin/x', '0', ''],
    [{ path: '/x', type: 'hardlink', target: '/usr/bin/x' }, './x', '1', './usr/bin/x'],
    [{ path: '/x', type: 'symlink', target: '../a//b/' }, './x', '2', '../a//b/'],
    [{ path: '/é', type: 'symlink', target: 'ü' }, './é', '2', 'ü'],
    [{ path: '/x', type: 'block' }, './x', '4', ''],
    [{ path: '/x', type: 'fifo' }, './x', '6', ''],
  ])('names %j', (values, name, type, link) => {
    expect(fieldsOf(encodeTarHeader(entry(values)))).toMatchObject({ name, type, link });
  });

  it.each<[what: string, values: Partial<TarEntry> & { path: string }, prefix: number, name: number]>([
    ['100 bytes in the name alone', { path: `/${'d/'.repeat(40)}${'n'.repeat(18)}` }, 0, 100],
    ['101 bytes at the first slash that will do', { path: `/d/${'n'.repeat(97)}` }, 1, 99],
    ['a name of 100 bytes', { path: `/d/${'n'.repeat(100)}` }, 3, 100],
    ['255 and a slash', { path: `/${'d'.repeat(153)}/${'n'.repeat(100)}` }, 155, 100],
    [
      'a directory, whose slash stays with its name',
      { path: `/${'d'.repeat(99)}/${'n'.repeat(20)}`, type: 'directory' },
      101,
      21,
    ],
  ])('splits a long name: %s', (_what, values, prefix, name) => {
    const fields = fieldsOf(encodeTarHeader(entry(values)));
    expect([fields['prefix']?.length, fields['name']?.length]).toEqual([prefix, name]);
    expect(recordsOf(values)).toEqual([]);
    expect(readTar(archive(member(values)))[0]?.path).toBe(values.path);
  });

  it.each<[values: Partial<TarEntry> & { path: string }, records: string[]]>([
    [{ path: `/${'n'.repeat(100)}` }, []],
    [{ path: `/${'n'.repeat(101)}` }, [`113 path=./${'n'.repeat(101)}`]],
    [{ path: `/${'d'.repeat(99)}`, type: 'directory' }, []],
    [{ path: `/${'d'.repeat(100)}`, type: 'directory' }, [`113 path=./${'d'.repeat(100)}/`]],
    [{ path: `/${'d'.repeat(154)}/n` }, [`168 path=./${'d'.repeat(154)}/n`]],
    [{ path: '/x', type: 'symlink', target: 'é'.repeat(50) }, []],
    [{ path: '/x', type: 'symlink', target: 'é'.repeat(51) }, [`116 linkpath=${'é'.repeat(51)}`]],
    [{ path: '/x', type: 'hardlink', target: `/${'n'.repeat(99)}` }, [`115 linkpath=./${'n'.repeat(99)}`]],
    [{ path: '/x', uid: 0o7777777, gid: 0o7777777, size: 8 ** 11 - 1, mtime: 8 ** 11 - 1 }, []],
    [{ path: '/x', uid: 0o10000000, gid: 3_000_000 }, ['15 uid=2097152', '15 gid=3000000']],
    [{ path: '/x', size: 8 ** 11 }, ['19 size=8589934592']],
    [{ path: '/x', mtime: 8 ** 11 }, ['20 mtime=8589934592']],
    [{ path: '/x', mtime: -1 }, ['12 mtime=-1']],
    [
      {
        path: '/x',
        xattrs: new Map([
          ['user.b', Buffer.from('2')],
          ['user.a', Buffer.from('=')],
        ]),
      },
      ['25 SCHILY.xattr.user.a==', '25 SCHILY.xattr.user.b=2'],
    ],
  ])('says in pax what ustar cannot: %j', (values, records) => {
    expect(recordsOf(values)).toEqual(records);
  });

  it('names the pax header after the file, with the time of the file, in no more than 100 bytes', () => {
    const header = (path: string, mtime = 5) => fieldsOf(encodeTarHeader(entry({ path, mtime, uid: 3_000_000 })));
    expect(header('/usr/bin/x')).toMatchObject({
      name: 'PaxHeaders/x',
      type: 'x',
      mtime: '00000000005',
      mode: '0000644',
    });
    expect(header('/')).toMatchObject({ name: 'PaxHeaders/' });
    expect(header('/x', -1)).toMatchObject({ mtime: '00000000000' });
    expect(header(`/${'é'.repeat(100)}`)).toMatchObject({ name: `PaxHeaders/${'é'.repeat(44)}`, prefix: '' });
  });

  it('gives equal bytes for equal entries', () => {
    const xattrs = [
      ['user.b', Buffer.from('1')],
      ['user.a', Buffer.from('2')],
    ] as const;
    const one = encodeTarHeader(entry({ path: '/x', xattrs: new Map(xattrs) }));
    const other = encodeTarHeader(entry({ path: '/x', xattrs: new Map([...xattrs].reverse()) }));
    expect(one).toEqual(other);
  });

  it.each<[why: string, values: Partial<TarEntry> & { path: string }]>([
    ['"x" is no absolute path', { path: 'x' }],
    ['"y" is no absolute path', { path: '/x', type: 'hardlink', target: 'y' }],
    ['its mode is 4096', { path: '/x', mode: 0o10000 }],
    ['its mode is -1', { path: '/x', mode: -1 }],
    ['its uid is -1', { path: '/x', uid: -1 }],
    ['its gid is 0.5', { path: '/x', gid: 0.5 }],
    ['its size is NaN', { path: '/x', size: Number.NaN }],
    ['its mtime is 1.5', { path: '/x', mtime: 1.5 }],
    ['its major is 2097152', { path: '/x', type: 'char', major: 0o10000000 }],
    ['it has an extended attribute "user.a=b"', { path: '/x', xattrs: new Map([['user.a=b', Buffer.alloc(0)]]) }],
    ['it has an extended attribute ""', { path: '/x', xattrs: new Map([['', Buffer.alloc(0)]]) }],
  ])('refuses an entry: %s', (why, values) => {
    const message = `cannot write the tar header of ${values.path}: ${why}`;
    expect(() => encodeTarHeader(entry(values))).toThrow(expect.objectContaining({ code: 'emit', message }));
  });
});

it('tarPadding and TAR_END are zeros up to the next block', () => {
  expect([0, 1, 511, 512, 513, 2 ** 40 + 1].map((size) => tarPadding(size).length)).toEqual([0, 511, 1, 0, 511, 511]);
  expect(Buffer.concat([tarPadding(1), TAR_END]).equals(Buffer.alloc(511 + 1024))).toBe(true);
});

describe('writer and reader', () => {
  const name = fc.stringMatching(/^[a-zé€ ='\\]{1,60}$/).filter((text) => Buffer.byteLength(text) <= 255);
  const path = fc.array(name, { minLength: 1, maxLength: 6 }).map((parts) => `/${parts.join('/')}`);
  const xattrs = fc
    .dictionary(fc.stringMatching(/^user\.[a-z]{1,5}$/), fc.uint8Array({ maxLength: 1200 }), { maxKeys: 2 })
    .map((all) => new Map(Object.entries(all).map(([key, value]) => [key, Buffer.from(value)])));
  const common = {
    path,
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.oneof(fc.constantFrom(0, 0o7777777, 0o10000000), fc.maxSafeNat()),
    gid: fc.oneof(fc.constantFrom(0, 0o7777777, 0o10000000), fc.maxSafeNat()),
    mtime: fc.oneof(fc.integer(), fc.maxSafeInteger()),
    xattrs,
    size: fc.constant(0),
    target: fc.constant(''),
    major: fc.constant(0),
    minor: fc.constant(0),
  };
  const device = fc.integer({ min: 0, max: 0o7777777 });
  const anyEntry = fc.oneof(
    fc.record({ ...common, type: fc.constantFrom('file', 'directory', 'fifo') }),
    fc.record({ ...common, type: fc.constant('symlink'), target: fc.stringMatching(/^[a-z/.é]{1,150}$/) }),
    fc.record({ ...common, type: fc.constant('hardlink'), target: path }),
    fc.record({ ...common, type: fc.constantFrom('char', 'block'), major: device, minor: device }),
  ) as fc.Arbitrary<TarEntry>;

  it('are inverse to each other, whatever the chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyEntry, fc.string({ unit: 'binary-ascii', maxLength: 1100 })), { maxLength: 4 }),
        fc.integer({ min: 1, max: 3000 }),
        (entries, chunkSize) => {
          const given = entries.map(([one, content]) => ({ ...one, content: one.type === 'file' ? content : '' }));
          const tar = archive(...given.map(({ content, ...one }) => member(one, content)));
          const read = readTar(tar, chunkSize).map(({ offset, ...one }) => {
            expect(tar.toString('latin1', offset, offset + one.size)).toBe(one.content);
            return one;
          });
          expect(read).toEqual(given.map((one) => ({ ...one, size: one.content.length })));
        },
      ),
      { numRuns: 300 },
    );
  });
});
