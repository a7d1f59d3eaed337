import type { PackageRecord } from '../archive/types.js';
import type { Requirement } from './drops.js';
import type { Demand, Problem } from './problem.js';
import { Selection } from './selection.js';

/** A package whose requirements are being met: those before `next` are, and of that one `option` alternatives failed. */
interface Frame {
  readonly record: PackageRecord;
  readonly requirements: readonly Requirement[];
  next: number;
  option: number;
}

/**
 * Chooses packages as apt does (pkgDepCache::MarkInstall in apt-pkg/depcache.cc): all that is asked for is taken first, then
 * each package's requirements are met in order, depth first. What is already taken meets a requirement before anything new
 * does; else the first option that can be installed with all that it needs is taken. A package that failed once is not
 * tried again, and what was taken on its behalf stays, though nothing may need it in the end.
 *
 * The walk never takes a choice back, so it may miss a solution: then `search` has to find it.
 *
 * @param guide a solution, if one is known: what conflicts with it is not tried
 * @returns a set in which all demands are met and nothing conflicts, perhaps with packages too many, or undefined
 */
export function walk(problem: Problem, guide?: Selection): Selection | undefined {
  const selection = new Selection(problem.architecture, problem.base.keys());
  const failed = new Set<PackageRecord>();
  const possible = (record: PackageRecord): boolean => selection.has(record) || !failed.has(record);

  const begin = (record: PackageRecord): Frame | undefined => {
    if (failed.has(record) || guide?.clashWith(record) !== undefined) return undefined;
    const requirements = problem.requirementsOf(record);
    const hopeless = requirements.some(
      ({ type, alternatives }) =>
        type !== 'recommends' &&
        !selection.satisfies(alternatives) &&
        !problem.standingFor(alternatives).some(possible),
    );
    if (hopeless) failed.add(record);
    if (hopeless || selection.clashWith(record) !== undefined) return undefined;
    selection.add(record);
    return { record, requirements, next: 0, option: 0 };
  };

  const descend = (root: Frame): boolean => {
    const path = [root];
    for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
      const requirement = frame.requirements[frame.next];
      if (requirement === undefined) {
        path.pop();
        continue;
      }
      if (selection.satisfies(requirement.alternatives)) {
        advance(frame);
        continue;
      }
      const option = problem.optionsFor(requirement.alternatives).at(frame.option++);
      if (option !== undefined) {
        const child = begin(option);
        if (child !== undefined) path.push(child);
      } else if (requirement.type === 'recommends') {
        advance(frame);
      } else {
        failed.add(frame.record);
        selection.delete(frame.record);
        path.pop();
      }
    }
    return selection.has(root.record);
  };

  const roots: Frame[] = [];
  for (const { options } of inOrder(problem.demands)) {
    if (options.some((option) => selection.has(option))) continue;
    const root = firstDefined(options, begin);
    if (root === undefined) return undefined;
    roots.push(root);
  }
  return roots.every(descend) ? selection : undefined;
}

/** A demand that leaves a choice may be met by what another demand names. */
function inOrder(demands: readonly Demand[]): Demand[] {
  return [...demands].sort((a, b) => Math.min(a.options.length, 2) - Math.min(b.options.length, 2));
}

function advance(frame: Frame): void {
  frame.next++;
  frame.option = 0;
}

function firstDefined<T, R>(values: readonly T[], map: (value: T) => R | undefined): R | undefined {
  for (const value of values) {
    const mapped = map(value);
    if (mapped !== undefined) return mapped;
  }
  return undefined;
}
