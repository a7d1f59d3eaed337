import { compareBytes } from '../formats/path.js';
import { compareVersions } from '../formats/version.js';
import { firstMentionIn } from './first-mention.js';
import type { IndexScan } from './index-scan.js';
import type { PackageIndex } from './package-index.js';
import type { PackageRecord, PackageUniverse } from './types.js';

/**
 * All indices of a build as one. Packages of other architectures, which a flat archive can hold, are left out.
 *
 * @param indices in the order of the archives: the earlier one wins where versions are equal
 */
export function createUniverse(architecture: string, indices: readonly PackageIndex[]): PackageUniverse {
  const versions = new Map<string, readonly PackageRecord[]>();
  const mentions = new Map<string, number>();

  const recordsOf = (stanzas: (scan: IndexScan) => readonly number[] | undefined): PackageRecord[] =>
    indices.flatMap((index) =>
      (stanzas(index.scan) ?? [])
        .map((stanza) => index.record(stanza))
        .filter((record) => record.architecture === architecture || record.architecture === 'all'),
    );

  const named = (name: string): readonly PackageRecord[] => {
    let records = versions.get(name);
    if (records === undefined) {
      records = withoutRepeats(recordsOf((scan) => scan.byName.get(name)).sort(newestFirst));
      versions.set(name, records);
    }
    return records;
  };

  /** The newest version of each of these packages, where it is one of these records. */
  const newestOf = (records: readonly PackageRecord[]): PackageRecord[] => {
    const names = [...new Set(records.map((record) => record.name))].sort(compareBytes);
    return names.flatMap((name) => named(name).slice(0, 1)).filter((record) => records.includes(record));
  };

  return {
    architecture,
    named,
    providing: (name) =>
      withoutRepeats(
        recordsOf((scan) => scan.byProvided.get(name)).sort(
          (a, b) => compareBytes(a.name, b.name) || newestFirst(a, b),
        ),
      ),
    essential: () => newestOf(recordsOf((scan) => scan.essential)),
    ofPriority: (priority) => newestOf(recordsOf((scan) => scan.byPriority.get(priority))),
    firstMention(name) {
      let at = mentions.get(name);
      if (at === undefined) {
        at = 0;
        for (const { bytes } of indices) {
          const found = firstMentionIn(bytes, name);
          at += found ?? bytes.length;
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
