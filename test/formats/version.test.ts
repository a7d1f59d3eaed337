import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, isVersion, satisfies, upstreamVersion } from '../../src/formats/version.js';

/** Pieces that make neighbours in the order likely. */
const text = fc.string({
  unit: fc.constantFrom('0', '00', '1', '9', '10', 'a', 'b', 'z', 'A', 'Z', '~', '~~', '+', '.', '-'),
  maxLength: 8,
});
const version = fc
  .tuple(
    fc.constantFrom('', '', '0:', '1:', '00:', '10:'),
    fc.nat({ max: 11 }),
    text,
    fc.constantFrom('', '', '-0', '-1'),
  )
  .map(([epoch, digit, rest, revision]) => `${epoch}${digit}${rest}${revision}`)
  .filter(isVersion);
const anything = fc.oneof(version, text, fc.string());

/** Pairs of which many are the same or nearly so. */
const pair = fc.oneof(
  version.map((a): [string, string] => [a, a.includes('-') ? `0${a}` : `${a}-0`]),
  fc.tuple(version, version),
  fc.tuple(version, version),
);

const hasDpkg = existsSync('/usr/bin/dpkg');
/** Perl's Dpkg::Version, of dpkg-dev: all in one process, so that there can be many. */
const COMPARE = 'print version_compare($F[0], $F[1])';
const hasDpkgPerl = spawnSync('perl', ['-MDpkg::Version', '-e', '0']).status === 0;

/** Runs one shell loop over tab-separated lines on its input, for the sake of speed. */
function forEachLine(body: string, lines: readonly string[]): string[] {
  const script = `while IFS="$(printf '\\t')" read -r a b; do ${body}; done`;
  const input = lines.map((line) => `${line}\n`).join('');
  return execFileSync('sh', ['-c', script], { input, stdio: ['pipe', 'pipe', 'ignore'] })
    .toString()
    .trimEnd()
    .split('\n');
}

describe('compareVersions (Policy 5.6.12)', () => {
  it.each([
    ['1.0', '1.0'],
    ['1.0', '1.0-0'],
    ['0:1.0', '1.0'],
    ['00:1', '0:01'],
    ['1.0-', '1.0'],
    ['1.', '1.0'],
  ])('%s equals %s', (a, b) => {
    expect(compareVersions(a, b)).toBe(0);
    expect(compareVersions(b, a)).toBe(0);
  });

  it.each([
    ['1.0~rc1', '1.0'],
    ['1.0', '1.0-1'],
    ['1.0~~', '1.0~~a'],
    ['1.0~~a', '1.0~'],
    ['1.0~', '1.0'],
    ['1.0', '1.0a'],
    ['1.0a', '1.0+'],
    ['1.0Z', '1.0a'],
    ['1.9', '1.10'],
    ['9.9', '1:0.1'],
    ['9:0', '10:0'],
    ['1.0-1', '1.0-1+b1'],
    ['1.0-1~bpo12+1', '1.0-1'],
    ['1-1-1', '1-1-2'],
    ['20240101000000000000000001', '20240101000000000000000002'],
  ])('%s is earlier than %s', (a, b) => {
    expect(compareVersions(a, b)).toBeLessThan(0);
    expect(compareVersions(b, a)).toBeGreaterThan(0);
  });

  it('is a total order over all strings', () => {
    const sign = (a: string, b: string) => Math.sign(compareVersions(a, b));
    fc.assert(
      fc.property(anything, anything, anything, (a, b, c) => {
        expect(sign(a, a)).toBe(0);
        expect(sign(a, b) + sign(b, a)).toBe(0);
        if (sign(a, b) <= 0 && sign(b, c) <= 0) expect(sign(a, c)).toBeLessThanOrEqual(0);
        if (sign(a, b) === 0) expect(sign(a, c)).toBe(sign(b, c));
      }),
      { numRuns: 2000 },
    );
  });

  it.skipIf(!hasDpkg)('agrees with dpkg (skipped where there is no dpkg)', () => {
    const pairs = fc.sample(pair, { numRuns: 400, seed: 20 });
    const lines = pairs.map(([a, b]) => `${a}\t${b}`);
    const answers = forEachLine(
      'if dpkg --compare-versions "$a" lt "$b"; then echo -1; ' +
        'elif dpkg --compare-versions "$a" eq "$b"; then echo 0; else echo 1; fi',
      lines,
    );
    const ours = pairs.map(([a, b]) => String(Math.sign(compareVersions(a, b))));
    expect(lines.map((line, i) => `${line} ${ours[i]}`)).toEqual(lines.map((line, i) => `${line} ${answers[i]}`));
    expect(new Set(answers)).toEqual(new Set(['-1', '0', '1']));
  });

  it.skipIf(!hasDpkgPerl)('agrees with Dpkg::Version, by the thousand (skipped where there is no dpkg-dev)', () => {
    const pairs = fc.sample(pair, 20_000);
    const input = pairs.map((both) => `${both.join('\t')}\n`).join('');
    const answers = execFileSync('perl', ['-MDpkg::Version', '-F\\t', '-lane', COMPARE], { input, encoding: 'utf8' });
    const ours = pairs.map(([a, b]) => Math.sign(compareVersions(a, b)));
    const differing = answers
      .trimEnd()
      .split('\n')
      .flatMap((answer, at) => (Number(answer) === ours[at] ? [] : [`${pairs[at]?.join(' ')}: ${answer}`]));
    expect([ours.length, differing]).toEqual([20_000, []]);
    expect(new Set(ours).size).toBe(3);
  });
});

