import { packageName } from '../../archive/package-name.js';
import { compareBytes } from '../../formats/path.js';
import type { Lock, LockedArchive, LockedPackage } from './types.js';

/** What became of a package between two locks. */
export interface PackageChange {
  /** With its architecture behind it where that is a foreign one. */
  readonly name: string;
  /** Undefined: it came in. */
  readonly from: string | undefined;
  /** Undefined: it went. */
  readonly to: string | undefined;
  /** Where it comes from now; where it came from, if it went. */
  readonly suite: string;
  /** Whether that is an archive of security updates. */
  readonly security: boolean;
  /** What is built for. */
  readonly architectures: readonly string[];
}

interface Located {
  readonly locked: LockedPackage;
  readonly archive: LockedArchive;
}

/** What differs between two locks: security updates first, then by name. The same bytes are the same package. */
export function changesBetween(one: Lock, other: Lock): PackageChange[] {
  const found = new Map<string, { change: Omit<PackageChange, 'architectures'>; architectures: string[] }>();
  const architectures = [...new Set([...Object.keys(one.architectures), ...Object.keys(other.architectures)])].sort();
  for (const architecture of architectures) {
    const [before, after] = [packagesOf(one, architecture), packagesOf(other, architecture)];
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const change = changeOf(name, before.get(name), after.get(name));
      if (change === undefined) continue;
      const key = JSON.stringify(change);
      const known = found.get(key);
      if (known === undefined) found.set(key, { change, architectures: [architecture] });
      else known.architectures.push(architecture);
    }
  }
  return [...found.values()]
    .map(({ change, architectures: those }) => ({ ...change, architectures: those }))
    .sort((a, b) => Number(b.security) - Number(a.security) || compareBytes(a.name, b.name));
}

/** Debian's own kind, or by name: derivatives and companies have such suites too. */
export function isSecuritySuite({ kind, suite }: Pick<LockedArchive, 'kind' | 'suite'>): boolean {
  return kind === 'debian-security' || /-security$/.test(suite);
}

function changeOf(
  name: string,
  before: Located | undefined,
  after: Located | undefined,
): Omit<PackageChange, 'architectures'> | undefined {
  const { archive } = after ?? before ?? {};
  if (archive === undefined || before?.locked.sha256 === after?.locked.sha256) return undefined;
  return {
    name,
    from: before?.locked.version,
    to: after?.locked.version,
    suite: archive.suite,
    security: after !== undefined && isSecuritySuite(archive),
  };
}

function packagesOf({ archives, architectures }: Lock, architecture: string): Map<string, Located> {
  const stages = architectures[architecture]?.stages ?? [];
  return new Map(
    stages
      .flatMap(({ packages }) => packages)
      .flatMap((locked) => {
        const archive = archives[locked.archive];
        return archive === undefined ? [] : [[packageName(locked, architecture), { locked, archive }] as const];
      }),
  );
}
