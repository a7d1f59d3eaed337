import { expressionMatcher } from '../formats/expression.js';
import { globMatcher } from '../formats/glob.js';
import { compareVersions } from '../formats/version.js';
import type { Pin } from '../profile/types.js';
import type { PackagePlace, PackageRecord, PackageVersion } from './types.js';

/** A package and the place where it was found. */
export interface Offer {
  readonly record: PackageRecord;
  readonly place: PackagePlace;
}

/** Puts priorities on the versions of a package, as apt's policy does for a system on which nothing is installed. */
export type Policy = (offers: readonly Offer[]) => PackageVersion[];

/** What is given as a file is chosen whatever pins say, as in `apt install ./x.deb`. */
const LOCAL_PRIORITY = Number.POSITIVE_INFINITY;

/**
 * apt_preferences(5), after apt-pkg/policy.cc. Pins of the general form (`*`) speak of archives: the first that matches a
 * place sets its priority, and a version has the highest one of its places. Pins that name packages speak of versions: the
 * first that matches one of the version's places, or its number, sets the version's priority, whatever the general form says.
 *
 * @returns a function that takes what all archives, in their order, offer under one name, and gives the versions, newest
 * first; of equal ones the first one given
 */
export function createPolicy(pins: readonly Pin[]): Policy {
  const general = pins.filter(isGeneral).map(placeTest);
  const specific = pins.filter((pin) => !isGeneral(pin)).map((pin) => ({ test: versionTest(pin), pin }));
  const placePriorities = new Map<PackagePlace, number>();
  const placePriority = (place: PackagePlace): number => {
    let priority = placePriorities.get(place);
    if (priority === undefined) {
      priority = general.find(({ matches }) => matches(place))?.priority ?? place.priority;
      placePriorities.set(place, priority);
    }
    return priority;
  };
  return (offers) =>
    grouped(offers)
      .map(({ record, places }) => {
        const pin = specific.find(({ test }) => test(record, places))?.pin;
        const priority = places.some(({ local }) => local)
          ? LOCAL_PRIORITY
          : (pin?.priority ?? Math.max(...places.map(placePriority)));
        return { record, places, priority };
      })
      .sort((a, b) => compareVersions(b.record.version, a.record.version));
}

/** The versions that apt may choose, its choice first; of equal versions there is one. */
export function inOrderOfChoice(versions: readonly PackageVersion[]): PackageRecord[] {
  const seen = new Set<string>();
  return versions
    .filter(({ priority }) => priority > 0)
    .sort((a, b) => (a.priority === b.priority ? 0 : b.priority - a.priority))
    .map(({ record }) => record)
    .filter(({ version, architecture }) => {
      const key = `${version} ${architecture}`;
      return !seen.has(key) && seen.add(key);
    });
}

/**
 * Whether a version is meant by the text of a pin or of `package=version`. As in apt (apt-pkg/versionmatch.cc) a `*` at the end
 * means all that begins with the text before it, which is a glob only where the whole version matches it.
 */
export function versionMatcher(text: string): (version: string) => boolean {
  const stem = text.replace(/\*$/, '');
  const matches = globMatcher(stem);
  return (version) => (stem === text ? version === text : version.startsWith(stem)) || matches(version);
}

/** Whether a place is of a release, by its suite or codename: the `NAME` of `apt-get install package/NAME`, a glob. */
export function isOfRelease({ suite, codename }: PackagePlace, release: string): boolean {
  const matches = expressionMatcher(release);
  return matches(suite) || matches(codename);
}

/** apt takes packages of one version for the same where they agree; that they are the same file is the sharper test. */
function grouped(offers: readonly Offer[]): { readonly record: PackageRecord; readonly places: PackagePlace[] }[] {
  const groups = new Map<string, { readonly record: PackageRecord; readonly places: PackagePlace[] }>();
  for (const { record, place } of offers) {
    const key = `${record.version} ${record.architecture} ${record.sha256}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { record, places: [place] });
    else group.places.push(place);
  }
  return [...groups.values()];
}

function isGeneral({ packages }: Pin): boolean {
  return packages.join() === '*';
}

/** Of a pin and, by the same names, of a place. */
const CONDITIONS = ['archive', 'codename', 'origin', 'label', 'component', 'release', 'architecture', 'site'] as const;

function placeTest(pin: Pin): { readonly matches: (place: PackagePlace) => boolean; readonly priority: number } {
  const { priority } = pin;
  const conditions = CONDITIONS.flatMap((field) => {
    const pattern = pin[field];
    return pattern === undefined ? [] : [{ field, matches: expressionMatcher(pattern) }];
  });
  const { suite } = pin;
  const matches = (place: PackagePlace): boolean =>
    (suite === undefined || isOfRelease(place, suite)) &&
    conditions.every(({ field, matches: holds }) => holds(field === 'archive' ? place.suite : place[field]));
  return { matches, priority };
}

function versionTest(pin: Pin): (record: PackageRecord, places: readonly PackagePlace[]) => boolean {
  const names = pin.packages.map((name) => {
    const ofSource = name.startsWith('src:');
    return { ofSource, matches: expressionMatcher(ofSource ? name.slice('src:'.length) : name) };
  });
  const isNamed = (record: PackageRecord): boolean =>
    names.some(({ ofSource, matches }) => matches(ofSource ? record.source.name : record.name));
  const hasVersion = pin.version === undefined ? undefined : versionMatcher(pin.version);
  const { matches: isPlace } = placeTest(pin);
  return (record, places) =>
    isNamed(record) && (hasVersion === undefined ? places.some(isPlace) : hasVersion(record.version));
}
