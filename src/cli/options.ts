import { availableParallelism, endianness } from 'node:os';
import type { SbomFormat } from '../emit/sbom/types.js';
import { ARCHITECTURES, architectureInfo, hostArchitecture } from '../formats/architecture.js';
import { KoalaError } from '../formats/errors.js';
import { formatPackageRequest, parsePackageRequests } from '../formats/request.js';
import { didYouMean, nearest } from '../profile/nearest.js';

const WHAT = 'What to build:';
const WHERE = 'Where from:';
const OUTPUT = 'Output:';
const RUNNING = 'Running:';
const ENTRIES = 'Which entries:';
const MAX_JOBS = 1024;
/** The last one wins, so that a script's options can be overridden behind them; yargs makes a list of them. */
const last = <Value>(given: Value | readonly Value[] | undefined): Value | undefined => {
  return Array.isArray(given) ? (given.at(-1) as Value) : (given as Value | undefined);
};
const TEXT = { type: 'string', requiresArg: true, coerce: last<string> } as const;
const FLAG = { type: 'boolean', coerce: last<boolean> } as const;
const LIST = { type: 'string', array: true, requiresArg: true } as const;

/** What commands have that fetch packages, or read profiles. */
const STORE_OPTIONS = {
  'cache-dir': { ...TEXT, group: WHERE, describe: 'Directory that keeps downloads [XDG cache]' },
  'cache-limit': { ...TEXT, group: WHERE, describe: 'Size that it is kept to: 500M, 2GiB, none [10G]' },
  offline: { ...FLAG, group: WHERE, describe: 'Use nothing but what the cache has' },
  'allow-path': { ...LIST, group: WHERE, describe: 'DIR whose files a profile may name too (repeatable)' },
  limit: { ...LIST, group: WHERE, describe: 'Set a budget, NAME=VALUE (repeatable; see build --help)' },
} as const;

/** What all commands that choose packages have, in the groups and the order of their help. */
const CHOICE_OPTIONS = {
  profile: { ...TEXT, alias: 'p', group: WHAT, describe: 'Built-in profile, or a YAML file (with / or .yaml)' },
  suite: { ...TEXT, alias: 's', group: WHAT, describe: "Suite, such as trixie [the profile's]" },
  arch: { ...TEXT, alias: 'a', group: WHAT, describe: "Debian architecture, such as arm64 [the machine's]" },
  include: { ...LIST, group: WHAT, describe: 'More packages, PKG or FILE.deb,... (repeatable)' },
  mirror: { ...LIST, alias: 'm', group: WHERE, describe: 'URL or directory of the main archive (repeatable)' },
  updates: { ...FLAG, group: WHERE, describe: "Read the suite's updates and security archives too" },
  sources: { ...LIST, group: WHERE, describe: "File of apt sources, or -, not the profile's (repeatable)" },
  snapshot: { ...TEXT, group: WHERE, describe: 'Debian as it was at a time: 20260701T000000Z' },
  keyring: { ...LIST, group: WHERE, describe: "File of OpenPGP certificates, not the profile's (repeatable)" },
  ...STORE_OPTIONS,
} as const;

const JOBS_OPTION = {
  jobs: { ...TEXT, alias: 'j', group: RUNNING, describe: 'Worker threads [one per core]' },
} as const;

const TALK_OPTIONS = {
  quiet: { ...FLAG, alias: 'q', group: RUNNING, describe: 'Show nothing but errors' },
  verbose: { ...FLAG, alias: 'v', group: RUNNING, describe: 'Show every package and note' },
} as const;

/** What commands have that read a lock in place of the archives. */
const LOCKED_OPTIONS = {
  lock: { ...TEXT, group: WHERE, describe: 'Lock file: what it names, and no index is read' },
  'snapshot-mirror': { ...LIST, group: WHERE, describe: 'URL for snapshot.debian.org, where a lock needs it' },
} as const;

const ARCHITECTURES_OPTION = { ...LIST, alias: 'a', group: WHAT } as const;

const EXCLUDE_PATH = { ...LIST, group: WHAT, describe: "Leave out paths by a GLOB like dpkg's (repeatable)" } as const;

/** What only images have. */
const IMAGE_OPTIONS = {
  base: { ...TEXT, group: WHAT, describe: 'Images: build on this one, a layout, a tar or a REF' },
  squash: { ...FLAG, group: OUTPUT, describe: 'Images: one layer, not one for each stage' },
  'layer-compression': { ...TEXT, group: OUTPUT, describe: 'Images: gz, zst or none [gz]' },
  tag: { ...TEXT, group: OUTPUT, describe: 'Images: NAME:TAG to load it as [localhost/PROFILE:SUITE]' },
} as const;

