import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type ArchiveCompression, compress } from '../../src/emit/compress.js';
import { bothWays, DEFLATE_FINGERPRINT, withNode, withPako } from '../../src/emit/deflate.js';
import { fingerprint } from '../../src/emit/fingerprint.js';
import { byLzmaNative, byNodeLiblzma, XZ_FINGERPRINT } from '../../src/emit/xz.js';
import { decode } from '../../src/unpack/decoders.js';
import { hasProgram } from '../builder/programs.js';

const CHUNK = 1024 * 1024;

/** Words that return and noise, and between them, as xz is slow, long runs. */
function sample(size: number): Uint8Array {
  const bytes = Buffer.alloc(size);
  let state = 7;
  for (let at = 0; at < size; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    at += bytes.write(`word${state >>> 22} ${String.fromCharCode(state & 127)}`, at);
    if (at % CHUNK > CHUNK / 50) at += CHUNK - (at % CHUNK);
  }
  return bytes;
}

/** Copies, as the chunks are handed over. */
function* chunksOf(bytes: Uint8Array, size = CHUNK): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield Uint8Array.from(bytes.subarray(at, at + size));
}

async function compressed(bytes: Uint8Array, kind: ArchiveCompression, jobs: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of compress(chunksOf(bytes), kind, { jobs })) parts.push(part);
  return Buffer.concat(parts);
}

const PROGRAMS = { gz: 'gzip', xz: 'xz', zst: 'zstd' } as const;

describe.each(['gz', 'xz', 'zst'] as const)('%s', (kind) => {
  // More than one xz block, and frames and chunks that are not full.
  const bytes = sample(17 * CHUNK + 4321);

  it('gives the same bytes on 1, 2 and 4 threads, and what went in', async () => {
    const [one, two, four] = await Promise.all([1, 2, 4].map((jobs) => compressed(bytes, kind, jobs)));
    expect(one && two?.equals(one) && four?.equals(one)).toBe(true);
    const hash = createHash('sha256');
    const options = { origin: 'output', maxBytes: bytes.byteLength };
    await decode(kind, [one ?? new Uint8Array(0)], (chunk) => hash.update(chunk), options);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    const program = PROGRAMS[kind];
    if (!hasProgram(program)) return console.warn(`skipped: ${program} is not installed`);
    const run = spawnSync(program, ['-dc'], { input: one, maxBuffer: 1 << 30 });
    expect(run.stderr.toString()).toBe('');
    expect(run.stdout.equals(bytes)).toBe(true);
  });

  it('gives the same bytes of chunks of any size', async () => {
    const input = bytes.subarray(0, 2 * CHUNK + 5);
    const parts: Uint8Array[] = [];
    for await (const part of compress(chunksOf(input, 300_007), kind, { jobs: 2 })) parts.push(part);
    expect(Buffer.concat(parts).equals(await compressed(input, kind, 2))).toBe(true);
  });

  it.each([0, 1, CHUNK])('compresses %i bytes', async (size) => {
    const chunks: Uint8Array[] = [];
    const input = sample(size + 16).subarray(0, size);
    const output = await compressed(input, kind, 2);
    if (kind === 'zst' && size === 0) return expect(output).toHaveLength(0);
    await decode(kind, [output], (chunk) => chunks.push(Uint8Array.from(chunk)), { origin: 'output', maxBytes: CHUNK });
    expect(Buffer.concat(chunks).equals(input)).toBe(true);
  });

  it('ends at once on abort', async () => {
    const controller = new AbortController();
    const run = async (): Promise<void> => {
      for await (const _ of compress(chunksOf(bytes), kind, { jobs: 2, signal: controller.signal }));
    };
    const result = run().catch((error: unknown) => error);
    setTimeout(() => controller.abort(), 30);
    expect(await result).toMatchObject({ code: 'cancelled' });
  });

  it('hands on what the source throws', async () => {
    const broken = function* (): Generator<Uint8Array> {
      yield new Uint8Array(CHUNK);
      throw new RangeError('source');
    };
    const run = async (): Promise<void> => {
      for await (const _ of compress(broken(), kind, { jobs: 2 }));
    };
    await expect(run()).rejects.toThrow('source');
  });
});

describe('deflate', () => {
  it('says nothing of the time and the machine in the header', async () => {
    const bytes = await compressed(Buffer.from('x'), 'gz', 1);
    expect(bytes.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff');
    expect(gunzipSync(bytes).toString()).toBe('x');
  });

  it('is the same by pako as by the zlib that Node bundles', () => {
    expect(fingerprint(bothWays(withPako))).toBe(DEFLATE_FINGERPRINT);
    if ('zlib' in process.versions && !/-/.test(process.versions.zlib ?? '')) {
      return console.warn('skipped: this Node has another zlib than the bundled one');
    }
    expect(fingerprint(bothWays(withNode))).toBe(DEFLATE_FINGERPRINT);
    for (const bytes of [sample(300_000), new Uint8Array(300_000), Buffer.from('short')]) {
      const dictionary = sample(32 * 1024);
      expect(Buffer.from(withPako(bytes, dictionary)).equals(withNode(bytes, dictionary))).toBe(true);
    }
  });
});

describe('xz', () => {
  const bytes = sample(16 * CHUNK + 54_321);

  it('is what xz makes in blocks of the same size', async () => {
    if (!hasProgram('xz')) return console.warn('skipped: xz is not installed');
    const args = ['-6', '-T2', '--block-size=16MiB', '-c'];
    for (const input of [bytes, createNoise(200_000), Buffer.from('x')]) {
      const run = spawnSync('xz', args, { input, maxBuffer: 1 << 30 });
      expect((await compressed(input, 'xz', 2)).equals(run.stdout), `${input.byteLength} bytes`).toBe(true);
    }
  });

  it('is the same by lzma-native as by node-liblzma', async () => {
    expect(fingerprint(byLzmaNative)).toBe(XZ_FINGERPRINT);
    const fast = byNodeLiblzma();
    if (fast === undefined) return console.warn('skipped: node-liblzma is not installed');
    expect(fingerprint(fast)).toBe(XZ_FINGERPRINT);
    for (const input of [sample(300_000), createNoise(300_000), Buffer.from('short')]) {
      expect(Buffer.from(fast(input)).equals(byLzmaNative(input)), `${input.byteLength} bytes`).toBe(true);
    }
  });
});

/** What cannot be compressed. */
function createNoise(size: number): Buffer {
  return createHash('shake256', { outputLength: size }).update('noise').digest();
}
