import type { PackageRecord, PackageUniverse } from '../archive/types.js';
import type { Relation } from '../formats/relation.js';
import { LazyList } from './lazy-list.js';
import { standsFor } from './relations.js';

/** Debian's priorities (Policy 2.5), best first; `extra` is what `optional` was once split into. */
const PRIORITIES = ['required', 'important', 'standard', 'optional', 'extra'];
/** What goes before all priorities. A package without a priority comes right after, as in apt. */
const ESSENTIAL = -2;
const OWN_NAME = -3;

/**
 * Which packages may be taken, and in which order they are tried. A name has one candidate, the version that the
 * universe names first, as in apt (apt_preferences(5)), or that was asked for; what is excluded has none.
 */
export class Candidates {
  readonly #universe: PackageUniverse;
  readonly #excluded: ReadonlySet<string>;
  readonly #chosen: ReadonlyMap<string, PackageRecord>;
  readonly #byName = new Map<string, PackageRecord | undefined>();
  readonly #standing = new Map<Relation, readonly PackageRecord[]>();
  readonly #ranked = new Map<Relation, LazyList<PackageRecord>>();

  /** @param chosen versions that were asked for by number or release, which go before the universe's choice */
  constructor(
    universe: PackageUniverse,
    excluded: Iterable<string>,
    chosen: ReadonlyMap<string, PackageRecord> = new Map(),
  ) {
    this.#universe = universe;
    this.#excluded = new Set(excluded);
    this.#chosen = chosen;
  }

  /** The same but for further choices. */
  choosing(chosen: ReadonlyMap<string, PackageRecord>): Candidates {
    if (chosen.size === 0) return this;
    return new Candidates(this.#universe, this.#excluded, new Map([...this.#chosen, ...chosen]));
  }

  get architecture(): string {
    return this.#universe.architecture;
  }

  excludes(name: string): boolean {
    return this.#excluded.has(name);
  }

  /** The same record for the same name every time. */
  named(name: string): PackageRecord | undefined {
    if (this.#byName.has(name)) return this.#byName.get(name);
    const candidate = this.excludes(name) ? undefined : (this.#chosen.get(name) ?? this.#universe.named(name)[0]);
    this.#byName.set(name, candidate);
    return candidate;
  }

  /** The candidates that stand for a relation, in no particular order. */
  standingFor(relation: Relation): readonly PackageRecord[] {
    let standing = this.#standing.get(relation);
    if (standing === undefined) {
      const names = new Set([relation.name]);
      for (const { name } of this.#universe.providing(relation.name)) names.add(name);
      standing = [...names]
        .flatMap((name) => this.named(name) ?? [])
        .filter((record) => standsFor(record, relation, this.architecture));
      this.#standing.set(relation, standing);
    }
    return standing;
  }

  /** The same, best first. */
  ranked(relation: Relation): LazyList<PackageRecord> {
    let ranked = this.#ranked.get(relation);
    if (ranked === undefined) {
      ranked = new LazyList(this.#rank(relation));
      this.#ranked.set(relation, ranked);
    }
    return ranked;
  }

  /**
   * apt's CompareProviders (apt-pkg/depcache.cc) for one architecture and a system on which nothing is installed yet. Where
   * names are first mentioned takes long to find, so it is only asked about those that are tried.
   */
  *#rank(relation: Relation): Iterable<PackageRecord> {
    const tiers = new Map<number, PackageRecord[]>();
    for (const record of this.standingFor(relation)) {
      const tier = record.name === relation.name ? OWN_NAME : record.essential ? ESSENTIAL : priorityRank(record);
      const known = tiers.get(tier);
      if (known === undefined) tiers.set(tier, [record]);
      else known.push(record);
    }
    for (const [, tier] of [...tiers].sort(([a], [b]) => a - b)) {
      if (tier.length > 1)
        tier.sort((a, b) => this.#mention(b.name) - this.#mention(a.name) || (a.name < b.name ? -1 : 1));
      yield* tier;
    }
  }

  /** apt prefers, all else being equal, the package whose name its cache met last. */
  #mention(name: string): number {
    return this.#universe.firstMention?.(name) ?? 0;
  }
}

function priorityRank({ priority }: PackageRecord): number {
  return PRIORITIES.indexOf(priority);
}
