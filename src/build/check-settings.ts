import type { PlanOptions } from '../build-types.js';
import type { Dropped } from '../check/causes.js';
import type { CheckSettings } from '../check/check-tree.js';
import type { Profile } from '../profile/types.js';
import type { Plan } from '../solve/types.js';

/**
 * What a profile says of the tree that it makes.
 *
 * @param plan what it is made of; undefined: nobody knows
 * @param gone paths that its rules took out
 */
export function settingsOf(
  { profile, architecture }: Pick<PlanOptions, 'profile' | 'architecture'>,
  plan: Plan | undefined,
  gone: CheckSettings['gone'],
): CheckSettings {
  return {
    architectures: [architecture, ...profile.foreignArchitectures.filter((name) => name !== architecture)],
    environment: profile.environment,
    accept: profile.accept,
    dropped: plan === undefined ? [] : droppedOf(profile, plan),
    gone,
    packageOf: () => undefined,
  };
}

/** A lock does not have what was dropped, but the profile that it was made by does. */
function droppedOf({ stages }: Profile, plan: Plan): Dropped[] {
  const { dropped, unusedDrops } = plan;
  if (dropped.length + unusedDrops.length > 0) return dropped.map(({ drop, by }) => ({ package: drop.package, by }));
  const records = plan.stages.flatMap(({ packages }) => packages.map(({ record }) => record));
  const there = new Set(records.map(({ name }) => name));
  const drops = stages.flatMap((stage) => stage.drops).filter((drop) => !there.has(drop.package));
  return drops.flatMap(({ package: name, from }) => {
    const askers = records.filter(({ preDepends, depends }) => {
      return [...preDepends, ...depends].some((alternatives) =>
        alternatives.some((relation) => relation.name === name),
      );
    });
    return askers
      .filter((one) => from === undefined || one.name === from)
      .map((one) => ({ package: name, by: one.name }));
  });
}
