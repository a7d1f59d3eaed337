import { packageName } from '../archive/package-name.js';
import type { PackageRecord } from '../archive/types.js';
import { type Alternatives, formatAlternatives } from '../formats/relation.js';
import { namesOf, standsFor } from '../solve/relations.js';
import type { Plan, Reason } from '../solve/types.js';

/** A dependency that is met within the plan. */
export interface Edge {
  readonly by: PlanNode;
  readonly to: PlanNode;
  readonly type: 'pre-depends' | 'depends' | 'recommends';
  /** As the package has it, all alternatives. */
  readonly relation: string;
}

/** A package of the plan among the others. */
export interface PlanNode {
  /** As dpkg and apt speak of it: `libc6`, and `libc6:i386` where that is foreign. */
  readonly title: string;
  readonly record: PackageRecord;
  readonly stage: string;
  readonly reason: Reason;
  /** What it needs, in the order of its fields; each package once. */
  readonly needs: readonly Edge[];
  /** What needs it, in the order of the plan. */
  readonly neededBy: readonly Edge[];
}

interface Node extends PlanNode {
  readonly needs: Edge[];
  readonly neededBy: Edge[];
}

/**
 * All dependencies that hold between the packages of a plan, in its order. Of a Recommends only those count that brought a
 * package in. One that was dropped is there too where the plan happens to meet it.
 */
export function graphOf(plan: Plan): readonly PlanNode[] {
  const nodes = plan.stages.flatMap(({ name, packages }) =>
    packages.map(({ record, reason }): Node => {
      const title = packageName(record, plan.architecture);
      return { title, record, stage: name, reason, needs: [], neededBy: [] };
    }),
  );
  const offering = new Map<string, Node[]>();
  for (const node of nodes) {
    for (const name of namesOf(node.record)) {
      const known = offering.get(name);
      if (known === undefined) offering.set(name, [node]);
      else known.push(node);
    }
  }
  const meeting = (alternatives: Alternatives): Node[] =>
    alternatives.flatMap((relation) =>
      (offering.get(relation.name) ?? []).filter(({ record }) => standsFor(record, relation, plan.architecture)),
    );
  for (const by of nodes) {
    const { preDepends, depends, recommends } = by.record;
    const fields = [
      ['pre-depends', preDepends],
      ['depends', depends],
      ['recommends', recommends],
    ] as const;
    for (const [type, field] of fields) {
      for (const alternatives of field) {
        for (const to of meeting(alternatives)) {
          if (to === by || by.needs.some((edge) => edge.to === to)) continue;
          const isReason = to.reason.type === 'recommends' && to.reason.by === by.title;
          if (type === 'recommends' && !isReason) continue;
          const edge: Edge = { by, to, type, relation: formatAlternatives(alternatives) };
          by.needs.push(edge);
          to.neededBy.push(edge);
        }
      }
    }
  }
  return nodes;
}

/** Whether a package is there for itself, not for another one. */
export function isRoot({ reason }: PlanNode): boolean {
  return !('by' in reason);
}

/** Ways from what was asked to a package: edges, the first of which starts at a root. None: the package itself is one. */
export interface Chains {
  readonly chains: readonly (readonly Edge[])[];
  /** Whether there are others, as long or longer. */
  readonly more: boolean;
}

/** As many steps as a search for chains takes: in a plan of hundreds of packages there are more than anybody can wait for. */
const MAX_STEPS = 100_000;

/** Shortest first, and among those of a length in the order of the plan; no package comes twice in one. */
export function chainsTo(target: PlanNode, limit: number): Chains {
  const chains: (readonly Edge[])[] = [];
  const paths: (readonly Edge[])[] = [[]];
  // Breadth first, so that a path is found after all that are shorter. The queue grows while it is walked.
  for (const path of paths) {
    const head = path[0]?.by ?? target;
    if (isRoot(head)) {
      if (chains.length === limit) return { chains, more: true };
      chains.push(path);
    }
    if (paths.length > MAX_STEPS) continue;
    for (const edge of head.neededBy) {
      if (edge.by !== target && !path.some(({ by }) => by === edge.by)) paths.push([edge, ...path]);
    }
  }
  return { chains, more: paths.length > MAX_STEPS };
}
