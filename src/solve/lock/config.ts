import { canonicalDigest } from '../../formats/canonical-json.js';
import type { Profile } from '../../profile/types.js';
import type { LockedConfig } from './types.js';

/** All that decides on packages and tree, but for the archives' own state. */
export interface LockConfigInput {
  readonly profile: Profile;
  /** As in `LockedConfig`. */
  readonly from: string;
  readonly suite: string;
  readonly updates: boolean;
  readonly snapshot: string | undefined;
  readonly include: readonly string[];
  /** The texts of sources that replace the profile's archives. */
  readonly sources: readonly { readonly text: string }[];
  /** Digests of the keyring files that the profile's archives name, by their paths. */
  readonly keyringFiles: ReadonlyMap<string, string>;
}

/** As many digits of a part's digest as tell one text from another. */
const DIGITS = 16;
/** What a profile says of itself, and what a lock says in another way or piece by piece. */
const NOT_COVERED: ReadonlySet<string> = new Set([
  'name',
  'description',
  'origin',
  'suite',
  'architectures',
  'archives',
  'stages',
  'levels',
  'image',
]);
/** Of what a profile says of images; how one is run and described decides on no file. */
const OF_THE_TREE = ['certificates'] as const;

/** What a lock says of the profile and the options that it was made by. */
export function lockedConfig(input: LockConfigInput): LockedConfig {
  const { profile, from, suite, updates, snapshot, include } = input;
  const digests = partsOf(input).map(([name, value]) => [name, canonicalDigest(value).slice(0, DIGITS)] as const);
  return {
    profile: profile.name,
    from,
    suite,
    updates,
    ...(snapshot === undefined ? {} : { snapshot }),
    include,
    checksum: canonicalDigest(Object.fromEntries(partsOf(input))),
    parts: Object.fromEntries(digests),
  };
}

/** The names of the parts in which two configurations differ; none where they are the same. */
export function changedParts(one: LockedConfig, other: LockedConfig): string[] {
  if (one.checksum === other.checksum) return [];
  const names = [...new Set([...Object.keys(one.parts), ...Object.keys(other.parts)])];
  return names.filter((name) => one.parts[name] !== other.parts[name]);
}

/** What is empty is left out, so that a field that a later version of the program brings changes no checksum. */
function partsOf({
  profile,
  suite,
  updates,
  include,
  sources,
  keyringFiles,
}: LockConfigInput): [name: string, value: unknown][] {
  const { stages, archives, levels, image } = profile;
  const ofProfile = Object.entries(profile).filter(([name]) => !NOT_COVERED.has(name));
  const parts: [string, unknown][] = [
    ['suite', suite],
    ['--updates', updates],
    ['--include', include],
    ['--sources', sources.map(({ text }) => text)],
    [
      'archives',
      sources.length > 0 ? [] : archives.map((archive) => ({ ...archive, ...portable(archive, keyringFiles) })),
    ],
    // Which profile of the chain a stage is of decides on what comes between two stages.
    ['stages', levels.length === 0 ? stages.map(({ name }) => name) : levels.map((level) => level.stages)],
    ...stages.map((stage): [string, unknown] => [`stage ${stage.name}`, stage]),
    ...OF_THE_TREE.map((name): [string, unknown] => [name, image[name]]),
    ...ofProfile.map(([name, value]): [string, unknown] => [kebab(name), value]),
  ];
  return parts
    .map(([name, value]): [string, unknown] => [name, meaningful(value)])
    .filter(([, value]) => value !== undefined);
}

/** What does not depend on where a profile lies. */
function portable(
  { keyrings }: Profile['archives'][number],
  files: LockConfigInput['keyringFiles'],
): { origin: undefined; keyrings: string[] } {
  return { origin: undefined, keyrings: keyrings.map((keyring) => files.get(keyring) ?? keyring) };
}

/** A value without what says nothing: false, empty lists and objects. */
function meaningful(value: unknown): unknown {
  if (value === undefined || value === null || value === false) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => meaningful(item) ?? null);
  if (typeof value !== 'object') return value;
  const fields = Object.entries(value).map(([name, field]) => [name, meaningful(field)] as const);
  const kept = fields.filter(([, field]) => field !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** `excludePaths` as a profile has it: `exclude-paths`. */
function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
