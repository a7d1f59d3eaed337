import type { Writable } from 'node:stream';
import type { SourcesText } from './archive/given-sources.js';
import type { PackageUniverse, Release } from './archive/types.js';
import type { ScriptAudit } from './configure/audit.js';
import type { Limits } from './formats/limits.js';
import type { ArchiveSpec, Profile } from './profile/types.js';
import type { PackageChange } from './solve/lock/changes.js';
import type { Lock } from './solve/lock/types.js';
import type { Plan } from './solve/types.js';

/** How the output is written: an archive file or stream, or a directory. */
export type OutputFormat = 'tar' | 'tar.gz' | 'tar.xz' | 'tar.zst' | 'dir';

/** What chooses the packages; the command line fills it in once, nothing below looks at the environment. */
export interface PlanOptions {
  readonly profile: Profile;
  /** The base suite: the profile's own unless the user named another. */
  readonly suite: string;
  /** A Debian architecture name. */
  readonly architecture: string;
  /** Whether the archives that the profile marks as updates are read. */
  readonly updates: boolean;
  /** Base URLs that stand in for the profile's main archive; empty: profile, apt sources, official names. */
  readonly mirrors: readonly string[];
  /** Texts of sources.list(5) that replace the profile's archives; empty: the profile's. */
  readonly sources: readonly SourcesText[];
  /** Debian's archives as they were at a time, `20260701T000000Z`; undefined: as they are. */
  readonly snapshot: string | undefined;
  /** Relations to add to the last stage's packages. */
  readonly include: readonly string[];
  /** Paths of .deb files to add to the last stage's packages. */
  readonly localDebs: readonly string[];
  readonly cacheDir: string;
  readonly offline: boolean;
  /** Keyring files that replace the profile's. */
  readonly keyrings: readonly string[];
  /** Proxy settings and the like, as in the environment (`http_proxy`, `https_proxy`, `no_proxy`). */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Budgets that are others than usual (formats/limits.ts). */
  readonly limits?: Partial<Limits> | undefined;
  readonly signal: AbortSignal;
  readonly onEvent: (event: BuildEvent) => void;
}

/** What was chosen, and by what it was verified. */
export interface Chosen {
  readonly plan: Plan;
  /** Of the archives that were read, in order. */
  readonly releases: readonly Pick<Release, 'url' | 'suite' | 'codename' | 'date' | 'sha256' | 'signedBy'>[];
  /** What was read, suites filled in. */
  readonly archives: readonly ArchiveSpec[];
  /** Archives of the profile that were not read, since nobody asked for updates. */
  readonly unread: readonly ArchiveSpec[];
}

/** The same, and from what. */
export interface Planned extends Chosen {
  readonly universe: PackageUniverse;
}

/** A lock that is built from. */
export interface LockedInput {
  readonly lock: Lock;
  /** The file, for messages. */
  readonly origin: string;
  /** Base URLs that stand in for snapshot.debian.org; none: that itself. */
  readonly snapshotMirrors: readonly string[];
}

/** What a configured tree needs beyond its packages. */
export interface TreeOptions extends PlanOptions {
  /** Undefined: packages are chosen from what the archives have now. */
  readonly locked: LockedInput | undefined;
  /** Worker threads, and downloads at a time where that is more than the default; at least 1. */
  readonly jobs: number;
  /** Whether the tree after each stage is wanted, not just after the last one. */
  readonly keepStages?: boolean;
  /** `SOURCE_DATE_EPOCH` in seconds; undefined: the newest Release date. */
  readonly epoch: number | undefined;
}

export type AuditOptions = TreeOptions;

/** What became of the maintainer scripts of a profile's packages. */
export interface AuditReport {
  readonly chosen: Chosen;
  /** The build date in seconds since the epoch. */
  readonly epoch: number;
  /** In the order in which they ran. */
  readonly scripts: readonly ScriptAudit[];
}

/** Everything that a build is told. */
export interface BuildOptions extends TreeOptions {
  /** A path, or `-` for standard output (not with `dir`). */
  readonly output: string;
  readonly format: OutputFormat;
  readonly excludePaths: readonly string[];
  /** Whether a maintainer script that is not understood ends the build. */
  readonly strict: boolean;
  /** Where `-` goes. */
  readonly stdout: Writable;
}

