import { packageName } from '../archive/package-name.js';
import type { PackageRecord, PackageUniverse } from '../archive/types.js';
import type { Alternatives, Relation } from '../formats/relation.js';
import { formatPackageRequest, type PackageRequest } from '../formats/request.js';
import type { Stage } from '../profile/types.js';
import type { Candidates } from './candidates.js';
import { requestsOf } from './choices.js';
import { requirementsOf as allRequirements, dropFor, type Requirement } from './drops.js';
import { LazyList } from './lazy-list.js';
import type { Reason } from './types.js';

/** What the stage itself needs: one of the options. */
export interface Demand {
  readonly reason: Reason;
  readonly alternatives: Alternatives;
  readonly options: readonly PackageRecord[];
}

/** A stage as the algorithms see it. */
export interface Problem {
  readonly stage: string;
  readonly architecture: string;
  readonly foreignArchitectures: readonly string[];
  readonly demands: readonly Demand[];
  /** The packages of earlier stages, with the stage that brought them. They stay, and what they need is there. */
  readonly base: ReadonlyMap<PackageRecord, string>;
  excludes(name: string): boolean;
  /** The one version of a package that may be taken. */
  candidateOf(name: string, foreign?: string): PackageRecord | undefined;
  /** The candidates of a package's name for other architectures. */
  siblingsOf(record: PackageRecord): readonly PackageRecord[];
  /** The candidates that a Conflicts or Breaks speaks of. */
  refusedBy(relation: Relation): readonly PackageRecord[];
  /** The packages that stand for one of the alternatives, each once, in no particular order. */
  standingFor(alternatives: Alternatives): readonly PackageRecord[];
  /** The same in the order in which they are tried: preferred ones, then by alternative, then by rank within each. */
  optionsFor(alternatives: Alternatives): LazyList<PackageRecord>;
  /** In the order of apt's cache: Pre-Depends, Depends, Recommends if the stage follows them; dropped ones left out. */
  requirementsOf(record: PackageRecord): readonly Requirement[];
}

/**
 * @param earlier the stages before it: what they drop and prefer holds on
 * @param include further relations that the stage asks for
 * @throws KoalaError `archive` where a stage's relation is none
 */
