import type { DebconfAnswer } from './debconf.js';

/**
 * The profile as the program thinks in it: names resolved, `extends` merged, defaults filled in. What is read from YAML
 * has its own types, derived from the schema in `schema.ts`.
 */
export interface Profile {
  readonly name: string;
  readonly description: string;
  /** Where the text came from: a built-in name or a file path, for messages. */
  readonly origin: string;
  /** The suite that is used unless `--suite` says otherwise, for example `trixie`. */
  readonly suite: string;
  /** Debian architectures that it is made for, in order; none: whichever is asked for. */
  readonly architectures: readonly string[];
  /** Debian architectures whose packages may be installed beside those of the one that is built for, in order of preference. */
  readonly foreignArchitectures: readonly string[];
  /** In order; the first one is the profile's main archive, the one that `--mirror` speaks of. */
  readonly archives: readonly ArchiveSpec[];
  /** In order: of several that speak of a package in the same way, the first counts. A child's come before its parent's. */
  readonly pins: readonly Pin[];
  /** In order: a stage is resolved on top of the stages before it. */
  readonly stages: readonly Stage[];
  /** Undefined: `full` where dpkg is in the set, `container` otherwise. */
  readonly configure: ConfigureMode | undefined;
  /** Answers to questions of debconf, one for a question. */
  readonly debconf: readonly DebconfAnswer[];
  readonly accounts: Accounts;
  readonly paths: readonly PathMutation[];
  readonly environment: Readonly<Record<string, string>>;
  readonly image: ImageSettings;
  /** Globs as of dpkg's `path-exclude` (`*` also matches `/`), on absolute paths. */
  readonly excludePaths: readonly string[];
  /** Globs that bring back what `excludePaths` left out, as dpkg's `path-include`. */
  readonly includePaths: readonly string[];
  /** Packages of which the tree has some paths only; a child's come after its parent's. */
  readonly slices: readonly Slice[];
  /** What may be missing in the tree; a child's come after its parent's. */
  readonly accept: readonly AcceptedGap[];
  /** What no entry of the tree may be; none unless given. */
  readonly forbid?: readonly ('setuid' | 'setgid' | 'devices' | 'capabilities')[];
  /** What each profile of the chain adds by itself, the one that extends nothing first, this one last. */
  readonly levels: readonly ProfileLevel[];
}

/**
 * A profile's own part of itself and of what it extends. Its accounts are there from its first stage on, its changes to paths
 * come after its last one, so that what two profiles inherit from a third is the same in both.
 */
export interface ProfileLevel {
  readonly name: string;
  /** Names of its stages, in order. */
  readonly stages: readonly string[];
  readonly accounts: Pick<Accounts, 'users' | 'groups'>;
  readonly paths: readonly PathMutation[];
  readonly certificates: readonly TrustedCertificate[];
  readonly excludePaths: readonly string[];
  readonly includePaths: readonly string[];
  readonly slices: readonly Slice[];
}

/** What is kept of a package, beside its copyright file. */
export interface Slice {
  /** As dpkg names it: `libc6:i386` where that is foreign. */
  readonly package: string;
  /** Globs as of `excludePaths`. */
  readonly keep: readonly string[];
}

/** Something that files of the tree need, and that the profile leaves out on purpose. */
export interface AcceptedGap {
  /** A glob on the name of the missing thing, as `check` shows it: `libfoo.so.1`, `/bin/sh`. */
  readonly missing: string;
  /** A glob on the paths of the files that need it; undefined: all. */
  readonly path: string | undefined;
  readonly reason: string;
}

/** Which maintainer scripts are carried out: all; all, but units and the like are left out; none. */
type ConfigureMode = 'full' | 'container' | 'none';

export interface ArchiveSpec {
  /**
   * `trixie`, `trixie-security`; a profile may write `${suite}` and the loader leaves it for the command to fill in. One that
   * ends in `/` is the path of a flat archive below its URIs (sources.list(5)).
   */
  readonly suite: string;
  /** None for a flat archive. */
  readonly components: readonly string[];
  /**
   * Who may sign it: names of bundled keyrings (`debian-archive`), absolute paths, armoured key blocks, and fingerprints, which
   * pick keys out of the rest. None: what apt would take without Signed-By.
   */
  readonly keyrings: readonly string[];
  /** Whether it is read without a signature, because somebody said so by name. */
  readonly trusted: boolean;
  /** The architectures that it is read for; empty: all. */
  readonly architectures: readonly string[];
  /** What apt_preferences(5) calls a priority, in place of the one that the Release file leads to; pins go before it. */
  readonly priority: number | undefined;
  /** Explicit URIs; empty: the machine's apt sources for the suite, else Debian's official names. */
  readonly uris: readonly string[];
  /** The official place of this archive: `debian` (ftp.debian.org) or `debian-security` (security.debian.org). */
  readonly kind: 'debian' | 'debian-security' | 'other';
  /** Base suites for which this archive does not exist (`sid` has no updates and no security suite). */
  readonly notFor: readonly string[];
  /** Updates of the main archive, read only where the user asks for updates (`--updates`). */
  readonly updates: boolean;
  /** False only where the profile says so by name (`check-valid-until: false`). */
  readonly checkValidUntil: boolean;
  /** Who names it, for messages: `profile base`, `company.sources:1`. */
  readonly origin: string;
}