/** The options of `build`. */
export const BUILD_OPTIONS = {
  ...CHOICE_OPTIONS,
  ...LOCKED_OPTIONS,
  'exclude-path': EXCLUDE_PATH,
  arch: { ...ARCHITECTURES_OPTION, describe: "Debian architectures, ARCH,...; several for images [the machine's]" },
  output: { ...TEXT, alias: 'o', group: OUTPUT, describe: 'File, directory/ or - [PROFILE-SUITE-ARCH.tar]' },
  format: {
    ...TEXT,
    group: OUTPUT,
    describe: "tar, tar.gz, tar.xz, tar.zst, dir, oci, docker [by the output's ending]",
  },
  ...IMAGE_OPTIONS,
  sbom: { ...LIST, group: OUTPUT, describe: 'SBOMs beside the output: spdx,cyclonedx' },
  'sbom-in-image': { ...LIST, group: OUTPUT, describe: 'SBOMs in its /usr/share/sbom: spdx,cyclonedx' },
  provenance: { ...FLAG, group: OUTPUT, describe: 'Write OUTPUT.provenance.json: SLSA, for sign' },
  builder: { ...TEXT, group: OUTPUT, describe: 'URI of who builds, for --provenance [this program]' },
  json: { ...FLAG, group: OUTPUT, describe: 'Print a summary in JSON on standard output' },
  'no-check': { ...FLAG, group: RUNNING, describe: 'Do not look for what is missing in the tree' },
  strict: { ...FLAG, group: RUNNING, describe: 'Fail where a script is not understood, or the tree is open' },
  rebuild: { ...FLAG, group: RUNNING, describe: 'Build anew even where the cache has the same output' },
  ...JOBS_OPTION,
  ...TALK_OPTIONS,
} as const;

const INSECURE_OPTION = {
  insecure: { ...FLAG, group: RUNNING, describe: 'Speak http to a registry that has no https' },
} as const;

const { format: _, tag: __, rebuild: ___, provenance: ____, builder: _____, ...BUILT_TO_PUBLISH } = BUILD_OPTIONS;

/** The options of `publish`: of a build all but those that say how it is written, and its own. */
export const PUBLISH_OPTIONS = {
  image: { ...TEXT, group: WHAT, describe: 'OCI layout that is there (a directory or a tar), and no build' },
  ...BUILT_TO_PUBLISH,
  output: { ...BUILD_OPTIONS.output, describe: 'Keep the image too: NAME.oci, .oci.tar or .docker.tar' },
  'image-refs': { ...TEXT, group: OUTPUT, describe: 'File for the names of all images by their digests' },
  json: { ...FLAG, group: OUTPUT, describe: 'Print in JSON what was done' },
  ...INSECURE_OPTION,
} as const;

/** The options of `login`. */
export const LOGIN_OPTIONS = {
  username: { ...TEXT, alias: 'u', group: WHAT, describe: 'Who you are there' },
  'password-stdin': { ...FLAG, group: WHAT, describe: 'Read the password or token from standard input' },
  ...INSECURE_OPTION,
} as const;

/** The options of `logout`. */
export const LOGOUT_OPTIONS = {} as const;

/** What stands in for a profile where only packages are asked for. */
const PACKAGES_OPTIONS = {
  packages: { ...LIST, group: WHAT, describe: 'No profile: PKG,... of a suite of Debian (repeatable)' },
  components: { ...LIST, group: WHAT, describe: 'Components for --packages, NAME,... [main]' },
} as const;

/** The options of `plan`. */
export const PLAN_OPTIONS = {
  ...CHOICE_OPTIONS,
  ...PACKAGES_OPTIONS,
  format: { ...TEXT, group: OUTPUT, describe: 'table, tree, json, dot, names [table]' },
  tree: { ...FLAG, group: OUTPUT, describe: 'The same as --format tree' },
  json: { ...FLAG, group: OUTPUT, describe: 'The same as --format json' },
  dot: { ...FLAG, group: OUTPUT, describe: 'The same as --format dot, for graphviz' },
  ...TALK_OPTIONS,
} as const;

/** The options of `why`. */
export const WHY_OPTIONS = {
  ...CHOICE_OPTIONS,
  ...PACKAGES_OPTIONS,
  ...LOCKED_OPTIONS,
  all: { ...FLAG, group: OUTPUT, describe: 'Show more than the five shortest chains' },
  json: { ...FLAG, group: OUTPUT, describe: 'Print them in JSON' },
  ...JOBS_OPTION,
  ...TALK_OPTIONS,
} as const;

