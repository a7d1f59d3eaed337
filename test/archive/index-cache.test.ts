import { chmod, mkdir, readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { DamagedIndex, readStoredIndex, writeStoredIndex } from '../../src/archive/index-cache.js';
import { scanIndex } from '../../src/archive/index-scan.js';
import { openStore, promiseOf, type Store } from '../../src/archive/store.js';
import { temporaryDirectory } from './scratch.js';

const PACKED = promiseOf(Buffer.from('stands for Packages.gz'));
/** Longer than a block, so that it has several; names of which one begins another, and one beyond ASCII. */
const TEXT = Buffer.from(
  ['lib', 'lib-dev', 'lib', 'zlib', 'a', 'na\u{ef}ve']
    .map((name, at) => {
      const extra = at % 2 === 0 ? 'Essential: yes\nPriority: required\n' : 'Provides: virtual, lib-dev (= 1)\n';
      return `Package: ${name}\nVersion: ${at}\n${extra}Description: ${'x'.repeat(9000)}\n`;
    })
    .join('\n'),
);
const PLAIN = promiseOf(TEXT);
const SCAN = scanIndex(TEXT);

let store: Store;
let path: string;

beforeEach(async () => {
  store = await openStore(await temporaryDirectory());
  await writeStoredIndex(store, PACKED, TEXT, PLAIN.sha256, SCAN);
  path = join(store.directory, 'indices', `${PACKED.sha256}-v1`);
});

describe('a stored index', () => {
  it('says what the scan of the text said', async () => {
    const stored = await readStoredIndex(store, PACKED, PLAIN);
    expect(stored?.size).toBe(TEXT.length);
    expect(stored?.text(0, TEXT.length)).toEqual(TEXT);
    expect(stored?.tables.essential).toEqual(SCAN.essential);
    for (const table of ['byName', 'byProvided', 'byPriority'] as const) {
      const keys = [...SCAN[table].keys()];
      expect([...(stored?.tables[table].keys() ?? [])].sort()).toEqual(keys.sort());
      for (const key of keys) expect(stored?.tables[table].get(key)).toEqual(SCAN[table].get(key));
      for (const key of ['', 'absent', 'li', 'libx', '\u{ff}']) expect(stored?.tables[table].get(key)).toBeUndefined();
    }
    for (const [stanza, start] of SCAN.starts.entries()) {
      const bounds = stored?.tables.bounds(stanza) ?? [0, 0];
      expect(bounds).toEqual([start, SCAN.ends[stanza]]);
      expect(stored?.text(...bounds)).toEqual(TEXT.subarray(...bounds));
    }
  });

  it('of nothing is one, too', async () => {
    const empty = Buffer.alloc(0);
    await writeStoredIndex(store, PACKED, empty, promiseOf(empty).sha256, scanIndex(empty));
    const stored = await readStoredIndex(store, PACKED, promiseOf(empty));
    expect([stored?.size, [...(stored?.tables.byName.keys() ?? [])]]).toEqual([0, []]);
  });

  it('is private, and leaves nothing else behind', async () => {
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(store.directory, 'tmp'))).toEqual([]);
  });

  it('is not another text than the archive promises', async () => {
    expect(await readStoredIndex(store, PACKED, { ...PLAIN, sha256: '0'.repeat(64) })).toBeUndefined();
    expect(await readStoredIndex(store, PACKED, { ...PLAIN, size: PLAIN.size + 1 })).toBeUndefined();
    expect(await readStoredIndex(store, promiseOf(TEXT), PLAIN)).toBeUndefined();
    expect(await readStoredIndex(store, PACKED, undefined)).toBeDefined();
  });

  it('is of now where it is used', async () => {
    const old = Date.now() / 1000 - 8 * 24 * 3600;
    await utimes(path, old, old);
    expect(await readStoredIndex(store, PACKED, PLAIN)).toBeDefined();
    expect((await stat(path)).mtimeMs).toBeGreaterThan(Date.now() - 60_000);
  });

  it('can be written by several at once', async () => {
    const write = () => writeStoredIndex(store, PACKED, TEXT, PLAIN.sha256, SCAN);
    await Promise.all([write(), write(), write()]);
    expect((await readStoredIndex(store, PACKED, PLAIN))?.text(0, TEXT.length)).toEqual(TEXT);
    expect(await readdir(join(store.directory, 'tmp'))).toEqual([]);
  });

  it('need not be', async () => {
    const directory = await temporaryDirectory();
    const other = await openStore(directory);
    await writeFile(join(directory, 'indices'), 'in the way');
    await writeStoredIndex(other, PACKED, TEXT, PLAIN.sha256, SCAN);
    expect(await readStoredIndex(other, PACKED, PLAIN)).toBeUndefined();
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
  });
});

describe('a stored index that cannot be believed', () => {
  const flip = (at: number) => async () => {
    const bytes = await readFile(path);
    const place = at < 0 ? bytes.length + at : at;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    await writeFile(path, bytes);
  };

  it.each([
    ['another format', flip(0)],
    ['another byte order', flip(16)],
    ['another size', flip(24)],
    ['another tag', flip(64)],
    ['other digests', flip(130)],
    ['damaged tables', flip(128 + 32 * 5)],
    ['a missing end', () => truncate(path, TEXT.length)],
    ['no more than a header', () => truncate(path, 128)],
    ['nothing in it', () => truncate(path, 0)],
    ['others who may write it', () => chmod(path, 0o602)],
    ['a group that may write it', () => chmod(path, 0o620)],
  ])('for %s is none', async (_, spoil) => {
    await spoil();
    expect(await readStoredIndex(store, PACKED, PLAIN)).toBeUndefined();
    await writeStoredIndex(store, PACKED, TEXT, PLAIN.sha256, SCAN);
    expect((await readStoredIndex(store, PACKED, PLAIN))?.size).toBe(TEXT.length);
  });

  it('is removed where the damage shows only in a stanza', async () => {
    await flip(-10)();
    const stored = await readStoredIndex(store, PACKED, PLAIN);
    expect(stored?.text(0, 10)).toEqual(TEXT.subarray(0, 10));
    const last = SCAN.starts.length - 1;
    expect(() => stored?.text(SCAN.starts[last] ?? 0, SCAN.ends[last] ?? 0)).toThrow(DamagedIndex);
    expect(await readStoredIndex(store, PACKED, PLAIN)).toBeUndefined();
  });

  it('is a directory', async () => {
    const other = promiseOf(Buffer.from('another'));
    await mkdir(join(store.directory, 'indices', `${other.sha256}-v1`));
    expect(await readStoredIndex(store, other, undefined)).toBeUndefined();
  });
});
