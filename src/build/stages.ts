import type { StageInput } from '../configure/configure.js';
import type { ProfileLevel } from '../profile/types.js';
import type { MergeInput } from '../rootfs/merge.js';
import type { Tree } from '../rootfs/tree.js';
import type { Plan } from '../solve/types.js';

/** A stage as it is merged and configured: the plan's, or a profile's own changes where it has no stage to make them in. */
export interface Stage<Package> extends Omit<StageInput, 'packages'> {
  readonly name: string;
  readonly packages: readonly Package[];
}

export type BuildStage = Stage<MergeInput>;

/** The whole tree as a stage left it. */
export interface StageTree {
  readonly name: string;
  readonly tree: Tree;
}

/**
 * What each stage adds to the tree, in order. A profile that has accounts, paths or certificates, and no stage, gets one in its own name.
 *
 * @param packages those of the plan, in its order.
 */
export function buildStages<Package>(
  plan: Plan,
  levels: readonly ProfileLevel[],
  packages: readonly Package[],
): readonly Stage<Package>[] {
  let at = 0;
  const planned = plan.stages.map((stage) => {
    const start = at;
    at += stage.packages.length;
    return { name: stage.name, packages: packages.slice(start, at) };
  });
  const named = new Set(levels.flatMap(({ stages }) => stages));
  const stages = levels.flatMap((level): Stage<Package>[] => {
    const own = planned.filter(({ name }) => level.stages.includes(name));
    const { users, groups } = level.accounts;
    const changes = users.length + groups.length + level.paths.length + level.certificates.length;
    if (own.length === 0 && changes > 0) {
      own.push({ name: level.name, packages: [] });
    }
    return own.map((stage, index) => ({
      ...stage,
      accountsOf: index === 0 ? [level] : [],
      pathsOf: index === own.length - 1 ? [level] : [],
    }));
  });
  const others = planned.filter(({ name }) => !named.has(name));
  return [...stages, ...others.map((stage) => ({ ...stage, accountsOf: [], pathsOf: [] }))];
}
