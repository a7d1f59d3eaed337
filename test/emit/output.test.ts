import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { emit } from '../../src/emit/output.js';
import { tarRecipe } from '../../src/emit/tar.js';
import { decode } from '../../src/unpack/decoders.js';
import { testDirectory } from '../builder/directory.js';
import { listTar, listTree } from '../builder/listing.js';
import { file, sampleNodes, treeOf } from './trees.js';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const sample = () => treeOf(sampleNodes(testDirectory()));

describe('emit', () => {
  it.each([
    ['tar', 'none'],
    ['tar.gz', 'gz'],
    ['tar.xz', 'xz'],
    ['tar.zst', 'zst'],
  ] as const)('writes %s', async (format, compression) => {
    const tree = sample();
    const directory = testDirectory();
    const output = join(directory, `out.${format}`);
    writeFileSync(output, 'what was there before');
    const progress: number[] = [];
    const emitted = await emit(tree, { output, format, jobs: 2, onProgress: (bytes) => progress.push(bytes) });
    const bytes = readFileSync(output);
    const parts: Buffer[] = [];
    await decode(compression, [bytes], (part) => parts.push(Buffer.from(part)), { origin: output, maxBytes: 1e9 });
    const tar = Buffer.concat(parts);
    expect(listTar(tar)).toEqual(listTree(tree));
    expect(emitted).toMatchObject({
      bytes: bytes.byteLength,
      sha256: sha256(bytes),
      tarSha256: sha256(tar),
      entries: [...tree.walk()].length,
      notes: [],
    });
    expect(progress.reduce((sum, each) => sum + each, 0)).toBe(tarRecipe(tree).size);
    expect(readdirSync(directory)).toEqual([`out.${format}`]);
    expect(statSync(output).mode & 0o777).toBe(0o644 & ~process.umask());
  });

  it('writes the same to standard output', async () => {
    const tree = sample();
    const stdout = new PassThrough({ highWaterMark: 1000 });
    const [emitted, bytes] = await Promise.all([
      emit(tree, { output: '-', format: 'tar.gz', jobs: 2, stdout }).finally(() => stdout.end()),
      buffer(stdout),
    ]);
    expect(emitted.sha256).toBe(sha256(bytes));
  });

  it('keeps a link to the output, and writes through devices', async () => {
    const directory = testDirectory();
    writeFileSync(join(directory, 'real.tar'), '');
    symlinkSync('real.tar', join(directory, 'link.tar'));
    await emit(sample(), { output: join(directory, 'link.tar'), format: 'tar', jobs: 1 });
    expect(statSync(join(directory, 'real.tar')).size).toBeGreaterThan(2_500_000);
    await emit(sample(), { output: '/dev/null', format: 'tar', jobs: 1 });
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});

describe('what has to be done before there is an output', () => {
  it('goes on while a tar is written to a file', async () => {
    const directory = testDirectory();
    const output = join(directory, 'x.tar');
    const tree = sample();
    const sizes = () => readdirSync(directory).map((name) => [name, statSync(join(directory, name)).size] as const);
    const before = async (): Promise<void> => {
      // The whole of it comes without anything being awaited here.
      while (!sizes().some(([name, size]) => name.endsWith('.part') && size === tarRecipe(tree).size)) await sleep(5);
      expect(existsSync(output)).toBe(false);
    };
    await emit(tree, { output, format: 'tar', jobs: 1, before });
    expect(sizes()).toEqual([['x.tar', tarRecipe(tree).size]]);
  });

  it.each(['tar.gz', 'tar.zst'] as const)('goes on while %s is written to a file', async (format) => {
    const directory = testDirectory();
    const output = join(directory, 'out');
    const written = () => readdirSync(directory).some((name) => statSync(join(directory, name)).size > 0);
    const before = async (): Promise<void> => {
      while (!written()) await sleep(5);
      expect(existsSync(output)).toBe(false);
    };
    await emit(sample(), { output, format, jobs: 1, before });
    expect(readdirSync(directory)).toEqual(['out']);
  });

  it.each(['tar', 'tar.gz'] as const)('comes first where %s goes to standard output', async (format) => {
    const stdout = new PassThrough();
    const before = async (): Promise<void> => {
      await sleep(20);
      expect(stdout.readableLength).toBe(0);
    };
    await Promise.all([
      emit(sample(), { output: '-', format, jobs: 1, stdout, before }).finally(() => stdout.end()),
      buffer(stdout),
    ]);
  });

  it.each(['tar', 'tar.gz', 'tar.xz', 'tar.zst', 'dir'] as const)(
    'leaves nothing of %s where it fails',
    async (format) => {
      const directory = testDirectory();
      const before = () => Promise.reject(new Error('refused'));
      await expect(emit(sample(), { output: join(directory, 'out'), format, jobs: 1, before })).rejects.toThrow(
        'refused',
      );
      expect(readdirSync(directory)).toEqual([]);
    },
  );
});

describe('what cannot be written', () => {
  const small = () => treeOf({ '/x': file('x') });

  it.each([
    ['no directory', (directory: string) => join(directory, 'missing', 'x.tar'), /: its directory does not exist$/],
    ['a file on the way', () => '/etc/passwd/x.tar', /: what its path goes through is no directory$/],
    ['a directory', (directory: string) => directory, /: it is a directory$/],
    ['a full device', () => '/dev/full', /^cannot write \/dev\/full: no space left on the device$/],
  ])('%s', async (_, output, message) => {
    const directory = testDirectory();
    if (output(directory) === '/dev/full' && process.platform !== 'linux') {
      return console.warn('skipped: only Linux has /dev/full');
    }
    await expect(emit(small(), { output: output(directory), format: 'tar', jobs: 1 })).rejects.toThrow(message);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('a directory without permission', async () => {
    if (process.geteuid?.() === 0) return console.warn('skipped: root may write everywhere');
    const directory = join(testDirectory(), 'readonly');
    mkdirSync(directory);
    chmodSync(directory, 0o555);
    await expect(emit(small(), { output: join(directory, 'x'), format: 'tar', jobs: 1 })).rejects.toThrow(
      /: permission denied$/,
    );
  });

  it('a reader that has ended', async () => {
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    });
    await expect(emit(sample(), { output: '-', format: 'tar', jobs: 1, stdout })).rejects.toThrow(
      /^cannot write standard output: the program that reads it has ended$/,
    );
    await setImmediate();
  });

  it('a directory to standard output', async () => {
    await expect(emit(small(), { output: '-', format: 'dir', jobs: 1 })).rejects.toMatchObject({ code: 'usage' });
  });

  it.each(['tar', 'tar.gz', 'tar.xz', 'tar.zst', 'dir'] as const)('leaves nothing of %s on errors', async (format) => {
    const directory = testDirectory();
    const output = join(directory, 'out');
    const slice = { type: 'slice', file: join(directory, 'gone'), offset: 0, size: 10 } as const;
    const broken = treeOf({ '/a': file(new Uint8Array(2_000_000)), '/d/x': file(slice) });
    await expect(emit(broken, { output, format, jobs: 2 })).rejects.toThrow(/^cannot read .*gone: ENOENT/);
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each(['tar', 'tar.gz', 'tar.zst'] as const)('what no %s can say', async (format) => {
    const directory = testDirectory();
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`/${at}`, file('x')]));
    const tree = treeOf({ ...many, '/z': { ...file('x'), uid: -1 } });
    await expect(emit(tree, { output: join(directory, 'out'), format, jobs: 1 })).rejects.toThrow('its uid is -1');
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each(['tar', 'tar.gz', 'tar.xz', 'tar.zst', 'dir'] as const)('leaves nothing of %s on abort', async (format) => {
    const directory = testDirectory();
    const options = { output: join(directory, 'out'), format, jobs: 2, signal: AbortSignal.abort() };
    await expect(emit(sample(), options)).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(directory)).toEqual([]);
  });
});
