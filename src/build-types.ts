import type { Writable } from 'node:stream';
import type { SourcesText } from './archive/given-sources.js';
import type { PackageRecord, PackageUniverse, Release } from './archive/types.js';
import type { CheckedFinding, TreeReport } from './check/check-tree.js';
import type { Suggestion } from './check/suggest.js';
import type { Closing } from './closing.js';
import type { ScriptAudit } from './configure/audit.js';
import type { WrittenLayer } from './emit/oci/image.js';
import type { ImageFormat } from './emit/oci/output.js';
import type { SbomFormat } from './emit/sbom/types.js';
import type { WrittenSbom } from './emit/sbom/write.js';
import type { Limits } from './formats/limits.js';
import type { LayerCompression } from './formats/oci/media-types.js';
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
  /** What is there already, below the first stage; nothing unless given. */
  readonly installed?: readonly PackageRecord[];
  readonly cacheDir: string;
  /** Bytes that the cache may have at the end; absent: any. */
  readonly cacheLimit?: number;
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
  /** Whether stages that an earlier build has configured may be taken from the cache; true unless given. */
  readonly takeStages?: boolean;
  /** An image that the tree is laid over: where it lies, and what it is called. */
  readonly base?: BaseInput | undefined;
  /** `SOURCE_DATE_EPOCH` in seconds; undefined: the newest Release date. */
  readonly epoch: number | undefined;
}

/** What is checked: the tree that the profile gives, or what lies at a path. */
export interface CheckOptions extends TreeOptions {
  /** An artifact; undefined: the profile's tree, which is made and not written. */
  readonly path: string | undefined;
  /** What the artifact is for, where the user says so; undefined: what most of its programs are for. */
  readonly artifactArchitecture: string | undefined;
  /** Whether the suite is the one that the artifact says it is of. */
  readonly suiteOfArtifact: boolean;
  /** Globs of paths that the user left out of the profile's tree. */
  readonly excludePaths: readonly string[];
  /** Whether archives are asked what would supply what is missing. */
  readonly suggest: boolean;
  /** Whether the least that would close the tree is looked for; only where archives are asked. */
  readonly close: boolean;
}

export interface CheckReport extends TreeReport {
  /** What the tree is made of; undefined for an artifact. */
  readonly plan: Plan | undefined;
  /** What would supply what is missing, of the findings that are open. */
  readonly suggestions: ReadonlyMap<CheckedFinding, readonly Suggestion[]>;
  /** Undefined where nobody asked. */
  readonly closing: Closing | undefined;
}

/** An OCI layout, a tar of one, or what `docker save` writes. */
export interface BaseInput {
  readonly path: string;
  /** For annotations: a reference, or the file's name. */
  readonly name: string;
}

/** An image in a registry. */
export interface RemoteBase {
  /** `registry.example/team/app:1.0` */
  readonly reference: string;
  /** Speak http to a registry that has no https. */
  readonly insecure: boolean;
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
  /** Which SBOMs are written beside the output, and which into the tree; undefined: none. */
  readonly sbom?: { readonly beside: readonly SbomFormat[]; readonly inside: readonly SbomFormat[] };
  /** Whether SLSA provenance is written beside the output. */
  readonly provenance?: boolean;
  /** The URI of who builds, for provenance; undefined: this program on some machine. */
  readonly builder?: string | undefined;
  /** Whether a maintainer script that is not understood, or an open tree, ends the build. */
  readonly strict: boolean;
  /** Whether the tree is checked: what the profile itself broke ends the build, what else is missing is a warning. */
  readonly check: boolean;
  /** Whether the output may be the copy of one that was built before from the same; false unless given. */
  readonly reuse?: boolean;
  /** Where `-` goes. */
  readonly stdout: Writable;
}

/** Everything that a build of images is told. */
export interface ImageOptions extends Omit<BuildOptions, 'architecture' | 'format' | 'reuse' | 'base'> {
  /** An image that the tree is laid over. */
  readonly base: BaseInput | RemoteBase | undefined;
  /** Debian architecture names, at least one; several make an index. */
  readonly architectures: readonly string[];
  readonly format: ImageFormat;
  /** Whether all of it is one layer, whatever the profile says. */
  readonly squash: boolean;
  readonly layerCompression: LayerCompression;
  /** What the image is called where it is loaded, `localhost/base:trixie`. */
  readonly reference: string;
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
export type Step = 'archives' | 'solve' | 'fetch' | 'unpack' | 'tree' | 'configure' | 'check' | 'write';

export type BuildEvent =
  /** One of several images begins, with steps of its own. */
  | { readonly type: 'image-started'; readonly architecture: string }
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
  /** What is missing in the tree; undefined where nobody looked. */
  readonly check: Pick<TreeReport, 'closed' | 'kernel' | 'findings'> | undefined;
  readonly warnings: readonly string[];
  readonly output: {
    readonly path: string;
    readonly format: OutputFormat | ImageFormat;
    /** Size of the file; for a directory the sum of its files' contents. */
    readonly bytes: number;
    /** Of the file; for a directory of the tar that the same tree makes. */
    readonly sha256: string;
    /** Of the uncompressed tar. */
    readonly tarSha256: string;
    readonly entries: number;
  };
  /** Whether the output was built before and was copied; what is said of scripts and sizes is of then. */
  readonly reused: boolean;
  readonly sboms: readonly WrittenSbom[];
  /** Where it was asked for. */
  readonly provenance?: WrittenProvenance;
  readonly bytes: { readonly fetched: number; readonly fromStore: number; readonly unpacked: number };
  readonly seconds: Readonly<Record<Step, number>> & { readonly total: number };
}

/** What a build wrote of itself. */
export interface WrittenProvenance {
  readonly path: string;
  readonly sha256: string;
}

/** What a build of images tells at its end; `--json` as it is. */
export interface ImagesSummary {
  /** Of the index where there are several images, else of the image: what a registry would know it by. */
  readonly digest: string;
  readonly reference: string;
  readonly output: {
    readonly path: string;
    readonly format: ImageFormat;
    /** Size of the file; for a directory the sum of its blobs. */
    readonly bytes: number;
    /** Of the file; for a directory the digits of `digest`. */
    readonly sha256: string;
  };
  /** Where it was asked for. */
  readonly provenance?: WrittenProvenance;
  /** For each architecture, in the order in which they were given. */
  readonly images: readonly ImageSummary[];
}

/** An image for one architecture. */
export interface ImageSummary extends Omit<BuildSummary, 'output' | 'reused' | 'provenance'> {
  readonly digest: string;
  /** The lowest first, without those of a base. */
  readonly layers: readonly WrittenLayer[];
  readonly annotations: Readonly<Record<string, string>>;
  /** Entries of the layers. */
  readonly entries: number;
}
