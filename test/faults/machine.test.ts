import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Farm, leftIn, makeFarm, type Outcome, spawnBuild, type Try, tryBuild, wrongWith } from './farm.js';
import { type FaultyMirror, MIRROR_FAULTS, serveFaultyMirror } from './mirror.js';
import { type Random, randomOf } from './random.js';
import { type End, faultRound, share } from './results.js';

const base = mkdtempSync(join(tmpdir(), 'koala-machine-'));
let farm: Farm;
let mirror: FaultyMirror;
/** A cache as a good build leaves it. */
let warm: string;

beforeAll(async () => {
  farm = await makeFarm(base);
  mirror = await serveFaultyMirror(farm.before, farm.after);
  warm = join(base, 'warm');
  const outcome = await tryBuild(farm, {
    cacheDir: warm,
    output: join(base, 'warm.tar'),
    mirrors: [mirror.good('before')],
  });
  expect(outcome.digest).toBe(farm.digests.before);
});
afterAll(async () => {
  await mirror.close();
  rmSync(base, { recursive: true, force: true });
});

/** A directory of its own, with what a build in it is asked. */
function place(name: string): Try & { readonly directory: string } {
  const directory = mkdtempSync(join(base, `${name}-`));
  return {
    directory,
    cacheDir: join(directory, 'cache'),
    output: join(directory, 'out.tar'),
    mirrors: [mirror.good('before')],
  };
}

/** So many seeds, one after the other; `one` says how it ended, or throws. */
async function runAll(kind: string, count: number, one: (random: Random, seed: number) => Promise<End>): Promise<void> {
  const tries = await faultRound(kind, count, (seed) => one(randomOf(seed), seed));
  expect(tries).toBeGreaterThanOrEqual(count);
}

const endOf = ({ digest }: Outcome): 'built' | 'refused' => (digest === undefined ? 'refused' : 'built');

/** Fails where a build did not end as promised. */
function expectSound(outcome: Outcome, wanted: Try): void {
  expect(wrongWith(outcome, wanted, [farm.digests.before])).toBeUndefined();
}

/** The next build, all being well again. */
async function expectNext(wanted: Try): Promise<void> {
  rmSync(wanted.output, { force: true });
  const next = await tryBuild(farm, { ...wanted, limits: {} });
  expect(next).toEqual({ digest: farm.digests.before, error: undefined });
  expect(leftIn(wanted.cacheDir, wanted.output)).toEqual([]);
}

const files = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
    .sort();

/** Does some harm to a file. */
function damage(path: string, random: Random): void {
  const bytes = readFileSync(path);
  const at = random.below(Math.max(bytes.length, 1));
  const harm = random.pick(['flip', 'flip', 'cut', 'grow', 'empty', 'remove', 'directory', 'other'] as const);
  if (harm === 'flip' && bytes.length > 0) bytes.writeUInt8((bytes[at] ?? 0) ^ (1 + random.below(255)), at);
  if (harm === 'flip') writeFileSync(path, bytes);
  if (harm === 'cut') truncateSync(path, at);
  if (harm === 'grow') writeFileSync(path, Buffer.concat([bytes, Buffer.from('more')]));
  if (harm === 'empty') truncateSync(path, 0);
  if (harm === 'other')
    writeFileSync(
      path,
      createHash('shake256', { outputLength: bytes.length || 1 })
        .update(path)
        .digest(),
    );
  if (harm === 'remove' || harm === 'directory') rmSync(path);
  if (harm === 'directory') mkdirSync(path);
}

describe('a store that is damaged at random', () => {
  it('is mended, or one message says which file', { timeout: 900_000 }, async () => {
    await runAll('store: damaged at random', share(300, 12), async (random, seed) => {
      const { directory, ...wanted } = place(`damaged-${seed}`);
      cpSync(warm, wanted.cacheDir, { recursive: true });
      const all = files(wanted.cacheDir);
      for (let count = 1 + random.below(8); count > 0; count--) {
        const path = random.pick(all);
        if (existsSync(path) && statSync(path).isFile()) damage(path, random);
      }
      const offline = random.below(4) === 0;
      const outcome = await tryBuild(farm, { ...wanted, offline });
      expectSound(outcome, wanted);
      if (outcome.digest === undefined && !offline) {
        // What guards against a replay is not thrown away unasked: the hint says that it is the user's to remove.
        expect(outcome.error).toMatchObject({
          message: expect.stringMatching(/releases\/[0-9a-f]{64}\.json/),
          hint: expect.stringMatching(/^remove the file/),
        });
        rmSync(join(wanted.cacheDir, 'releases'), { recursive: true });
      } else if (offline) rmSync(join(wanted.cacheDir, 'releases'), { recursive: true });
      await expectNext(wanted);
      rmSync(directory, { recursive: true });
      return endOf(outcome);
    });
  });
});

