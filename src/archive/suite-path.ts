import type { ArchiveSource } from './types.js';

/** Where the suite's files lie: below `dists/`, or for a flat archive (a suite that ends in `/`) in the suite itself; '' is the base. */
export function suitePath(suite: string): string {
  return isFlat(suite) ? suite.replace(/^(?:\.?\/)+|\/+$/g, '') : `dists/${suite}`;
}

/** Whether a suite is the path of a flat archive (sources.list(5)). */
export function isFlat(suite: string): boolean {
  return suite.endsWith('/');
}

/** The directories below the suite in which the indices of an architecture lie, with a slash at the end; a flat archive has its index at the top. */
export function indexDirectories({ suite, components }: ArchiveSource, architecture: string): string[] {
  return isFlat(suite) ? [''] : components.map((component) => `${component}/binary-${architecture}/`);
}
