import { describe, expect, it } from 'vitest';
import type { PackageUniverse } from '../../../src/archive/types.js';
import { agreeing, disagreements } from '../../../src/solve/lock/agreement.js';
import { solve } from '../../../src/solve/solve.js';
import { request, stage, universe } from '../universe.js';

const versions = (one: PackageUniverse | undefined, name: string) =>
  one
    ?.named(name)
    .map(({ version }) => version)
    .join(' ');

describe('universes that agree', () => {
  it.each([
    ['what both have', 'a 3\na 2\na 1', 'a 2\na 1', '2 1', '2 1'],
    ['what only one has', 'a 1', 'b 1', '1', ''],
    ['what has nothing in common', 'a 2', 'a 1', '2', '1'],
    ['rebuilds of a source', 'a 2\na 1', 'a 2+b1: source 2', '2', '2+b1'],
  ])('%s', (_, one, other, first, second) => {
    const [amd64, arm64] = agreeing([universe(one), universe(other)]);
    expect([versions(amd64, 'a'), versions(arm64, 'a')]).toEqual([first, second]);
  });

  it('choose the essential, and by priority, of the versions that agree', () => {
    const text = 'a 2: essential yes; priority required\na 1: essential yes; priority required\nb 2: priority required';
    const [one] = agreeing([universe(text), universe('a 1: essential yes; priority required')]);
    expect(one?.essential().map(({ version }) => version)).toEqual(['1']);
    expect(one?.ofPriority('required').map(({ name, version }) => `${name} ${version}`)).toEqual(['a 1', 'b 2']);
  });
});

describe('plans that differ', () => {
  const planOf = (text: string) => solve(request(stage('a')), universe(text));

  it('are told of by name', () => {
    const plans = [planOf('a 1: depends b\nb 2: depends c\nc 1'), planOf('a 1: depends b\nb 1'), planOf('a 1')];
    expect(disagreements(plans)).toEqual([
      {
        name: 'b',
        versions: [
          { architecture: 'amd64', version: '2' },
          { architecture: 'amd64', version: '1' },
        ],
      },
    ]);
    expect(disagreements([planOf('a 1'), planOf('a 1+b1: source 1')])).toEqual([]);
  });
});
