import { describe, expect, it } from 'vitest';
import { readXzLayout } from '../../src/unpack/xz-layout.js';
import { compressAs } from '../builder/deb.js';

function layoutOf(bytes: Uint8Array) {
  return readXzLayout(
    (offset, length) => bytes.subarray(Math.max(0, offset), Math.max(0, offset + length)),
    bytes.length,
  );
}

const TEXT = Buffer.alloc(100_000, 'koala ');
const ONE = await compressAs('xz', TEXT);
const EMPTY = await compressAs('xz', Buffer.alloc(0));
/** `printf koala-koala | xz --block-size=6 --lzma2=dict=4KiB`. */
const BLOCKS = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhAQAAAAA3J5fWAQAFa29hbGEtAAAAuX+WUKqgyJYCACEBAAAAADcnl9YBAARrb2FsYQAAAAA/8oaCzbaWegACHgYdBQAA' +
    'ohWZ4LHEZ/sCAAAAAARZWg==',
  'base64',
);

describe('the layout of an .xz', () => {
  it('is the size and memory of its block', () => {
    expect(layoutOf(ONE)).toEqual([
      { offset: 12, unpaddedSize: expect.any(Number), uncompressedSize: 100_000, dictionarySize: expect.any(Number) },
    ]);
    expect(layoutOf(ONE)[0]?.dictionarySize).toBeGreaterThanOrEqual(1 << 18);
  });

  it('is that of each of several blocks', () => {
    expect(layoutOf(BLOCKS)).toEqual([
      { offset: 12, unpaddedSize: 30, uncompressedSize: 6, dictionarySize: 4096 },
      { offset: 44, unpaddedSize: 29, uncompressedSize: 5, dictionarySize: 4096 },
    ]);
  });

  it('is none of an empty stream', () => {
    expect(layoutOf(EMPTY)).toEqual([]);
  });

  it('goes over streams and the padding after each', () => {
    const padding = Buffer.alloc(8);
    const blocks = layoutOf(Buffer.concat([ONE, padding, EMPTY, ONE, padding]));
    expect(blocks.map(({ offset }) => offset)).toEqual([12, 12 + ONE.length + 8 + EMPTY.length]);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(64)],
    ['text', Buffer.alloc(64, 'koala')],
    ['what stands before it', Buffer.concat([Buffer.from('four'), ONE])],
    ['what stands after it', Buffer.concat([ONE, Buffer.from('four')])],
    ['padding that is not of fours', Buffer.concat([ONE, Buffer.alloc(3)])],
    ['a footer alone', ONE.subarray(-12)],
  ])('refuses %s', (_, bytes) => {
    expect(() => layoutOf(bytes)).toThrow(/^it /);
  });

  it('refuses every length that is too short', () => {
    for (let length = 0; length < ONE.length; length += 1)
      expect(() => layoutOf(ONE.subarray(0, length))).toThrow(/^it /);
  });
});
