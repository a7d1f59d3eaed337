import type { Owner } from '../../rootfs/types.js';

/** `spdx`: SPDX 2.3 JSON; `cyclonedx`: CycloneDX 1.6 JSON. */
export type SbomFormat = 'spdx' | 'cyclonedx';

/** What an SBOM says, whatever its format; nothing in it depends on where or when it is made. */
export interface SbomSubject {
  /** Of the root filesystem: `base-trixie-amd64`. */
  readonly name: string;
  readonly description: string;
  /** A Debian architecture. */
  readonly architecture: string;
  /** The build date in seconds since the epoch. */
  readonly epoch: number;
  readonly tool: { readonly name: string; readonly version: string };
  readonly system: OperatingSystem;
  /** In the order of the plan. */
  readonly packages: readonly SbomPackage[];
  readonly entries: readonly SbomEntry[];
  /** What it is of; undefined where the document is to be part of that. */
  readonly artifact: SbomArtifact | undefined;
  /** Of the whole: where its packages were chosen from. */
  readonly notes: readonly string[];
}

/** What was built, by what it is known by. */
export interface SbomArtifact {
  /** `image`: by its manifest; `tar`: by its bytes, uncompressed. */
  readonly type: 'image' | 'tar';
  readonly sha256: string;
}

/** The distribution, as os-release(5) in the tree names it. */
export interface OperatingSystem {
  /** `debian` */
  readonly id: string;
  /** `13`; a suite's name where the distribution has no number yet; undefined where nothing says. */
  readonly version: string | undefined;
  /** `Debian GNU/Linux 13 (trixie)` */
  readonly title: string;
}

export interface SbomPackage {
  /** As dpkg speaks of it; owners of entries have this name: `libc6`, `libc6:i386`. */
  readonly title: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly purl: string;
  readonly source: SbomSource;
  readonly maintainer: Maintainer | undefined;
  readonly homepage: string | undefined;
  /** The first line of its description. */
  readonly summary: string | undefined;
  /** Undefined where it came with an image that was built on. */
  readonly deb: SbomDeb | undefined;
  readonly licence: SbomLicence;
  /** What it needs of the others, each once. */
  readonly needs: readonly { readonly title: string; readonly relation: string }[];
  /** What was left out of it and why, and which of its scripts were not carried out to their end. */
  readonly notes: readonly string[];
}

interface SbomDeb {
  readonly sha256: string;
  readonly fileName: string;
  /** Undefined where it is known to nobody but who built. */
  readonly download: string | undefined;
}

export interface SbomSource {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
}

export interface Maintainer {
  readonly name: string;
  readonly email: string | undefined;
}

/** What a package's copyright file says. */
export interface SbomLicence {
  /** Of SPDX; undefined: nothing can be said, for `reason`. */
  readonly expression: string | undefined;
  readonly reason: string | undefined;
  /** The licences of the expression that SPDX does not list. */
  readonly unlisted: readonly ReferredLicence[];
}

export interface ReferredLicence {
  /** `LicenseRef-…` */
  readonly id: string;
  readonly name: string;
  readonly text: string | undefined;
}

/** A name of the tree that is no directory. */
export interface SbomEntry {
  /** Absolute. */
  readonly path: string;
  readonly owner: Owner;
  readonly what: FileDigests | EntryWithoutBytes;
}

/** A file; each name of one that has several is a file. */
export interface FileDigests {
  readonly type: 'file';
  readonly size: number;
  /** Hexadecimal. */
  readonly sha1: string;
  readonly sha256: string;
}

/** What has no bytes of its own. */
export type EntryWithoutBytes =
  | { readonly type: 'symlink'; readonly target: string }
  | { readonly type: 'char' | 'block'; readonly major: number; readonly minor: number }
  | { readonly type: 'fifo' };
