import { join } from 'node:path';

/**
 * What lies below the cache directory, by kind: the one place that says where entries are and in which version of their
 * format. A kind that is added here is listed, pruned and verified once `cache/kinds.ts` says how it is checked, and not
 * otherwise removed. Whoever changes the format of a kind gives it another suffix: entries of the old one then count as
 * leftovers.
 */
export const LAYOUT = {
  /** Verified downloads by their SHA-256: .deb files, packed indices, Release files. */
  downloads: { directory: 'sha256', fanOut: true, suffix: '' },
  /** What .deb files unpack to, by the SHA-256 of the .deb. */
  unpacked: { directory: 'unpacked', fanOut: false, suffix: '-v2' },
  /** What stages of builds left, configured, by a digest of all that they depend on. */
  stages: { directory: 'stages', fanOut: false, suffix: '-v1' },
  /** What builds came to, by a digest of all that they depend on. */
  builds: { directory: 'built', fanOut: false, suffix: '-v3' },
  /** Their outputs, by SHA-256. */
  outputs: { directory: 'outputs', fanOut: false, suffix: '' },
  /** Decompressed indices with tables, by the SHA-256 of the packed one. */
  indices: { directory: 'indices', fanOut: false, suffix: '-v3' },
  /** Which signatures held, by a digest of all that was asked. */
  verified: { directory: 'verified', fanOut: false, suffix: '-v2' },
  /** The newest Release file of each suite that was seen: what a replay is told by. */
  releases: { directory: 'releases', fanOut: false, suffix: '.json' },
} as const satisfies Readonly<Record<string, KindLayout>>;

interface KindLayout {
  /** Below the cache directory. */
  readonly directory: string;
  /** Whether entries lie in directories that are named after their first two digits. */
  readonly fanOut: boolean;
  /** What follows the key in the name of a file. */
  readonly suffix: string;
}

export type KindName = keyof typeof LAYOUT;

/** The path of an entry. @param key 64 hexadecimal digits */
export function entryPath(cacheDir: string, kind: KindName, key: string): string {
  const { directory, fanOut, suffix } = LAYOUT[kind];
  return join(cacheDir, directory, ...(fanOut ? [key.slice(0, 2)] : []), `${key}${suffix}`);
}
