import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, describeLimits, expandedLimit, limitsOf, parseLimits } from '../../src/formats/limits.js';

describe('parseLimits', () => {
  it.each([
    [['data-bytes=64G'], { dataBytes: 64 * 1024 ** 3 }],
    [['redirects=1', 'redirects=7'], { redirects: 7 }],
    [['stall-seconds=120', 'index-bytes=512K'], { stallSeconds: 120, indexBytes: 512 * 1024 }],
    [[], {}],
  ])('reads %j', (texts, expected) => {
    expect(parseLimits(texts)).toEqual(expected);
    expect(limitsOf(parseLimits(texts))).toEqual({ ...DEFAULT_LIMITS, ...expected });
  });

  it.each([
    ['x=1', 'it is no NAME=VALUE of a budget'],
    ['redirects', 'it is no NAME=VALUE of a budget'],
    ['__proto__=1', 'it is no NAME=VALUE of a budget'],
    ['redirects=', 'its value is no number from 1 on'],
    ['redirects=0', 'its value is no number from 1 on'],
    ['redirects=-1', 'its value is no number from 1 on'],
    ['redirects=1.5', 'its value is no number from 1 on'],
    ['redirects=1T', 'its value is no number from 1 on'],
    ['data-bytes=999999999999999G', 'its value is no number from 1 on'],
  ])('refuses %j', (text, why) => {
    expect(() => parseLimits([text])).toThrow(`cannot use --limit ${JSON.stringify(text)}: ${why}`);
  });
});

it.each([
  [10, 1e9, 100, 64 * 1024 ** 2],
  [1e6, 1e9, 100, 1e8],
  [1e6, 1e7, 100, 1e7],
])('of %i bytes no more than %i and %i times as many may come', (packed, bytes, ratio, expected) => {
  expect(expandedLimit(packed, bytes, ratio)).toBe(expected);
});

it('are all in THREAT_MODEL.md, with their values', () => {
  const text = readFileSync(new URL('../../THREAT_MODEL.md', import.meta.url), 'utf8');
  const rows = describeLimits().map(
    ([label, what]) => `| \`${label}\` | ${what.replace(/^(.*) \[(.*)\]$/, '$2 | $1')} |`,
  );
  expect(text).toContain(['| name | value | of |', '|---|---|---|', ...rows].join('\n'));
});
