import { existsSync, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { compareBytes } from '../formats/path.js';
import { OFFICIAL_URIS } from '../profile/official.js';
import type { ArchiveSpec, Profile } from '../profile/types.js';
import type { AptSource } from './apt-sources.js';
import { readMachineSources } from './machine.js';
import type { ArchiveSource } from './types.js';
import { maskUrl } from './url.js';

export interface ResolveOptions {
  /** With the archives that are read, their suites filled in (`archivesFor`). */
  readonly profile: Pick<Profile, 'name' | 'archives'>;
  readonly architecture: string;
  /** URLs or directories that stand in for the main archive. */
  readonly mirrors: readonly string[];
  /** Keyring files that replace all others. */
  readonly keyrings: readonly string[];
  /** The directory below which apt's configuration lies: `/`. */
  readonly aptRoot: string;
  /** The directory with a directory for each bundled keyring. */
  readonly bundledKeyrings: string;
}

/**
 * Says where each archive of a profile is read, and who may sign it. For each one the first of these that there is:
 * `--mirror` (for the main archive, the first, and for others of its kind: a mirror of Debian has the updates too), the
 * profile's own URIs, the machine's apt sources, Debian's official names.
 *
 * @throws KoalaError `usage` for a mirror or keyring that cannot be one, `profile` for an archive that has no place
 */
export async function resolveArchives(options: ResolveOptions): Promise<{ sources: ArchiveSource[]; notes: string[] }> {
  const { name, archives } = options.profile;
  const mirrors = options.mirrors.map(mirrorUrl);
  const isMirrored = (spec: ArchiveSpec, index: number) =>
    index === 0 || (isDebian(spec) && spec.kind === archives[0]?.kind);
  const given = archives.map((spec, index) => givenPlace(spec, isMirrored(spec, index) ? mirrors : [], name));
  const machine = given.includes(undefined) ? await readMachineSources(options.aptRoot) : { sources: [], notes: [] };
  const notes: string[] = [];
  const sources = await Promise.all(
    archives.map((spec, index) => {
      const place =
        given[index] ??
        exactEntry(spec, machine.sources, options.architecture) ??
        sameBase(spec, machine.sources, options.architecture) ??
        officialPlace(spec, name);
      if (place.entry?.trusted === true) {
        notes.push(`${place.origin} says Trusted: yes, which is not followed: signatures are always checked`);
      }
      return sourceAt(spec, place, options);
    }),
  );
  return { sources, notes: [...notes, ...machine.notes] };
}

function isDebian(spec: ArchiveSpec): boolean {
  return spec.kind !== 'other';
}

/** Where an archive was found; `entry` where the machine's apt has this very suite. */
interface Place {
  readonly uris: readonly string[];
  readonly origin: string;
  readonly entry?: AptSource;
}

async function sourceAt(spec: ArchiveSpec, place: Place, options: ResolveOptions): Promise<ArchiveSource> {
  return {
    suite: spec.suite,
    components: spec.components,
    uris: place.uris,
    keyrings:
      options.keyrings.length > 0
        ? await Promise.all(options.keyrings.map((path) => keyringFile(path, '--keyring')))
        : (entryKeyrings(place.entry, options.aptRoot) ?? (await keyringFiles(spec.keyring, options))),
    checkValidUntil: spec.checkValidUntil && place.entry?.checkValidUntil !== false,
    origin: place.origin,
  };
}

/** What the command line or the profile says. */
function givenPlace(spec: ArchiveSpec, mirrors: readonly string[], profile: string): Place | undefined {
  if (mirrors.length > 0) return { uris: mirrors, origin: '--mirror' };
  if (spec.uris.length > 0) return { uris: spec.uris.map(withoutTrailingSlash), origin: `profile ${profile}` };
  return undefined;
}

/** The machine's entry for exactly this suite, with all the components that are asked for. */
function exactEntry(spec: ArchiveSpec, sources: readonly AptSource[], architecture: string): Place | undefined {
  const entries = usable(spec, sources, architecture).filter((entry) => entry.suites.includes(spec.suite));
  const entry = [...entries].sort((a, b) => strangeness(a) - strangeness(b))[0];
  return entry === undefined ? undefined : { uris: readable(spec, entry), origin: entry.origin, entry };
}

/**
 * A mirror that the machine uses for another suite of the same archive carries this one too. Only its URI is taken: who
 * may sign what comes from there is up to the profile.
 */
function sameBase(spec: ArchiveSpec, sources: readonly AptSource[], architecture: string): Place | undefined {
  if (spec.kind === 'other') return undefined;
  const entry = usable(spec, sources, architecture).sort((a, b) => strangeness(a) - strangeness(b))[0];
  return entry === undefined ? undefined : { uris: readable(spec, entry), origin: entry.origin };
}

function officialPlace(spec: ArchiveSpec, profile: string): Place {
  const official = OFFICIAL_URIS[spec.kind];
  if (official !== undefined) return { uris: [official], origin: "Debian's official name" };
  throw new KoalaError('profile', `cannot find the archive ${spec.suite} of profile ${profile}: it gives no uris`, {
    hint: 'give the archive uris in the profile, or an entry in /etc/apt/sources.list.d',
  });
}

function usable(spec: ArchiveSpec, sources: readonly AptSource[], architecture: string): AptSource[] {
  return sources.filter(
    (entry) =>
      entry.enabled &&
      entry.types.includes('deb') &&
      entry.architectures.only?.includes(architecture) !== false &&
      !entry.architectures.not.includes(architecture) &&
      spec.components.every((component) => entry.components.includes(component)) &&
      readable(spec, entry).length > 0,
  );
}

/** The entry's URIs of a scheme that the transport has; for Debian's kinds only those whose path ends as Debian's do. */
function readable(spec: ArchiveSpec, entry: AptSource): string[] {
  return entry.uris
    .map((uri) => uri.replace(/^file:\/*/, 'file:///'))
    .filter((uri) => /^(?:https?|file):\/\//.test(uri))
    .filter((uri) => spec.kind === 'other' || uri.endsWith(`/${spec.kind}`));
}

/**
 * Orders entries that all look like Debian's. Hosters of third-party packages use `…/product/debian bookworm main` too,
 * with a key of their own, so an entry with Debian's keyring, or none, comes first.
 */
function strangeness(entry: AptSource): number {
  return entry.signedBy.every((key) => key.includes('debian-archive')) ? 0 : 1;
}

/** The Signed-By of an entry, where it names key files that exist, or holds the key itself. */
function entryKeyrings(entry: AptSource | undefined, aptRoot: string): readonly string[] | undefined {
  if (entry === undefined || entry.signedBy.length === 0) return undefined;
  if (entry.signedBy.some((key) => key.startsWith('-----BEGIN PGP'))) return entry.signedBy;
  const files = entry.signedBy.filter((key) => key.startsWith('/')).map((key) => join(aptRoot, key));
  return files.length === entry.signedBy.length && files.every((file) => existsSync(file)) ? files : undefined;
}

/** A path, or the name of a bundled keyring: a directory whose `.asc` files are all meant. */
async function keyringFiles(keyring: string, options: ResolveOptions): Promise<string[]> {
  if (keyring.includes('/')) return [await keyringFile(keyring, `profile ${options.profile.name}`)];
  const directory = join(options.bundledKeyrings, keyring);
  const names = await readdir(directory).catch(() => undefined);
  if (names === undefined) {
    const known = await readdir(options.bundledKeyrings).catch(() => []);
    throw new KoalaError('profile', `cannot find the keyring ${keyring} of profile ${options.profile.name}`, {
      hint: `bundled are: ${known.sort(compareBytes).join(', ')}; a path holds a "/"`,
    });
  }
  return names
    .filter((name) => name.endsWith('.asc'))
    .sort(compareBytes)
    .map((name) => join(directory, name));
}

async function keyringFile(path: string, origin: string): Promise<string> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    (error: unknown) => {
      throw new KoalaError('usage', `cannot read the keyring ${path} of ${origin}: ${reasonOf(error)}`);
    },
  );
  if (!isFile) throw new KoalaError('usage', `cannot read the keyring ${path} of ${origin}: it is not a file`);
  return resolve(path);
}

/** `--mirror`: a URL of a known scheme, or a directory that exists. */
function mirrorUrl(mirror: string): string {
  const refuse = (why: string) =>
    new KoalaError('usage', `cannot use --mirror ${maskUrl(mirror)}: ${why}`, {
      hint: 'give an http:, https: or file: URL, or a directory',
    });
  if (/^https?:\/\//.test(mirror)) {
    if (!URL.canParse(mirror)) throw refuse('it is not a URL');
    return withoutTrailingSlash(mirror);
  }
  if (/^file:\//.test(mirror)) return withoutTrailingSlash(mirror.replace(/^file:\/*/, 'file:///'));
  if (/^[a-z][a-z0-9+.-]+:/i.test(mirror)) throw refuse('its scheme is not known');
  if (statSync(mirror, { throwIfNoEntry: false })?.isDirectory() !== true) throw refuse('there is no such directory');
  return withoutTrailingSlash(pathToFileURL(resolve(mirror)).href);
}

function withoutTrailingSlash(uri: string): string {
  return uri.replace(/\/+$/, '');
}
