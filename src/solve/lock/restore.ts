import { packageStanza, readPackageRecord } from '../../archive/package-record.js';
import type { ArchiveSource, PackageRecord } from '../../archive/types.js';
import type { Plan } from '../types.js';
import type { LockedArchitecture, LockedPackage } from './types.js';

/**
 * The plan that a lock has of an architecture. Its records know what a package is and where it lies; what a package says of
 * others is in the package itself.
 *
 * @param places where the packages of each of the lock's archives are fetched
 * @param origin the lock, for messages
 */
export function restorePlan(
  architecture: string,
  locked: LockedArchitecture,
  places: readonly ArchiveSource[],
  origin: string,
): Plan {
  const stages = locked.stages.map(({ name, packages }) => ({
    name,
    packages: packages.flatMap((one) => {
      const place = places[one.archive];
      return place === undefined ? [] : [{ record: restoreRecord(one, place, origin), reason: one.reason }];
    }),
  }));
  return { architecture, stages, dropped: [], unusedDrops: [] };
}

/** A package without its relations. */
function restoreRecord(locked: LockedPackage, source: ArchiveSource, origin: string): PackageRecord {
  const fields = [
    ['Package', locked.name],
    ['Source', `${locked.source.name} (${locked.source.version})`],
    ['Version', locked.version],
    ['Architecture', locked.architecture],
    ['Installed-Size', String(locked.installedSize)],
  ] as const;
  return readPackageRecord(packageStanza(fields, locked.path, locked), origin, source);
}
