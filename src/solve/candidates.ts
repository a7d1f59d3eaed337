import type { PackageRecord, PackageUniverse } from '../archive/types.js';
import type { Relation } from '../formats/relation.js';
import { LazyList } from './lazy-list.js';
import { isRefusedBy, standsFor } from './relations.js';

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
  readonly #refused = new Map<Relation, readonly PackageRecord[]>();
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

  get foreignArchitectures(): readonly string[] {
    return this.#universe.foreignArchitectures;
  }

  excludes(name: string): boolean {
    return this.#excluded.has(name);
  }

  /**
   * The same record for the same name every time.
   *
   * @param foreign an architecture, where another one than that which is built for is meant
   */
  named(name: string, foreign?: string): PackageRecord | undefined {
    const key = foreign === undefined ? name : `${name}:${foreign}`;
    if (this.#byName.has(key)) return this.#byName.get(key);
    const candidate = this.excludes(name)
      ? undefined
      : (this.#chosen.get(key) ?? this.#universe.named(name, foreign)[0]);
    this.#byName.set(key, candidate);
    return candidate;
  }

  /** The candidates of a name, the native one first. */
  ofName(name: string): PackageRecord[] {
    const native = this.named(name);
    const foreign = this.foreignArchitectures.flatMap((architecture) => this.named(name, architecture) ?? []);
    return native === undefined ? foreign : [native, ...foreign];
  }

  /** The candidates that stand for a relation, in no particular order. */
  standingFor(relation: Relation): readonly PackageRecord[] {
    let standing = this.#standing.get(relation);
    if (standing === undefined) {
      standing = this.#offering(relation).filter((record) => standsFor(record, relation, this.architecture));
      this.#standing.set(relation, standing);
    }
    return standing;
  }

  /** The candidates that a Conflicts or Breaks speaks of. */
  refusedBy(relation: Relation): readonly PackageRecord[] {
    if (this.foreignArchitectures.length === 0) return this.standingFor(relation);
    let refused = this.#refused.get(relation);
    if (refused === undefined) {
      refused = this.#offering(relation).filter((record) => isRefusedBy(record, relation, this.architecture));
      this.#refused.set(relation, refused);
    }
    return refused;
  }

  /** The candidates that are called so or provide it. */
  #offering({ name: asked }: Relation): PackageRecord[] {
    const names = new Set([asked]);
    for (const { name } of this.#universe.providing(asked)) names.add(name);
    return [...names].flatMap((name) => this.ofName(name));
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
   * apt's CompareProviders (apt-pkg/depcache.cc) for a system on which nothing is installed yet; all else being equal, the
   * native architecture goes before foreign ones. Where names are first mentioned takes long to find, so it is only asked
   * about those that are tried.
   */
  *#rank(relation: Relation): Iterable<PackageRecord> {
    const tiers = new Map<number, PackageRecord[]>();
    for (const record of this.standingFor(relation)) {
      const tier =
        record.name === relation.name
          ? OWN_NAME
          : record.essential && this.#foreignness(record) === 0
            ? ESSENTIAL
            : priorityRank(record);
      const known = tiers.get(tier);
      if (known === undefined) tiers.set(tier, [record]);
      else known.push(record);
    }
    for (const [, tier] of [...tiers].sort(([a], [b]) => a - b)) {
      if (tier.length > 1)
        tier.sort(
          (a, b) =>
            this.#foreignness(a) - this.#foreignness(b) ||
            this.#mention(b.name) - this.#mention(a.name) ||
            (a.name < b.name ? -1 : 1),
        );
      yield* tier;
    }
  }

  /** 0 for a native package. */
  #foreignness({ architecture }: PackageRecord): number {
    return this.foreignArchitectures.indexOf(architecture) + 1;
  }

  /** apt prefers, all else being equal, the package whose name its cache met last. */
  #mention(name: string): number {
    return this.#universe.firstMention?.(name) ?? 0;
  }
}

function priorityRank({ priority }: PackageRecord): number {
  return PRIORITIES.indexOf(priority);
}