/** The options of `audit`. */
export const AUDIT_OPTIONS = {
  ...CHOICE_OPTIONS,
  ...PACKAGES_OPTIONS,
  json: { ...FLAG, group: OUTPUT, describe: 'Print it in JSON' },
  strict: { ...FLAG, group: RUNNING, describe: 'Fail where a script is not understood' },
  ...JOBS_OPTION,
  ...TALK_OPTIONS,
} as const;

/** The options of `lock`. */
export const LOCK_OPTIONS = {
  ...CHOICE_OPTIONS,
  arch: { ...ARCHITECTURES_OPTION, describe: "Architectures, ARCH,... (repeatable) [the profile's]" },
  'allow-differences': { ...FLAG, group: WHAT, describe: 'Architectures may have different versions' },
  output: { ...TEXT, alias: 'o', group: OUTPUT, describe: 'File or - [PROFILE.lock.json]' },
  ...TALK_OPTIONS,
} as const;

/** The options of `fetch`. */
export const FETCH_OPTIONS = {
  ...LOCKED_OPTIONS,
  profile: { ...CHOICE_OPTIONS.profile, describe: "Built-in profile or YAML file [the lock's]" },
  arch: { ...ARCHITECTURES_OPTION, describe: "Architectures, ARCH,... (repeatable) [the lock's]" },
  mirror: CHOICE_OPTIONS.mirror,
  sources: CHOICE_OPTIONS.sources,
  ...STORE_OPTIONS,
  json: { ...FLAG, group: OUTPUT, describe: 'Print a summary in JSON' },
  ...TALK_OPTIONS,
} as const;

/** The options of `update`. */
export const UPDATE_OPTIONS = {
  lock: { ...TEXT, group: WHAT, describe: 'Lock file [the one that is here]' },
  check: { ...FLAG, group: WHAT, describe: 'Write nothing; end with 3 if something is newer' },
  'security-only': { ...FLAG, group: WHAT, describe: 'Take nothing but security updates' },
  package: { ...LIST, group: WHAT, describe: 'Only these, PKG,..., and what they need (repeatable)' },
  profile: { ...CHOICE_OPTIONS.profile, describe: "Built-in profile or YAML file [the lock's]" },
  arch: { ...ARCHITECTURES_OPTION, describe: "Architectures, ARCH,... (repeatable) [the lock's]" },
  'allow-differences': LOCK_OPTIONS['allow-differences'],
  mirror: CHOICE_OPTIONS.mirror,
  sources: CHOICE_OPTIONS.sources,
  snapshot: CHOICE_OPTIONS.snapshot,
  'snapshot-mirror': LOCKED_OPTIONS['snapshot-mirror'],
  keyring: CHOICE_OPTIONS.keyring,
  ...STORE_OPTIONS,
  json: { ...FLAG, group: OUTPUT, describe: 'Print the changes in JSON' },
  ...TALK_OPTIONS,
} as const;

/** The options of `diff`. */
export const DIFF_OPTIONS = {
  times: { ...FLAG, group: OUTPUT, describe: "Compare files' times too" },
  check: { ...FLAG, group: OUTPUT, describe: 'End with 3 if they differ' },
  json: { ...FLAG, group: OUTPUT, describe: 'Print the differences in JSON' },
  suite: { ...CHOICE_OPTIONS.suite, describe: "Of profiles: the suite, such as trixie [the profile's]" },
  arch: { ...ARCHITECTURES_OPTION, describe: 'Of profiles and images: architectures (repeatable)' },
  mirror: CHOICE_OPTIONS.mirror,
  updates: CHOICE_OPTIONS.updates,
  sources: CHOICE_OPTIONS.sources,
  snapshot: CHOICE_OPTIONS.snapshot,
  keyring: CHOICE_OPTIONS.keyring,
  ...STORE_OPTIONS,
  ...TALK_OPTIONS,
} as const;

/** The options of `check`. */
export const CHECK_OPTIONS = {
  ...CHOICE_OPTIONS,
  ...PACKAGES_OPTIONS,
  'exclude-path': EXCLUDE_PATH,
  json: { ...FLAG, group: OUTPUT, describe: 'Print it in JSON' },
  fix: { ...FLAG, group: OUTPUT, describe: 'Print the lines of a profile that would close the tree' },
  'no-suggest': { ...FLAG, group: RUNNING, describe: 'Do not ask archives what would supply what is missing' },
  ...JOBS_OPTION,
  ...TALK_OPTIONS,
} as const;