describe('builds at the same time', () => {
  it('share one store, with faults and without', { timeout: 900_000 }, async () => {
    await runAll('store: shared by two or three builds', share(100, 4), async (random, seed) => {
      const { directory, ...wanted } = place(`shared-${seed}`);
      if (random.below(2) === 0) {
        cpSync(warm, wanted.cacheDir, { recursive: true });
        damage(random.pick(files(join(wanted.cacheDir, 'sha256'))), random);
      }
      const builds = Array.from({ length: 2 + random.below(2) }, async (_, index) => {
        const own = join(directory, `build-${index}`);
        mkdirSync(own);
        const view = mirror.view(random.below(2) === 0 ? [random.pick(MIRROR_FAULTS.slice(0, 6))] : [], random);
        const one = { ...wanted, output: join(own, 'out.tar'), mirrors: [view.url, mirror.good('before')] };
        await sleep(random.below(60));
        return { one, outcome: await tryBuild(farm, one) };
      });
      for (const { one, outcome } of await Promise.all(builds)) {
        expect(wrongWith(outcome, { ...one, cacheDir: directory }, [farm.digests.before])).toBeUndefined();
        expect(outcome.digest).toBe(farm.digests.before);
        rmSync(join(one.output, '..'), { recursive: true });
      }
      await expectNext(wanted);
      rmSync(directory, { recursive: true });
      return 'built';
    });
  });
});

describe('a build that is stopped', () => {
  /** Milliseconds of a build by the executable that nobody stops: moments are taken from all of it, and a little after. */
  let duration = 0;
  beforeAll(async () => {
    for (const name of ['loading', 'timed']) {
      const { directory, ...wanted } = place(name);
      const start = performance.now();
      expect(await spawnBuild(farm, wanted, undefined)).toEqual({ status: 0, stderr: '' });
      duration = performance.now() - start;
      rmSync(directory, { recursive: true });
    }
  });

  it('at any moment by its caller', { timeout: 900_000 }, async () => {
    await runAll('cancelled at a random moment', share(200, 12), async (random, seed) => {
      const { directory, ...wanted } = place(`cancelled-${seed}`);
      if (random.below(3) === 0) cpSync(warm, wanted.cacheDir, { recursive: true });
      const controller = new AbortController();
      setTimeout(() => controller.abort(), random.below(150));
      const outcome = await tryBuild(farm, { ...wanted, signal: controller.signal });
      expectSound(outcome, wanted);
      await expectNext(wanted);
      rmSync(directory, { recursive: true });
      return outcome.digest === undefined ? 'stopped' : 'built';
    });
  });

  it.each([
    ['SIGKILL', 200, 8],
    ['SIGINT', 60, 3],
    ['SIGTERM', 40, 2],
  ] as const)('at any moment by %s', { timeout: 1_800_000 }, async (signal, all, few) => {
    await runAll(`${signal} at a random moment`, share(all, few), async (random, seed) => {
      const { directory, ...wanted } = place(`${signal}-${seed}`);
      if (random.below(3) === 0) cpSync(warm, wanted.cacheDir, { recursive: true });
      const { status, stderr } = await spawnBuild(farm, wanted, { after: random.next() * 1.05 * duration, signal });
      // Whether it came to its end or not, there is the whole output or none.
      const digest = existsSync(wanted.output)
        ? createHash('sha256').update(readFileSync(wanted.output)).digest('hex')
        : undefined;
      expect([undefined, farm.digests.before]).toContain(digest);
      if (status === 0) expect(digest).toBe(farm.digests.before);
      if (signal !== 'SIGKILL' && status !== 0 && status !== null) {
        expect([status, stderr.split('\n').at(-2)]).toEqual([
          signal === 'SIGINT' ? 130 : 143,
          'koala-bootstrap: cancelled',
        ]);
        expect([digest, leftIn(wanted.cacheDir, wanted.output)]).toEqual([undefined, []]);
      }
      // The next build removes what is beside the output; what is in the cache's own tmp only after a day.
      rmSync(join(wanted.cacheDir, 'tmp'), { recursive: true, force: true });
      await expectNext(wanted);
      rmSync(directory, { recursive: true });
      return status === 0 ? 'built' : 'stopped';
    });
  });
});

