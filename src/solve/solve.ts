import type { PackageRecord, PackageUniverse } from '../archive/types.js';
import { formatAlternatives } from '../formats/relation.js';
import { Candidates } from './candidates.js';
import { closure } from './closure.js';
import { explain } from './explain.js';
import { configureOrder } from './order.js';
import { createProblem, type Problem } from './problem.js';
import { search } from './search.js';
import { Selection } from './selection.js';
import type { Plan, PlannedStage, Reason, SolveRequest } from './types.js';
import { walk } from './walk.js';

/**
 * Chooses the packages of each stage: what apt would install on an empty system on which nothing is essential, by the
 * newest version of every name. Pure: the same request and the same universe give the same plan.
 *
 * @throws KoalaError `solve` where a stage has no solution, with a proof as details; `archive` where a stage or `include` has
 *   something that is no relation
 */
export function solve(request: SolveRequest, universe: PackageUniverse): Plan {
  const candidates = new Candidates(universe, request.exclude);
  const base = new Map<PackageRecord, string>();
  const stages: PlannedStage[] = [];
  const dropped: Plan['dropped'][number][] = [];

  for (const [at, stage] of request.stages.entries()) {
    const include = at === request.stages.length - 1 ? request.include : [];
    const problem = createProblem(stage, request.stages.slice(0, at), include, base, universe, candidates);
    const reasons = resolve(problem, universe);
    const packages = configureOrder(problem, [...reasons.keys()]).flatMap((record) => {
      const reason = reasons.get(record);
      return reason === undefined ? [] : [{ record, reason }];
    });
    for (const { record } of packages) {
      for (const { drop, alternatives } of problem.droppedOf(record)) {
        dropped.push({ drop, by: record.name, relation: formatAlternatives(alternatives) });
      }
      base.set(record, stage.name);
    }
    stages.push({ name: stage.name, packages });
  }
  const used = new Set(dropped.map(({ drop }) => drop));
  const unusedDrops = request.stages.flatMap(({ drops }) => drops).filter((drop) => !used.has(drop));
  return { architecture: universe.architecture, stages, dropped, unusedDrops };
}

function resolve(problem: Problem, universe: PackageUniverse): ReadonlyMap<PackageRecord, Reason> {
  const walked = walk(problem);
  if (walked !== undefined) {
    const { reasons, complete } = closure(problem, walked);
    if (complete) return reasons;
  }
  const found = search(problem);
  if (found instanceof Selection) return closure(problem, found).reasons;
  throw explain(problem, found, universe);
}