describe('isVersion (Policy 5.6.12)', () => {
  it.each(['1', '0', '1.0-1', '1:2:3', '1:2-3-4', '2147483647:1', '1.0~rc1+dfsg-1~bpo1', '1a.Z'])(
    'takes %s',
    (text) => {
      expect(isVersion(text)).toBe(true);
    },
  );

  it.each([
    '',
    ' ',
    '1 ',
    ' 1',
    '1 0',
    '1\n',
    'a1',
    '~1',
    ':1',
    '1:',
    '1:-1',
    '-1',
    '1-',
    'a:1',
    '-1:1',
    '1:1-2:3',
    '2147483648:1',
    '1_0',
    '1.0-1_2',
    '1.0é',
  ])('refuses %j', (text) => {
    expect(isVersion(text)).toBe(false);
  });

  it.skipIf(!hasDpkg)('agrees with dpkg --validate-version (skipped where there is no dpkg)', () => {
    const piece = fc.constantFrom('0', '1', '12', 'a', '~', '+', '.', '-', ':', '_', '1:');
    // dpkg reads the epoch with strtol, which lets a sign through; Policy does not.
    const text = fc.string({ unit: piece, minLength: 1, maxLength: 6 }).filter((one) => !/^\+\d*:/.test(one));
    const texts = fc.sample(text, { numRuns: 250, seed: 21 });
    const answers = forEachLine('if dpkg --validate-version "$a"; then echo true; else echo false; fi', texts);
    expect(texts.map((text) => `${text} ${isVersion(text)}`)).toEqual(texts.map((text, i) => `${text} ${answers[i]}`));
  });
});

describe('satisfies (Policy 7.1)', () => {
  it.each([
    ['1.0', '<<', [false, false, true]],
    ['1.0', '<=', [false, true, true]],
    ['1.0', '=', [false, true, false]],
    ['1.0', '>=', [true, true, false]],
    ['1.0', '>>', [true, false, false]],
  ] as const)('%s %s', (version, operator, expected) => {
    expect(['0.9', '1.0-0', '1.1'].map((bound) => satisfies(version, operator, bound))).toEqual(expected);
  });
});

it.each([
  ['1.2', '1.2'],
  ['3:1.2-4', '1.2'],
  ['1.2-3-4', '1.2-3'],
  ['1:2:3', '2:3'],
])('upstreamVersion(%s) is %s', (version, upstream) => {
  expect(upstreamVersion(version)).toBe(upstream);
});
