import { availableParallelism, endianness } from 'node:os';
import { ARCHITECTURES, architectureInfo, hostArchitecture } from '../formats/architecture.js';
import { KoalaError } from '../formats/errors.js';
import { formatAlternatives, parseRelations } from '../formats/relation.js';
import { nearest } from '../profile/nearest.js';

const WHAT = 'What to build:';
const WHERE = 'Where from:';
const OUTPUT = 'Output:';
const RUNNING = 'Running:';
const MAX_JOBS = 1024;
/** The last one wins, so that a script's options can be overridden behind them; yargs makes a list of them. */
const last = <Value>(given: Value | readonly Value[] | undefined): Value | undefined => {
  return Array.isArray(given) ? (given.at(-1) as Value) : (given as Value | undefined);
};
const TEXT = { type: 'string', requiresArg: true, coerce: last<string> } as const;
const FLAG = { type: 'boolean', coerce: last<boolean> } as const;
const LIST = { type: 'string', array: true, requiresArg: true } as const;

/** The options of `build`, in the groups and the order of its help. */
export const BUILD_OPTIONS = {
  profile: { ...TEXT, alias: 'p', group: WHAT, describe: 'Built-in profile, or a YAML file (with / or .yaml)' },
  suite: { ...TEXT, alias: 's', group: WHAT, describe: "Suite, such as trixie [the profile's]" },
  arch: { ...TEXT, alias: 'a', group: WHAT, describe: "Debian architecture, such as arm64 [the machine's]" },
  include: { ...LIST, group: WHAT, describe: 'More packages, PKG,... (repeatable)' },
  'exclude-path': { ...LIST, group: WHAT, describe: "Leave out paths by a GLOB like dpkg's (repeatable)" },
  mirror: { ...LIST, alias: 'm', group: WHERE, describe: 'URL or directory of the main archive (repeatable)' },
  updates: { ...FLAG, group: WHERE, describe: "Read the suite's updates and security archives too" },
  keyring: { ...LIST, group: WHERE, describe: "File of OpenPGP certificates, not the profile's (repeatable)" },
  'cache-dir': { ...TEXT, group: WHERE, describe: 'Directory that keeps downloads [XDG cache]' },
  offline: { ...FLAG, group: WHERE, describe: 'Use nothing but what the cache has' },
  output: { ...TEXT, alias: 'o', group: OUTPUT, describe: 'File, directory/ or - [PROFILE-SUITE-ARCH.tar]' },
  format: { ...TEXT, group: OUTPUT, describe: "tar, tar.gz, tar.xz, tar.zst, dir [by the output's ending]" },
  json: { ...FLAG, group: OUTPUT, describe: 'Print a summary in JSON on standard output' },
  jobs: { ...TEXT, alias: 'j', group: RUNNING, describe: 'Worker threads [one per core]' },
  quiet: { ...FLAG, alias: 'q', group: RUNNING, describe: 'Show nothing but errors' },
  verbose: { ...FLAG, alias: 'v', group: RUNNING, describe: 'Show every package and note' },
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

/** `--suite`: what may stand in a URL between `dists/` and the next file. */
export function suiteOf(text: string): string {
  if (/^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9+./_-]*$/.test(text)) return text;
  throw new KoalaError('usage', `cannot use ${JSON.stringify(text)} as the name of a suite`);
}

/** `--include`, comma lists in which each entry is a relation as in Depends. */
export function includesOf(lists: readonly string[]): string[] {
  return lists.flatMap((list) => {
    try {
      return parseRelations(list, '--include').map(formatAlternatives);
    } catch (error) {
      throw new KoalaError('usage', `cannot use --include ${JSON.stringify(list)}: it is no list of packages`, {
        hint: 'write names with commas between them, each as in Depends: "jq, zlib1g (>= 1:1.2)"',
        cause: error,
      });
    }
  });
}

/** `--exclude-path`: globs on absolute paths. */
export function excludePathsOf(globs: readonly string[]): readonly string[] {
  const wrong = globs.find((glob) => !/^[/*]/.test(glob));
  if (wrong === undefined) return globs;
  throw new KoalaError('usage', `cannot use --exclude-path ${JSON.stringify(wrong)}: it would match no path`, {
    hint: 'begin it with / or *',
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
