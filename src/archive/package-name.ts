import type { PackageRecord } from './types.js';

/**
 * A package as dpkg and apt speak of it: by its name, and by name and architecture where it is of a foreign one. No two
 * packages that are installed together share this.
 *
 * @param native the architecture that is built for, which packages of architecture `all` count as
 */
export function packageName(
  { name, architecture }: Pick<PackageRecord, 'name' | 'architecture'>,
  native: string,
): string {
  return architecture === native || architecture === 'all' ? name : `${name}:${architecture}`;
}

/** The architecture that a package counts as: for `all` it is the one that is built for (dpkg's and apt's rule). */
export function architectureOf({ architecture }: PackageRecord, native: string): string {
  return architecture === 'all' ? native : architecture;
}
