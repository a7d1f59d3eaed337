import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { createScratch, listScratch } from '../../src/build/scratch.js';
import { listEntries } from '../../src/cache/entries.js';
import { PRUNED_KINDS } from '../../src/cache/kinds.js';
import { prune } from '../../src/cache/prune.js';
import { verify } from '../../src/cache/verify.js';
import { workDirectory } from '../builder/directory.js';
import { testArchive } from '../e2e/archive.js';
import { koala, sha256Of } from '../e2e/command.js';
import { build } from './build.js';

const base = workDirectory('together');
const cache = join(base, 'cache');
const archive = await testArchive(base);
let right: string;

beforeAll(async () => {
  await build(archive, cache, join(base, 'right.tar'));
  right = sha256Of(join(base, 'right.tar'));
});

/** Nothing was used for a week, so that everything may go. */
function age(): void {
  const then = Date.now() / 1000 - 6 * 86_400;
  for (const { path } of listEntries(cache, PRUNED_KINDS)) {
    try {
      utimesSync(path, then, then);
    } catch {
      // It is pruned.
    }
  }
}

const everything = { kinds: [], maxSize: undefined, downTo: undefined, usedBefore: undefined, all: true };

describe('builds and prunes at once', () => {
  it('give the right bytes every time, whatever goes under their hands', { timeout: 120_000 }, async () => {
    const pruner = fork(fileURLToPath(new URL('./pruner.mjs', import.meta.url)), [cache]);
    await once(pruner, 'message');
    for (let round = 0; round < 15; round++) {
      age();
      const outputs = [0, 1, 2].map((at) => join(base, `${at}.tar`));
      await Promise.all(outputs.map((output) => build(archive, cache, output)));
      expect(outputs.map(sha256Of)).toEqual(outputs.map(() => right));
    }
    pruner.send('stop');
    const [removed] = (await once(pruner, 'message')) as [number];
    // Each round had all entries to lose.
    expect(removed).toBeGreaterThan(30);
    expect(listScratch(cache)).toEqual({ running: [], abandoned: [] });
    expect((await verify(cache, 1, new AbortController().signal)).damaged).toEqual([]);
  });

  it('with a limit that is always exceeded', { timeout: 120_000 }, async () => {
    for (let round = 0; round < 4; round++) {
      const outputs = [0, 1, 2].map((at) => join(base, `${at}.tar`));
      await Promise.all(outputs.map((output) => build(archive, cache, output, '--cache-limit', '1k')));
      expect(outputs.map(sha256Of)).toEqual(outputs.map(() => right));
    }
  });
});

describe('prune', () => {
  it('leaves what a running command may have used, and takes it afterwards', async () => {
    await build(archive, cache, join(base, 'x.tar'));
    const used = listEntries(cache, PRUNED_KINDS).length;
    const scratch = await createScratch(cache, { offline: false });
    const during = prune(cache, { ...everything, dryRun: false });
    expect([during.removed.length, during.inUse, during.kept.entries]).toEqual([0, used, used]);
    age();
    const [first] = listEntries(cache, ['unpacked']);
    utimesSync(first?.path ?? '', new Date(), new Date());
    const later = prune(cache, { ...everything, dryRun: false });
    expect([later.inUse, later.kept.entries, later.removed.length]).toEqual([1, 1, used - 1]);
    await scratch.remove();
    expect(prune(cache, { ...everything, dryRun: false }).kept.entries).toBe(0);
  });

  it('takes nothing from a command that could not fetch it again', async () => {
    await build(archive, cache, join(base, 'x.tar'));
    age();
    const scratch = await createScratch(cache, { offline: true });
    expect(prune(cache, { ...everything, dryRun: false })).toMatchObject({ removed: [], heldOffline: true });
    await build(archive, cache, join(base, 'offline.tar'), '--offline');
    expect(sha256Of(join(base, 'offline.tar'))).toBe(right);
    await scratch.remove();
    expect(prune(cache, { ...everything, dryRun: false }).kept.entries).toBe(0);
  });

  it('clears away what a killed build left, which holds nothing up', { timeout: 60_000 }, async () => {
    archive.server.fault(/libhello\S*\.deb$/, { type: 'stall', after: 100, times: 1 });
    const { status } = await koala([...archive.args, '--cache-dir', cache, '--verbose', '--output', 'killed.tar'], {
      cwd: base,
      watch: (text, kill) => {
        if (text.includes('plan:')) kill('SIGKILL');
      },
    });
    archive.server.clearFaults();
    expect(status).toBeNull();
    expect(readdirSync(join(cache, 'builds'))).toHaveLength(1);
    const { abandoned, inUse } = prune(cache, { ...everything, dryRun: false });
    expect([abandoned.length, inUse]).toEqual([1, 0]);
    expect(readdirSync(join(cache, 'builds'))).toEqual([]);
  });
});

describe('a scratch directory', () => {
  const place = async (name: (own: string) => string) => {
    const directory = mkdtempSync(join(base, 'scratch-'));
    const own = await createScratch(directory, { offline: false });
    await own.remove();
    mkdirSync(join(directory, 'builds', name(own.directory.split('/').at(-1) ?? '')));
    return listScratch(directory);
  };
  const replace = (at: number, value: string) => (own: string) => own.split('@').with(at, value).join('@');
  const running = (list: Awaited<ReturnType<typeof place>>) => [list.running.length, list.abandoned.length];

  it.each([
    ['of this process', (own: string) => own, [1, 0]],
    ['of a process that has ended', replace(1, '4194305'), [0, 1]],
    ['of a process that has the number of one that has ended', replace(2, '1'), [0, 1]],
    ['of another machine, or another container of this name', replace(0, 'elsewhere+1'), [1, 0]],
    ['of an older version of this program', () => 'elsewhere@1@abc', [1, 0]],
  ])('%s', async (_, name, expected) => {
    expect(running(await place(name))).toEqual(expected);
  });
});
