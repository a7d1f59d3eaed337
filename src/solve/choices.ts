import { packageName } from '../archive/package-name.js';
import { isOfRelease, versionMatcher } from '../archive/pins.js';
import type { PackageRecord, PackageUniverse, PackageVersion } from '../archive/types.js';
import { KoalaError } from '../formats/errors.js';
import type { Alternatives, Relation } from '../formats/relation.js';
import { formatPackageRequest, type PackageRequest, parsePackageRequests } from '../formats/request.js';
import type { Stage } from '../profile/types.js';
import { nearNames } from './near-names.js';
import { standsFor } from './relations.js';

/**
 * What a stage asks for, in order.
 *
 * @param include further requests in the syntax of a stage's packages
 * @throws KoalaError `archive` where one is none
 */
export function requestsOf(stage: Stage, include: readonly string[], architecture: string): PackageRequest[] {
  return [...stage.packages, ...include].flatMap((text) =>
    parsePackageRequests(text, `stage ${stage.name}`, { architecture }),
  );
}

/** Requests of one version: `name=version`, `name/release`. */
type Selection = Exclude<PackageRequest, { readonly type: 'relation' }>;

/**
 * Which versions requests choose in place of the candidates, as apt-get(8) does: `name=version` that one, and `name/release`
 * that of the release, and of what it depends on with a version that no candidate has, the release's as well, and so on
 * (pkgDepCache::SetCandidateRelease in apt-pkg/depcache.cc). Unlike apt this does not stop at the first dependency whose
 * candidate needs anything that is not installed yet, which on an empty system is nearly every one: the solver finds out what
 * can be installed.
 *
 * @param candidateOf what is chosen for a name so far, of a foreign architecture where one is named
 * @param base the packages of earlier stages, with their places: these stay
 * @returns the chosen versions by `packageName`
 * @throws KoalaError `solve` where there is no such version, with those that there are, or an earlier stage has another one
 */
export function choose(
  requests: readonly PackageRequest[],
  universe: PackageUniverse,
  candidateOf: (name: string, foreign?: string) => PackageRecord | undefined,
  base: ReadonlyMap<PackageRecord, string>,
): ReadonlyMap<string, PackageRecord> {
  const { architecture: native, foreignArchitectures } = universe;
  const chosen = new Map<string, PackageRecord>();
  const explicit = new Map<string, string>();
  const titleOf = (record: PackageRecord): string => packageName(record, native);
  const fixed = new Map([...base.keys()].map((record) => [titleOf(record), record]));
  /** For each architecture what a name stands for, the native one first. */
  const current = (name: string): PackageRecord[] =>
    [undefined, ...foreignArchitectures].flatMap((foreign) => {
      const title = foreign === undefined ? name : `${name}:${foreign}`;
      return fixed.get(title) ?? chosen.get(title) ?? candidateOf(name, foreign) ?? [];
    });
  const selections = requests
    .filter((request): request is Selection => request.type !== 'relation')
    .map((request) => ({ request, record: selected(request, universe) }));
  for (const { request, record } of selections) {
    const title = titleOf(record);
    refuseOther(request, record, fixed.get(title), base);
    const before = chosen.get(title);
    if (before !== undefined && before !== record) {
      throw new KoalaError(
        'solve',
        `cannot choose ${formatPackageRequest(request)}: ${explicit.get(title)} is asked for too`,
      );
    }
    chosen.set(title, record);
    explicit.set(title, formatPackageRequest(request));
  }
  for (const { request, record } of selections) {
    if (request.type === 'release') follow(record, request.release, new Set());
  }
  return chosen;

  /** Takes a package's versioned dependencies from the release, where no candidate meets them and the release does. */
  function follow(record: PackageRecord, release: string, done: Set<PackageRecord>): void {
    if (done.has(record)) return;
    done.add(record);
    for (const alternatives of [...record.preDepends, ...record.depends]) {
      if (isMet(alternatives)) continue;
      const found = alternatives.flatMap((relation) => ofReleaseFor(relation, release))[0];
      if (found === undefined) continue;
      chosen.set(titleOf(found), found);
      follow(found, release, done);
    }
  }

  /** The versions of the release that meet a relation with a version, and that nobody chose otherwise. */
  function ofReleaseFor(relation: Relation, release: string): PackageRecord[] {
    if (relation.constraint === undefined) return [];
    return [undefined, ...foreignArchitectures].flatMap((foreign) => {
      const record = ofRelease(universe.versions(relation.name, foreign), release);
      if (record === undefined || !standsFor(record, relation, native)) return [];
      return explicit.has(titleOf(record)) || fixed.has(titleOf(record)) ? [] : [record];
    });
  }

  function isMet(alternatives: Alternatives): boolean {
    return alternatives.some((relation) => {
      const names = new Set([relation.name, ...universe.providing(relation.name).map(({ name }) => name)]);
      return [...names].some((name) => current(name).some((candidate) => standsFor(candidate, relation, native)));
    });
  }
}

