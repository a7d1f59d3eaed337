import { ClauseSolver } from './sat.js';
import { type Clause, Variables } from './search.js';

/** Leaves out what a contradiction does not need, the later clauses first: with any one less, the rest can hold. */
export function minimise(clauses: readonly Clause[]): readonly Clause[] {
  let needed = contradictionIn(clauses) ?? clauses;
  for (const clause of [...needed].reverse()) {
    if (!needed.includes(clause)) continue;
    needed = contradictionIn(needed.filter((one) => one !== clause)) ?? needed;
  }
  return needed;
}

function contradictionIn(clauses: readonly Clause[]): readonly Clause[] | undefined {
  const solver = new ClauseSolver();
  const variables = new Variables();
  const literals = clauses.map((clause) => variables.literals(clause));
  for (const [at, clause] of literals.entries()) solver.add(clause, at);
  const sources = solver.solve(() => literals.flat().find((literal) => solver.value(literal) === undefined));
  return sources === undefined ? undefined : clauses.filter((_, at) => sources.has(at));
}
