import { compareBytes } from '../formats/path.js';
import { compareVersions } from '../formats/version.js';
import type { Pin } from '../profile/types.js';
import type { IndexTables } from './index-tables.js';
import type { PackageIndex } from './package-index.js';
import { createPolicy, inOrderOfChoice, type Offer } from './pins.js';
import type { PackageRecord, PackageUniverse, PackageVersion } from './types.js';

/**
 * All indices of a build as one. Packages of other architectures, which a flat archive can hold, are left out.
 *
 * @param indices in the order of the archives: the earlier one wins where versions are equal
 */
export function createUniverse(
  architecture: string,
  indices: readonly PackageIndex[],
  pins: readonly Pin[] = [],
): PackageUniverse {
  const policy = createPolicy(pins);
  const known = new Map<string, { versions: readonly PackageVersion[]; choices: readonly PackageRecord[] }>();
  const mentions = new Map<string, number>();

  const offersOf = (stanzas: (scan: IndexTables) => readonly number[] | undefined): Offer[] =>
    indices.flatMap((index) =>
      (stanzas(index.scan) ?? [])
        .map((stanza) => ({ record: index.record(stanza), place: index.place }))
        .filter(({ record }) => record.architecture === architecture || record.architecture === 'all'),
    );
  const recordsOf = (stanzas: (scan: IndexTables) => readonly number[] | undefined): PackageRecord[] =>
    offersOf(stanzas).map(({ record }) => record);

  const ofName = (name: string) => {
    let all = known.get(name);
    if (all === undefined) {
      const versions = policy(offersOf((scan) => scan.byName.get(name)));
      all = { versions, choices: inOrderOfChoice(versions) };
      known.set(name, all);
    }
    return all;
  };
  const named = (name: string): readonly PackageRecord[] => ofName(name).choices;

  /** The first choice among the versions of each of these packages, where it is one of these records. */
  const chosenOf = (records: readonly PackageRecord[]): PackageRecord[] => {
    const names = [...new Set(records.map((record) => record.name))].sort(compareBytes);
    return names.flatMap((name) => named(name).slice(0, 1)).filter((record) => records.includes(record));
  };

  return {
    architecture,
    named,
    versions: (name) => ofName(name).versions,
    providing: (name) =>
      withoutRepeats(
        recordsOf((scan) => scan.byProvided.get(name)).sort(
          (a, b) => compareBytes(a.name, b.name) || newestFirst(a, b),
        ),
      ),
    essential: () => chosenOf(recordsOf((scan) => scan.essential)),
    ofPriority: (priority) => chosenOf(recordsOf((scan) => scan.byPriority.get(priority))),
    firstMention(name) {
      let at = mentions.get(name);
      if (at === undefined) {
        at = 0;
        for (const index of indices) {
          const found = index.firstMention(name);
          at += found ?? index.size;
          if (found !== undefined) break;
        }
        mentions.set(name, at);
      }
      return at;
    },
    *names() {
      const seen = new Set<string>();
      for (const { scan } of indices) {
        for (const name of scan.byName.keys()) {
          if (seen.has(name)) continue;
          seen.add(name);
          yield name;
        }
      }
    },
  };
}

function newestFirst(a: PackageRecord, b: PackageRecord): number {
  return compareVersions(b.version, a.version);
}

/** Drops a package that the one before it equals in name, version and architecture; sorting is stable. */
function withoutRepeats(records: readonly PackageRecord[]): PackageRecord[] {
  const seen = new Set<string>();
  return records.filter((record) => {
    const key = `${record.name} ${record.version} ${record.architecture}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
