import type { ArchiveSpec, Pin, Profile } from './types.js';

/**
 * The archives of a profile for one base suite: `${suite}` filled in, without those that this suite does not have.
 *
 * @param updates whether those with the updates of the main archive are wanted as well.
 */
export function archivesFor(profile: Pick<Profile, 'archives'>, suite: string, updates: boolean): ArchiveSpec[] {
  return profile.archives
    .filter((spec) => !spec.notFor.includes(suite) && (updates || !spec.updates))
    .map((spec) => ({ ...spec, suite: spec.suite.replaceAll(`\${suite}`, suite) }));
}

/** The pins of a profile for one base suite: `${suite}` filled in. */
export function pinsFor(profile: Pick<Profile, 'pins'>, suite: string): Pin[] {
  return profile.pins.map((pin) => ({ ...pin, suite: pin.suite?.replaceAll(`\${suite}`, suite) }));
}

/** The architectures beside the one that is built for whose packages the profile wants as well. */
export function foreignFor(profile: Pick<Profile, 'foreignArchitectures'>, architecture: string): string[] {
  return profile.foreignArchitectures.filter((name) => name !== architecture);
}
