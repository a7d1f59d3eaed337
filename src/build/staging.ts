import { existsSync } from 'node:fs';
import { entryPath } from '../archive/layout.js';
import type { Store } from '../archive/store.js';
import type { PackageRecord } from '../archive/types.js';
import type { ScriptAudit } from '../configure/audit.js';
import type { ConfigureInput } from '../configure/configure.js';
import type { Profile } from '../profile/types.js';
import type { MergeInput } from '../rootfs/merge.js';
import type { Tree } from '../rootfs/tree.js';
import type { Plan } from '../solve/types.js';
import type { BaseImage } from './base-image.js';
import { type AfterStage, type FreshStage, takeStage } from './kept-stages.js';
import { stageKeys } from './stage-keys.js';
import { type BuildStage, buildStages, type StageTree } from './stages.js';
import type { StepClock } from './steps.js';

/** What decides on the stages, beside the packages. */
interface Setting extends Omit<ConfigureInput, 'names' | 'automatic' | 'installed' | 'before'> {
  readonly profile: Profile;
  /** What the first stage is laid over. */
  readonly base: BaseImage | undefined;
  readonly plan: Plan;
  /** For each package of the plan whether it is there only since others need it. */
  readonly isAutomatic: readonly boolean[];
  /** Whether stages may be taken from earlier builds, and kept for later ones. */
  readonly isShared: boolean;
}

interface Staging extends Setting {
  /** Those of the plan, in its order. */
  readonly packages: readonly MergeInput[];
  /** As `keysOfStages` gives them. */
  readonly stageKeys: readonly string[];
  /** Whether the tree after each stage is wanted, not just after the last one. */
  readonly keepStages: boolean;
  /** Where earlier builds kept what stages left. */
  readonly store: Store;
  readonly clock: StepClock;
}

/** What became of the packages. */
export interface Staged {
  readonly tree: Tree;
  readonly stages: readonly StageTree[];
  readonly scripts: readonly ScriptAudit[];
  /** What later builds may take. */
  readonly fresh: readonly FreshStage[];
  /** So many stages were taken from an earlier build. */
  readonly taken: number;
}

/** Stages, and how far they came. */
export interface StagesSoFar {
  readonly planned: readonly BuildStage[];
  /** Of the planned stages; none where nothing may be kept. */
  readonly keys: readonly string[];
  /** So many of them are configured. */
  readonly count: number;
  /** The trees of those that are wanted. */
  readonly stages: readonly StageTree[];
  /** Undefined: there was none yet. */
  readonly last: AfterStage | undefined;
}

/** @param packages those of the plan, in its order, unpacked or not */
export function keysOfStages(setting: Setting, packages: readonly Recorded[]): string[] {
  const { base, plan, profile, isShared } = setting;
  // What lies below is known by no digest.
  if (base !== undefined || !isShared) return [];
  return stageKeys(configureInput(setting, packages), buildStages(plan, profile.levels, packages));
}

/** Whether it looks as if nothing had to be configured. */
export function areKept(store: Store, keys: readonly string[]): boolean {
  const last = keys.at(-1);
  return last !== undefined && existsSync(entryPath(store.directory, 'stages', last));
}

/** Two thirds of all code: it may be loaded while packages come. */
export const loadConfiguring = () => import('./configuring.js');

/**
 * Lays each stage over those before it and configures it, before the next one comes. Stages that an earlier build has configured in
 * the same way are taken from there.
 *
 * @throws KoalaError where packages collide, or the profile cannot be carried out.
 */
export async function mergeAndConfigure(staging: Staging): Promise<Staged> {
  const { plan, packages, profile, clock } = staging;
  const soFar = await takeStages(staging, buildStages(plan, profile.levels, packages));
  const { planned, count, stages, last } = soFar;
  let staged: Staged;
  if (last !== undefined && count === planned.length) {
    clock.part('configure', () => {});
    staged = { tree: last.tree, stages, scripts: last.scripts, fresh: [], taken: count };
  } else {
    const { configureStages } = await loadConfiguring();
    staged = configureStages(configureInput(staging, packages), soFar, staging);
  }
  clock.finish('tree');
  clock.finish('configure');
  return staged;
}

interface Recorded {
  readonly record: PackageRecord;
}

function configureInput(setting: Setting, packages: readonly Recorded[]): ConfigureInput {
  const { base, isAutomatic, ...rest } = setting;
  const installed = base?.installed ?? [];
  return {
    ...rest,
    names: new Set([...installed, ...packages].map(({ record }) => record.name)),
    automatic: new Set([
      ...(base?.automatic ?? []),
      ...packages.filter((_, at) => isAutomatic[at]).map(({ record }) => record),
    ]),
    installed,
  };
}

/** As many stages as an earlier build has kept; where the tree after each of them is wanted, as many from the first one on. */
async function takeStages(
  { packages, stageKeys: keys, keepStages, store, clock, architectures, epoch }: Staging,
  planned: readonly BuildStage[],
): Promise<StagesSoFar> {
  const diversions = async () => {
    const { preinstDiversions } = await loadConfiguring();
    return preinstDiversions(packages, architectures, epoch);
  };
  const take = (count: number): Promise<AfterStage | undefined> => {
    const merged = planned.slice(0, count).flatMap((stage) => stage.packages);
    return takeStage(store, keys[count - 1] ?? '', { packages: merged, diversions, clock });
  };
  const { count, taken } = await (keepStages ? takeFirst(keys.length, take) : takeLast(keys.length, take));
  const last = taken.at(-1);
  const isWhole = count === planned.length;
  const stages = taken.map((after, at): StageTree => {
    // The next stage changes the tree.
    const tree = after === last && !isWhole ? after.tree.clone() : after.tree;
    return { name: planned[count - taken.length + at]?.name ?? '', tree };
  });
  return { planned, keys, count, stages: keepStages || isWhole ? stages : [], last };
}

type Take = (count: number) => Promise<AfterStage | undefined>;

interface Taken {
  /** So many stages are configured. */
  readonly count: number;
  readonly taken: readonly AfterStage[];
}

async function takeFirst(most: number, take: Take): Promise<Taken> {
  const taken: AfterStage[] = [];
  while (taken.length < most) {
    const after = await take(taken.length + 1);
    if (after === undefined) break;
    taken.push(after);
  }
  return { count: taken.length, taken };
}

async function takeLast(most: number, take: Take): Promise<Taken> {
  for (let count = most; count > 0; count -= 1) {
    const after = await take(count);
    if (after !== undefined) return { count, taken: [after] };
  }
  return { count: 0, taken: [] };
}
