import { readFile } from 'node:fs/promises';
import type { SourcesText } from '../archive/given-sources.js';
import { snapshotTime } from '../archive/snapshot.js';
import type { LockedInput, PlanOptions } from '../build-types.js';
import { fileReason, KoalaError } from '../formats/errors.js';
import { parseLimits } from '../formats/limits.js';
import { NO_IMAGE_SETTINGS } from '../profile/image.js';
import type { Profile } from '../profile/types.js';
import type { Io } from './io.js';
import { architectureOf, componentsOf, includesOf, packagesOf, suiteOf } from './options.js';
import { defaultCacheDirectory, PROFILES_DIRECTORY } from './paths.js';
import { cacheLimitOf } from './quantities.js';

/** The options that choose packages, as the parser gives them. */
export interface ChoiceArguments {
  readonly profile: string | undefined;
  readonly suite: string | undefined;
  readonly arch: string | undefined;
  readonly include: readonly string[];
  readonly mirror: readonly string[];
  readonly updates: boolean;
  readonly sources: readonly string[];
  readonly snapshot: string | undefined;
  readonly keyring: readonly string[];
  readonly cacheDir: string | undefined;
  readonly cacheLimit: string | undefined;
  readonly offline: boolean;
  readonly allowPath: readonly string[];
  readonly limit: readonly string[];
  /** The folder of the lock that names the profile, where the user does not. */
  readonly profileRoot?: string | undefined;
}

/** The same where there may be several architectures. */
export interface ManyArguments extends Omit<ChoiceArguments, 'arch'> {
  readonly arch: readonly string[];
}

/** What a profile is made up from where there is none. */
export interface PackagesArguments {
  readonly packages: readonly string[];
  readonly components: readonly string[];
}

export type Choice = Omit<PlanOptions, 'signal' | 'onEvent'>;

/** A lock that stands in for the archives. */
export interface LockedArguments {
  readonly lock: string | undefined;
  readonly snapshotMirror: readonly string[];
}

/** The choice that the command line makes, or that of the lock which it names. */
export async function choiceOrLock(
  given: ChoiceArguments & LockedArguments & Partial<PackagesArguments>,
  io: Io,
): Promise<{ readonly choice: Choice; readonly locked: LockedInput | undefined }> {
  if (given.lock === undefined) return { choice: await choiceOf(given, io), locked: undefined };
  const { architectureOfLock, choiceOfLock, readLock } = await import('./lock-file.js');
  const lock = await readLock(given.lock);
  const choice = await choiceOfLock({ ...given, arch: architectureOfLock(given.arch, lock) }, lock, given.lock, io);
  return { choice, locked: { lock, origin: given.lock, snapshotMirrors: given.snapshotMirror } };
}

/**
 * Checks what was given, and loads the profile.
 *
 * @param essential whether `--packages` stand on Essential, as on a system
 */
export async function choiceOf(
  given: ChoiceArguments & Partial<PackagesArguments>,
  io: Io,
  { essential = false } = {},
): Promise<Choice> {
  const { packages = [], components = [] } = given;
  const architecture = architectureOf(given.arch);
  const cacheLimit = cacheLimitOf(given.cacheLimit, io.environment);
  const { include, localDebs } = includesOf(given.include);
  if (given.snapshot !== undefined) snapshotTime(given.snapshot);
  if (components.length > 0 && packages.length === 0) {
    throw new KoalaError('usage', 'cannot use --components without --packages: a profile names its own');
  }
  const profile =
    packages.length > 0 ? profileOfPackages(given, { packages, components }, essential) : await profileGiven(given);
  return {
    profile,
    suite: suiteOf(given.suite ?? profile.suite),
    architecture,
    updates: given.updates,
    mirrors: given.mirror,
    sources: await textsOf(given.sources, io),
    snapshot: given.snapshot,
    include,
    localDebs,
    cacheDir: given.cacheDir ?? defaultCacheDirectory(io.environment),
    ...(cacheLimit === undefined ? {} : { cacheLimit }),
    offline: given.offline,
    limits: parseLimits(given.limit),
    keyrings: given.keyring,
    environment: io.environment,
  };
}

/** @throws KoalaError `usage` where none is given, with those that there are, and as `loadProfile` */
export async function profileGiven(
  given: Pick<ChoiceArguments, 'profile'> & Partial<Pick<ChoiceArguments, 'allowPath' | 'profileRoot'>>,
): Promise<Profile> {
  const { profile: nameOrFile, allowPath: allowPaths = [], profileRoot: root } = given;
  const { builtInProfiles, loadProfile } = await import('../profile/load.js');
  const options = { profilesDirectory: PROFILES_DIRECTORY, allowPaths, ...(root === undefined ? {} : { root }) };
  if (nameOrFile !== undefined) return loadProfile(nameOrFile, options);
  throw new KoalaError('usage', 'cannot choose packages without a profile', {
    hint: `give --profile NAME or FILE; built in are ${(await builtInProfiles(options)).join(', ')}`,
  });
}

/** One stage with these packages, of one suite of Debian. */
function profileOfPackages(
  given: Pick<ChoiceArguments, 'profile' | 'suite'>,
  { packages, components }: PackagesArguments,
  essential: boolean,
): Profile {
  if (given.profile !== undefined) throw new KoalaError('usage', 'cannot use both --profile and --packages');
  if (given.suite === undefined) {
    throw new KoalaError('usage', 'cannot choose --packages without a suite', { hint: 'give --suite, such as trixie' });
  }
  const suite = suiteOf(given.suite);
  return {
    name: 'packages',
    description: '',
    origin: '--packages',
    suite,
    architectures: [],
    foreignArchitectures: [],
    archives: [
      {
        suite,
        components: components.length === 0 ? ['main'] : componentsOf(components),
        keyrings: ['debian-archive'],
        trusted: false,
        architectures: [],
        priority: undefined,
        uris: [],
        kind: suite.endsWith('-security') ? 'debian-security' : 'debian',
        notFor: [],
        updates: false,
        origin: '--packages',
        checkValidUntil: true,
      },
    ],
    pins: [],
    configure: undefined,
    debconf: [],
    stages: [
      {
        name: 'packages',
        packages: packages.flatMap((list) => packagesOf(list, '--packages')),
        essential,
        priorities: [],
        recommends: false,
        drops: [],
        // Bookworm's init-system-helpers depends on usrmerge | usr-is-merged, and nothing here needs to be moved.
        prefer: essential ? ['usr-is-merged'] : [],
      },
    ],
    accounts: { users: [], groups: [], runAs: undefined },
    levels: [],
    paths: [],
    environment: {},
    image: NO_IMAGE_SETTINGS,
    excludePaths: [],
    includePaths: [],
    slices: [],
    accept: [],
  };
}

/** `--sources`: the texts of the files; `-` is standard input, once. */
async function textsOf(files: readonly string[], io: Io): Promise<SourcesText[]> {
  if (files.filter((file) => file === '-').length > 1) {
    throw new KoalaError('usage', 'cannot read --sources - more than once');
  }
  return Promise.all(files.map(async (origin) => ({ origin, text: await textOf(origin, io) })));
}

async function textOf(file: string, io: Io): Promise<string> {
  try {
    if (file !== '-') return await readFile(file, 'utf8');
    const chunks: Buffer[] = [];
    for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString();
  } catch (error) {
    throw new KoalaError('usage', `cannot read --sources ${file}: ${fileReason(error)}`, {
      cause: error,
      hint: 'give a file as sources.list(5) has it, or - for standard input',
    });
  }
}