/** The options of `cache`. */
export const CACHE_OPTIONS = {
  kind: { ...LIST, group: ENTRIES, describe: 'ls, prune: KIND,..., as ls shows them (repeatable)' },
  'max-size': { ...TEXT, group: ENTRIES, describe: 'prune: least recently used first, down to 2G' },
  'older-than': { ...TEXT, group: ENTRIES, describe: 'prune: what nobody used for 30d' },
  all: { ...FLAG, group: ENTRIES, describe: 'prune: everything that no running build uses' },
  'dry-run': { ...FLAG, group: ENTRIES, describe: 'prune: show what would go' },
  'cache-dir': STORE_OPTIONS['cache-dir'],
  'cache-limit': STORE_OPTIONS['cache-limit'],
  sort: { ...TEXT, group: OUTPUT, describe: 'ls: kind, name, size, used [kind]' },
  json: { ...FLAG, group: OUTPUT, describe: 'ls, prune, verify: print it in JSON' },
  jobs: { ...JOBS_OPTION.jobs, describe: 'verify: threads [one per core]' },
  ...TALK_OPTIONS,
} as const;

/** The options of `show-config`. */
export const SHOW_CONFIG_OPTIONS = {
  profile: CHOICE_OPTIONS.profile,
  json: { ...FLAG, group: OUTPUT, describe: 'Print it in JSON' },
} as const;

const SIGNING = 'Signatures:';
const REBUILDING = 'Building it anew:';

/** The options of `sign`. */
export const SIGN_OPTIONS = {
  key: { ...TEXT, alias: 'k', group: SIGNING, describe: 'Private key: PEM, PKCS#8, or as cosign writes it' },
  attest: { ...LIST, group: SIGNING, describe: 'SBOM or in-toto statement (repeatable) [what lies beside]' },
  scheme: { ...LIST, group: SIGNING, describe: 'Of images: referrers, tag [both]' },
  json: { ...FLAG, group: OUTPUT, describe: 'Print what was signed in JSON' },
  ...INSECURE_OPTION,
  ...TALK_OPTIONS,
} as const;

/** The options of `verify`. */
export const VERIFY_OPTIONS = {
  key: { ...TEXT, alias: 'k', group: SIGNING, describe: 'Public key in PEM' },
  require: { ...LIST, group: SIGNING, describe: 'Attestations that must be there: spdx, provenance, ...' },
  reproduce: { ...FLAG, group: REBUILDING, describe: 'Build it anew from --lock and compare each byte' },
  lock: { ...LOCKED_OPTIONS.lock, group: REBUILDING },
  profile: { ...CHOICE_OPTIONS.profile, group: REBUILDING, describe: "Built-in profile or YAML file [the lock's]" },
  arch: {
    ...ARCHITECTURES_OPTION,
    group: REBUILDING,
    describe: "Of a tar: its architecture [the lock's, or the machine's]",
  },
  'exclude-path': { ...BUILD_OPTIONS['exclude-path'], group: REBUILDING, describe: 'As it was built (repeatable)' },
  'sbom-in-image': { ...BUILD_OPTIONS['sbom-in-image'], group: REBUILDING, describe: 'As it was built' },
  base: { ...IMAGE_OPTIONS.base, group: REBUILDING, describe: 'As it was built' },
  squash: { ...IMAGE_OPTIONS.squash, group: REBUILDING, describe: 'As it was built' },
  mirror: CHOICE_OPTIONS.mirror,
  sources: CHOICE_OPTIONS.sources,
  'snapshot-mirror': LOCKED_OPTIONS['snapshot-mirror'],
  ...STORE_OPTIONS,
  json: { ...FLAG, group: OUTPUT, describe: 'Print what holds in JSON' },
  ...INSECURE_OPTION,
  ...JOBS_OPTION,
  ...TALK_OPTIONS,
} as const;

/** The options of `profiles`. */
export const PROFILES_OPTIONS = {
  json: { ...FLAG, group: OUTPUT, describe: 'Print them in JSON' },
} as const;

/** `--jobs`: a whole number of threads; as many as the process may use cores, if it is not given. */
export function jobsOf(text: string | undefined): number {
  if (text === undefined) return availableParallelism();
  const jobs = /^[0-9]+$/.test(text) ? Number(text) : 0;
  if (jobs >= 1 && jobs <= MAX_JOBS) return jobs;
  throw new KoalaError('usage', `cannot run ${JSON.stringify(text)} jobs: --jobs takes a number from 1 to ${MAX_JOBS}`);
}

