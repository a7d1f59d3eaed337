import type { PackageRecord, PackageUniverse } from '../../archive/types.js';

/**
 * A universe in which other versions of a package go first.
 *
 * @param choose what of a package's versions, best first, remains; by `packageName`
 */
export function restricted(
  universe: PackageUniverse,
  choose: (name: string, versions: readonly PackageRecord[]) => readonly PackageRecord[],
): PackageUniverse {
  const known = new Map<string, readonly PackageRecord[]>();
  const named = (name: string, foreign?: string): readonly PackageRecord[] => {
    const key = foreign === undefined ? name : `${name}:${foreign}`;
    let records = known.get(key);
    if (records === undefined) {
      records = choose(key, universe.named(name, foreign));
      known.set(key, records);
    }
    return records;
  };
  const firstOf = (records: readonly PackageRecord[]): PackageRecord[] =>
    records.flatMap(({ name }) => named(name).slice(0, 1));
  return {
    ...universe,
    named,
    essential: () => firstOf(universe.essential()).filter(({ essential }) => essential),
    ofPriority: (priority) => firstOf(universe.ofPriority(priority)).filter((record) => record.priority === priority),
  };
}