/** What chooses the packages of a lock. */
export interface LockOptions extends Omit<PlanOptions, 'architecture'> {
  /** Debian architecture names, at least one. */
  readonly architectures: readonly string[];
  /** What `--profile` was given, as `LockedConfig` has it. */
  readonly from: string;
  /** Whether architectures may get different versions of a package. */
  readonly allowDifferences: boolean;
}

/** What is chosen anew of a lock. */
export interface UpdateOptions extends LockOptions {
  readonly previous: LockedInput;
  /** Take nothing but what archives of security updates have. */
  readonly securityOnly: boolean;
  /** Names of packages of the lock that may change, with what has to change with them; none: all. */
  readonly packages: readonly string[];
}

export interface Updated {
  readonly lock: Lock;
  readonly changes: readonly PackageChange[];
  /** Parts of the profile and the options that are not what the lock was made by. */
  readonly profile: readonly string[];
}

export interface FetchOptions extends Omit<PlanOptions, 'architecture'> {
  readonly architectures: readonly string[];
  readonly locked: LockedInput;
}

/** What a fetch did, in bytes of .debs. */
export interface FetchSummary {
  readonly architectures: readonly string[];
  /** Different .debs. */
  readonly packages: number;
  readonly bytes: { readonly fetched: number; readonly fromStore: number };
}

/** The steps of a build, in the order of the pipeline; fetching and unpacking overlap. */
export type Step = 'archives' | 'solve' | 'fetch' | 'unpack' | 'tree' | 'configure' | 'write';

export type BuildEvent =
  | { readonly type: 'step-started'; readonly step: Step }
  | { readonly type: 'step-finished'; readonly step: Step; readonly seconds: number }
  /** An index or Release file was read; for `--verbose`. */
  | { readonly type: 'note'; readonly text: string }
  /** Something that the user should know; shown unless `--quiet`, and in the summary. */
  | { readonly type: 'warning'; readonly text: string }
  /** The plan is known: totals for the bars. */
  | { readonly type: 'planned'; readonly packages: number; readonly fetchBytes: number; readonly unpackBytes: number }
  /** Bytes of .debs that arrived (or were found in the store) since the last such event. */
  | { readonly type: 'fetched'; readonly bytes: number }
  | { readonly type: 'package-fetched'; readonly name: string; readonly fromStore: boolean }
  /** `bytes`: the size of the unpacked data member. */
  | { readonly type: 'package-unpacked'; readonly name: string; readonly bytes: number }
  /** Bytes of the output (before compression) written since the last such event, of `total`. */
  | { readonly type: 'written'; readonly bytes: number; readonly total: number };

/** What a build tells at its end: the table on the terminal, and `--json` as it is (a stable, documented format). */
export interface BuildSummary {
  readonly profile: string;
  readonly suite: string;
  readonly architecture: string;
  /** The build date that all timestamps were clamped to, seconds since the epoch. */
  readonly epoch: number;
  readonly archives: readonly {
    readonly url: string;
    readonly suite: string;
    readonly date: string;
    readonly sha256: string;
    readonly signedBy: readonly string[];
  }[];
  /** Suites with updates that the profile names and that were not read. */
  readonly unread: readonly string[];
  readonly stages: readonly { readonly name: string; readonly packages: number; readonly bytes: number }[];
  /** In the order of the plan. `size`: the .deb; `bytes`: unpacked content. */
  readonly packages: readonly {
    readonly name: string;
    readonly version: string;
    readonly architecture: string;
    readonly stage: string;
    readonly size: number;
    readonly bytes: number;
    readonly sha256: string;
  }[];
  /** Packages with maintainer scripts that were not carried out to their end, with the scripts' names. */
  readonly notConfigured: readonly { readonly package: string; readonly scripts: readonly string[] }[];
  /** What became of each maintainer script, in the order in which they ran. */
  readonly scripts: readonly ScriptAudit[];
  readonly warnings: readonly string[];
  readonly output: {
    readonly path: string;
    readonly format: OutputFormat;
    /** Size of the file; for a directory the sum of its files' contents. */
    readonly bytes: number;
    /** Of the file; for a directory of the tar that the same tree makes. */
    readonly sha256: string;
    /** Of the uncompressed tar. */
    readonly tarSha256: string;
    readonly entries: number;
  };
  readonly bytes: { readonly fetched: number; readonly fromStore: number; readonly unpacked: number };
  readonly seconds: Readonly<Record<Step, number>> & { readonly total: number };
}