/** `--arch`, checked; the machine's own architecture if it is not given. */
export function architectureOf(text: string | undefined): string {
  const name = text ?? hostArchitecture(process.arch, endianness());
  if (name === undefined) {
    throw new KoalaError('usage', `cannot tell what Debian calls this machine (${process.arch}): give --arch`);
  }
  const names = ARCHITECTURES.map((one) => one.name);
  if (names.includes(name)) return architectureInfo(name).name;
  const similar = nearest(name, names);
  throw new KoalaError('usage', `cannot build for the architecture ${JSON.stringify(name)}: it is not known`, {
    hint: `${similar === undefined ? '' : `did you mean ${similar}? `}known are ${names.join(', ')}`,
  });
}

/** What comma lists name that an option has which can be repeated. */
export function listedNames(lists: readonly string[]): string[] {
  return lists.flatMap((list) => list.split(',')).map((name) => name.trim());
}

/** `--arch` where it can be repeated and hold several, checked; `otherwise` if it is not given, or the machine's own. */
export function architecturesOf(lists: readonly string[], otherwise: readonly string[]): string[] {
  const given = listedNames(lists);
  const names = given.length > 0 ? given : otherwise;
  return names.length === 0 ? [architectureOf(undefined)] : [...new Set(names.map(architectureOf))];
}

/** `--suite`: what may stand in a URL between `dists/` and the next file. */
export function suiteOf(text: string): string {
  if (/^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9+./_-]*$/.test(text)) return text;
  throw new KoalaError('usage', `cannot use ${JSON.stringify(text)} as the name of a suite`);
}

/** `--include`: comma lists in which each entry is a path of a .deb, or what `parsePackageRequests` reads. */
export function includesOf(lists: readonly string[]): { include: string[]; localDebs: string[] } {
  const isDeb = (entry: string): boolean => /\/.*\.deb\s*$/.test(entry);
  const include: string[] = [];
  const localDebs: string[] = [];
  for (const list of lists) {
    const entries = list.split(',');
    localDebs.push(...entries.filter(isDeb).map((entry) => entry.trim()));
    const others = entries.filter((entry) => !isDeb(entry)).join(',');
    if (others !== '') include.push(...packagesOf(others, '--include'));
  }
  return { include, localDebs };
}

/** A comma list of packages. */
export function packagesOf(list: string, option: string): string[] {
  try {
    return parsePackageRequests(list, option).map(formatPackageRequest);
  } catch (error) {
    throw new KoalaError('usage', `cannot use ${option} ${JSON.stringify(list)}: it is no list of packages`, {
      hint: 'write names with commas between them, each as in Depends: "jq, zlib1g (>= 1:1.2)"',
      cause: error,
    });
  }
}

/** `--components`, comma lists of what may stand in a path below `dists/`. */
export function componentsOf(lists: readonly string[]): string[] {
  const names = listedNames(lists);
  const wrong = names.find((name) => !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name));
  if (wrong === undefined) return names;
  throw new KoalaError('usage', `cannot use ${JSON.stringify(wrong)} as the name of a component`);
}

/** `--exclude-path`: globs on absolute paths. */
export function excludePathsOf(globs: readonly string[]): readonly string[] {
  const wrong = globs.find((glob) => !/^[/*]/.test(glob));
  if (wrong === undefined) return globs;
  throw new KoalaError('usage', `cannot use --exclude-path ${JSON.stringify(wrong)}: it would match no path`, {
    hint: 'begin it with / or *',
  });
}

const SBOM_FORMATS = ['spdx', 'cyclonedx'] as const;

/** `--sbom` and `--sbom-in-image`, comma lists, each format once and in one order whatever theirs is. */
export function sbomFormatsOf(lists: readonly string[], option: string): SbomFormat[] {
  const given = listedNames(lists);
  const wrong = given.find((name) => !SBOM_FORMATS.some((format) => format === name));
  if (wrong === undefined) return SBOM_FORMATS.filter((format) => given.includes(format));
  throw new KoalaError('usage', `cannot write the SBOM ${JSON.stringify(wrong)}${didYouMean(wrong, SBOM_FORMATS)}`, {
    hint: `${option} takes ${SBOM_FORMATS.join(', ')}`,
  });
}

/** `SOURCE_DATE_EPOCH` (reproducible-builds.org/specs/source-date-epoch): whole seconds; empty counts as not set. */
export function epochOf(environment: Readonly<Record<string, string | undefined>>): number | undefined {
  const text = environment['SOURCE_DATE_EPOCH'];
  if (text === undefined || text === '') return undefined;
  // Eleven digits reach to the year 5138, and fit the 12 octal digits of ustar's mtime.
  if (/^[0-9]{1,11}$/.test(text) && Number(text) < 8 ** 11) return Number(text);
  throw new KoalaError('usage', `cannot use SOURCE_DATE_EPOCH=${JSON.stringify(text)}: it must be seconds since 1970`);
}
