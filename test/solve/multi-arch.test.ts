import { describe, expect, it } from 'vitest';
import { packageName } from '../../src/archive/package-name.js';
import type { Stage } from '../../src/profile/types.js';
import { solve } from '../../src/solve/solve.js';
import { request, stage, universe } from './universe.js';

/** The packages of amd64, and of i386 where the line says so: `a:i386 1: depends b`. */
function both(text: string) {
  const lines = text.split('\n').map((line) => {
    const [, name = '', architecture, version = '', rest] =
      /^([^\s:]+)(?::(\S+))? ([^\s:]+)(?:: (.*))?$/.exec(line) ?? [];
    const fields = [architecture === undefined ? undefined : `architecture ${architecture}`, rest].filter(Boolean);
    return `${name} ${version}${fields.length === 0 ? '' : `: ${fields.join('; ')}`}`;
  });
  return universe(lines.join('\n'), 'i386');
}

function plan(text: string, ...stages: Stage[]) {
  return solve(request(...stages), both(text));
}

/** The packages in configure order, stages parted by a bar. */
function names(text: string, ...stages: Stage[]): string {
  const named = plan(text, ...stages).stages.map(({ packages }) =>
    packages.map(({ record }) => packageName(record, 'amd64')).join(' '),
  );
  return named.join(' | ');
}

function refusal(text: string, ...stages: Stage[]): string {
  try {
    return `a plan: ${names(text, ...stages)}`;
  } catch (error) {
    return (error as Error).message;
  }
}

const SAME = 'multi-arch same';
const FOREIGN = 'multi-arch foreign';
const ALLOWED = 'multi-arch allowed';

describe('which architecture a relation speaks of (MultiarchSpec)', () => {
  it.each<[rule: string, packages: string, asked: string, expected: string]>([
    ['that of the package that asks', 'a:i386 1: depends b\nb 1\nb:i386 1', 'a:i386', 'b:i386 a:i386'],
    ['the native one, of a package for all', 'a:all 1: depends b\nb 1\nb:i386 1', 'a', 'b a'],
    [
      'any, where that package is foreign; native goes first',
      `a:i386 1: depends b\nb 1: ${FOREIGN}\nb:i386 1: ${FOREIGN}`,
      'a:i386',
      'b a:i386',
    ],
    ['any, from a native package too', `a 1: depends b\nb:i386 1: ${FOREIGN}`, 'a', 'b:i386 a'],
    [
      'a package for all counts as native',
      `a:i386 1: depends b\nb:all 1: ${FOREIGN}\nb:i386 2: ${SAME}; depends x`,
      'a:i386',
      'b a:i386',
    ],
    [
      ':any is for what allows it',
      `a:i386 1: depends b:any\nb 1: ${ALLOWED}\nb:i386 1: ${ALLOWED}`,
      'a:i386',
      'b a:i386',
    ],
    [
      'what allows it does so only by :any',
      `a:i386 1: depends b\nb 1: ${ALLOWED}\nb:i386 1: ${ALLOWED}`,
      'a:i386',
      'b:i386 a:i386',
    ],
    [':native', 'a:i386 1: depends b:native\nb 1\nb:i386 1', 'a:i386', 'b a:i386'],
    ['the one that is named', 'a 1: depends b:i386\nb 1\nb:i386 1', 'a', 'b:i386 a'],
    [
      'what is provided is of the architecture of its provider',
      'a:i386 1: depends v\nb 1: provides v\nc:i386 1: provides v',
      'a:i386',
      'c:i386 a:i386',
    ],
    [
      'what a foreign package provides is of any',
      `a:i386 1: depends v\nb 1: ${FOREIGN}; provides v`,
      'a:i386',
      'b a:i386',
    ],
    [
      'of providers the native one goes first',
      `a:i386 1: depends v\nb:i386 1: provides v\nc 1: ${FOREIGN}; provides v`,
      'a:i386',
      'c a:i386',
    ],
    [
      'after better priorities',
      `a:i386 1: depends v\nb:i386 1: provides v; priority standard\nc 1: ${FOREIGN}; provides v`,
      'a:i386',
      'b:i386 a:i386',
    ],
    ['a name that is provided for an architecture', 'a:i386 1: depends v\nb 1: provides v:i386', 'a:i386', 'b a:i386'],
    ['is provided for no other', 'a 1: depends v | c\nb 1: provides v:i386\nc 1', 'a', 'c a'],
  ])('%s', (_, packages, asked, expected) => {
    expect(names(packages, stage(asked))).toBe(expected);
  });
});

