import { packageName } from '../archive/package-name.js';
import type { PackageRecord, PackageUniverse } from '../archive/types.js';
import { Candidates } from './candidates.js';
import { choose, requestsOf } from './choices.js';
import { closure } from './closure.js';
import { droppedIn } from './drops.js';
import { explain } from './explain.js';
import { configureOrder } from './order.js';
import { createProblem, type Problem } from './problem.js';
import { search } from './search.js';
import { Selection } from './selection.js';
import type { Plan, PlannedStage, Reason, SolveRequest } from './types.js';
import { walk } from './walk.js';

/** What messages call the place of packages that are there already, where others have a stage's name. */
const BASE_IMAGE = 'of the base image';

/**
 * Chooses the packages of each stage: what apt would install on an empty system on which nothing is essential, by the
 * version of every name that goes before the others. Pure: the same request and the same universe give the same plan.
 *
 * @throws KoalaError `solve` where a stage has no solution, with a proof as details; `archive` where a stage or `include` has
 *   something that is no relation
 */
export function solve(request: SolveRequest, universe: PackageUniverse): Plan {
  const installed = request.installed ?? [];
  const fixed = new Map(installed.map((record) => [packageName(record, universe.architecture), record]));
  let candidates = new Candidates(universe, request.exclude, fixed);
  const base = new Map<PackageRecord, string>(installed.map((record) => [record, BASE_IMAGE]));
  const stages: PlannedStage[] = [];

  for (const [at, stage] of request.stages.entries()) {
    const include = at === request.stages.length - 1 ? request.include : [];
    const requests = requestsOf(stage, include, universe.architecture);
    candidates = candidates.choosing(
      choose(requests, universe, (name, foreign) => candidates.named(name, foreign), base),
    );
    const problem = createProblem(stage, request.stages.slice(0, at), include, base, universe, candidates);
    const reasons = resolve(problem, universe);
    const packages = configureOrder(problem, [...reasons.keys()]).flatMap((record) => {
      const reason = reasons.get(record);
      return reason === undefined ? [] : [{ record, reason }];
    });
    for (const { record } of packages) base.set(record, stage.name);
    stages.push({ name: stage.name, packages });
  }
  const dropped = droppedIn(stages, request.stages, universe.architecture);
  const used = new Set(dropped.map(({ drop }) => drop));
  const unusedDrops = request.stages.flatMap(({ drops }) => drops).filter((drop) => !used.has(drop));
  return { architecture: universe.architecture, stages, dropped, unusedDrops };
}

function resolve(problem: Problem, universe: PackageUniverse): ReadonlyMap<PackageRecord, Reason> {
  const first = completeClosure(problem, walk(problem));
  if (first !== undefined) return first;
  const found = search(problem);
  if (!(found instanceof Selection)) throw explain(problem, found, universe);
  // The search takes what is forced before anything else. Where it can be had, apt's order is preferred.
  return completeClosure(problem, walk(problem, found)) ?? closure(problem, found).reasons;
}

function completeClosure(
  problem: Problem,
  selection: Selection | undefined,
): ReadonlyMap<PackageRecord, Reason> | undefined {
  if (selection === undefined) return undefined;
  const { reasons, complete } = closure(problem, selection);
  return complete ? reasons : undefined;
}
