import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openStore, promiseOf, type Store } from '../../src/archive/store.js';
import type { BuildEvent } from '../../src/build-types.js';
import { keepUp } from '../../src/cache/upkeep.js';
import { testDirectory } from '../builder/directory.js';

const SIZE = 1000;
const DAY = 86_400;
let store: Store;
let events: BuildEvent[];

/** Puts an entry into the store that was last used some days ago. */
async function put(at: number, daysAgo: number): Promise<string> {
  const bytes = Buffer.alloc(SIZE, at);
  const path = await store.put(promiseOf(bytes), 'u', (sink) => sink.write(bytes));
  const then = Date.now() / 1000 - daysAgo * DAY;
  utimesSync(path, then, then);
  return path;
}
const usage = (): string => readFileSync(join(store.directory, 'usage'), 'utf8');
const keep = (cacheLimit?: number, signal = new AbortController().signal): Promise<void> => {
  const onEvent = (event: BuildEvent): number => events.push(event);
  return keepUp(store, { ...(cacheLimit === undefined ? {} : { cacheLimit }), signal, onEvent });
};

beforeEach(async () => {
  store = await openStore(testDirectory());
  events = [];
});

describe('the limit of the cache', () => {
  it('is kept by the least recently used, with some room for the next builds', async () => {
    const paths = await Promise.all([4, 3, 2, 1].map((days) => put(days, days)));
    await keep(4 * SIZE);
    expect(paths.map(existsSync)).toEqual([true, true, true, true]);
    expect(usage()).toMatch(/^4000 \d+\n$/);
    await keep(4 * SIZE - 1);
    // Nine tenths of 3999 are 3599.
    expect(paths.map(existsSync)).toEqual([false, true, true, true]);
    expect(usage()).toMatch(/^3000 \d+\n$/);
    expect(events).toEqual([{ type: 'note', text: '1 entry of the cache was pruned' }]);
  });

  it('is looked at by what was added, not by all that is there', async () => {
    await keep(10 * SIZE);
    const old = await put(1, 1);
    const first = usage();
    await keep(10 * SIZE);
    const second = usage();
    expect(second).toBe(`${first}+${SIZE}\n`);
    store.grew(5 * SIZE);
    await keep(10 * SIZE);
    expect(existsSync(old)).toBe(true);
    expect(usage()).toBe(`${second}+${6 * SIZE}\n`);
    // About 13 thousand by what is written down: all are looked at, and there is one thousand.
    await keep(10 * SIZE);
    expect(usage()).toMatch(/^1000 \d+\n$/);
  });

  it.each([
    ['nobody looked', undefined],
    ['the last look was the day before yesterday', `5 ${Date.now() - 2 * DAY * 1000}\n`],
    ['the last look is in the future', `5 ${Date.now() + DAY * 1000}\n`],
    ['what is written down is damaged', `5 ${Date.now()}\n+x\n`],
    ['nothing is written down', ''],
  ])('has all looked at where %s', async (_, text) => {
    const leftover = join(store.directory, 'sha256', 'aa', `${'a'.repeat(64)}-v0`);
    await put(1, 1);
    await put(2, 400);
    mkdirSync(dirname(leftover), { recursive: true });
    writeFileSync(leftover, '');
    utimesSync(leftover, 1, 1);
    if (text !== undefined) writeFileSync(join(store.directory, 'usage'), text);
    await keep();
    expect(usage()).toMatch(/^2000 \d+\n$/);
    expect(existsSync(leftover)).toBe(false);
  });

  it('is written down anew where a directory stands in its place', async () => {
    await put(1, 1);
    mkdirSync(join(store.directory, 'usage', 'x'), { recursive: true });
    await keep();
    expect(usage()).toMatch(/^1000 \d+\n$/);
  });

  it('is left to others where the command was cancelled', async () => {
    const path = await put(1, 1);
    await keep(1, AbortSignal.abort());
    expect([existsSync(path), existsSync(join(store.directory, 'usage'))]).toEqual([true, false]);
  });

  it('ends no command where it cannot be kept', async () => {
    const path = await put(1, 1);
    rmSync(join(store.directory, 'tmp'), { recursive: true });
    await expect(keep(10 * SIZE)).resolves.toBeUndefined();
    expect(existsSync(path)).toBe(true);
  });
});
