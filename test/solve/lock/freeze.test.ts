import { describe, expect, it } from 'vitest';
import { clashingWithChanges, type Freeze, frozen, stillThere } from '../../../src/solve/lock/freeze.js';
import { universe } from '../universe.js';

/** The first of each name are newer, the last are those of the lock. */
const TEXT = 'a 2: depends b (>= 2)\na 1: depends b\nb 2: breaks c (<< 2)\nb 1\nc 2\nc 1\nd 1: depends b (= 1)';

function freeze(free: string[], security = false) {
  const all = universe(TEXT);
  const locked = new Map(
    ['a', 'b', 'c', 'd'].flatMap((name) => {
      const record = all.named(name).at(-1);
      return record === undefined ? [] : [[name, record] as const];
    }),
  );
  const kept: Freeze = { locked, free: new Set(free), security };
  return { kept, narrowed: frozen(all, kept) };
}

describe('a frozen universe', () => {
  it.each([
    [[], 'a 1, b 1, c 1, d 1'],
    [['a', 'c'], 'a 2, b 1, c 2, d 1'],
  ])('lets only these change: %j', (free, expected) => {
    const { narrowed } = freeze(free);
    const chosen = ['a', 'b', 'c', 'd'].map((name) => `${name} ${narrowed.named(name)[0]?.version}`);
    expect(chosen.join(', ')).toBe(expected);
  });

  it.each([
    [[], ''],
    [['a'], 'b'],
    // What breaks, and who asks for the very version that went.
    [['a', 'b'], 'c,d'],
    [['a', 'b', 'c'], 'd'],
  ])('tells what does not go with %j', (free, expected) => {
    const { kept, narrowed } = freeze(free);
    expect(clashingWithChanges(narrowed, kept).join()).toBe(expected);
  });

  it('knows a package of the lock by its bytes', () => {
    const all = universe('a 1');
    expect(stillThere(all, { name: 'a', architecture: 'amd64', sha256: '' })).toBe(all.named('a')[0]);
    expect(stillThere(all, { name: 'a', architecture: 'amd64', sha256: 'other' })).toBeUndefined();
  });
});
