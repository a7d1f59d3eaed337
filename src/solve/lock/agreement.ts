import type { PackageRecord, PackageUniverse } from '../../archive/types.js';
import type { Plan } from '../types.js';
import { restricted } from './restricted.js';

/**
 * The universes of several architectures, each without the versions of a package that another one of them does not have, so
 * that what is chosen is the same everywhere. A name whose versions have nothing in common stays as it is.
 *
 * What counts is the version of the source: a package that was rebuilt for one architecture alone (`1.0-1+b1`, a binNMU) is
 * made of the same.
 */
export function agreeing(universes: readonly PackageUniverse[]): PackageUniverse[] {
  if (universes.length < 2) return [...universes];
  const common = new Map<string, ReadonlySet<string>>();
  const commonOf = (name: string): ReadonlySet<string> => {
    let versions = common.get(name);
    if (versions === undefined) {
      const each = universes.map((universe) => new Set(universe.named(name).map(sourceVersion)));
      versions = intersection(each.filter(({ size }) => size > 0));
      common.set(name, versions);
    }
    return versions;
  };
  return universes.map((universe) =>
    restricted(universe, (name, records) => {
      // Of foreign architectures each of these universes has its own.
      if (name.includes(':')) return records;
      const versions = commonOf(name);
      const agreed = records.filter((record) => versions.has(sourceVersion(record)));
      return agreed.length === 0 ? records : agreed;
    }),
  );
}

/** A package that the plans of several architectures have in different versions. */
export interface Disagreement {
  readonly name: string;
  readonly versions: readonly { readonly architecture: string; readonly version: string }[];
}

/** What is in more than one plan, natively, and made of different sources, by name. */
export function disagreements(plans: readonly Plan[]): Disagreement[] {
  const found = new Map<string, { architecture: string; version: string; source: string }[]>();
  for (const plan of plans) {
    for (const { record } of plan.stages.flatMap(({ packages }) => packages)) {
      if (record.architecture !== plan.architecture && record.architecture !== 'all') continue;
      const { name, version } = record;
      const one = { architecture: plan.architecture, version, source: sourceVersion(record) };
      found.set(name, [...(found.get(name) ?? []), one]);
    }
  }
  return [...found]
    .filter(([, versions]) => versions.some(({ source }) => source !== versions[0]?.source))
    .map(([name, versions]) => ({
      name,
      versions: versions.map(({ architecture, version }) => ({ architecture, version })),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function sourceVersion({ source }: PackageRecord): string {
  return `${source.name} ${source.version}`;
}

function intersection(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  const [first = new Set<string>(), ...others] = sets;
  return new Set([...first].filter((item) => others.every((set) => set.has(item))));
}
