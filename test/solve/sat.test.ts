import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ClauseSolver } from '../../src/solve/sat.js';

const VARIABLES = 6;
const literal = fc.integer({ min: 1, max: VARIABLES }).chain((one) => fc.constantFrom(one, -one));
const formula = fc.array(fc.array(literal, { maxLength: 3, minLength: 1 }), { minLength: 5, maxLength: 40 });

function holds(clauses: readonly (readonly number[])[], value: (variable: number) => boolean): boolean {
  return clauses.every((clause) => clause.some((one) => value(Math.abs(one)) === one > 0));
}

function isSatisfiable(clauses: readonly (readonly number[])[]): boolean {
  return Array.from({ length: 2 ** VARIABLES }, (_, bits) => bits).some((bits) =>
    holds(clauses, (variable) => (bits >> (variable - 1)) % 2 === 1),
  );
}

it('agrees with trying everything; what it names as a contradiction is one', () => {
  const seen = { solved: 0, refused: 0 };
  fc.assert(
    fc.property(formula, fc.nat(), (clauses, half) => {
      const solver = new ClauseSolver();
      const all = Array.from({ length: VARIABLES }, (_, at) => -(at + 1));
      const decide = (): number | undefined => all.find((one) => solver.value(one) === undefined);
      // In two parts: clauses may come after a first answer.
      const first = half % clauses.length;
      for (const [at, clause] of clauses.slice(0, first).entries()) solver.add(clause, at);
      solver.solve(decide);
      for (const [at, clause] of clauses.slice(first).entries()) solver.add(clause, first + at);
      const sources = solver.solve(decide);
      expect(sources === undefined).toBe(isSatisfiable(clauses));
      if (sources === undefined) {
        seen.solved++;
        expect(holds(clauses, (variable) => solver.value(variable) === true)).toBe(true);
      } else {
        seen.refused++;
        expect(isSatisfiable(clauses.filter((_, at) => sources.has(at)))).toBe(false);
      }
    }),
    { numRuns: 3000, seed: 7 },
  );
  expect(Math.min(seen.solved, seen.refused)).toBeGreaterThan(500);
});

it('takes what is wanted first, unless something forbids it', () => {
  const solver = new ClauseSolver();
  solver.add([1, 2], 0);
  solver.add([-1, 3], 1);
  solver.add([-3], 2);
  const wanted = [1, 2];
  expect(solver.solve(() => wanted.find((one) => solver.value(one) === undefined))).toBeUndefined();
  expect([1, 2, 3].map((one) => solver.value(one))).toEqual([false, true, false]);
});
