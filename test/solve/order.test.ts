import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solve } from '../../src/solve/solve.js';
import { request, stage, universe } from './universe.js';

function order(text: string, asked: string): string {
  const [first] = solve(request(stage(asked)), universe(text)).stages;
  return (first?.packages ?? []).map(({ record }) => record.name).join(' ');
}

describe('configure order', () => {
  it.each<[rule: string, packages: string, asked: string, expected: string]>([
    ['Policy 7.2: dependencies come first', 'a 1: depends c\nb 1\nc 1: depends d\nd 1', 'a, b', 'b d c a'],
    [
      'of several that can come next, the first by name does',
      'z 1\ny 1\nb 1: depends z\na 1: depends y',
      'b, a',
      'y a z b',
    ],
    ['only one alternative is waited for', 'a 1: depends b | c\nb 1\nc 1: depends a', 'a, b, c', 'b a c'],
    ['a provider is waited for', 'a 1: depends x\nz 1: provides x', 'a', 'z a'],
    ['Recommends are not', 'a 1: recommends b\nb 1', 'a, b', 'a b'],
    ['a cycle starts with the first name', 'b 1: depends c\nc 1: depends b', 'c', 'b c'],
    ['but waits for what is outside of it', 'b 1: depends c\nc 1: depends b, z\nz 1', 'c', 'z b c'],
    ['Pre-Depends are not broken', 'b 1: pre-depends c\nc 1: depends b', 'c', 'c b'],
    ['unless they alone are a cycle', 'b 1: pre-depends c\nc 1: pre-depends b', 'c', 'b c'],
    [
      'the innermost of two cycles comes first',
      'a 1: depends b\nb 1: depends a, y\ny 1: depends z\nz 1: depends y',
      'a',
      'y z a b',
    ],
    ['two cycles that share a package are one', 'a 1: depends b\nb 1: depends a, c\nc 1: depends b', 'a', 'a b c'],
    ['a package does not wait for itself', 'a 1: depends x; provides x', 'a', 'a'],
  ])('%s', (_, packages, asked, expected) => {
    expect(order(packages, asked)).toBe(expected);
  });

  it('what an earlier stage satisfies is not waited for', () => {
    const text = 'a 1: depends x\nb 1: provides x\nz 1: provides x';
    const { stages } = solve(request(stage('b'), stage('a, z', { name: 'top' })), universe(text));
    expect(stages[1]?.packages.map(({ record }) => record.name)).toEqual(['a', 'z']);
  });

  it('without cycles, every dependency is met when a package comes', () => {
    const names = 'abcdefghijkl'.split('');
    // Each package depends on later ones only, so that there is no cycle.
    const acyclic = fc
      .tuple(...names.map((_, at) => fc.subarray(names.slice(at + 1))))
      .map((needs) => names.map((name, at) => [name, needs[at] ?? []] as const));
    fc.assert(
      fc.property(acyclic, (graph) => {
        const text = graph.map(
          ([name, needs]) => `${name} 1${needs.length === 0 ? '' : `: depends ${needs.join(', ')}`}`,
        );
        const ordered = order(text.join('\n'), names.join(', ')).split(' ');
        expect([...ordered].sort()).toEqual(names);
        for (const [name, needs] of graph) {
          expect(needs.filter((need) => ordered.indexOf(need) > ordered.indexOf(name))).toEqual([]);
        }
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  it.each([
    ['a chain', (at: number) => `n${at} 1: depends n${at + 1}`],
    ['a ring', (at: number) => `n${at} 1: pre-depends n${(at + 1) % 6000}`],
  ])('%s of 6,000 packages does not exhaust the stack', (_, line) => {
    const lines = Array.from({ length: 6000 }, (_one, at) => line(at));
    const byName = new Map([...lines, 'n6000 1'].map((text) => [text.split(' ')[0], universe(text)]));
    const large = {
      ...universe(''),
      named: (name: string) => byName.get(name)?.named(name) ?? [],
      providing: () => [],
    };
    expect(solve(request(stage('n0')), large).stages[0]?.packages.length).toBeGreaterThanOrEqual(6000);
  });
});