describe('what is asked for', () => {
  it.each<[rule: string, packages: string, asked: string, expected: string]>([
    ['is native without a qualifier', 'a 1\na:i386 2', 'a', 'a'],
    ['even where a foreign one would do', `a 1: ${FOREIGN}\na:i386 2: ${FOREIGN}`, 'a', 'a'],
    ['is foreign where there is no native one (FindPreferredPkg)', 'a:i386 1\nb 1: provides a', 'a', 'a:i386'],
    ['is of the architecture that is named', `a 1: ${FOREIGN}\na:i386 1: ${FOREIGN}`, 'a:i386', 'a:i386'],
    ['or of another one that stands for it', `a 1: ${FOREIGN}`, 'a:i386', 'a'],
    ['is both', `a 1: ${SAME}\na:i386 1: ${SAME}`, 'a, a:i386', 'a a:i386'],
  ])('%s', (_, packages, asked, expected) => {
    expect(names(packages, stage(asked))).toBe(expected);
  });

  it('is never foreign as an essential package or by priority', () => {
    const packages =
      'a 1: essential\na:i386 1: essential\nb 1: priority required\nb:i386 1: priority required\nc:i386 1: essential';
    expect(names(packages, stage('', { essential: true, priorities: ['required'] }))).toBe('a b');
  });
});

describe('what goes together', () => {
  const cannot = 'cannot resolve stage base: ';
  it.each<[rule: string, packages: string, asked: string, expected: string]>([
    ['two architectures of one version', `a 1: ${SAME}\na:i386 1: ${SAME}`, 'a:i386, a', 'a a:i386'],
    [
      'not of two versions',
      `a 2: ${SAME}\na:i386 1: ${SAME}`,
      'a:i386, a',
      `${cannot}a:i386 1 and a 2 cannot be installed together: they are not of one version`,
    ],
    [
      'not where one is not Multi-Arch: same',
      `a 1: ${SAME}\na:i386 1`,
      'a:i386, a',
      `${cannot}a:i386 1 and a 1 cannot be installed together: they are not both Multi-Arch: same`,
    ],
    [
      'not where both are foreign',
      `a 1: ${FOREIGN}\na:i386 1: ${FOREIGN}`,
      'a, a:i386',
      `${cannot}a 1 and a:i386 1 cannot be installed together: they are not both Multi-Arch: same`,
    ],
    [
      'Conflicts speak of all architectures',
      'a 1: conflicts b\nb:i386 1',
      'a, b:i386',
      `${cannot}a 1 conflicts with b`,
    ],
    ['of a foreign package too', 'a:i386 1: breaks b\nb 1', 'a:i386, b', `${cannot}a:i386 1 breaks b`],
    ['but not where they name one', 'a 1: conflicts b:amd64\nb:i386 1', 'a, b:i386', 'a b:i386'],
    [
      'of what is provided as well',
      'a 1: conflicts v\nb:i386 1: provides v',
      'a, b:i386',
      `${cannot}a 1 conflicts with v, which b:i386 1 provides`,
    ],
    [
      'not of the package itself, of another architecture',
      `a 1: ${SAME}; conflicts v; provides v\na:i386 1: ${SAME}; conflicts v; provides v`,
      'a, a:i386',
      'a a:i386',
    ],
    [
      'a choice is taken back for it',
      `a 1: depends b | c\nb 2: ${SAME}\nb:i386 1: ${SAME}\nc 1\nd 1: depends b:i386`,
      'a, d',
      'b:i386 c a d',
    ],
  ])('%s', (_, packages, asked, expected) => {
    const answer = refusal(packages, stage(asked));
    expect(answer.replace('a plan: ', '')).toBe(expected);
  });

  it('is kept across stages', () => {
    const packages = `a 1: ${SAME}\na:i386 1: ${SAME}\nb 1\nb:i386 1`;
    expect(names(packages, stage('a'), stage('a:i386', { name: 'more' }))).toBe('a | a:i386');
    expect(refusal(packages, stage('b'), stage('b:i386', { name: 'more' }))).toBe(
      'cannot put stage more on top of stage base: b 1 and b:i386 1 cannot be installed together: they are not both Multi-Arch: same',
    );
  });
});

describe('names in answers', () => {
  it('have the architecture where it is foreign', () => {
    const [base] = plan('a:i386 1: depends b\nb:i386 1', stage('a:i386')).stages;
    expect(base?.packages.map(({ reason }) => reason)).toEqual([
      { type: 'depends', by: 'a:i386', relation: 'b' },
      { type: 'asked', relation: 'a:i386' },
    ]);
  });

  it.each([
    ['a:i386 1: depends b\nb 1', 'a:i386', 'there is no package b:i386'],
    ['a:i386 1: depends b (>= 2)\nb 2\nb:i386 1', 'a:i386', 'b (>= 2) is not there, only b:i386 1'],
    ['a 1', 'a:i386', 'there is no package a:i386'],
  ])('also in refusals: %j', (packages, asked, expected) => {
    expect(refusal(packages, stage(asked))).toBe(`cannot resolve stage base: ${expected}`);
  });

  it('stay as they are where there is no foreign architecture', () => {
    const native = universe('a 1\na 2: architecture i386');
    expect(() => solve(request(stage('a:i386')), native)).toThrow(
      'cannot resolve stage base: a:i386 is not there, only a 1',
    );
  });
});
