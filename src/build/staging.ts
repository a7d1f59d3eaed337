import type { ScriptAudit } from '../configure/audit.js';
import { type ConfigureInput, stageConfigurer } from '../configure/configure.js';
import { preinstDiversions } from '../configure/diversions.js';
import { createMerger, type MergeInput } from '../rootfs/merge.js';
import type { Tree } from '../rootfs/tree.js';
import type { Plan } from '../solve/types.js';
import type { BaseImage } from './base-image.js';
import { buildStages } from './stages.js';
import type { StepClock } from './steps.js';

/** The whole tree as a stage left it. */
export interface StageTree {
  readonly name: string;
  readonly tree: Tree;
}

interface Staging extends Omit<ConfigureInput, 'names' | 'automatic' | 'installed'> {
  /** What the first stage is laid over. */
  readonly base: BaseImage | undefined;
  readonly plan: Plan;
  /** Those of the plan, in its order. */
  readonly packages: readonly MergeInput[];
  /** For each of them whether it is there only since others need it. */
  readonly isAutomatic: readonly boolean[];
  /** Whether the tree after each stage is wanted, not just after the last one. */
  readonly keepStages: boolean;
  readonly clock: StepClock;
}

/** What became of the packages. */
interface Staged {
  readonly tree: Tree;
  readonly stages: readonly StageTree[];
  readonly scripts: readonly ScriptAudit[];
}

/**
 * Lays each stage over those before it and configures it, before the next one comes.
 *
 * @throws KoalaError where packages collide, or the profile cannot be carried out.
 */
export function mergeAndConfigure(staging: Staging): Staged {
  const { plan, packages, base, isAutomatic, profile, architectures, epoch, keepStages, clock } = staging;
  const diversions = () => preinstDiversions(packages, architectures, epoch);
  const below = base === undefined ? undefined : { tree: base.tree.clone(), packages: base.installed };
  const { tree, add } = createMerger(architectures.native, epoch, architectures.foreign, diversions, below);
  const installed = base?.installed ?? [];
  const configure = stageConfigurer(tree, {
    ...staging,
    names: new Set([...installed, ...packages].map(({ record }) => record.name)),
    automatic: new Set([
      ...(base?.automatic ?? []),
      ...packages.filter((_, at) => isAutomatic[at]).map(({ record }) => record),
    ]),
    installed,
  });
  const planned = buildStages(plan, profile.levels, packages);
  const stages: StageTree[] = [];
  const scripts: ScriptAudit[] = [];
  for (const [index, stage] of planned.entries()) {
    clock.part('tree', () => add(stage.packages));
    scripts.push(...clock.part('configure', () => configure(stage)));
    const isLast = index === planned.length - 1;
    if (isLast || keepStages) stages.push({ name: stage.name, tree: isLast ? tree : tree.clone() });
  }
  clock.finish('tree');
  clock.finish('configure');
  return { tree, stages, scripts };
}
