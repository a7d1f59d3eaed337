import { describe, expect, it } from 'vitest';
import type { Stage } from '../../src/profile/types.js';
import { solve } from '../../src/solve/solve.js';
import { request, stage, universe, universeWithMentions } from './universe.js';

/** The names of the packages, stages parted by a bar, in configure order. */
function names(text: string, ...stages: Stage[]): string {
  const plan = solve(request(...stages), universe(text));
  return plan.stages.map(({ packages }) => packages.map(({ record }) => record.name).join(' ')).join(' | ');
}

/** A ladder in which each package needs one of the two below it, and the last two need what does not exist. */
function deadEnds(height: number): string {
  const rung = (at: number) => `: depends ${at === height ? 'nil' : `n${at + 1} | m${at + 1}`}`;
  return Array.from({ length: height + 1 }, (_, at) => `n${at} 1${rung(at)}\nm${at} 1${rung(at)}`).join('\n');
}

describe('what a relation accepts', () => {
  it.each<[rule: string, packages: string, asked: string, expected: string]>([
    ['Policy 7.2: Depends are taken as well', 'a 1: depends b\nb 1\nc 1', 'a', 'b a'],
    ['Policy 7.2: Pre-Depends are taken as well', 'a 1: pre-depends b\nb 1', 'a', 'b a'],
    ['Policy 7.2: Recommends and Suggests are not', 'a 1: recommends b\nb 1', 'a', 'a'],
    ['Policy 7.1: a version is compared as dpkg does', 'a 1: depends b (>> 2~rc1)\nb 2', 'a', 'b a'],
    ['Policy 7.1: the first alternative comes first', 'a 1: depends c | b\nb 1\nc 1', 'a', 'c a'],
    ['Policy 7.1: an alternative that has no package is passed over', 'a 1: depends x | b\nb 1', 'a', 'b a'],
    ['Policy 7.1: so is one of the wrong version', 'a 1: depends c (>= 2) | b\nb 1\nc 1', 'a', 'b a'],
    [
      'Policy 7.1: so is one whose own dependency has no package',
      'a 1: depends c | b\nb 1\nc 1: depends x',
      'a',
      'b a',
    ],
    [
      'apt: what is taken already satisfies before the first alternative',
      'a 1: depends b, c | b\nb 1\nc 1',
      'a',
      'b a',
    ],
    ['apt: what is asked for satisfies before the first alternative', 'a 1: depends c | b\nb 1\nc 1', 'a, b', 'b a'],
    ['apt: what comes later does not', 'a 1: depends c | b, b\nb 1\nc 1', 'a', 'b c a'],
    ['apt: Pre-Depends are followed first', 'a 1: depends c | b; pre-depends b\nb 1\nc 1', 'a', 'b a'],
    ['apt: depth first', 'a 1: depends b, c | d\nb 1: depends d\nc 1\nd 1', 'a', 'd b a'],
    ['apt: only the newest version counts', 'a 1: depends b (<< 2) | c\nb 1\nb 2\nc 1', 'a', 'c a'],
    ['Policy 7.5: a provided name will do', 'a 1: depends x\nb 1: provides x', 'a', 'b a'],
    ['Policy 7.5: a real package goes before a provider', 'a 1: depends x\nb 1: provides x\nx 1', 'a', 'x a'],
    ['Policy 7.5: a provider goes before the next alternative', 'a 1: depends x | c\nb 1: provides x\nc 1', 'a', 'b a'],
    [
      'Policy 7.5: a provided name without version satisfies none',
      'a 1: depends x (>= 1) | c\nb 9: provides x\nc 1',
      'a',
      'c a',
    ],
    [
      'Policy 7.5: a provided version is compared',
      'a 1: depends x (>= 2)\nb 9: provides x (= 1)\nc 1: provides x (= 2)',
      'a',
      'c a',
    ],
    [
      'Policy 7.5: both the own and the provided version count',
      'a 1: depends b (= 5)\nb 1: provides b (= 5)',
      'a',
      'b a',
    ],
    ['Policy 7.5: a provider of an older version is none', 'a 1: depends x | c\nb 1: provides x\nb 2\nc 1', 'a', 'c a'],
    [
      'apt: a provider that is essential goes first',
      'a 1: depends x\nb 1: provides x; priority required\nc 1: provides x; essential',
      'a',
      'c a',
    ],
    [
      'apt: then the one of the higher priority',
      'a 1: depends x\nb 1: provides x; priority extra\nc 1: provides x; priority important',
      'a',
      'c a',
    ],
    ['a tie between providers goes to the first name', 'a 1: depends x\nc 1: provides x\nb 1: provides x', 'a', 'b a'],
    ['deb-control(5): :any accepts Multi-Arch: allowed', 'a 1: depends b:any\nb 1: multi-arch allowed', 'a', 'b a'],
    ['deb-control(5): :any accepts nothing else', 'a 1: depends b:any | c\nb 1: multi-arch foreign\nc 1', 'a', 'c a'],
    [
      'deb-control(5): :any accepts what an allowed package provides',
      'a 1: depends x:any\nb 1: multi-arch allowed; provides x',
      'a',
      'b a',
    ],
    [
      'deb-control(5): :native and the architecture itself accept all',
      'a 1: depends b:native, c:amd64\nb 1\nc 1: architecture all',
      'a',
      'b c a',
    ],
    ['deb-control(5): another architecture has no packages', 'a 1: depends b:i386 | c\nb 1\nc 1', 'a', 'c a'],
    ['a name provided for the architecture counts', 'a 1: depends x\nb 1: provides x:amd64', 'a', 'b a'],
    ['a name provided for another one does not', 'a 1: depends x | c\nb 1: provides x:i386\nc 1', 'a', 'c a'],
    ['a name provided for any satisfies :any', 'a 1: depends x:any\nb 1: provides x:any', 'a', 'b a'],
    [
      'Policy 7.1: a name is provided with (= …) or not at all',
      'a 1: depends x\nb 1: provides x (>= 1)\nc 1: provides x',
      'a',
      'c a',
    ],
    ['apt: what failed is not tried again', `${deadEnds(40)}\na 1: depends n0 | b\nb 1`, 'a', 'b a'],
    [
      'apt: what was taken for a failure satisfies',
      'a 1: depends b | c, d | e\nb 1: depends e, f\nc 1\nd 1\ne 1\nf 1: depends g\ng 1: depends nil',
      'a',
      'c e a',
    ],
    ['what is asked for by name satisfies what leaves a choice', 'b 1\nc 1', 'c | b, b', 'b'],
    ['a package may satisfy its own dependency', 'a 1: depends x; provides x\nb 1: provides x', 'a', 'a'],
  ])('%s', (_, packages, asked, expected) => {
    expect(names(packages, stage(asked))).toBe(expected);
  });

  it('a tie goes to the name that the indices speak of last, where they tell', () => {
    const text = 'a 1: depends x\nb 1: provides x\nc 1: provides x';
    const chosen = solve(request(stage('a')), universeWithMentions(text)).stages[0]?.packages;
    expect(chosen?.map(({ record }) => record.name)).toEqual(['c', 'a']);
  });
});

