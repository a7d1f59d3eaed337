import * as zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ByteSource, Compression, DecodeOptions } from '../../src/unpack/decoders.js';
import { decode } from '../../src/unpack/decoders.js';
import { compressAs } from '../builder/deb.js';
import { hasProgram } from '../builder/programs.js';

const TEXT = Buffer.from(Array.from({ length: 30 }, (_, i) => `koala koala koala, ${i + 1}\n`).join(''));

/** `TEXT` by `zstd -3`, with a checksum, and by `bzip2`: the test must not need the programs. */
const ZSTD = Buffer.from(
  'KLUv/WSLAa0DAMQCa29hbGEgLCAxCiwgMjM0NTY3ODkxMDExMTExMTExMTIyMjIyMjIyMjIzMAofAOAT8B34GPgEfAc+Bj4B34GPwSdf+85rH+va' +
    'J1z7bmsf09onWfsOax+72idYhkZAM0ALoA/QDNAC6AM0w0kdYCvTkBilCDYCkRE=',
  'base64',
);
const BZIP2 = Buffer.from(
  'QlpoOTFBWSZTWbGjOAoAAL7ZAAAQQAR/4CAMoABoRpIz1T/Up6QCKp/qoAAcXOdPoru2GAADQ223cJLcKEodVO8TCVKVFVVVVRXoinwinormCuoi' +
    'nwin4u5IpwoSFjRnAUA=',
  'base64',
);

const COMPRESSED: Readonly<Record<Exclude<Compression, 'none'>, Uint8Array>> = {
  gz: await compressAs('gz', TEXT),
  xz: await compressAs('xz', TEXT),
  zst: ZSTD,
  bz2: BZIP2,
  lzma: await compressAs('lzma', TEXT),
};
/** A compression, and what decodes it where there is a choice; the fastest of what is there otherwise. */
interface Kind {
  readonly kind: Compression;
  readonly by?: NonNullable<DecodeOptions['by']>;
  readonly name: string;
}

const CHOICES: readonly Kind[] = [
  { kind: 'xz', by: 'lzma-native', name: 'xz by lzma-native' },
  { kind: 'zst', by: 'zlib', name: 'zst by zlib' },
  { kind: 'zst', by: '@cloudpss/zstd/wasm', name: 'zst by WebAssembly' },
];
if (!('createZstdDecompress' in zlib)) console.warn("skipped: zst by zlib: this Node's has none");
const KINDS: readonly Kind[] = [
  ...(['gz', 'xz', 'zst', 'bz2', 'lzma'] as const).map((kind) => ({ kind, name: kind })),
  ...CHOICES.filter(({ by }) => by !== 'zlib' || 'createZstdDecompress' in zlib),
];
/** With what each decodes. */
const CASES: [string, Kind, Uint8Array][] = KINDS.map((one) => [one.name, one, bytesOf(one.kind)]);

function bytesOf(kind: Compression): Uint8Array {
  return kind === 'none' ? TEXT : COMPRESSED[kind];
}

function inChunks(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.byteLength / size);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

function decodeAs(
  { kind, by }: Omit<Kind, 'name'>,
  source: ByteSource,
  sink: (chunk: Uint8Array) => void,
  maxBytes = 1e9,
) {
  return decode(kind, source, sink, { origin: 'a.deb', maxBytes, ...(by === undefined ? {} : { by }) });
}

async function decoded(kind: Omit<Kind, 'name'>, bytes: Uint8Array, size = 64 * 1024, maxBytes = 1e9): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await decodeAs(kind, inChunks(bytes, size), (chunk) => chunks.push(Buffer.from(chunk)), maxBytes);
  return Buffer.concat(chunks);
}

