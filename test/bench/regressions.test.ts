import { describe, expect, it } from 'vitest';
import { type FloorRatio, floorsOf, regressions } from '../../bench/regressions.mjs';

const TOLERANCE = { wall: 0.25, cpu: 0.15 };

function of(...rows: readonly [name: string, unit: FloorRatio['unit'], ratio: number][]) {
  return { floors: rows.map(([name, unit, ratio]) => ({ name, unit, ratio })) };
}

describe('a regression', () => {
  it.each([
    ['the same', of(['a', 'wall', 2]), of(['a', 'wall', 2]), []],
    ['better', of(['a', 'wall', 2]), of(['a', 'wall', 0.5]), []],
    ['within the tolerance', of(['a', 'wall', 2]), of(['a', 'wall', 2.49]), []],
    ['beyond it', of(['a', 'wall', 2]), of(['a', 'wall', 2.51]), ['a wall 2 2.51']],
    ['each unit has its own tolerance', of(['a', 'cpu', 2]), of(['a', 'cpu', 2.4]), ['a cpu 2 2.4']],
    ['units are not mixed', of(['a', 'cpu', 1]), of(['a', 'wall', 9]), []],
    ['what was not measured before', of(['a', 'wall', 1]), of(['b', 'wall', 9]), []],
    ['what is not measured now', of(['a', 'wall', 1]), of(), []],
    [
      'the worst first',
      of(['a', 'wall', 1], ['b', 'wall', 1]),
      of(['a', 'wall', 2], ['b', 'wall', 3]),
      ['b wall 1 3', 'a wall 1 2'],
    ],
  ])('%s', (_, before, now, expected) => {
    const found = regressions(before, now, TOLERANCE).map((one) => `${one.name} ${one.unit} ${one.before} ${one.now}`);
    expect(found).toEqual(expected);
  });
});

describe('the ratio to the floor', () => {
  it('is the median of the ratios of a round, whatever the rounds took', () => {
    const figures = new Map([
      [
        'floor',
        [
          { wall: 1, cpu: 2 },
          { wall: 10, cpu: 20 },
          { wall: 1, cpu: 2 },
        ],
      ],
      [
        'a',
        [
          { wall: 2, cpu: 2 },
          { wall: 30, cpu: 40 },
          { wall: 4, cpu: 6 },
        ],
      ],
    ]);
    expect(floorsOf(figures, 'floor', ['wall', 'cpu'])).toEqual([
      { name: 'a', unit: 'wall', ratio: 3 },
      { name: 'a', unit: 'cpu', ratio: 2 },
    ]);
  });

  it('is not there without a floor', () => {
    expect(floorsOf(new Map([['a', [{ wall: 1, cpu: 1 }]]]), 'floor', ['wall'])).toEqual([]);
  });
});
