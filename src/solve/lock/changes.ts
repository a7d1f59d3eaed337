import { packageName } from '../../archive/package-name.js';
import { compareBytes } from '../../formats/path.js';
import type { Lock, LockedArchive } from './types.js';

/** What became of a package between two locks. */
export interface PackageChange {
  /** With its architecture behind it where that is a foreign one. */
  readonly name: string;
  /** Undefined: it came in. */
  readonly from: string | undefined;
  /** Undefined: it went. */
  readonly to: string | undefined;
  /** Where it comes from now; where it came from, if it went. Undefined where nothing tells. */
  readonly suite: string | undefined;
  /** Whether that is an archive of security updates. */
  readonly security: boolean;
  /** What is built for. */
  readonly architectures: readonly string[];
}

/** A package among those that are compared. */
interface ComparedPackage {
  readonly version: string;
  /** What is not the same where the package is not. */
  readonly identity: string;
  readonly suite: string | undefined;
  readonly security: boolean;
}

/** Packages by name, for each architecture that is built for. */
export type ComparedPackages = ReadonlyMap<string, ReadonlyMap<string, ComparedPackage>>;

/** What differs between two locks: security updates first, then by name. The same bytes are the same package. */
export function changesBetween(one: Lock, other: Lock): PackageChange[] {
  return comparePackages(packagesOfLock(one), packagesOfLock(other));
}

/** The same of packages from anywhere. */
export function comparePackages(one: ComparedPackages, other: ComparedPackages): PackageChange[] {
  const found = new Map<string, { change: Omit<PackageChange, 'architectures'>; architectures: string[] }>();
  for (const architecture of [...new Set([...one.keys(), ...other.keys()])].sort()) {
    const [before, after] = [one.get(architecture), other.get(architecture)];
    for (const name of new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])) {
      const change = changeOf(name, before?.get(name), after?.get(name));
      if (change === undefined) continue;
      const key = JSON.stringify(change);
      const known = found.get(key);
      if (known === undefined) found.set(key, { change, architectures: [architecture] });
      else known.architectures.push(architecture);
    }
  }
  return [...found.values()]
    .map(({ change, architectures }) => ({ ...change, architectures }))
    .sort((a, b) => Number(b.security) - Number(a.security) || compareBytes(a.name, b.name));
}

export function packagesOfLock({ archives, architectures }: Lock): ComparedPackages {
  const perArchitecture = Object.entries(architectures).map(([architecture, { stages }]) => {
    const packages = stages
      .flatMap((stage) => stage.packages)
      .map((locked): [string, ComparedPackage] => {
        const archive = archives[locked.archive];
        const { version, sha256: identity } = locked;
        const security = archive !== undefined && isSecuritySuite(archive);
        return [packageName(locked, architecture), { version, identity, suite: archive?.suite, security }];
      });
    return [architecture, new Map(packages)] as const;
  });
  return new Map(perArchitecture);
}

/** Debian's own kind, or by name: derivatives and companies have such suites too. */
export function isSecuritySuite({ kind, suite }: Pick<LockedArchive, 'kind' | 'suite'>): boolean {
  return kind === 'debian-security' || /-security$/.test(suite);
}

function changeOf(
  name: string,
  before: ComparedPackage | undefined,
  after: ComparedPackage | undefined,
): Omit<PackageChange, 'architectures'> | undefined {
  if (before?.identity === after?.identity) return undefined;
  return {
    name,
    from: before?.version,
    to: after?.version,
    suite: (after ?? before)?.suite,
    security: after?.security ?? false,
  };
}