describe.each(CASES)('%s', (_name, kind, bytes) => {
  it.each([1, 2, 7, 64, 1024])('decodes chunks of %i bytes', async (size) => {
    expect(await decoded(kind, bytes, size)).toEqual(TEXT);
  });

  it('refuses every length that is too short', async () => {
    for (let length = 0; length < bytes.byteLength; length++) {
      const error = await decoded(kind, bytes.subarray(0, length)).then(() => `accepted ${length} bytes`, String);
      expect(error).toMatch(/^KoalaError: cannot decompress a\.deb: not one whole (?:gz|xz|zst|bz2|lzma) stream/);
    }
  });

  it.each([
    ['text', Buffer.from('garbage')],
    ['one byte', Buffer.from('g')],
    ['a zero', Buffer.alloc(1)],
    ['zeros', Buffer.alloc(513)],
    ['half a stream', bytes.subarray(0, bytes.byteLength >> 1)],
  ])('refuses %s after the end', async (_, garbage) => {
    for (const size of [1, bytes.byteLength, 4096]) {
      await expect(decoded(kind, Buffer.concat([bytes, garbage]), size)).rejects.toThrow(/^cannot decompress a\.deb/);
    }
  });

  it('stops at the limit', async () => {
    expect(await decoded(kind, bytes, 64, TEXT.length)).toEqual(TEXT);
    await expect(decoded(kind, bytes, 64, TEXT.length - 1)).rejects.toThrow(
      `cannot decompress a.deb: it has more than ${TEXT.length - 1} bytes`,
    );
  });

  it('hands on what the source and the sink throw', async () => {
    const broken = function* (): Generator<Uint8Array> {
      yield bytes.subarray(0, 10);
      throw new RangeError('source');
    };
    await expect(decodeAs(kind, broken(), () => {})).rejects.toThrow(new RangeError('source'));
    const sink = (): void => {
      throw new RangeError('sink');
    };
    await expect(decodeAs(kind, [bytes], sink)).rejects.toThrow(new RangeError('sink'));
  });
});

describe.each(CASES.filter(([name]) => name !== 'lzma'))('%s', (_name, kind, bytes) => {
  it('decodes streams one after the other', async () => {
    for (const size of [1, bytes.byteLength - 1, bytes.byteLength, bytes.byteLength + 1, 4096]) {
      expect(await decoded(kind, Buffer.concat([bytes, bytes]), size)).toEqual(Buffer.concat([TEXT, TEXT]));
    }
  });

  it('refuses every flipped bit that matters', async () => {
    let refused = 0;
    for (let bit = 0; bit < bytes.byteLength * 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      // Some bits say nothing of the content: a time, a system, padding.
      const result = await decoded(kind, damaged).catch(() => undefined);
      if (result === undefined) refused += 1;
      else expect(result, `bit ${bit}`).toEqual(TEXT);
    }
    expect(refused).toBeGreaterThan(bytes.byteLength * 6);
  });
});

describe.each(CASES.filter(([, { kind }]) => kind === 'zst'))('%s', (_name, kind) => {
  const skippable = Buffer.from('5f2a4d1803000000aabbcc', 'hex');
  const emptySkippable = Buffer.from('502a4d1800000000', 'hex');
  /** A frame without a content size, as dpkg-deb writes: one raw block 'hi', which is the last. */
  const withoutSize = Buffer.from('28b52ffd0050110000', 'hex');

  it.each([
    ['a skippable frame in front', [skippable, ZSTD], TEXT],
    ['an empty skippable frame between two frames', [ZSTD, emptySkippable, ZSTD], Buffer.concat([TEXT, TEXT])],
    ['a skippable frame at the end', [ZSTD, skippable], TEXT],
    ['no content size', [withoutSize, Buffer.from('hi')], Buffer.from('hi')],
  ])('takes %s', async (_, parts, expected) => {
    for (const size of [1, 5, 4096]) expect(await decoded(kind, Buffer.concat(parts), size)).toEqual(expected);
  });

  it.each([
    ['only a skippable frame', [skippable], /it holds no frame/],
    ['a skippable frame that is cut off', [ZSTD, skippable.subarray(0, -1)], /it ends inside a frame/],
    ['a magic that is cut off', [ZSTD, ZSTD.subarray(0, 3)], /it ends inside a frame/],
    ['another magic', [ZSTD, Buffer.from('28b52ffc', 'hex')], /something that is not a frame/],
  ])('refuses %s', async (_, parts, message) => {
    await expect(decoded(kind, Buffer.concat(parts))).rejects.toThrow(message);
  });
});

describe('larger data', () => {
  const data = Buffer.alloc(5_000_000, 'the quick brown fox ');

  it.each(CASES)('%s', async (_, kind) => {
    if (kind.kind === 'bz2' && !hasProgram('bzip2')) return console.warn('skipped: bzip2 is not installed');
    const bytes = await compressAs(kind.kind, data);
    expect((await decoded(kind, bytes)).equals(data)).toBe(true);
    await expect(decoded(kind, bytes, 64 * 1024, 1_000_000)).rejects.toThrow(/more than 1000000 bytes/);
  });
});

it('passes uncompressed data on', async () => {
  expect(await decoded({ kind: 'none' }, TEXT, 100)).toEqual(TEXT);
  await expect(decoded({ kind: 'none' }, TEXT, 100, 200)).rejects.toThrow(/more than 200 bytes/);
});
