import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PackageRecord } from '../../src/archive/types.js';
import { KoalaError } from '../../src/formats/errors.js';
import { Candidates } from '../../src/solve/candidates.js';
import { minimise } from '../../src/solve/contradiction.js';
import { createProblem } from '../../src/solve/problem.js';
import { type Clause, search } from '../../src/solve/search.js';
import { Selection } from '../../src/solve/selection.js';
import { solve } from '../../src/solve/solve.js';
import type { Plan } from '../../src/solve/types.js';
import { request, stage, universe } from './universe.js';
import { complaints, type Installable, isSolvable, meets, readInstallables } from './verifier.js';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

const wanted = fc
  .record({
    name: fc.constantFrom(...NAMES, 'x', 'y'),
    operator: fc.constantFrom('', '', '', '<<', '<=', '=', '>=', '>>'),
    version: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ name, operator, version }) => (operator === '' ? name : `${name} (${operator} ${version})`));
const group = fc.array(wanted, { minLength: 1, maxLength: 3 }).map((all) => all.join(' | '));
const provided = fc.constantFrom('x', 'y', 'x (= 1)', 'x (= 2)', 'y (= 3)', 'a (= 3)');

function field<T>(name: string, one: fc.Arbitrary<T>, maxLength: number): fc.Arbitrary<string[]> {
  return fc.array(one, { maxLength }).map((all) => (all.length === 0 ? [] : [`${name} ${all.join(', ')}`]));
}

/** A universe of one version of each name, as lines of text. */
const packages = fc
  .tuple(
    ...NAMES.map((name) =>
      fc
        .tuple(
          fc.integer({ min: 1, max: 3 }),
          field('pre-depends', group, 1),
          field('depends', group, 2),
          field('conflicts', wanted, 1),
          field('breaks', wanted, 1),
          field('provides', provided, 1),
        )
        .map(([version, ...fields]) => {
          const rest = fields.flat().join('; ');
          return `${name} ${version}${rest === '' ? '' : `: ${rest}`}`;
        }),
    ),
  )
  .map((lines) => [...lines]);
const asked = fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 });

const advised = fc
  .tuple(packages, fc.array(field('recommends', group, 2), { minLength: 8, maxLength: 8 }))
  .map(([lines, advice]) =>
    lines.map((line, at) => {
      const fields = advice[at] ?? [];
      return fields.length === 0 ? line : `${line}${line.includes(':') ? ';' : ':'} ${fields.join('; ')}`;
    }),
  );

function planOf(lines: readonly string[], ...stages: (readonly string[])[]): Plan | KoalaError {
  const asStages = stages.map((names, at) => stage(names.join(', '), { name: `stage ${at}` }));
  try {
    return solve(request(...asStages), universe(lines.join('\n')));
  } catch (error) {
    if (error instanceof KoalaError && error.code === 'solve') return error;
    throw error;
  }
}

/** The packages of each stage with their reasons, or what the error says. */
function digest(plan: Plan | KoalaError): readonly unknown[] {
  if (plan instanceof KoalaError) return [plan.message, plan.details];
  return plan.stages.map((one) => one.packages.map(({ record, reason }) => [record.name, reason]));
}

function installedBy(plan: Plan, lines: readonly string[]): Installable[] {
  const all = readInstallables(lines.join('\n'));
  return plan.stages
    .flatMap((one) => one.packages)
    .flatMap(({ record }) =>
      all.filter(({ name, version }) => name === record.name && `${version}` === record.version),
    );
}

