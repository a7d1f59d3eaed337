import type { PackageRecord } from '../archive/types.js';
import type { Relation } from '../formats/relation.js';
import { satisfies } from '../formats/version.js';

/**
 * Whether a package stands for a relation, by its own name or by one that it provides (Policy 7.1 and 7.5). The same rule
 * holds for what a package needs and for what it conflicts with; that a package never conflicts with itself (Policy 7.6.2)
 * is for the caller to see.
 *
 * @param architecture the one that is built for
 */
export function standsFor(record: PackageRecord, relation: Relation, architecture: string): boolean {
  if (
    record.name === relation.name &&
    qualifierHolds(record, relation.qualifier, architecture) &&
    versionHolds(record.version, relation)
  ) {
    return true;
  }
  return record.provides.some((alternatives) =>
    alternatives.some(
      (provided) => provided.name === relation.name && provides(record, provided, relation, architecture),
    ),
  );
}

/** The names under which others can ask for a package, each once. */
export function namesOf(record: PackageRecord): ReadonlySet<string> {
  const names = new Set([record.name]);
  for (const alternatives of record.provides) for (const { name } of alternatives) names.add(name);
  return names;
}

/** A provided name without a version stands for no relation with one (Policy 7.5). */
function provides(record: PackageRecord, provided: Relation, relation: Relation, architecture: string): boolean {
  if (provided.constraint !== undefined && provided.constraint.operator !== '=') return false;
  if (provided.qualifier !== undefined && provided.qualifier !== architecture) {
    if (provided.qualifier !== relation.qualifier) return false;
  } else if (!qualifierHolds(record, relation.qualifier, architecture)) return false;
  return versionHolds(provided.constraint?.version, relation);
}

/**
 * `:any` is for packages that allow it (`Multi-Arch: allowed`, deb-control(5)); `:native` and the architecture itself say
 * nothing new where only one is built for; another architecture has no packages here.
 */
function qualifierHolds(record: PackageRecord, qualifier: string | undefined, architecture: string): boolean {
  if (qualifier === 'any') return record.multiArch === 'allowed';
  return qualifier === undefined || qualifier === 'native' || qualifier === architecture;
}

function versionHolds(version: string | undefined, { constraint }: Relation): boolean {
  if (constraint === undefined) return true;
  return version !== undefined && satisfies(version, constraint.operator, constraint.version);
}
