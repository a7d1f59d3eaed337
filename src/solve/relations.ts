import { architectureOf } from '../archive/package-name.js';
import type { PackageRecord } from '../archive/types.js';
import type { Relation } from '../formats/relation.js';
import { satisfies } from '../formats/version.js';

/**
 * Whether a package stands for a relation of something that is needed, by its own name or by one that it provides (Policy 7.1
 * and 7.5), from the architecture that is asked for (MultiarchSpec, "Dependencies involving Multi-Arch packages").
 *
 * @param native the architecture that is built for
 */
export function standsFor(record: PackageRecord, relation: Relation, native: string): boolean {
  return meets(record, relation, native, relation.asker ?? native);
}

/**
 * Whether a package is one that a Conflicts or Breaks speaks of: without a qualifier these speak of all architectures. That a
 * package never conflicts with itself (Policy 7.6.2) is for the caller to see.
 */
export function isRefusedBy(record: PackageRecord, relation: Relation, native: string): boolean {
  return meets(record, relation, native, architectureOf(record, native));
}

/** @param asker the architecture that a relation without a qualifier speaks of */
function meets(record: PackageRecord, relation: Relation, native: string, asker: string): boolean {
  if (
    record.name === relation.name &&
    qualifierHolds(record, relation.qualifier, native, asker) &&
    versionHolds(record.version, relation)
  ) {
    return true;
  }
  return record.provides.some((alternatives) =>
    alternatives.some(
      (provided) => provided.name === relation.name && provides(record, provided, relation, native, asker),
    ),
  );
}

/**
 * Why two packages of one name and different architectures cannot be installed together; undefined where they can: both
 * have to be Multi-Arch: same, and of one version (MultiarchSpec; in apt, implicit Conflicts and Breaks).
 */
export function siblingClash(one: PackageRecord, other: PackageRecord): 'kind' | 'version' | undefined {
  if (one.multiArch !== 'same' || other.multiArch !== 'same') return 'kind';
  return one.version === other.version ? undefined : 'version';
}

/** The names under which others can ask for a package, each once. */
export function namesOf(record: PackageRecord): ReadonlySet<string> {
  const names = new Set([record.name]);
  for (const alternatives of record.provides) for (const { name } of alternatives) names.add(name);
  return names;
}

/** A provided name without a version stands for no relation with one (Policy 7.5). */
function provides(
  record: PackageRecord,
  provided: Relation,
  relation: Relation,
  native: string,
  asker: string,
): boolean {
  if (provided.constraint !== undefined && provided.constraint.operator !== '=') return false;
  if (provided.qualifier !== undefined && provided.qualifier !== architectureOf(record, native)) {
    // What is provided for an architecture by name is there for nobody else.
    if (provided.qualifier !== (relation.qualifier ?? asker)) return false;
  } else if (!qualifierHolds(record, relation.qualifier, native, asker)) return false;
  return versionHolds(provided.constraint?.version, relation);
}

/**
 * `:any` is for packages that allow it (`Multi-Arch: allowed`, deb-control(5)); `:native` and the name of an architecture are
 * for those of that one; no qualifier is for those of the asker's architecture, and for all that are `Multi-Arch: foreign`.
 */
function qualifierHolds(record: PackageRecord, qualifier: string | undefined, native: string, asker: string): boolean {
  if (qualifier === 'any') return record.multiArch === 'allowed';
  if (qualifier === undefined && record.multiArch === 'foreign') return true;
  const wanted = qualifier === 'native' ? native : (qualifier ?? asker);
  return wanted === architectureOf(record, native);
}

function versionHolds(version: string | undefined, { constraint }: Relation): boolean {
  if (constraint === undefined) return true;
  return version !== undefined && satisfies(version, constraint.operator, constraint.version);
}
