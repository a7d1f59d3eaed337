import type { PlanOptions } from '../build-types.js';
import type { Dropped } from '../check/causes.js';
import type { CheckSettings } from '../check/check-tree.js';
import type { Profile } from '../profile/types.js';
import { droppedIn } from '../solve/drops.js';
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
function droppedOf({ stages }: Profile, { dropped, stages: planned, architecture }: Plan): Dropped[] {
  const all = dropped.length > 0 ? dropped : droppedIn(planned, stages, architecture);
  return all.map(({ drop, by }) => ({ package: drop.package, by }));
}
