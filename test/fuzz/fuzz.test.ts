import { describe, expect, it } from 'vitest';
import { FIRST_SEED, knownWrong, noteFuzz, noteWrong, share } from '../faults/results.js';
import { Crash, fuzz } from './fuzzer.js';
import { IMAGE_TARGETS } from './image-targets.js';
import { TARGETS } from './targets.js';

const ALL = [...TARGETS, ...IMAGE_TARGETS];

/** Over all decoders: a million in a round of the long run (`npm run hardening`), whose seed is another each time. */
const ITERATIONS = share(1_000_000, 20_000);
const total = ALL.reduce((sum, { share: part }) => sum + part, 0);

describe('a decoder takes or refuses whatever it is given', () => {
  it.each(ALL)('$name', { timeout: 3_600_000 }, async (target) => {
    const iterations = Math.max(Math.round((ITERATIONS * target.share) / total), target.seeds.length + 20);
    const again = knownWrong(target.name).flatMap(({ input }) => input ?? []);
    const { behaviours } = await fuzz(target, FIRST_SEED, iterations, again).catch((error: unknown) => {
      if (error instanceof Crash) {
        const { how, why, input } = error;
        noteWrong({ what: target.name, how, seed: FIRST_SEED, input, why });
      }
      throw error;
    });
    noteFuzz(target.name, iterations + again.length, behaviours, again);
    expect(behaviours).toBeGreaterThan(1);
  });
});
