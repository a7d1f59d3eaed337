import type { Reason } from '../types.js';

/**
 * A plan written down: for each architecture the exact packages of a profile, and what they were verified by. It names no
 * mirror, so that the same archive gives the same lock on every machine. The file has a digest of all this beside it.
 */
export interface Lock {
  readonly version: 1;
  readonly config: LockedConfig;
  /** Release files that packages were verified by, in the order of the profile's archives. */
  readonly archives: readonly LockedArchive[];
  /** By Debian's names. */
  readonly architectures: Readonly<Record<string, LockedArchitecture>>;
}

/** What the packages were chosen by. */
export interface LockedConfig {
  /** The profile's name. */
  readonly profile: string;
  /** A built-in profile's name, or the file's path relative to the lock's directory. */
  readonly from: string;
  readonly suite: string;
  readonly updates: boolean;
  /** The time of a snapshot, as in `--snapshot`. */
  readonly snapshot?: string | undefined;
  /** Relations that were added to the last stage. */
  readonly include: readonly string[];
  /** SHA-256 over all that decides on packages and tree. */
  readonly checksum: string;
  /** The start of a SHA-256 of each part of it, so that a change can be named. */
  readonly parts: Readonly<Record<string, string>>;
}

/** A Release file. */
export interface LockedArchive {
  /** Which of the archives that the profile, or `--sources`, names: 0 for the first. */
  readonly position: number;
  readonly suite: string;
  readonly codename: string;
  readonly kind: 'debian' | 'debian-security' | 'other';
  /** ISO 8601, UTC. */
  readonly date: string;
  /** Of InRelease, or of Release where the signature is apart. */
  readonly sha256: string;
  /** Upper-case fingerprints of the primary keys whose signatures held. */
  readonly signedBy: readonly string[];
}

export interface LockedArchitecture {
  /** Which of `archives` were read for it. */
  readonly archives: readonly number[];
  readonly stages: readonly LockedStage[];
}

interface LockedStage {
  readonly name: string;
  /** In the order in which dpkg would configure them. */
  readonly packages: readonly LockedPackage[];
}

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: { readonly name: string; readonly version: string };
  /** Which of `archives` promises it. */
  readonly archive: number;
  /** Below the archive's base URL. */
  readonly path: string;
  /** Of the .deb in bytes. */
  readonly size: number;
  readonly sha256: string;
  /** In KiB, as the index has it. */
  readonly installedSize: number;
  readonly reason: Reason;
}