export function createProblem(
  stage: Stage,
  earlier: readonly Stage[],
  include: readonly string[],
  base: ReadonlyMap<PackageRecord, string>,
  universe: PackageUniverse,
  candidates: Candidates,
): Problem {
  const stages = [...earlier, stage];
  const drops = stages.flatMap((one) => one.drops);
  const preferred = new Map(stages.flatMap((one) => one.prefer).map((name, rank) => [name, rank]));
  const options = new Map<Alternatives, LazyList<PackageRecord>>();
  const kept = new Map<PackageRecord, readonly Requirement[]>();

  const preference = ({ name }: PackageRecord): number => preferred.get(name) ?? preferred.size;
  const standingFor = (alternatives: Alternatives): readonly PackageRecord[] => {
    const [first, ...others] = alternatives;
    if (first !== undefined && others.length === 0) return candidates.standingFor(first);
    return [...new Set(alternatives.flatMap((relation) => candidates.standingFor(relation)))];
  };
  const ordered = function* (alternatives: Alternatives): Iterable<PackageRecord> {
    const done = new Set<PackageRecord>();
    const favourites = standingFor(alternatives).filter(({ name }) => preferred.has(name));
    for (const record of favourites.sort((a, b) => preference(a) - preference(b))) {
      done.add(record);
      yield record;
    }
    for (const relation of alternatives) {
      for (const record of candidates.ranked(relation)) {
        if (!done.has(record)) yield record;
        done.add(record);
      }
    }
  };
  const optionsFor = (alternatives: Alternatives): LazyList<PackageRecord> => {
    let known = options.get(alternatives);
    if (known === undefined) {
      known = new LazyList(ordered(alternatives));
      options.set(alternatives, known);
    }
    return known;
  };
  const requirementsOf = (record: PackageRecord): readonly Requirement[] => {
    const known = kept.get(record);
    if (known !== undefined) return known;
    const all = allRequirements(record, stage.recommends);
    const requirements = all.filter((one) => dropFor(record, one, drops) === undefined);
    kept.set(record, requirements);
    return requirements;
  };

  /**
   * Who asks for a package by its own name gets that one, the native one where it is there; a name that is only provided leaves
   * the choice open (apt's pkgCache::GrpIterator::FindPreferredPkg).
   */
  const demand = (alternatives: Alternatives, reason: Reason): Demand => {
    const wanted = alternatives.flatMap((relation) => {
      if (candidates.excludes(relation.name)) return [];
      const named = namedBy(relation, candidates);
      return named.length > 0 ? named : [...optionsFor([inPlaceOf(relation, candidates)])];
    });
    return { reason, alternatives, options: [...new Set(wanted)].sort((a, b) => preference(a) - preference(b)) };
  };
  const asked = requestsOf(stage, include, universe.architecture).map((request) =>
    demand(alternativesOf(request, candidates), { type: 'asked', relation: formatPackageRequest(request) }),
  );
  const named = (records: readonly PackageRecord[], reason: Reason): Demand[] =>
    records.filter(({ name }) => !candidates.excludes(name)).map(({ name }) => demand([relationTo(name)], reason));
  const demands = [
    ...asked,
    ...named(stage.essential ? universe.essential() : [], { type: 'essential' }),
    ...stage.priorities.flatMap((priority) => named(universe.ofPriority(priority), { type: 'priority', priority })),
  ];
  return {
    stage: stage.name,
    architecture: universe.architecture,
    foreignArchitectures: universe.foreignArchitectures,
    demands,
    base,
    excludes: (name) => candidates.excludes(name),
    candidateOf: (name, foreign) => candidates.named(name, foreign),
    siblingsOf: (record) =>
      candidates.foreignArchitectures.length === 0
        ? []
        : candidates
            .ofName(record.name)
            .filter((one) => packageName(one, universe.architecture) !== packageName(record, universe.architecture)),
    refusedBy: (relation) => candidates.refusedBy(relation),
    standingFor,
    optionsFor,
    requirementsOf,
  };
}

/** Who asks for a version gets the candidate that it was made (`choose`). */
function alternativesOf(request: PackageRequest, candidates: Candidates): Alternatives {
  if (request.type === 'relation') return request.alternatives;
  const { name, architecture } = request;
  const qualifier = architecture === candidates.architecture ? undefined : architecture;
  const isForeign = qualifier !== undefined && qualifier !== 'native';
  const version = candidates.named(name, isForeign ? qualifier : undefined)?.version;
  const constraint = version === undefined ? undefined : ({ operator: '=', version } as const);
  return [{ name, qualifier, constraint }];
}

/** The candidates that a request names: of several architectures the first one that has the package. */
function namedBy(relation: Relation, candidates: Candidates): PackageRecord[] {
  const { name, qualifier } = relation;
  const ofOwnName = (one: Relation) => candidates.standingFor(one).filter((record) => record.name === name);
  if (qualifier !== undefined || candidates.foreignArchitectures.length === 0) return ofOwnName(relation);
  for (const architecture of [candidates.architecture, ...candidates.foreignArchitectures]) {
    const named = ofOwnName({ ...relation, qualifier: architecture });
    if (named.length > 0) return named;
  }
  return [];
}

/** A package of an architecture that does not have it may be one of another that is Multi-Arch: foreign. */
function inPlaceOf(relation: Relation, candidates: Candidates): Relation {
  const { qualifier } = relation;
  if (qualifier === undefined || !candidates.foreignArchitectures.includes(qualifier)) return relation;
  return { ...relation, qualifier: undefined, asker: qualifier };
}

function relationTo(name: string): Relation {
  return { name, qualifier: undefined, constraint: undefined };
}