describe('a machine that has not enough', () => {
  const canMount =
    spawnSync('sh', ['-c', `mkdir ${base}-m && mount -t tmpfs -o size=64k none ${base}-m && umount ${base}-m`])
      .status === 0;
  rmSync(`${base}-m`, { recursive: true, force: true });

  const mounted = async <T>(
    directory: string,
    options: string,
    action: (remount: (options: string) => void) => Promise<T>,
  ): Promise<T> => {
    mkdirSync(directory, { recursive: true });
    const remount = (given: string): void => void execFileSync('mount', ['-o', `remount,${given}`, directory]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', directory]);
    try {
      return await action(remount);
    } finally {
      execFileSync('umount', [directory]);
    }
  };

  it.skipIf(!canMount)('disk for the cache (skipped where no tmpfs can be mounted)', { timeout: 900_000 }, async () => {
    await runAll('disk full: below the cache', share(120, 8), async (random, seed) => {
      const { directory, ...wanted } = place(`full-${seed}`);
      const outcome = await mounted(wanted.cacheDir, `size=${4 * (1 + random.below(400))}k`, async (remount) => {
        const outcome = await tryBuild(farm, wanted);
        expectSound(outcome, wanted);
        remount('size=16m');
        await expectNext(wanted);
        return outcome;
      });
      rmSync(directory, { recursive: true });
      return endOf(outcome);
    });
  });

  it.skipIf(!canMount)(
    'disk for the output (skipped where no tmpfs can be mounted)',
    { timeout: 900_000 },
    async () => {
      await runAll('disk full: below the output', share(80, 4), async (random, seed) => {
        const { directory, ...wanted } = place(`out-full-${seed}`);
        const there = join(directory, 'there');
        const elsewhere = { ...wanted, output: join(there, 'out.tar') };
        const outcome = await mounted(there, `size=${4 * (1 + random.below(200))}k`, async (remount) => {
          const outcome = await tryBuild(farm, elsewhere);
          expectSound(outcome, elsewhere);
          remount('size=16m');
          await expectNext(elsewhere);
          return outcome;
        });
        rmSync(directory, { recursive: true });
        return endOf(outcome);
      });
    },
  );

  it.skipIf(!canMount)(
    'a cache that cannot be written (skipped where no tmpfs can be mounted)',
    { timeout: 300_000 },
    async () => {
      await runAll('cache read-only', share(40, 2), async (random, seed) => {
        const { directory, ...wanted } = place(`read-only-${seed}`);
        const outcome = await mounted(wanted.cacheDir, 'size=16m', async (remount) => {
          if (random.below(2) === 0) cpSync(warm, wanted.cacheDir, { recursive: true });
          remount('ro');
          const outcome = await tryBuild(farm, wanted);
          expectSound(outcome, wanted);
          remount('rw');
          await expectNext(wanted);
          return outcome;
        });
        rmSync(directory, { recursive: true });
        return endOf(outcome);
      });
    },
  );

  it('bytes for a file: one line names it', async () => {
    const { directory, ...wanted } = place('small-files');
    // Half of what the largest package takes, in blocks of 512 bytes.
    const { status, stderr } = await spawnBuild(farm, wanted, undefined, '-f 400');
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^koala-bootstrap: cannot write [^\n]+: EFBIG: file too large, write\nhint: [^\n]+\n$/),
    ]);
    expect(existsSync(wanted.output)).toBe(false);
    await expectNext(wanted);
    rmSync(directory, { recursive: true });
  });

  it('open files to start with: one line says so', async () => {
    const { directory, ...wanted } = place('no-start');
    const said: string[] = [];
    // With fewer Node itself does not start; how few those are is Node's.
    for (let count = 14; count < 30; count++)
      said.push((await spawnBuild(farm, wanted, undefined, `-n ${count}`)).stderr);
    const first = said.findIndex((stderr) => /^koala-bootstrap: cannot go on: EMFILE[^\n]*\n/.test(stderr));
    expect(first).toBeGreaterThanOrEqual(0);
    for (const stderr of said.slice(first))
      expect(stderr).toMatch(/^koala-bootstrap: cannot [^\n]+\n(?:hint: [^\n]+\n)?$/);
    rmSync(directory, { recursive: true });
  });

  it('open files (EMFILE)', { timeout: 900_000 }, async () => {
    await runAll('EMFILE', share(60, 5), async (random, seed) => {
      const { directory, ...wanted } = place(`emfile-${seed}`);
      const { status, stderr } = await spawnBuild(farm, wanted, undefined, `-n ${18 + random.below(30)}`);
      const isWhole =
        existsSync(wanted.output) &&
        createHash('sha256').update(readFileSync(wanted.output)).digest('hex') === farm.digests.before;
      expect({ status, isWhole, stderr }).toEqual(
        status === 0
          ? { status: 0, isWhole: true, stderr: '' }
          : {
              status: expect.any(Number),
              isWhole: false,
              stderr: expect.stringMatching(/^koala-bootstrap: cannot [^\n]*\n/),
            },
      );
      await expectNext(wanted);
      rmSync(directory, { recursive: true });
      return status === 0 ? 'built' : 'refused';
    });
  });
});
