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
 * @param foreignArchitectures whose packages count beside those of `architecture`, in order of preference
 */
export function createUniverse(
  architecture: string,
  indices: readonly PackageIndex[],
  pins: readonly Pin[] = [],
  foreignArchitectures: readonly string[] = [],
): PackageUniverse {
  const policy = createPolicy(pins);
  const known = new Map<string, { versions: readonly PackageVersion[]; choices: readonly PackageRecord[] }>();
  const mentions = new Map<string, number>();

  const offersOf = (
    stanzas: (scan: IndexTables) => readonly number[] | undefined,
    architectures: readonly string[],
  ): Offer[] =>
    indices.flatMap((index) =>
      (stanzas(index.scan) ?? [])
        .map((stanza) => ({ record: index.record(stanza), place: index.place }))
        .filter(({ record }) => architectures.includes(record.architecture)),
    );
  const native = [architecture, 'all'];
  const recordsOf = (
    stanzas: (scan: IndexTables) => readonly number[] | undefined,
    architectures: readonly string[],
  ): PackageRecord[] => offersOf(stanzas, architectures).map(({ record }) => record);

  const ofName = (name: string, foreign?: string) => {
    const key = foreign === undefined ? name : `${name}:${foreign}`;
    let all = known.get(key);
    if (all === undefined) {
      const versions = policy(offersOf((scan) => scan.byName.get(name), foreign === undefined ? native : [foreign]));
      all = { versions, choices: inOrderOfChoice(versions) };
      known.set(key, all);
    }
    return all;
  };
  const named = (name: string, foreign?: string): readonly PackageRecord[] => ofName(name, foreign).choices;

  /** The first choice among the versions of each of these packages, where it is one of these records. */
  const chosenOf = (records: readonly PackageRecord[]): PackageRecord[] => {
    const names = [...new Set(records.map((record) => record.name))].sort(compareBytes);
    return names.flatMap((name) => named(name).slice(0, 1)).filter((record) => records.includes(record));
  };

  return {
    architecture,
    foreignArchitectures,
    named,
    versions: (name, foreign) => ofName(name, foreign).versions,
    providing: (name) =>
      withoutRepeats(
        recordsOf((scan) => scan.byProvided.get(name), [...native, ...foreignArchitectures]).sort(
          (a, b) => compareBytes(a.name, b.name) || newestFirst(a, b),
        ),
      ),
    essential: () => chosenOf(recordsOf((scan) => scan.essential, native)),
    ofPriority: (priority) => chosenOf(recordsOf((scan) => scan.byPriority.get(priority), native)),
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
