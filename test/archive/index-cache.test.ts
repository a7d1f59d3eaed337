import { chmod, mkdir, readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { DamagedIndex, readStoredIndex, writeStoredIndex } from '../../src/archive/index-cache.js';
import { scanIndex } from '../../src/archive/index-scan.js';
import { openTables } from '../../src/archive/index-tables.js';
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
const TABLES = openTables(scanIndex(TEXT));

/** In pieces of any size, as they come. */
const write = (text: Buffer = TEXT, to: Store = store) =>
  writeStoredIndex(to, PACKED, async (put) => {
    for (let at = 0; at < text.length; at += 7001) await put(text.subarray(at, at + 7001));
    return { sha256: promiseOf(text).sha256, tables: scanIndex(text) };
  });

let store: Store;
let path: string;

beforeEach(async () => {
  store = await openStore(await temporaryDirectory());
  await write();
  path = join(store.directory, 'indices', `${PACKED.sha256}-v3`);
});

describe('a stored index', () => {
  it('says what the scan of the text said', async () => {
    const stored = await readStoredIndex(store, PACKED, PLAIN);
    expect(stored?.tables.size).toBe(TEXT.length);
    expect(stored?.text(0, TEXT.length)).toEqual(TEXT);
    expect(stored?.tables.essential).toEqual(TABLES.essential);
    for (const table of ['byName', 'byProvided', 'byPriority'] as const) {
      const keys = [...TABLES[table].keys()];
      expect([...(stored?.tables[table].keys() ?? [])]).toEqual(keys);
      for (const key of keys) expect(stored?.tables[table].get(key)).toEqual(TABLES[table].get(key));
      for (const key of ['', 'absent', 'li', 'libx', '\u{ff}']) expect(stored?.tables[table].get(key)).toBeUndefined();
    }
    expect(stored?.tables.count).toBe(TABLES.count);
    for (let stanza = 0; stanza < TABLES.count; stanza++) {
      const bounds = stored?.tables.bounds(stanza) ?? [0, 0];
      expect(bounds).toEqual(TABLES.bounds(stanza));
      expect(stored?.text(...bounds)).toEqual(TEXT.subarray(...bounds));
    }
  });

  it('of nothing is one, too', async () => {
    const empty = Buffer.alloc(0);
    await write(empty);
    const stored = await readStoredIndex(store, PACKED, promiseOf(empty));
    expect([stored?.tables.size, [...(stored?.tables.byName.keys() ?? [])]]).toEqual([0, []]);
  });

  it('is none where reading it fails, and leaves the one before', async () => {
    const fail = async (put: (piece: Uint8Array) => Promise<void>): Promise<never> => {
      await put(TEXT);
      throw new Error('not as promised');
    };
    await expect(writeStoredIndex(store, PACKED, fail)).rejects.toThrow('not as promised');
    await expect(writeStoredIndex(store, PLAIN, fail)).rejects.toThrow('not as promised');
    expect(await readStoredIndex(store, PACKED, PLAIN)).toBeDefined();
    expect(await readStoredIndex(store, PLAIN, undefined)).toBeUndefined();
    expect(await readdir(join(store.directory, 'tmp'))).toEqual([]);
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
    await Promise.all([write(), write(), write()]);
    expect((await readStoredIndex(store, PACKED, PLAIN))?.text(0, TEXT.length)).toEqual(TEXT);
    expect(await readdir(join(store.directory, 'tmp'))).toEqual([]);
  });

  it('need not be', async () => {
    const directory = await temporaryDirectory();
    const other = await openStore(directory);
    await writeFile(join(directory, 'indices'), 'in the way');
    await write(TEXT, other);
    expect(await readStoredIndex(other, PACKED, PLAIN)).toBeUndefined();
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
  });
});

/** Of the header, of a block and of the digest of a block in bytes. */
const [HEADER, BLOCK, DIGEST] = [128, 16_384, 32];
const TABLES_AT = Math.ceil(TEXT.length / BLOCK) * BLOCK;
const DIGESTS = Math.ceil((TABLES_AT + scanIndex(TEXT).length) / BLOCK) * DIGEST;

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
    ['other digests', flip(-10)],
    ['damaged tables', flip(HEADER + TABLES_AT)],
    ['damage to the length of the tables', flip(-1 - DIGESTS)],
    ['a missing end', () => truncate(path, TEXT.length)],
    ['no more than a header', () => truncate(path, 128)],
    ['nothing in it', () => truncate(path, 0)],
    ['others who may write it', () => chmod(path, 0o602)],
    ['a group that may write it', () => chmod(path, 0o620)],
  ])('for %s is none', async (_, spoil) => {
    await spoil();
    expect(await readStoredIndex(store, PACKED, PLAIN)).toBeUndefined();
    await write();
    expect((await readStoredIndex(store, PACKED, PLAIN))?.tables.size).toBe(TEXT.length);
  });

  it('is removed where the damage shows only in a stanza', async () => {
    await flip(HEADER + TEXT.length - 10)();
    const stored = await readStoredIndex(store, PACKED, PLAIN);
    expect(stored?.text(0, 10)).toEqual(TEXT.subarray(0, 10));
    expect(() => stored?.text(...TABLES.bounds(TABLES.count - 1))).toThrow(DamagedIndex);
    expect(await readStoredIndex(store, PACKED, PLAIN)).toBeUndefined();
  });

  it('is a directory', async () => {
    const other = promiseOf(Buffer.from('another'));
    await mkdir(join(store.directory, 'indices', `${other.sha256}-v3`));
    expect(await readStoredIndex(store, other, undefined)).toBeUndefined();
  });
});
