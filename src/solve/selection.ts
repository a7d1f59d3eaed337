import { packageName } from '../archive/package-name.js';
import type { PackageRecord } from '../archive/types.js';
import type { Alternatives, Relation } from '../formats/relation.js';
import { isRefusedBy, namesOf, siblingClash, standsFor } from './relations.js';

/**
 * Two packages that cannot be installed together, and which relation of `by` says so: none where they are of one name and two
 * architectures.
 */
export interface Clash {
  readonly by: PackageRecord;
  readonly relation: Relation | undefined;
  readonly other: PackageRecord;
}

/** A set of packages, at most one of a name and architecture, that answers what its members satisfy and conflict with. */
export class Selection {
  readonly #architecture: string;
  readonly #members = new Map<string, PackageRecord>();
  /** A name to the members that are called so or provide it. */
  readonly #standing = new Map<string, Set<PackageRecord>>();
  /** A name to the members that conflict with or break some version of it. */
  readonly #refusing = new Map<string, Set<PackageRecord>>();

  constructor(architecture: string, members: Iterable<PackageRecord> = []) {
    this.#architecture = architecture;
    for (const member of members) this.add(member);
  }

  has(record: PackageRecord): boolean {
    return this.#members.has(this.#key(record));
  }

  add(record: PackageRecord): void {
    this.#members.set(this.#key(record), record);
    for (const name of namesOf(record)) insert(this.#standing, name, record);
    for (const { name } of refusals(record)) insert(this.#refusing, name, record);
  }

  delete(record: PackageRecord): void {
    this.#members.delete(this.#key(record));
    for (const name of namesOf(record)) this.#standing.get(name)?.delete(record);
    for (const { name } of refusals(record)) this.#refusing.get(name)?.delete(record);
  }

  satisfies(alternatives: Alternatives): boolean {
    for (const relation of alternatives) {
      for (const member of this.#standing.get(relation.name) ?? []) {
        if (standsFor(member, relation, this.#architecture)) return true;
      }
    }
    return false;
  }

  /** The members that stand for one of the alternatives: in their order, then in the order in which they were added. */
  satisfiersOf(alternatives: Alternatives): ReadonlySet<PackageRecord> {
    const satisfiers = new Set<PackageRecord>();
    for (const relation of alternatives) {
      for (const member of this.#standing.get(relation.name) ?? []) {
        if (standsFor(member, relation, this.#architecture)) satisfiers.add(member);
      }
    }
    return satisfiers;
  }

  /** The first conflict between a package and the members, in either direction (Policy 7.3 and 7.4). */
  clashWith(record: PackageRecord): Clash | undefined {
    for (const relation of refusals(record)) {
      for (const other of this.#standing.get(relation.name) ?? []) {
        if (refuses(record, relation, other, this.#architecture)) return { by: record, relation, other };
      }
    }
    for (const other of this.#standing.get(record.name) ?? []) {
      if (areSiblings(record, other, this.#architecture) && siblingClash(record, other) !== undefined) {
        return { by: record, relation: undefined, other };
      }
    }
    for (const name of namesOf(record)) {
      for (const by of this.#refusing.get(name) ?? []) {
        const relation = refusals(by).find((one) => one.name === name && refuses(by, one, record, this.#architecture));
        if (relation !== undefined) return { by, relation, other: record };
      }
    }
    return undefined;
  }

  #key(record: PackageRecord): string {
    return packageName(record, this.#architecture);
  }
}

/** Whether two packages are one package of two architectures. */
function areSiblings(one: PackageRecord, other: PackageRecord, native: string): boolean {
  return one.name === other.name && packageName(one, native) !== packageName(other, native);
}

/** What a package conflicts with or breaks; for packages that are installed at once the two are the same. */
export function refusals({ conflicts, breaks }: PackageRecord): Relation[] {
  return [...conflicts, ...breaks].flat();
}

/** A package that provides what it conflicts with is no obstacle to itself, of whatever architecture (Policy 7.6.2). */
export function refuses(by: PackageRecord, relation: Relation, other: PackageRecord, architecture: string): boolean {
  return by.name !== other.name && isRefusedBy(other, relation, architecture);
}

function insert(index: Map<string, Set<PackageRecord>>, name: string, record: PackageRecord): void {
  const records = index.get(name);
  if (records === undefined) index.set(name, new Set([record]));
  else records.add(record);
}
