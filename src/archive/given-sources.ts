import { dirname, resolve } from 'node:path';
import { KoalaError } from '../formats/errors.js';
import type { ArchiveSpec } from '../profile/types.js';
import { type AptSource, parseDeb822Sources, parseOneLineSources } from './apt-sources.js';
import { maskUrl } from './url.js';

/** The text of a sources.list(5) file in either style, and what it was read from: a path, or `-` for standard input. */
export interface SourcesText {
  readonly text: string;
  readonly origin: string;
}

/**
 * The archives that sources.list(5) texts name, in place of a profile's: each URI with each suite, in apt's order. What is
 * disabled, or for sources only, is left out.
 *
 * @throws KoalaError `archive` with `file:line` for what cannot be read, `usage` where no archive is left
 */
export function archivesOfSources(texts: readonly SourcesText[], architecture: string): ArchiveSpec[] {
  const archives = texts.flatMap(({ text, origin }) => {
    const name = origin === '-' ? 'standard input' : origin;
    const entries = isDeb822(text) ? parseDeb822Sources(text, name) : parseOneLineSources(text, name);
    const directory = origin === '-' ? process.cwd() : dirname(resolve(origin));
    return entries
      .filter(({ enabled, types }) => enabled && types.includes('deb'))
      .filter(({ architectures }) => !architectures.not.includes(architecture))
      .flatMap((entry) => archivesOf(entry, architecture, directory));
  });
  if (archives.length > 0) return merged(archives);
  const origins = texts.map(({ origin }) => origin).join(', ');
  throw new KoalaError(
    'usage',
    `cannot find an archive in --sources ${origins}: no entry is an enabled one of type deb`,
  );
}

/**
 * Entries for one suite at one place are one archive with all their components, as in apt. Those that say something else of it
 * stay apart, but for the keys: apt refuses two that differ.
 *
 * @throws KoalaError `usage` for two entries with different keys
 */
function merged(archives: readonly ArchiveSpec[]): ArchiveSpec[] {
  const groups = new Map<string, ArchiveSpec>();
  for (const archive of archives) {
    const { uris, suite, architectures, checkValidUntil, keyrings, trusted } = archive;
    const place = JSON.stringify([uris, suite]);
    const key = JSON.stringify([uris, suite, architectures, checkValidUntil]);
    for (const other of groups.values()) {
      if (JSON.stringify([other.uris, other.suite]) !== place) continue;
      if (trusted === other.trusted && keyrings.join('\n') === other.keyrings.join('\n')) continue;
      throw new KoalaError(
        'usage',
        `cannot use ${archive.origin}: it has other keys for ${suite} at ${maskUrl(uris.join(' '))} than ${other.origin}`,
      );
    }
    const known = groups.get(key);
    const components = [...new Set([...(known?.components ?? []), ...archive.components])];
    groups.set(key, { ...(known ?? archive), components });
  }
  return [...groups.values()];
}

/** A deb822 text has a field in its first line that is no comment; a one-line entry begins with its type and a blank. */
function isDeb822(text: string): boolean {
  const first = text.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
  return /^[A-Za-z0-9-]+\s*:/.test(first);
}

function archivesOf(entry: AptSource, architecture: string, directory: string): ArchiveSpec[] {
  return entry.uris.flatMap((uri) => {
    if (!/^(?:https?|file):/.test(uri)) {
      throw new KoalaError('usage', `cannot use ${entry.origin}: the scheme of ${uri} is none of http, https and file`);
    }
    return entry.suites.map((suite) => ({
      suite: suite.replaceAll('$(ARCH)', architecture),
      components: entry.components,
      keyrings: entry.trusted ? [] : entry.signedBy.map((key) => keyringOf(key, directory)),
      trusted: entry.trusted,
      architectures: entry.architectures.only ?? [],
      priority: undefined,
      uris: [uri.replace(/^file:\/*/, 'file:///').replaceAll('$(ARCH)', architecture)],
      kind: 'other' as const,
      notFor: [],
      updates: false,
      origin: entry.origin,
      checkValidUntil: entry.checkValidUntil,
    }));
  });
}

/** apt wants absolute paths; a path that is relative is taken as relative to the file, as in a profile. */
function keyringOf(key: string, directory: string): string {
  return key.includes('/') && !key.startsWith('-----BEGIN PGP') ? resolve(directory, key) : key;
}
