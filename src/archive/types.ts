import type { Paragraph } from '../formats/deb822.js';
import type { Alternatives } from '../formats/relation.js';
import type { ArchiveSpec } from '../profile/types.js';

/** One archive as it will be read: a suite at one or more mirrors, with the keys that may sign it. */
export interface ArchiveSource {
  readonly suite: string;
  readonly components: readonly string[];
  /** Base URLs without a trailing slash, tried in order: `http://ftp.debian.org/debian`, `file:///srv/mirror`. */
  readonly uris: readonly string[];
  /** Files with OpenPGP certificates, armoured or binary, or an armoured block itself; a signature by any is enough. */
  readonly keyrings: readonly string[];
  /** Fingerprints of the keys of the keyrings that count, as in apt's Signed-By; none: all do. */
  readonly signers: readonly string[];
  /** Whether it is read without a signature, and even without a Release file. */
  readonly trusted: boolean;
  /** A priority as in apt_preferences(5), in place of the one that the Release file leads to. */
  readonly priority: number | undefined;
  /** The time that dates and keys are judged at, seconds since the epoch, where it is not now: that of a snapshot. */
  readonly asOf: number | undefined;
  readonly checkValidUntil: boolean;
  /** The architectures that it is read for; none: all. */
  readonly architectures?: readonly string[];
  /** Where it was read from, for messages: `profile base`, `/etc/apt/sources.list.d/debian.sources:1`, `--mirror`. */
  readonly origin: string;
  /** What asked for it; of packages that were given as files nothing did. */
  readonly spec?: ArchiveSpec;
}

/** A verified Release file. Only the signed text is ever parsed. */
export interface Release {
  readonly source: ArchiveSource;
  /** The URL that it was fetched from, passwords masked. */
  readonly url: string;
  /** SHA-256 of the signed text's carrier (the InRelease file, or Release), hexadecimal. */
  readonly sha256: string;
  readonly origin: string;
  readonly label: string;
  readonly suite: string;
  readonly codename: string;
  readonly version: string;
  /** Seconds since the epoch. */
  readonly date: number;
  readonly validUntil: number | undefined;
  readonly architectures: readonly string[];
  readonly components: readonly string[];
  readonly acquireByHash: boolean;
  /** NotAutomatic and ButAutomaticUpgrades: how apt ranks what it brings. */
  readonly notAutomatic: boolean;
  readonly butAutomaticUpgrades: boolean;
  /** Whether `binary-all` holds the packages of architecture `all`, and `binary-<architecture>` does not. */
  readonly allPackagesApart: boolean;
  /** Path below `dists/<suite>/` to what the Release file promises of it. */
  readonly files: ReadonlyMap<string, Promise256>;
  /** Upper-case hexadecimal fingerprints of the primary keys whose signatures held. */
  readonly signedBy: readonly string[];
}

/** A promise about bytes: every download is checked against one before anything reads them. */
export interface Promise256 {
  readonly size: number;
  /** Hexadecimal, lower case. */
  readonly sha256: string;
}

/** A binary package of an archive: its stanza in Packages, read when somebody asks for it. */
export interface PackageRecord extends Promise256 {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly multiArch: 'no' | 'same' | 'foreign' | 'allowed';
  readonly essential: boolean;
  readonly priority: string;
  readonly depends: readonly Alternatives[];
  readonly preDepends: readonly Alternatives[];
  readonly recommends: readonly Alternatives[];
  readonly conflicts: readonly Alternatives[];
  readonly breaks: readonly Alternatives[];
  readonly replaces: readonly Alternatives[];
  readonly provides: readonly Alternatives[];
  readonly source: { readonly name: string; readonly version: string };
  /** Path below the archive's base URL. */
  readonly filename: string;
  /** In KiB, as the stanza has it; 0 where it has none. */
  readonly installedSize: number;
  readonly archive: ArchiveSource;
  stanza(): Paragraph;
}

/** What pins see of the place that an index comes from. */
export interface PackagePlace {
  readonly suite: string;
  readonly codename: string;
  readonly origin: string;
  readonly label: string;
  readonly component: string;
  /** The version that the Release file says, `13.1`. */
  readonly release: string;
  /** Of the index: `amd64`, `all`; empty for a flat archive. */
  readonly architecture: string;
  /** The host of the archive's URL; empty for a local one. */
  readonly site: string;
  /** Before any pin: 500, or what the Release file or the source says instead. */
  readonly priority: number;
  /** Whether somebody gave these packages as files: then they win over whatever archives have. */
  readonly local: boolean;
}

/** A version of a package, with all the places that have this very file. */
export interface PackageVersion {
  readonly record: PackageRecord;
  readonly places: readonly PackagePlace[];
  /** After pins; below 0 it is never chosen. */
  readonly priority: number;
}

/** What the solver asks of the indices of all archives of a build. */
export interface PackageUniverse {
  /** The architecture that is built for; `all` packages belong to it as well. */
  readonly architecture: string;
  /** Those whose packages may be there too, in order of preference; seldom any. */
  readonly foreignArchitectures: readonly string[];
  /**
   * The versions of a real package in the order in which apt would choose them (apt_preferences(5)): highest priority first,
   * then newest; archives given earlier win among equal versions. Those of a priority below 0 are left out.
   *
   * @param architecture a foreign one; else the one that is built for is meant
   */
  named(name: string, architecture?: string): readonly PackageRecord[];
  /** All versions of a real package, newest first, whatever their priority. */
  versions(name: string, architecture?: string): readonly PackageVersion[];
  /** All packages of any architecture whose Provides names `name`, ordered by name, then newest first. */
  providing(name: string): readonly PackageRecord[];
  /** Packages whose first choice has `Essential: yes`, ordered by name; none of a foreign architecture, as in apt. */
  essential(): readonly PackageRecord[];
  /** Packages whose first choice has a priority, ordered by name; none of a foreign architecture. */
  ofPriority(priority: string): readonly PackageRecord[];
  /**
   * Where the indices first speak of a name, as a package or in a relation field: any number that grows along them. It
   * settles what nothing else settles between the providers of a name, as in apt; without it their names do.
   */
  firstMention?(name: string): number;
  /** All names, real ones, for suggestions. */
  names(): Iterable<string>;
}

/** What a transfer tells while it runs. */
export type TransferEvent =
  | { readonly type: 'transfer-started'; readonly url: string; readonly bytes: number | undefined }
  /** `bytes` since the last such event of this URL. */
  | { readonly type: 'transfer-progress'; readonly url: string; readonly bytes: number }
  | { readonly type: 'transfer-finished'; readonly url: string; readonly fromStore: boolean }
  | { readonly type: 'transfer-retried'; readonly url: string; readonly attempt: number; readonly reason: string };
