import { resolve } from 'node:path';
import { normalisePath } from '../formats/path.js';
import { type DebconfAnswer, parseDebconf } from './debconf.js';
import { certificatesOf, mergeImage, NO_IMAGE_SETTINGS } from './image.js';
import type { RawArchive, RawPath, RawPin, RawProfile, RawStage, RawUser } from './schema.js';
import type { Accounts, ArchiveSpec, PathMutation, Pin, Profile, ProfileLevel, Stage, User } from './types.js';

/** Where a profile was read. */
export interface Place {
  /** A built-in name or a file path, for messages. */
  readonly origin: string;
  /** What relative paths in the profile are relative to. */
  readonly directory: string;
}

/**
 * Makes a validated profile of its fields and of the profile that it extends: what has a name or a path replaces what the
 * parent has under it, archives replace archives, stages and globs follow the parent's.
 */
export function mergeProfile(raw: RawProfile, place: Place, parent: Profile | undefined): Profile {
  const level = levelOf(raw);
  return {
    name: raw.name,
    description: raw.description,
    origin: place.origin,
    suite: raw.suite ?? parent?.suite ?? '',
    architectures: raw.archs ?? parent?.architectures ?? [],
    foreignArchitectures: raw['foreign-architectures'] ?? parent?.foreignArchitectures ?? [],
    archives: raw.archives?.map((archive) => archiveOf(archive, raw.name, place)) ?? parent?.archives ?? [],
    pins: [...(raw.pins ?? []).map(pinOf), ...(parent?.pins ?? [])],
    stages: [...(parent?.stages ?? []), ...(raw.stages ?? []).map(stageOf)],
    configure: raw.configure ?? parent?.configure,
    debconf: mergeAnswers(raw.debconf ?? [], parent?.debconf ?? []),
    accounts: mergeAccounts(level.accounts, raw.accounts?.['run-as'], parent?.accounts),
    paths: mergePaths(level.paths, parent?.paths ?? []),
    environment: { ...parent?.environment, ...raw.environment },
    image: mergeImage(raw, parent?.image ?? NO_IMAGE_SETTINGS),
    excludePaths: unique(parent?.excludePaths, raw['exclude-paths']),
    includePaths: unique(parent?.includePaths, raw['include-paths']),
    forbid: [...new Set([...(parent?.forbid ?? []), ...(raw.forbid ?? [])])],
    levels: [...(parent?.levels ?? []), level],
    slices: [...(parent?.slices ?? []), ...(raw.slices ?? [])],
    accept: [
      ...(parent?.accept ?? []),
      ...(raw.accept ?? []).map(({ missing, path, reason }) => ({ missing, path, reason })),
    ],
  };
}

function levelOf(raw: RawProfile): ProfileLevel {
  const { name, stages = [], accounts = {}, paths = [] } = raw;
  const groups = (accounts.groups ?? []).map(({ groupname, gid, members = [] }) => ({ groupname, gid, members }));
  const users = (accounts.users ?? []).map(userOf);
  return {
    name,
    stages: stages.map((stage) => stage.name),
    accounts: { users, groups },
    paths: paths.map(pathOf),
    certificates: certificatesOf(raw),
    excludePaths: raw['exclude-paths'] ?? [],
    includePaths: raw['include-paths'] ?? [],
    slices: raw.slices ?? [],
  };
}

function archiveOf(raw: RawArchive, profile: string, { directory }: Place): ArchiveSpec {
  const uris = raw.uris ?? [];
  const trusted = raw.trusted ?? false;
  const keyrings = raw.keyring ?? raw['signed-by'] ?? (trusted ? [] : 'debian-archive');
  return {
    suite: raw.suite,
    components: raw.components ?? (raw.suite.endsWith('/') ? [] : ['main']),
    keyrings: [keyrings].flat().map((keyring) => (isKeyringFile(keyring) ? resolve(directory, keyring) : keyring)),
    trusted,
    architectures: raw.architectures ?? [],
    priority: raw.priority,
    uris,
    kind: raw.kind ?? (uris.length > 0 ? 'other' : 'debian'),
    notFor: raw['not-for'] ?? [],
    updates: raw.updates ?? false,
    checkValidUntil: raw['check-valid-until'] ?? true,
    origin: `profile ${profile}`,
  };
}

