import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Farm, makeFarm, tryBuild, wrongWith } from './farm.js';
import { type FaultyMirror, MIRROR_FAULTS, type MirrorFault, serveFaultyMirror } from './mirror.js';
import { randomOf } from './random.js';
import { faultRound, share } from './results.js';

const base = mkdtempSync(join(tmpdir(), 'koala-faults-'));
let farm: Farm;
let mirror: FaultyMirror;

beforeAll(async () => {
  farm = await makeFarm(base);
  mirror = await serveFaultyMirror(farm.before, farm.after);
});
afterAll(async () => {
  await mirror.close();
  rmSync(base, { recursive: true, force: true });
});

/** A build with faults, then one without by the same cache: what was wrong, or how the first one ended. */
async function run(faults: readonly MirrorFault[], seed: number): Promise<'built' | 'refused'> {
  const random = randomOf(seed);
  const place = mkdtempSync(join(base, `run-${seed}-`));
  const view = mirror.view(faults, random);
  // A mirror that is in order beside the one that is not, a name that nobody knows, a port that nobody listens on.
  const others = random.pick([
    [],
    [],
    [],
    [mirror.good('before')],
    ['http://no-such-host.invalid'],
    ['http://127.0.0.1:1'],
  ]);
  const wanted = {
    cacheDir: join(place, 'cache'),
    output: join(place, 'out.tar'),
    mirrors: [view.url, ...others].reverse(),
  };
  const first = await tryBuild(farm, wanted);
  const wrong = wrongWith(first, wanted, Object.values(farm.digests));
  view.heal();
  rmSync(wanted.output, { force: true });
  const second = await tryBuild(farm, { ...wanted, mirrors: [view.url], limits: {} });
  const digest = second.digest ?? String(second.error);
  const told = wrong ?? (Object.values(farm.digests).includes(digest) ? undefined : `the next build: ${digest}`);
  if (told !== undefined) throw new Error(`${told}\n${view.planned.join('\n')}`);
  rmSync(place, { recursive: true });
  return first.digest === undefined ? 'refused' : 'built';
}

/** Some at a time: they wait more than they work. */
async function runAll(what: string, count: number, faultsOf: (seed: number) => readonly MirrorFault[]): Promise<void> {
  const tries = await faultRound(what, count, (seed) => run(faultsOf(seed), seed), 6);
  expect(tries).toBeGreaterThanOrEqual(count);
}

describe('a mirror that fails: the right bytes, or one clear message and no output; and the next build succeeds', () => {
  it.each(MIRROR_FAULTS)('%s', { timeout: 600_000 }, async (fault) => {
    await runAll(`mirror: ${fault}`, share(24, 1), () => [fault]);
  });

  it('several at once', { timeout: 3_600_000 }, async () => {
    await runAll('mirror: several faults at once', share(600, 12), (seed) => {
      const random = randomOf(seed * 7919);
      return Array.from({ length: 2 + random.below(5) }, () => random.pick(MIRROR_FAULTS));
    });
  });
});
