import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseLockOnce } from '../../src/build/lock-once.js';
import { formatLock } from '../../src/solve/lock/file.js';
import { testDirectory } from '../builder/directory.js';
import { LOCK } from '../builder/lock.js';

const kept = (cacheDir: string): string[] => readdirSync(join(cacheDir, 'verified'));

describe('a lock that was found whole before', () => {
  it('is the same when it comes from the cache, and is known by its bytes', async () => {
    const cacheDir = join(testDirectory(), 'cache');
    const text = formatLock(LOCK);
    const first = await parseLockOnce(text, 'x', cacheDir);
    expect(kept(cacheDir)).toHaveLength(1);
    expect(await parseLockOnce(text, 'x', cacheDir)).toEqual(first);
    expect(kept(cacheDir)).toHaveLength(1);
    await parseLockOnce(` ${text}`, 'x', cacheDir);
    expect(kept(cacheDir)).toHaveLength(2);
  });

  it.each([
    ['damaged', (file: string) => writeFileSync(file, 'other')],
    ['open to others', (file: string) => chmodSync(file, 0o666)],
  ])('is looked at again where what was kept is %s', async (_, harm) => {
    const cacheDir = testDirectory();
    const lock = await parseLockOnce(formatLock(LOCK), 'x', cacheDir);
    harm(join(cacheDir, 'verified', kept(cacheDir)[0] ?? ''));
    expect(await parseLockOnce(formatLock(LOCK), 'x', cacheDir)).toEqual(lock);
  });

  it('is read where the cache cannot be used', async () => {
    const cacheDir = join(testDirectory(), 'file');
    writeFileSync(cacheDir, '');
    expect(await parseLockOnce(formatLock(LOCK), 'x', cacheDir)).toEqual(LOCK);
  });

  it('keeps nothing of one that is refused', async () => {
    const cacheDir = testDirectory();
    const text = formatLock(LOCK).replace('"web"', '"other"');
    for (const _ of [1, 2])
      await expect(parseLockOnce(text, 'x', cacheDir)).rejects.toThrow('does not have its digest');
    expect(readdirSync(cacheDir)).toEqual([]);
  });
});
