import { packageName } from '../archive/package-name.js';
import type { PackageRecord } from '../archive/types.js';
import { formatAlternatives } from '../formats/relation.js';
import type { Problem } from './problem.js';
import type { Selection } from './selection.js';
import type { Reason } from './types.js';

/**
 * The packages of a selection that the stage's demands lead to, each with the reason by which the shortest way reaches it,
 * in the order in which they are reached. Packages of earlier stages are not among them. All members that satisfy a
 * requirement count as needed, not only one of them, as for `apt-get autoremove`.
 */
export function closure(problem: Problem, selection: Selection): Closure {
  let complete = true;
  const reasons = new Map<PackageRecord, Reason>();
  const reach = (record: PackageRecord, reason: Reason): void => {
    if (!problem.base.has(record) && !reasons.has(record)) reasons.set(record, reason);
  };
  for (const { options, reason } of problem.demands) {
    const met = options.find((option) => selection.has(option));
    if (met === undefined) complete = false;
    else reach(met, reason);
  }
  // A Map hands out what is added to it on the way.
  for (const by of reasons.keys()) {
    for (const { type, alternatives } of problem.requirementsOf(by)) {
      const satisfiers = selection.satisfiersOf(alternatives);
      if (satisfiers.size === 0 && type !== 'recommends') complete = false;
      const reason = { type, by: packageName(by, problem.architecture), relation: formatAlternatives(alternatives) };
      for (const satisfier of satisfiers) reach(satisfier, reason);
    }
  }
  return { reasons, complete };
}

export interface Closure {
  readonly reasons: ReadonlyMap<PackageRecord, Reason>;
  /** Whether every demand, and every requirement of these packages but for Recommends, is met. */
  readonly complete: boolean;
}