/**
 * An entry of apt_preferences(5): versions of these packages that match all of the conditions get a priority. Names and
 * conditions are globs, or extended regular expressions between slashes. With `packages` of `*` alone it is of the general form, which speaks of archives.
 */
export interface Pin {
  /** Names or globs; `src:` before one means source packages. */
  readonly packages: readonly string[];
  /** Suite or codename of the Release file, as in apt's `release NAME`. */
  readonly suite: string | undefined;
  readonly codename: string | undefined;
  readonly origin: string | undefined;
  readonly label: string | undefined;
  readonly component: string | undefined;
  /** Suite alone, apt's `a=`. */
  readonly archive: string | undefined;
  /** Version of the Release file, apt's `v=`. */
  readonly release: string | undefined;
  /** Of the index, apt's `b=`. */
  readonly architecture: string | undefined;
  /** Host of the archive's URL, apt's `origin "HOST"`; empty for a local archive. */
  readonly site: string | undefined;
  /** Of the package; then there is no other condition. */
  readonly version: string | undefined;
  /** Not 0; below it the version is never chosen. */
  readonly priority: number;
  readonly reason: string | undefined;
}

export interface Stage {
  readonly name: string;
  /** Relations in Debian's syntax: `libssl3t64 | libssl3`, `zlib1g (>= 1:1.2)`. Each must be satisfied. */
  readonly packages: readonly string[];
  /** Take every package with `Essential: yes`. */
  readonly essential: boolean;
  /** Take every package of these priorities, for example `required`. */
  readonly priorities: readonly string[];
  /** Follow Recommends of this stage's packages. */
  readonly recommends: boolean;
  readonly drops: readonly Drop[];
  /** Packages to prefer where an alternative or a virtual package leaves a choice. */
  readonly prefer: readonly string[];
}

/** A dependency that the profile leaves out on purpose. */
export interface Drop {
  readonly package: string;
  /** Only where this package asks for it; undefined: whoever asks. */
  readonly from: string | undefined;
  readonly reason: string;
}

/** Field names as in apko's image configuration, where the meaning is the same. */
export interface Accounts {
  readonly users: readonly User[];
  readonly groups: readonly Group[];
  readonly runAs: string | undefined;
}

export interface User {
  readonly username: string;
  readonly uid: number;
  readonly gid: number;
  readonly gecos: string;
  readonly homedir: string;
  readonly shell: string;
}

export interface Group {
  readonly groupname: string;
  readonly gid: number;
  readonly members: readonly string[];
}

interface PathBase {
  /** Absolute, normalised. */
  readonly path: string;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** Permission bits, for example 0o755; undefined: as it is, or the type's default. */
  readonly permissions: number | undefined;
}

export type PathMutation =
  | (PathBase & { readonly type: 'directory' | 'permissions'; readonly recursive: boolean })
  | (PathBase & { readonly type: 'empty-file' })
  /** `encoding`: of the content; UTF-8 where there is none. */
  | (PathBase & { readonly type: 'file'; readonly content: string; readonly encoding?: 'base64' })
  | (PathBase & { readonly type: 'hardlink' | 'symlink'; readonly source: string })
  /** Links in the directory `path` to the busybox at `source`, one for each of its applets that the tree lacks. */
  | (PathBase & { readonly type: 'busybox-applets'; readonly source: string });

/** How images of the profile are run, described and divided. Field names as in apko's image configuration. */
export interface ImageSettings {
  /** Undefined here and below: nothing is said, and what a base image says holds. */
  readonly entrypoint: readonly string[] | undefined;
  readonly cmd: readonly string[] | undefined;
  /** `SIGTERM`, or a number. */
  readonly stopSignal: string | undefined;
  readonly workDir: string | undefined;
  /** Absolute paths. */
  readonly volumes: readonly string[];
  /** `80/tcp` */
  readonly exposedPorts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** `URL@REVISION`, or without the revision. */
  readonly vcsUrl: string | undefined;
  readonly certificates: readonly TrustedCertificate[];
  readonly layering: Layering;
}

/** A certificate authority that programs shall trust. */
export interface TrustedCertificate {
  readonly name: string;
  readonly pem: string;
}

/** `stage`: a layer for each stage; `origin`: at most `budget` layers of packages, by source package, and one for the rest. */
export type Layering = { readonly strategy: 'stage' } | { readonly strategy: 'origin'; readonly budget: number };