describe('what conflicts', () => {
  it.each<[rule: string, packages: string, asked: string, expected: string]>([
    [
      'Policy 7.4: an alternative that conflicts is passed over',
      'a 1: depends b, c | d\nb 1: conflicts c\nc 1\nd 1',
      'a',
      'b d a',
    ],
    ['Policy 7.4: whichever of the two says so', 'a 1: depends b, c | d\nb 1\nc 1: conflicts b\nd 1', 'a', 'b d a'],
    ['Policy 7.4: a provider is met', 'a 1: depends b, c | d\nb 1: conflicts x\nc 1: provides x\nd 1', 'a', 'b d a'],
    [
      'Policy 7.4: a version spares a package',
      'a 1: depends b, c | d\nb 1: conflicts c (<< 1)\nc 1\nd 1',
      'a',
      'b c a',
    ],
    [
      'Policy 7.5: a version spares an unversioned provider',
      'a 1: depends b, c\nb 1: conflicts x (<< 9)\nc 1: provides x',
      'a',
      'b c a',
    ],
    [
      'Policy 7.3: Breaks is a conflict for what is installed at once',
      'a 1: depends b, c | d\nb 1: breaks c (<< 2)\nc 1\nd 1',
      'a',
      'b d a',
    ],
    ['Policy 7.6.2: nothing conflicts with itself', 'a 1: provides x; conflicts x', 'a', 'a'],
    [
      'Policy 7.6.2: but with the other provider',
      'a 1: depends b, c | d\nb 1: provides x; conflicts x\nc 1: provides x; conflicts x\nd 1',
      'a',
      'b d a',
    ],
    [
      'a choice is taken back for what is needed anyway',
      'a 1: depends b | c, d\nb 1\nc 1\nd 1: conflicts b',
      'a',
      'c d a',
    ],
    [
      'what was taken for it goes as well',
      'a 1: depends b | c, d\nb 1: depends e\nc 1\nd 1: conflicts b\ne 1',
      'a',
      'c d a',
    ],
    [
      'a choice is taken back below another package',
      'a 1: depends m, d\nb 1\nc 1\nd 1: conflicts b\nm 1: depends b | c',
      'a',
      'c d m a',
    ],
    [
      'the order of choices is as it would have been',
      'a 1: depends b | c, d, x | y, y\nb 1\nc 1\nd 1: conflicts b\nx 1\ny 1',
      'a',
      'c d x y a',
    ],
    [
      'two choices are taken back',
      'a 1: depends b | c, d | e, f\nb 1\nc 1\nd 1\ne 1\nf 1: conflicts b, d',
      'a',
      'c e f a',
    ],
    ['asked alternatives count as well', 'a 1: conflicts b\nb 1\nc 1', 'b | c, a', 'a c'],
  ])('%s', (_, packages, asked, expected) => {
    expect(names(packages, stage(asked))).toBe(expected);
  });
});

