import type { PackageRecord } from '../archive/types.js';
import type { Problem } from './problem.js';
import { Selection } from './selection.js';

/** What has to be configured before a package, and of that what Pre-Depends names. */
interface Waiting {
  readonly all: Set<PackageRecord>;
  readonly strict: ReadonlySet<PackageRecord>;
}

/**
 * The packages of a stage in the order in which they can be configured: what a package depends on comes before it (Policy
 * 7.2), the first satisfier of each requirement; of several that can come next, the first by name does. What an earlier stage
 * satisfies waits for nothing.
 *
 * In a cycle dpkg goes on with a package without postinst, which nobody knows here: of the cycle's packages that wait for no
 * Pre-Depends, the first by name comes next, as if its other dependencies were met.
 */
export function configureOrder(problem: Problem, packages: readonly PackageRecord[]): PackageRecord[] {
  const byName = [...packages].sort(compareNames);
  const waiting = graph(problem, byName);
  const awaitedBy = new Map<PackageRecord, PackageRecord[]>(byName.map((record) => [record, []]));
  for (const [record, { all }] of waiting) for (const one of all) awaitedBy.get(one)?.push(record);

  const ready = byName.filter((record) => waiting.get(record)?.all.size === 0).reverse();
  const ordered: PackageRecord[] = [];
  for (;;) {
    const next = ready.pop() ?? cycleBreaker(waiting);
    if (next === undefined) return ordered;
    ordered.push(next);
    waiting.delete(next);
    for (const record of awaitedBy.get(next) ?? []) {
      const all = waiting.get(record)?.all;
      if (all?.delete(next) && all.size === 0) insertByName(ready, record);
    }
  }
}

function graph(problem: Problem, packages: readonly PackageRecord[]): Map<PackageRecord, Waiting> {
  const here = new Selection(problem.architecture, packages);
  const earlier = new Selection(problem.architecture, problem.base.keys());
  return new Map(
    packages.map((record) => {
      const all = new Set<PackageRecord>();
      const strict = new Set<PackageRecord>();
      for (const { type, alternatives } of problem.requirementsOf(record)) {
        if (type === 'recommends' || earlier.satisfies(alternatives)) continue;
        const satisfiers = here.satisfiersOf(alternatives);
        const [first] = satisfiers;
        if (first === undefined || satisfiers.has(record)) continue;
        all.add(first);
        if (type === 'pre-depends') strict.add(first);
      }
      return [record, { all, strict }];
    }),
  );
}

/** The package with which to go on when all wait for others; undefined where none waits. */
function cycleBreaker(waiting: ReadonlyMap<PackageRecord, Waiting>): PackageRecord | undefined {
  const cycle = innermostCycle(waiting).sort(compareNames);
  const free = cycle.find((record) => {
    for (const one of waiting.get(record)?.strict ?? []) if (waiting.has(one)) return false;
    return true;
  });
  return free ?? cycle[0];
}

/**
 * Packages that wait for each other and for nobody else: the first strongly connected component that a depth-first search
 * completes (Tarjan 1972; Gabow's two stacks, without recursion).
 */
function innermostCycle(waiting: ReadonlyMap<PackageRecord, Waiting>): PackageRecord[] {
  const depth = new Map<PackageRecord, number>();
  const component: PackageRecord[] = [];
  const roots: PackageRecord[] = [];
  const path: { readonly record: PackageRecord; readonly rest: Iterator<PackageRecord> }[] = [];
  const enter = (record: PackageRecord): void => {
    depth.set(record, component.length);
    component.push(record);
    roots.push(record);
    path.push({ record, rest: (waiting.get(record)?.all ?? new Set<PackageRecord>()).values() });
  };
  for (const [first] of waiting) {
    enter(first);
    break;
  }
  for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
    const { value: next } = step.rest.next();
    if (next === undefined) {
      if (roots.at(-1) === step.record) return component.slice(depth.get(step.record));
      path.pop();
    } else if (!depth.has(next)) {
      enter(next);
    } else {
      // All that was entered since `next` is on a cycle with it.
      while ((depth.get(roots.at(-1) ?? next) ?? 0) > (depth.get(next) ?? 0)) roots.pop();
    }
  }
  return component;
}

/** By name, then by architecture, as dpkg does. */
function compareNames(a: PackageRecord, b: PackageRecord): number {
  if (a.name === b.name) return a.architecture < b.architecture ? -1 : a.architecture > b.architecture ? 1 : 0;
  return a.name < b.name ? -1 : 1;
}

/** Keeps an array sorted by name, last name first. */
function insertByName(sorted: PackageRecord[], record: PackageRecord): void {
  let low = 0;
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >> 1;
    const other = sorted[middle];
    if (other !== undefined && compareNames(other, record) > 0) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, record);
}
