import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { walkAr } from '../../src/formats/ar.js';
import { type ByteSource, type DecodeOptions, decode } from '../../src/unpack/decoders.js';
import { hasProgram } from '../builder/programs.js';

/** Where apt leaves what it installed. */
const ARCHIVES = '/var/cache/apt/archives';
const MOST_DEBS = 40;
const LARGEST_DEB = 400_000;

type By = DecodeOptions['by'];

/** SHA-256 of what comes out, or the refusal. */
async function digest(source: ByteSource, by: By): Promise<string> {
  const hash = createHash('sha256');
  const options = { origin: 'sample', maxBytes: 1e9, ...(by === undefined ? {} : { by }) };
  try {
    await decode('xz', source, (chunk) => hash.update(chunk), options);
  } catch {
    return 'refused';
  }
  return hash.digest('hex');
}

/** Pieces that end anywhere. */
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0, size = 1; at < bytes.byteLength; at += size, size = (size * 7 + 3) % 50_021) {
    yield bytes.subarray(at, at + size);
  }
}

const TEXT = Buffer.from(Array.from({ length: 40_000 }, (_, at) => `${(at * 7919) % 10_007} koala ${at}\n`).join(''));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.skipIf(!hasProgram('xz'))('both decoders of xz give what xz was given (skipped without xz)', () => {
  const xz = (input: Uint8Array, ...args: string[]): Buffer => spawnSync('xz', ['-c', ...args], { input }).stdout;
  const whole = xz(TEXT);
  it.each<[string, Buffer, Buffer | undefined]>([
    ['nothing', xz(Buffer.alloc(0)), Buffer.alloc(0)],
    ['a byte', xz(Buffer.from('x')), Buffer.from('x')],
    ['-0', xz(TEXT, '-0'), TEXT],
    ['-9e', xz(TEXT, '-9e'), TEXT],
    ['many blocks', xz(TEXT, '--block-size=65536', '-T2'), TEXT],
    ['no check', xz(TEXT, '--check=none'), TEXT],
    ['CRC32', xz(TEXT, '--check=crc32'), TEXT],
    ['SHA-256', xz(TEXT, '--check=sha256'), TEXT],
    ['a filter for x86', xz(TEXT, '--x86', '--lzma2=preset=1'), TEXT],
    ['a delta filter', xz(TEXT, '--delta=dist=3', '--lzma2=preset=1'), TEXT],
    ['noise', xz(createNoise(100_000)), createNoise(100_000)],
    [
      'streams and padding',
      Buffer.concat([whole, Buffer.alloc(8), whole, Buffer.alloc(4)]),
      Buffer.concat([TEXT, TEXT]),
    ],
    ['padding of the wrong size', Buffer.concat([whole, Buffer.alloc(3)]), undefined],
    ['one byte too few', whole.subarray(0, -1), undefined],
    ['a damaged byte in the middle', damaged(whole), undefined],
  ])('%s', async (_, bytes, expected) => {
    const sources: readonly (() => ByteSource)[] = [
      () => [bytes],
      () => pieces(bytes),
      () => Readable.from([bytes]),
      () => Readable.from(pieces(bytes)),
    ];
    for (const source of sources) {
      for (const by of [undefined, 'lzma-native'] as const) {
        expect(await digest(source(), by), by).toBe(expected === undefined ? 'refused' : sha256(expected));
      }
    }
  });
});

describe('both decoders of xz give what dpkg-deb gives', () => {
  const debs = hasProgram('dpkg-deb') ? realDebs() : [];
  if (debs.length === 0) console.warn(`skipped: there are no packages in ${ARCHIVES}, or no dpkg-deb`);
  it.skipIf(debs.length === 0)(`${debs.length} packages of the archive (skipped where apt keeps none)`, async () => {
    for (const deb of debs) {
      const bytes = readFileSync(deb);
      const members = walkAr((offset, length) => bytes.subarray(offset, offset + length), bytes.length, deb);
      const member = members.find(({ name }) => name === 'data.tar.xz');
      if (member === undefined) continue;
      const data = bytes.subarray(member.offset, member.offset + member.size);
      const tar = spawnSync('dpkg-deb', ['--fsys-tarfile', deb], { maxBuffer: 1 << 28 }).stdout;
      for (const by of [undefined, 'lzma-native'] as const)
        expect(await digest(pieces(data), by), deb).toBe(sha256(tar));
    }
  });
});

function realDebs(): string[] {
  try {
    const names = readdirSync(ARCHIVES).filter((name) => name.endsWith('.deb'));
    const debs = names.map((name) => join(ARCHIVES, name));
    return debs.filter((deb) => statSync(deb).size <= LARGEST_DEB).slice(0, MOST_DEBS);
  } catch {
    return [];
  }
}

function createNoise(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = 1;
  for (let at = 0; at < size; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 0x10;
  return copy;
}