describe('what a stage says', () => {
  const text = `
    awk 1: essential; priority required
    base 1: essential; depends lib; priority required
    lib 1: priority optional
    tool 1: priority required; recommends extra
    extra 1: recommends more
    more 1: depends nothing
    mta 1: provides mail
    smta 1: provides mail
    old 1: provides tool
    pick 1: depends mta | smta, stay
    stay 1: conflicts mta`;
  it.each<[rule: string, stages: Stage[], expected: string]>([
    ['essential packages are not taken unasked', [stage('lib')], 'lib'],
    ['essential', [stage('', { essential: true })], 'awk lib base'],
    ['priorities', [stage('', { priorities: ['required'] })], 'awk lib base tool'],
    [
      'a package of a priority is itself meant, not its provider',
      [stage('old', { priorities: ['required'] })],
      'awk lib base old tool',
    ],
    ['recommends, as far as they can be installed', [stage('tool', { recommends: true })], 'extra tool'],
    [
      'recommends do not bind other stages',
      [stage('tool'), stage('lib', { name: 'top', recommends: true })],
      'tool | lib',
    ],
    [
      'recommends do not bind them even where a choice is taken back',
      [stage('tool'), stage('pick', { name: 'top', recommends: true })],
      'tool | smta stay pick',
    ],
    ['a later stage adds to the one before', [stage('lib'), stage('base', { name: 'top' })], 'lib | base'],
    ['what an earlier stage has satisfies', [stage('smta'), stage('mail', { name: 'top' })], 'smta | '],
    ['asked by a provided name', [stage('mail')], 'mta'],
    ['prefer chooses the provider', [stage('mail', { prefer: ['smta'] })], 'smta'],
    ['prefer chooses among asked alternatives', [stage('mta | smta', { prefer: ['smta'] })], 'smta'],
    ['prefer holds on in later stages', [stage('', { prefer: ['smta'] }), stage('mail', { name: 'top' })], ' | smta'],
    ['an asked relation may have alternatives', [stage('nil | tool (>= 2) | lib')], 'lib'],
    ['an asked relation may be for other architectures', [stage('lib, tool [i386]')], 'lib'],
  ])('%s', (_, stages, expected) => {
    expect(names(text, ...stages)).toBe(expected);
  });

  it('prefer chooses among alternatives, but does not bring in what nobody needs', () => {
    const merged = 'init 1: depends usrmerge | usr-is-merged\nusrmerge 1\nusr-is-merged 1\nother 1';
    expect(names(merged, stage('init'))).toBe('usrmerge init');
    expect(names(merged, stage('init', { prefer: ['other', 'usr-is-merged'] }))).toBe('usr-is-merged init');
  });

  it('include adds to the last stage, exclude keeps out', () => {
    const { stages } = solve(
      {
        stages: [stage('mail'), stage('', { name: 'top', essential: true })],
        include: ['tool'],
        exclude: ['mta', 'awk'],
      },
      universe(text),
    );
    const found = stages.map(({ packages }) => packages.map(({ record }) => record.name));
    expect(found).toEqual([['smta'], ['lib', 'base', 'tool']]);
  });
});