/** A bundled keyring has a plain name, a key block its first line; anything else with a directory or an ending is a file. */
export function isKeyringFile(keyring: string): boolean {
  if (keyring.startsWith('-----BEGIN PGP')) return false;
  return keyring.includes('/') || /\.(?:gpg|pgp|asc|kbx)$/.test(keyring);
}

function pinOf(raw: RawPin): Pin {
  const { suite, codename, origin, label, component, archive, release, architecture, site } = raw;
  const { version, priority, reason } = raw;
  const conditions = { suite, codename, origin, label, component, archive, release, architecture, site };
  return { packages: [raw.package].flat(), ...conditions, version, priority, reason };
}

function stageOf(raw: RawStage): Stage {
  return {
    name: raw.name,
    packages: raw.packages ?? [],
    essential: raw.essential ?? false,
    priorities: raw.priorities ?? [],
    recommends: raw.recommends ?? false,
    drops: (raw.drop ?? []).map((drop) => ({ package: drop.package, from: drop.from, reason: drop.reason })),
    prefer: raw.prefer ?? [],
  };
}

function mergeAnswers(raw: string | readonly string[], inherited: readonly DebconfAnswer[]): DebconfAnswer[] {
  const own = [raw].flat().flatMap((text) => parseDebconf(text) ?? []);
  return overlay(inherited, own, ({ question }) => question);
}

function mergeAccounts(
  own: ProfileLevel['accounts'],
  runAs: string | undefined,
  parent: Accounts | undefined,
): Accounts {
  return {
    users: overlay(parent?.users ?? [], own.users, ({ username }) => username),
    groups: overlay(parent?.groups ?? [], own.groups, ({ groupname }) => groupname),
    runAs: runAs ?? parent?.runAs,
  };
}

function userOf(raw: RawUser): User {
  return {
    username: raw.username,
    uid: raw.uid,
    gid: raw.gid ?? raw.uid,
    gecos: raw.gecos ?? raw.username,
    homedir: raw.homedir ?? `/home/${raw.username}`,
    shell: raw.shell ?? '/usr/sbin/nologin',
  };
}

/** A child's changes to a path come in place of all that the parent does there, and after the rest of the parent's. */
function mergePaths(own: readonly PathMutation[], inherited: readonly PathMutation[]): PathMutation[] {
  const replaced = new Set(own.map(({ path }) => path));
  return [...inherited.filter(({ path }) => !replaced.has(path)), ...own];
}

function pathOf(raw: RawPath): PathMutation {
  const path = normalisePath(raw.path);
  const unowned = { path, uid: undefined, gid: undefined, permissions: undefined };
  switch (raw.type) {
    case 'symlink':
      return { ...unowned, type: raw.type, source: raw.source };
    case 'hardlink':
    case 'busybox-applets':
      return { ...unowned, type: raw.type, source: normalisePath(raw.source) };
    default:
  }
  const owned = { path, uid: raw.uid, gid: raw.gid, permissions: permissionsOf(raw.permissions) };
  switch (raw.type) {
    case 'file':
      return {
        ...owned,
        type: raw.type,
        content: raw.content ?? '',
        ...(raw.encoding === undefined ? {} : { encoding: raw.encoding }),
      };
    case 'empty-file':
      return { ...owned, type: raw.type };
    default:
      return { ...owned, type: raw.type, recursive: raw.recursive ?? false };
  }
}

function permissionsOf(raw: number | string | undefined): number | undefined {
  return typeof raw === 'string' ? Number.parseInt(raw, 8) : raw;
}

/** Items by key: a later one takes the place of an earlier one with its key. */
function overlay<Item>(below: readonly Item[], above: readonly Item[], keyOf: (item: Item) => string): Item[] {
  return [...new Map([...below, ...above].map((item) => [keyOf(item), item])).values()];
}

function unique(first: readonly string[] = [], second: readonly string[] = []): string[] {
  return [...new Set([...first, ...second])];
}
