import { describe, expect, it } from 'vitest';
import { KoalaError } from '../../src/formats/errors.js';
import { Candidates } from '../../src/solve/candidates.js';
import { explain } from '../../src/solve/explain.js';
import { nearNames } from '../../src/solve/near-names.js';
import { createProblem } from '../../src/solve/problem.js';
import { search } from '../../src/solve/search.js';
import { Selection } from '../../src/solve/selection.js';
import { solve } from '../../src/solve/solve.js';
import type { SolveRequest } from '../../src/solve/types.js';
import { request, stage, universe } from './universe.js';

/** All that the error says, a line each. */
function refusal(text: string, asked: SolveRequest): string[] {
  try {
    solve(asked, universe(text));
  } catch (error) {
    if (error instanceof KoalaError && error.code === 'solve') {
      return [
        error.message,
        ...error.details.map((line) => `  ${line}`),
        ...(error.hint === undefined ? [] : [error.hint]),
      ];
    }
    throw error;
  }
  return [];
}

describe('the proof that there is no solution', () => {
  it.each<[title: string, packages: string, asked: SolveRequest, expected: string[]]>([
    [
      'an unknown name',
      'coreutils 9\nfindutils 4\ncorutil 1',
      request(stage('coreutil')),
      [
        'cannot resolve stage base: there is no package coreutil',
        '  stage base asks for coreutil',
        '  there is no package coreutil',
        'did you mean coreutils or corutil?',
      ],
    ],
    [
      'a name without likeness',
      'coreutils 9',
      request(stage('zsh')),
      ['cannot resolve stage base: there is no package zsh', '  stage base asks for zsh', '  there is no package zsh'],
    ],
    [
      'a version that no archive has',
      'a 1: depends b (>= 3)\nb 2\nb 1',
      request(stage('a')),
      [
        'cannot resolve stage base: b (>= 3) is not there, only b 2, b 1',
        '  stage base asks for a',
        '  a 1 depends on b (>= 3)',
        '  b (>= 3) is not there, only b 2, b 1',
      ],
    ],
    [
      'a version that is not the newest',
      'a 1: pre-depends b (<< 2)\nb 2\nb 1',
      request(stage('a')),
      [
        'cannot resolve stage base: b (<< 2) is there as b 1, but b 2 goes before it',
        '  stage base asks for a',
        '  a 1 pre-depends on b (<< 2)',
        '  b (<< 2) is there as b 1, but b 2 goes before it',
      ],
    ],
    [
      'a version of a priority below 0',
      'a 1: depends b\nb 1~never',
      request(stage('a')),
      [
        'cannot resolve stage base: b is never chosen: the priority of b 1~never is below 0',
        '  stage base asks for a',
        '  a 1 depends on b',
        '  b is never chosen: the priority of b 1~never is below 0',
      ],
    ],
    [
      'a provided name without the version',
      'a 1: depends x (>= 2)\nb 5: provides x\nc 6: provides x (= 1)',
      request(stage('a')),
      [
        'cannot resolve stage base: x (>= 2) is not there, only x of b 5, x (= 1) of c 6',
        '  stage base asks for a',
        '  a 1 depends on x (>= 2)',
        '  x (>= 2) is not there, only x of b 5, x (= 1) of c 6',
      ],
    ],
    [
      'every alternative fails for its own reason',
      'a 1: depends b | c | d\nb 1: depends x\nc 1: conflicts a\ne 1',
      request(stage('a, e')),
      [
        'cannot resolve stage base: c 1 conflicts with a',
        '  stage base asks for a',
        '  a 1 depends on b | c | d',
        '  there is no package d',
        '  b 1 depends on x',
        '  there is no package x',
        '  c 1 conflicts with a',
      ],
    ],
    [
      'two ways that lead to a conflict',
      'a 1: depends b\nb 1: depends c\nc 1\nd 1: depends mail\ne 2: provides mail; breaks c (<< 3)\nf 1',
      request(stage('a, d, f')),
      [
        'cannot resolve stage base: e 2 breaks c (<< 3), and c is 1',
        '  stage base asks for a',
        '  stage base asks for d',
        '  a 1 depends on b',
        '  d 1 depends on mail (provided by e)',
        '  b 1 depends on c',
        '  e 2 breaks c (<< 3), and c is 1',
      ],
    ],
    [
      'a conflict with a provided name',
      'a 1: conflicts mail\nb 1: provides mail',
      request(stage('a, b')),
      [
        'cannot resolve stage base: a 1 conflicts with mail, which b 1 provides',
        '  stage base asks for a',
        '  stage base asks for b',
        '  a 1 conflicts with mail, which b 1 provides',
      ],
    ],
    [
      'a conflict with an earlier stage',
      'a 1\nb 1: conflicts a',
      request(stage('a'), stage('b', { name: 'top' })),
      [
        'cannot put stage top on top of stage base: b 1 conflicts with a',
        '  stage base has a 1',
        '  stage top asks for b',
        '  b 1 conflicts with a',
      ],
    ],
    [
      'essential and priority',
      'a 1: essential; conflicts b\nb 1: priority required',
      request(stage('', { essential: true, priorities: ['required'] })),
      [
        'cannot resolve stage base: a 1 conflicts with b',
        '  stage base takes a as an essential package',
        '  stage base takes b as a package of priority required',
        '  a 1 conflicts with b',
      ],
    ],
    [
      'what is excluded',
      'a 1: depends b\nb 1',
      { stages: [stage('a')], include: [], exclude: ['b'] },
      ['cannot resolve stage base: b is excluded', '  stage base asks for a', '  a 1 depends on b', '  b is excluded'],
    ],
    [
      'an excluded provider',
      'a 1: depends x\nb 1: provides x',
      { stages: [stage('a')], include: [], exclude: ['b'] },
      [
        'cannot resolve stage base: x is not there, only x of b 1, which is excluded',
        '  stage base asks for a',
        '  a 1 depends on x',
        '  x is not there, only x of b 1, which is excluded',
      ],
    ],
    [
      'asked and excluded',
      'a 1',
      { stages: [stage('')], include: ['a'], exclude: ['a'] },
      ['cannot resolve stage base: a is excluded', '  stage base asks for a', '  a is excluded'],
    ],
    [
      'asked and excluded, though there is a provider',
      'a 1\nb 1: provides a',
      { stages: [stage('a')], include: [], exclude: ['a'] },
      ['cannot resolve stage base: a is excluded', '  stage base asks for a', '  a is excluded'],
    ],
  ])('%s', (_, packages, asked, expected) => {
    expect(refusal(packages, asked)).toEqual(expected);
  });

  it('leaves out what the contradiction does not need', () => {
    const packages = universe('a 1: conflicts b\nb 1\nc 1: depends d\nd 1');
    const problem = createProblem(stage('a, b, c'), [], [], new Map(), packages, new Candidates(packages, []));
    const found = search(problem);
    if (found instanceof Selection) throw new Error('there is a solution');
    const demands = problem.demands.map((demand) => ({
      ground: { type: 'demand', demand } as const,
      unless: [],
      wanted: demand.options,
    }));
    const conflicts = found.filter(({ ground }) => ground.type === 'clash');
    expect(explain(problem, [...demands, ...conflicts], packages).details).toEqual([
      'stage base asks for a',
      'stage base asks for b',
      'a 1 conflicts with b',
    ]);
  });

  it('a relation that is none is the words of the relation reader', () => {
    expect(() => solve(request(stage('a (>> )')), universe('a 1'))).toThrow(
      new KoalaError('archive', 'cannot read stage base: "a (>> )" is not a relation'),
    );
  });
});

it.each([
  ['libssl3', ['libssl3t64', 'libssl', 'libsasl3', 'libcurl'], ['libsasl3', 'libssl', 'libssl3t64']],
  ['mawk', ['gawk', 'awk', 'make', 'hawk', 'zzzz'], ['awk', 'gawk', 'hawk']],
  ['nawk', ['bnawkz', 'mawk'], ['mawk', 'bnawkz']],
  ['a-long-name', ['b-lang-nane', 'c-lung-nume-2'], ['b-lang-nane']],
])('names near %s', (name, names, expected) => {
  expect(nearNames(name, names)).toEqual(expected);
});