function refuseOther(
  request: Selection,
  record: PackageRecord,
  there: PackageRecord | undefined,
  base: ReadonlyMap<PackageRecord, string>,
): void {
  if (there === undefined || there === record) return;
  const has = `${base.get(there)} has ${there.name} ${there.version}`;
  throw new KoalaError('solve', `cannot choose ${formatPackageRequest(request)}: ${has}`, {
    hint: 'ask for that version, or for this one where the other one comes from',
  });
}

function selected(request: Selection, universe: PackageUniverse): PackageRecord {
  const versions = versionsOf(request, universe);
  const record =
    request.type === 'version' ? ofNumber(versions, request.version) : ofRelease(versions, request.release);
  if (record !== undefined) return record;
  const title = formatPackageRequest(request);
  if (versions.length === 0) throw noPackage(title, request, universe);
  throw new KoalaError('solve', `cannot choose ${title}: there is only ${versions.map(describe).join(', ')}`);
}

/** Those of the architecture that is named, else of the first one that has any. */
function versionsOf({ name, architecture }: Selection, universe: PackageUniverse): readonly PackageVersion[] {
  const { architecture: native, foreignArchitectures } = universe;
  if (architecture === native || architecture === 'native') return universe.versions(name);
  if (architecture !== undefined) {
    return foreignArchitectures.includes(architecture) ? universe.versions(name, architecture) : [];
  }
  const all = [undefined, ...foreignArchitectures].map((foreign) => universe.versions(name, foreign));
  return all.find((versions) => versions.length > 0) ?? [];
}

function noPackage(title: string, { name, architecture }: Selection, universe: PackageUniverse): KoalaError {
  const { architecture: native, foreignArchitectures } = universe;
  if (architecture !== undefined && ![native, 'native', ...foreignArchitectures].includes(architecture)) {
    return new KoalaError('solve', `cannot choose ${title}: ${architecture} is none of the architectures`, {
      hint: 'add it to foreign-architectures in the profile',
    });
  }
  const others = [undefined, ...foreignArchitectures]
    .filter((foreign) => universe.versions(name, foreign).length > 0)
    .map((foreign) => (foreign === undefined ? name : `${name}:${foreign}`));
  const near = others.length > 0 ? others : nearNames(name, universe.names());
  const what = architecture === undefined ? name : `${name}:${architecture}`;
  return new KoalaError('solve', `cannot choose ${title}: there is no package ${what}`, {
    ...(near.length === 0 ? {} : { hint: `did you mean ${near.join(' or ')}?` }),
  });
}

function ofNumber(versions: readonly PackageVersion[], version: string): PackageRecord | undefined {
  const exact = versions.find(({ record }) => record.version === version);
  const matches = versionMatcher(version);
  return (exact ?? versions.find(({ record }) => matches(record.version)))?.record;
}

function ofRelease(versions: readonly PackageVersion[], release: string): PackageRecord | undefined {
  return versions.find(({ places }) => places.some((place) => isOfRelease(place, release)))?.record;
}

/** `1.7.1-6 (trixie, trixie-updates)` */
function describe({ record, places }: PackageVersion): string {
  const names = [...new Set(places.map(({ suite, codename }) => codename || suite))].filter(Boolean);
  return names.length === 0 ? record.version : `${record.version} (${names.join(', ')})`;
}
