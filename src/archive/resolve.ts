import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { statIfThere } from '../files/there.js';
import { KoalaError } from '../formats/errors.js';
import { OFFICIAL_URIS } from '../profile/official.js';
import type { ArchiveSpec } from '../profile/types.js';
import type { AptSource } from './apt-sources.js';
import { type KeyringPlaces, signersOf } from './keyring-files.js';
import { readMachineSources } from './machine.js';
import { snapshotTime, snapshotUris } from './snapshot.js';
import type { ArchiveSource } from './types.js';
import { maskUrl } from './url.js';

export interface ResolveOptions extends KeyringPlaces {
  /** The archives that are read, their suites filled in (`archivesFor`, `archivesOfSources`). */
  readonly archives: readonly ArchiveSpec[];
  readonly architecture: string;
  /** Architectures whose packages are wanted as well. */
  readonly foreignArchitectures?: readonly string[];
  /** URLs or directories that stand in for the main archive; of snapshots, for snapshot.debian.org. */
  readonly mirrors: readonly string[];
  /** `20260701T000000Z`: Debian's archives are read as they were then. */
  readonly snapshot: string | undefined;
}

/**
 * Says where each archive is read, and who may sign it. For each one the first of these that there is: the snapshot (for
 * Debian's own archives), `--mirror` (for the main archive, the first, and for others of its kind: a mirror of Debian has the
 * updates too), the archive's own URIs, the machine's apt sources, Debian's official names. An archive that is not for this
 * architecture is left out.
 *
 * @throws KoalaError `usage` for a mirror, snapshot or keyring that cannot be one, `profile` for an archive that has no place
 */
export async function resolveArchives(options: ResolveOptions): Promise<{ sources: ArchiveSource[]; notes: string[] }> {
  const { architecture, snapshot } = options;
  const architectures = [architecture, ...(options.foreignArchitectures ?? [])];
  const archives = options.archives.filter((spec) => architectures.some((name) => isFor(spec, name)));
  if (archives.length === 0) {
    throw new KoalaError('profile', `cannot find an archive for ${architecture}: none of those given is for it`);
  }
  const mirrors = options.mirrors.map(mirrorUrl);
  const asOf = snapshot === undefined ? undefined : snapshotTime(snapshot);
  const isMirrored = (spec: ArchiveSpec, index: number) =>
    index === 0 || (isDebian(spec) && spec.kind === archives[0]?.kind);
  const given = archives.map((spec, index) => {
    if (snapshot !== undefined && isDebian(spec)) return snapshotPlace(spec, snapshot, mirrors);
    return givenPlace(spec, snapshot === undefined && isMirrored(spec, index) ? mirrors : []);
  });
  const machine = given.includes(undefined) ? await readMachineSources(options.aptRoot) : { sources: [], notes: [] };
  const notes: string[] = [];
  const sources = await Promise.all(
    archives.map(async (spec, index): Promise<ArchiveSource> => {
      const place =
        given[index] ??
        exactEntry(spec, machine.sources, architecture) ??
        sameBase(spec, machine.sources, architecture) ??
        officialPlace(spec);
      if (place.entry?.trusted === true && !spec.trusted) {
        notes.push(`${place.origin} says Trusted: yes, which is not followed: signatures are always checked`);
      }
      if (spec.trusted) notes.push(trustNote(spec, place));
      return {
        suite: spec.suite,
        components: spec.components,
        uris: place.uris,
        ...(await signersOf(spec, place.entry, options)),
        trusted: spec.trusted,
        priority: spec.priority,
        asOf: isDebian(spec) ? asOf : undefined,
        checkValidUntil: spec.checkValidUntil && place.entry?.checkValidUntil !== false,
        ...(spec.architectures.length === 0 ? {} : { architectures: spec.architectures }),
        origin: place.origin,
        spec,
      };
    }),
  );
  return { sources, notes: [...notes, ...machine.notes] };
}

function isFor(spec: ArchiveSpec, architecture: string): boolean {
  return spec.architectures.length === 0 || spec.architectures.includes(architecture);
}

function trustNote({ suite, origin }: ArchiveSpec, { uris }: Place): string {
  const urls = uris.map(maskUrl).join(', ');
  return `NOT VERIFIED: ${suite} at ${urls} is trusted without a signature, as ${origin} says; whoever can write there decides what is built`;
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

/** Debian's archives as they were at a time. */
function snapshotPlace(spec: ArchiveSpec, snapshot: string, mirrors: readonly string[]): Place {
  return { uris: snapshotUris(spec.kind, snapshot, mirrors), origin: `--snapshot ${snapshot}` };
}

/** What the command line or the profile says. */
function givenPlace(spec: ArchiveSpec, mirrors: readonly string[]): Place | undefined {
  if (mirrors.length > 0) return { uris: mirrors, origin: '--mirror' };
  if (spec.uris.length > 0) return { uris: spec.uris.map(withoutTrailingSlash), origin: spec.origin };
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

function officialPlace(spec: ArchiveSpec): Place {
  const official = OFFICIAL_URIS[spec.kind];
  if (official !== undefined) return { uris: [official], origin: "Debian's official name" };
  throw new KoalaError('profile', `cannot find the archive ${spec.suite} of ${spec.origin}: it gives no uris`, {
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
  if (statIfThere(mirror)?.isDirectory() !== true) throw refuse('there is no such directory');
  return withoutTrailingSlash(pathToFileURL(resolve(mirror)).href);
}

function withoutTrailingSlash(uri: string): string {
  return uri.replace(/\/+$/, '');
}
