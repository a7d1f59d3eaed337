import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { documentOf, merged, type Results } from './results.mjs';

const NOTHING: Results = { nextSeed: 1000, faults: {}, fuzz: {}, wrong: [] };
const NO_ATTACKS = new Map();
const lines = (...rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const fault = { type: 'fault', what: 'disk', ended: { built: 3, refused: 2 }, seed: 2000, again: [] };
const fuzz = { type: 'fuzz', what: 'tar', iterations: 10, seed: 2000, again: [] };
const wrong = { what: 'disk', how: 'wrong', seed: 2003, why: 'it left x', commit: 'abc' } as const;
const crash = { what: 'tar', how: 'crash', seed: 2000, input: 'AAAA', why: 'TypeError', commit: 'abc' } as const;
const hang = { ...crash, how: 'hang', input: 'BBBB' } as const;

describe('results of rounds', () => {
  it('are added up, and the next round has seeds that no round had', () => {
    const results = merged(merged(NOTHING, lines(fault, fuzz)), lines(fault, { ...fuzz, seed: 5000 }));
    expect(results).toEqual({
      nextSeed: 6000,
      faults: { disk: { built: 6, refused: 4, stopped: 0 } },
      fuzz: { tar: 20 },
      wrong: [],
    });
  });

  const bad = merged(NOTHING, lines(...[wrong, crash, hang, crash].map((row) => ({ type: 'wrong', ...row }))));

  it('keep what went wrong until the very same passes', () => {
    expect(bad.wrong).toEqual([wrong, hang, crash]);
    expect(merged(bad, lines(fault, fuzz)).wrong).toEqual(bad.wrong);
    expect(merged(bad, lines({ ...fault, again: [2003] }, { ...fuzz, again: ['AAAA'] })).wrong).toEqual([hang]);
  });

  it('tell of it in every table', () => {
    const text = documentOf(merged(bad, lines(fault)), new Map([['x', [{ title: 'y', status: 'failed' }]]]));
    for (const line of [
      '| attacks by name | 1 | 1 |',
      '| builds with faults, each with the build after it | 6 | 1 |',
      '| inputs of decoders by the fuzzer | 2 | 2 |',
      '- disk: wrong with the seed 2003 at abc: it left x',
      '| disk | 6 | 3 | 2 | 0 | 1 |',
      '| tar | 2 | 1 | 1 |',
      '| y | failed |',
    ])
      expect(text.split('\n')).toContain(line);
  });

  it('stand in docs/hardening.md as in results.json', () => {
    const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
    const results = JSON.parse(read('results.json')) as Results;
    const rows = (text: string): string => text.slice(text.indexOf('## Faults'), text.indexOf('## What they found'));
    expect(rows(read('../../docs/hardening.md'))).toBe(rows(documentOf(results, NO_ATTACKS)));
  });
});
