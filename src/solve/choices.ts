import { isOfRelease, versionMatcher } from '../archive/pins.js';
import type { PackageRecord, PackageUniverse, PackageVersion } from '../archive/types.js';
import { KoalaError } from '../formats/errors.js';
import type { Alternatives } from '../formats/relation.js';
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
 * (pkgDepCache::SetCandidateRelease in apt-pkg/depcache.cc; unlike apt this does not look whether a candidate that meets a
 * dependency can itself be installed: the solver finds out).
 *
 * @param candidateOf what is chosen for a name so far
 * @param base the packages of earlier stages, with their stages: these stay
 * @throws KoalaError `solve` where there is no such version, with those that there are, or an earlier stage has another one
 */
export function choose(
  requests: readonly PackageRequest[],
  universe: PackageUniverse,
  candidateOf: (name: string) => PackageRecord | undefined,
  base: ReadonlyMap<PackageRecord, string>,
): ReadonlyMap<string, PackageRecord> {
  const chosen = new Map<string, PackageRecord>();
  const explicit = new Map<string, string>();
  const fixed = new Map([...base.keys()].map((record) => [record.name, record]));
  const current = (name: string): PackageRecord | undefined => fixed.get(name) ?? chosen.get(name) ?? candidateOf(name);
  const selections = requests.filter((request): request is Selection => request.type !== 'relation');
  for (const request of selections) {
    const record = selected(request, universe);
    refuseOther(request, record, fixed.get(request.name), base);
    const before = chosen.get(request.name);
    if (before !== undefined && before !== record) {
      throw new KoalaError(
        'solve',
        `cannot choose ${formatPackageRequest(request)}: ${explicit.get(request.name)} is asked for too`,
      );
    }
    chosen.set(request.name, record);
    explicit.set(request.name, formatPackageRequest(request));
  }
  for (const request of selections) {
    const record = chosen.get(request.name);
    if (request.type === 'release' && record !== undefined) follow(record, request.release);
  }
  return chosen;

  /** Takes a package's versioned dependencies from the release, where no candidate meets them and the release does. */
  function follow(record: PackageRecord, release: string): void {
    for (const alternatives of [...record.preDepends, ...record.depends]) {
      if (isMet(alternatives)) continue;
      const found = alternatives.flatMap((relation) => {
        if (relation.constraint === undefined || explicit.has(relation.name) || fixed.has(relation.name)) return [];
        const version = ofRelease(universe.versions(relation.name), release);
        return version !== undefined && standsFor(version, relation, universe.architecture) ? [version] : [];
      })[0];
      if (found === undefined) continue;
      chosen.set(found.name, found);
      follow(found, release);
    }
  }

  function isMet(alternatives: Alternatives): boolean {
    return alternatives.some((relation) => {
      const names = new Set([relation.name, ...universe.providing(relation.name).map(({ name }) => name)]);
      return [...names].some((name) => {
        const candidate = current(name);
        return candidate !== undefined && standsFor(candidate, relation, universe.architecture);
      });
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
  const has = `stage ${base.get(there)} has ${there.name} ${there.version}`;
  throw new KoalaError('solve', `cannot choose ${formatPackageRequest(request)}: ${has}`, {
    hint: 'ask for the version in that stage',
  });
}

function selected(request: Selection, universe: PackageUniverse): PackageRecord {
  const versions = universe.versions(request.name);
  const record =
    request.type === 'version' ? ofNumber(versions, request.version) : ofRelease(versions, request.release);
  if (record !== undefined) return record;
  const title = formatPackageRequest(request);
  if (versions.length === 0) {
    const near = nearNames(request.name, universe.names());
    throw new KoalaError('solve', `cannot choose ${title}: there is no package ${request.name}`, {
      ...(near.length === 0 ? {} : { hint: `did you mean ${near.join(' or ')}?` }),
    });
  }
  throw new KoalaError('solve', `cannot choose ${title}: there is only ${versions.map(describe).join(', ')}`);
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