it('an answer can be installed, and where there is none nothing can', () => {
  let solved = 0;
  let refused = 0;
  fc.assert(
    fc.property(packages, asked, (lines, names) => {
      const plan = planOf(lines, names);
      if (plan instanceof KoalaError) {
        refused++;
        expect(isSolvable(readInstallables(lines.join('\n')), names)).toBe(false);
        return;
      }
      solved++;
      const installed = installedBy(plan, lines);
      expect(complaints(installed)).toEqual([]);
      expect(installed.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    }),
    { numRuns: 1500, seed: 7 },
  );
  // The property says little unless both kinds are common.
  expect(Math.min(solved, refused)).toBeGreaterThan(250);
});

it('Recommends never stand in the way, and what is needed anyway is there', () => {
  const solved = (lines: readonly string[], names: readonly string[], recommends: boolean): Plan | undefined => {
    try {
      return solve(request(stage(names.join(', '), { recommends })), universe(lines.join('\n')));
    } catch {
      return undefined;
    }
  };
  let more = 0;
  fc.assert(
    fc.property(advised, asked, (lines, names) => {
      const plain = solved(lines, names, false);
      const rich = solved(lines, names, true);
      expect(rich === undefined).toBe(plain === undefined);
      if (plain === undefined || rich === undefined) return;
      const installed = installedBy(rich, lines);
      expect(complaints(installed)).toEqual([]);
      if (installed.length > installedBy(plain, lines).length) more++;
    }),
    { numRuns: 1000, seed: 7 },
  );
  expect(more).toBeGreaterThan(50);
});

it('a later stage can be installed on the earlier one, and leaves it as it was', () => {
  fc.assert(
    fc.property(packages, asked, asked, (lines, first, second) => {
      const alone = planOf(lines, first);
      const both = planOf(lines, first, second);
      if (both instanceof KoalaError || alone instanceof KoalaError) return;
      expect(digest(both)[0]).toEqual(digest(alone)[0]);
      expect(complaints(installedBy(both, lines))).toEqual([]);
    }),
    { numRuns: 1000, seed: 7 },
  );
});

it('the order of the index does not matter', () => {
  const shuffled = packages.chain((lines) =>
    fc.shuffledSubarray(lines, { minLength: lines.length }).map((other) => ({ lines, other })),
  );
  fc.assert(
    fc.property(shuffled, asked, ({ lines, other }, names) => {
      expect(digest(planOf(other, names))).toEqual(digest(planOf(lines, names)));
    }),
    { numRuns: 500, seed: 7 },
  );
});

it('Pre-Depends are met when a package comes, unless they go round in a circle', () => {
  let strict = 0;
  fc.assert(
    fc.property(packages, asked, (lines, names) => {
      const plan = planOf(lines, names);
      if (plan instanceof KoalaError) return;
      const installed = installedBy(plan, lines);
      if (hasStrictCycle(installed)) return;
      for (const [at, one] of installed.entries()) {
        for (const needs of one.strictNeeds) {
          strict++;
          const present = installed.slice(0, at + 1);
          expect(present.some((other) => needs.some((need) => meets(other, need)))).toBe(true);
        }
      }
    }),
    { numRuns: 1000, seed: 7 },
  );
  expect(strict).toBeGreaterThan(100);
});

/** Whether, with those taken away that wait for nobody, and so on, any are left. */
function hasStrictCycle(installed: readonly Installable[]): boolean {
  const free = installed.filter((one) =>
    one.strictNeeds.every(
      (needs) =>
        needs.some((need) => meets(one, need)) || !installed.some((other) => needs.some((need) => meets(other, need))),
    ),
  );
  if (free.length === 0) return installed.length > 0;
  return hasStrictCycle(installed.filter((one) => !free.includes(one)));
}

it('each package is asked for, or satisfies what its reason names', () => {
  fc.assert(
    fc.property(packages, asked, (lines, names) => {
      const plan = planOf(lines, names);
      if (plan instanceof KoalaError) return;
      const installed = installedBy(plan, lines);
      const planned = plan.stages.flatMap((one) => one.packages);
      for (const { record, reason } of planned) {
        if (!('by' in reason)) {
          expect(names).toContain(record.name);
          continue;
        }
        const [relation] = readInstallables(`reason 1: depends ${reason.relation}`)[0]?.needs ?? [];
        const satisfier = installed.find(({ name }) => name === record.name);
        expect(relation?.some((one) => satisfier !== undefined && meets(satisfier, one))).toBe(true);
        expect(planned.map((one) => one.record.name)).toContain(reason.by);
      }
    }),
    { numRuns: 500, seed: 7 },
  );
});

it('a proof is a contradiction, and with any clause less it is none', () => {
  const holds = (clauses: readonly Clause[], taken: ReadonlySet<PackageRecord>): boolean =>
    clauses.every(
      ({ unless, wanted }) => unless.some((record) => !taken.has(record)) || wanted.some((record) => taken.has(record)),
    );
  const canHold = (clauses: readonly Clause[], records: readonly PackageRecord[]): boolean =>
    Array.from({ length: 2 ** records.length }, (_, bits) => bits).some((bits) =>
      holds(clauses, new Set(records.filter((_, at) => (bits >> at) % 2 === 1))),
    );
  let longest = 0;
  fc.assert(
    fc.property(packages, asked, (lines, names) => {
      const all = universe(lines.join('\n'));
      const candidates = new Candidates(all, []);
      const problem = createProblem(stage(names.join(', ')), [], [], new Map(), all, candidates);
      const found = search(problem);
      if (found instanceof Selection) return;
      const proof = minimise(found);
      longest = Math.max(longest, proof.length);
      const records = NAMES.flatMap((name) => candidates.named(name) ?? []);
      expect(canHold(proof, records)).toBe(false);
      for (const clause of proof)
        expect(
          canHold(
            proof.filter((one) => one !== clause),
            records,
          ),
        ).toBe(true);
    }),
    {
      numRuns: 500,
      seed: 7,
      // Here the clauses that the search names are more than are needed.
      examples: [
        [
          [
            'a 1',
            'b 1: depends f; provides y',
            'c 1',
            'd 1: provides x',
            'e 1',
            'f 1: depends g, d',
            'g 1: depends d; breaks x; provides y (= 3)',
            'h 1: depends y',
          ],
          ['h'],
        ],
      ],
    },
  );
  expect(longest).toBeGreaterThan(8);
});
