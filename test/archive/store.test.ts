import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readReleaseState, releaseStatePath, writeReleaseState } from '../../src/archive/release-state.js';
import { openStore, promiseOf, type Sink } from '../../src/archive/store.js';
import { temporaryDirectory } from './scratch.js';

const BYTES = Buffer.from('some bytes');
const PROMISE = promiseOf(BYTES);
const writing = (bytes: Uint8Array) => (sink: Sink) => sink.write(bytes);

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

describe('a store', () => {
  it('keeps bytes by their digest, for its owner only', async () => {
    const directory = join(await temporaryDirectory(), 'a/b');
    const store = await openStore(directory);
    expect(await store.has(PROMISE)).toBe(false);
    const path = await store.put(PROMISE, 'u', writing(BYTES));
    expect(path).toBe(join(directory, 'sha256', PROMISE.sha256.slice(0, 2), PROMISE.sha256));
    expect(await store.has(PROMISE)).toBe(true);
    expect(await store.read(PROMISE)).toEqual(BYTES);
    expect(await store.verifiedFile(PROMISE)).toBe(path);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await filesBelow(directory)).toEqual([PROMISE.sha256]);
  });

  const other = Buffer.from('other byte');
  it.each([
    [
      'other bytes',
      writing(other),
      `cannot accept http://me:***@m/x: its SHA-256 is ${promiseOf(other).sha256}, the archive promised ${PROMISE.sha256}`,
    ],
    ['too few', writing(BYTES.subarray(1)), 'cannot accept http://me:***@m/x: it has 9 bytes, the archive promised 10'],
    ['a failure', () => Promise.reject(new Error('disk full')), 'disk full'],
  ])('keeps nothing of %s', async (_, fill, message) => {
    const store = await openStore(await temporaryDirectory());
    await expect(store.put(PROMISE, 'http://me:secret@m/x', fill)).rejects.toThrow(message);
    expect(await filesBelow(store.directory)).toEqual([]);
  });

  it('forgets what came before a restart', async () => {
    const store = await openStore(await temporaryDirectory());
    await store.put(PROMISE, 'u', async (sink) => {
      await sink.write(Buffer.from('a longer text than the promised bytes'));
      await sink.restart();
      await sink.write(BYTES.subarray(0, 4));
      await sink.write(BYTES.subarray(4));
    });
    expect(await store.read(PROMISE)).toEqual(BYTES);
  });

  it('is shared by builds that bring the same entry at the same time', async () => {
    const directory = await temporaryDirectory();
    const stores = await Promise.all([openStore(directory), openStore(directory)]);
    await Promise.all([...stores, ...stores].map((store) => store.put(PROMISE, 'u', writing(BYTES))));
    expect(await filesBelow(directory)).toEqual([PROMISE.sha256]);
    expect(await stores[0]?.read(PROMISE)).toEqual(BYTES);
  });

  it.each([['other byte'], ['short']])('throws a damaged entry away: %j', async (damage) => {
    const store = await openStore(await temporaryDirectory());
    const path = await store.put(PROMISE, 'u', writing(BYTES));
    await writeFile(path, damage);
    expect(await store.read(PROMISE)).toBeUndefined();
    await writeFile(path, damage);
    expect(await store.verifiedFile(PROMISE)).toBeUndefined();
    await store.put(PROMISE, 'u', writing(BYTES));
    expect(await store.read(PROMISE)).toEqual(BYTES);
  });

  it('clears away what killed builds left, but nothing of today', async () => {
    const store = await openStore(await temporaryDirectory());
    const [old, young] = ['old', 'young'].map((name) => join(store.directory, 'tmp', name)) as [string, string];
    await writeFile(old, '');
    await writeFile(young, '');
    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 3600 * 1000);
    await utimes(old, twoDaysAgo, twoDaysAgo);
    await openStore(store.directory);
    expect(await filesBelow(store.directory)).toEqual(['young']);
  });

  it('says where it cannot be', async () => {
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    await expect(openStore(file)).rejects.toMatchObject({
      message: expect.stringContaining(`cannot use the cache directory ${file}`),
      hint: expect.stringContaining('--cache-dir'),
    });
  });
});

describe('the state of a Release file', () => {
  const state = { archive: 'http://me:***@m/debian', suite: 'trixie', date: 1_700_000_000, files: [PROMISE] };

  it('is kept by base and suite, without the password', async () => {
    const store = await openStore(await temporaryDirectory());
    await writeReleaseState(store, 'http://me:secret@m/debian', state);
    expect(await readReleaseState(store, 'http://me:changed@m/debian', 'trixie')).toEqual(state);
    expect(await readReleaseState(store, 'http://m/debian', 'trixie')).toBeUndefined();
    expect(await readReleaseState(store, 'http://me:secret@m/debian', 'sid')).toBeUndefined();
    const text = await readFile(releaseStatePath(store, 'http://me:secret@m/debian', 'trixie'), 'utf8');
    expect(text).not.toContain('secret');
  });

  it.each(['', '{}', '{"date": "x"}'])('is not skipped where it cannot be read: %j', async (text) => {
    const store = await openStore(await temporaryDirectory());
    await writeReleaseState(store, 'http://m', state);
    await writeFile(releaseStatePath(store, 'http://m', 'trixie'), text);
    await expect(readReleaseState(store, 'http://m', 'trixie')).rejects.toMatchObject({
      code: 'archive',
      hint: expect.stringContaining('remove the file'),
    });
  });
});