describe('drops', () => {
  const text = 'a 1: depends b | c, d\nb 1\nc 1\nd 1: depends c; pre-depends b\ne 1: depends d';
  const drop = (name: string, from?: string) => ({ package: name, from, reason: 'test' });

  it('leaves out a relation that names the package in any alternative, and says where', () => {
    const c = drop('c');
    const plan = solve(request(stage('a', { drops: [c] })), universe(text));
    expect(plan.stages[0]?.packages.map(({ record }) => record.name)).toEqual(['b', 'd', 'a']);
    expect(plan.dropped).toEqual([
      { drop: c, by: 'd', relation: 'c' },
      { drop: c, by: 'a', relation: 'b | c' },
    ]);
    expect(plan.unusedDrops).toEqual([]);
  });

  it('can be for one asking package only', () => {
    const plan = solve(request(stage('a', { drops: [drop('c', 'd'), drop('b', 'a')] })), universe(text));
    expect(plan.dropped.map(({ by, relation }) => `${by}: ${relation}`)).toEqual(['d: c', 'a: b | c']);
  });

  it('holds on in later stages, and tells when it met nothing', () => {
    const drops = [drop('d'), drop('nil'), drop('c', 'b')];
    const plan = solve(request(stage('b', { drops }), stage('e', { name: 'top' })), universe(text));
    expect(plan.stages[1]?.packages.map(({ record }) => record.name)).toEqual(['e']);
    expect(plan.unusedDrops).toEqual([drop('nil'), drop('c', 'b')]);
  });
});

it('records for each package the shortest way that leads to it', () => {
  const text = `
    a 1: depends b; recommends r
    b 1: pre-depends c
    c 1: essential
    d 1: depends c (>= 1) | x
    r 1
    p 1: priority standard`;
  const asked = stage('a, d', { essential: true, priorities: ['standard'], recommends: true });
  const reasons = solve(request(asked), universe(text)).stages[0]?.packages.map(({ record, reason }) => [
    record.name,
    reason,
  ]);
  expect(Object.fromEntries(reasons ?? [])).toEqual({
    a: { type: 'asked', relation: 'a' },
    b: { type: 'depends', by: 'a', relation: 'b' },
    c: { type: 'essential' },
    d: { type: 'asked', relation: 'd' },
    p: { type: 'priority', priority: 'standard' },
    r: { type: 'recommends', by: 'a', relation: 'r' },
  });
});
