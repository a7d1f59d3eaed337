import { packageName } from '../../archive/package-name.js';
import type { PackageRecord, PackageUniverse } from '../../archive/types.js';
import { compareVersions, satisfies } from '../../formats/version.js';
import { isSecuritySuite } from './changes.js';
import { restricted } from './restricted.js';

/** What may become newer, and what shall stay as a lock has it. */
export interface Freeze {
  /** Records of the packages of the lock, by `packageName`. */
  readonly locked: ReadonlyMap<string, PackageRecord>;
  /** Names that take what the archives would choose. */
  readonly free: ReadonlySet<string>;
  /** Whether the others take what an archive of security updates has, if it is newer. */
  readonly security: boolean;
}

/** A universe in which the packages of a lock stay as they are, but for what may change. */
export function frozen(universe: PackageUniverse, { locked, free, security }: Freeze): PackageUniverse {
  return restricted(universe, (name, versions) => {
    const own = locked.get(name);
    if (own === undefined || free.has(name)) return versions;
    const fix = security ? versions.find((record) => isSecurityUpdate(record, universe)) : undefined;
    return [fix !== undefined && compareVersions(fix.version, own.version) > 0 ? fix : own];
  });
}

/** What has to be free as well, since it does not go with what changes: none where `free` is enough. */
export function clashingWithChanges(universe: PackageUniverse, { locked }: Freeze): string[] {
  const changed = [...locked].flatMap(([key, own]) => {
    const [choice] = universe.named(own.name, key === own.name ? undefined : own.architecture);
    return choice === undefined || choice === own ? [] : [{ own, choice }];
  });
  const clashing = [...locked].filter(([, own]) => {
    if (changed.some((one) => one.own === own)) return false;
    return changed.some(({ choice }) => isAgainst(choice, own) || isAgainst(own, choice));
  });
  return clashing.map(([key]) => key);
}

/** Whether a package says that it needs another version of one, or that it does not go with this one. */
function isAgainst(one: PackageRecord, { name, version }: PackageRecord): boolean {
  const needs = [...one.preDepends, ...one.depends].flat();
  const refuses = [...one.conflicts, ...one.breaks].flat();
  return (
    needs.some(({ name: asked, constraint }) => {
      return asked === name && constraint !== undefined && !satisfies(version, constraint.operator, constraint.version);
    }) ||
    refuses.some(({ name: asked, constraint }) => {
      return (
        asked === name && (constraint === undefined || satisfies(version, constraint.operator, constraint.version))
      );
    })
  );
}

function isSecurityUpdate(record: PackageRecord, universe: PackageUniverse): boolean {
  const { spec, suite } = record.archive;
  if (isSecuritySuite({ kind: spec?.kind ?? 'other', suite })) return true;
  const known = universe.versions(record.name).find(({ record: one }) => one === record);
  return known?.places.some(({ suite: name, codename }) => /-security$/.test(name || codename)) ?? false;
}

/** A locked package that the indices have, with the very same bytes. */
export function stillThere(
  universe: PackageUniverse,
  locked: { readonly name: string; readonly architecture: string; readonly sha256: string },
): PackageRecord | undefined {
  const foreign = packageName(locked, universe.architecture) === locked.name ? undefined : locked.architecture;
  return universe.versions(locked.name, foreign).find(({ record }) => record.sha256 === locked.sha256)?.record;
}
