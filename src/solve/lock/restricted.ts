import type { PackageRecord, PackageUniverse } from '../../archive/types.js';

/**
 * A universe in which other versions of a package go first.
 *
 * @param choose what of a native package's versions, best first, remains
 */
export function restricted(
  universe: PackageUniverse,
  choose: (name: string, versions: readonly PackageRecord[]) => readonly PackageRecord[],
): PackageUniverse {
  const known = new Map<string, readonly PackageRecord[]>();
  const native = (name: string): readonly PackageRecord[] => {
    let records = known.get(name);
    if (records === undefined) {
      records = choose(name, universe.named(name));
      known.set(name, records);
    }
    return records;
  };
  const firstOf = (records: readonly PackageRecord[]): PackageRecord[] =>
    records.flatMap(({ name }) => native(name).slice(0, 1));
  return {
    ...universe,
    named: (name, foreign) => (foreign === undefined ? native(name) : universe.named(name, foreign)),
    essential: () => firstOf(universe.essential()).filter(({ essential }) => essential),
    ofPriority: (priority) => firstOf(universe.ofPriority(priority)).filter((record) => record.priority === priority),
  };
}
