import type { ScriptAudit } from '../configure/audit.js';
import { type ConfigureInput, stageConfigurer } from '../configure/configure.js';
import { preinstDiversions } from '../configure/diversions.js';
import { createMerger, type MergeInput } from '../rootfs/merge.js';
import type { BaseImage } from './base-image.js';
import { type FreshStage, packStage } from './kept-stages.js';
import type { StageTree } from './stages.js';
import type { Staged, StagesSoFar } from './staging.js';
import type { StepClock } from './steps.js';

export { preinstDiversions };

interface Surroundings {
  /** What the first stage is laid over. */
  readonly base: BaseImage | undefined;
  readonly packages: readonly MergeInput[];
  /** Whether the tree after each stage is wanted, not just after the last one. */
  readonly keepStages: boolean;
  readonly clock: StepClock;
}

/**
 * Merges and configures the stages that are left.
 *
 * @throws KoalaError where packages collide, or the profile cannot be carried out.
 */
export function configureStages(input: ConfigureInput, soFar: StagesSoFar, surroundings: Surroundings): Staged {
  const { architectures, epoch } = input;
  const { planned, keys, count, last } = soFar;
  const { base, packages, keepStages, clock } = surroundings;
  const earlier = planned.slice(0, count);
  const merged = earlier.flatMap((stage) => stage.packages);
  const diversions = () => last?.diversions ?? preinstDiversions(packages, architectures, epoch);
  const { tree, add, asked } = createMerger(
    architectures.native,
    epoch,
    architectures.foreign,
    diversions,
    last === undefined ? belowOf(base) : { tree: last.tree, packages: merged, isMerged: true },
  );
  const before = last === undefined ? undefined : { stages: earlier, state: last.state };
  const { configure, state } = stageConfigurer(tree, { ...input, before });
  const stages: StageTree[] = [...soFar.stages];
  const scripts: ScriptAudit[] = [...(last?.scripts ?? [])];
  const fresh: FreshStage[] = [];
  for (const [index, stage] of planned.entries()) {
    if (index < count) continue;
    merged.push(...stage.packages);
    clock.part('tree', () => add(stage.packages));
    scripts.push(...clock.part('configure', () => configure(stage)));
    const isLast = index === planned.length - 1;
    if (isLast || keepStages) stages.push({ name: stage.name, tree: isLast ? tree : tree.clone() });
    const key = keys[index];
    const left = state();
    // What ran no script is made again as quickly; where all stages are wanted, those that follow it are of no use without it.
    const isWork = keepStages ? left.scripts !== undefined : scripts.some(({ outcome }) => outcome !== 'not-run');
    if (key === undefined || !isWork) continue;
    const after = { tree, state: left, scripts, diversions: asked() ?? last?.diversions };
    const bytes = clock.part('tree', () => packStage(after, merged));
    if (bytes !== undefined) fresh.push({ key, bytes });
  }
  return { tree, stages, scripts, fresh, taken: count };
}

function belowOf(base: BaseImage | undefined) {
  return base === undefined ? undefined : { tree: base.tree.clone(), packages: base.installed };
}
