import { readFileSync } from 'node:fs';
import { entryPath } from '../archive/layout.js';
import { parseReleaseState } from '../archive/release-state.js';
import { parseParagraph } from '../formats/deb822.js';
import { readControlParagraph } from '../unpack/deb.js';
import { identityOfSpool } from '../unpack/kept.js';
import { type Entry, listEntries } from './entries.js';

/** A line of a Release file's checksums: digest, size, path. */
const LISTED = /^ ([0-9a-f]{64}) +\d+ (\S+)$/gm;

/**
 * What entries are, for people: `bash_5.2.37-2_amd64`, `trixie main/binary-amd64/Packages.xz`, `trixie InRelease`. Entries
 * hold that themselves, or a Release file of the store names them. Where nobody tells, there is none.
 *
 * @returns names by the entries' paths
 */
export async function namesOf(cacheDir: string, entries: readonly Entry[]): Promise<ReadonlyMap<string, string>> {
  const listed = namesInReleases(cacheDir);
  const names = new Map<string, string>();
  for (const entry of entries) {
    const { kind, path, key } = entry;
    const known =
      kind === 'releases'
        ? stateName(path)
        : (listed.get(key) ?? spoolName(entryPath(cacheDir, 'unpacked', key)) ?? (await debName(entry)));
    if (known !== undefined) names.set(path, known);
  }
  return names;
}

/** What a .deb unpacks to tells most quickly of both. */
function spoolName(path: string): string | undefined {
  const found = identityOfSpool(path);
  return found === undefined ? undefined : fileName(found.name, found.version, found.architecture);
}

/** As apt names its downloads, with the epoch as it is. */
function fileName(name: string, version: string, architecture: string): string {
  return `${name}_${version}_${architecture}`;
}

/** The Release files that were seen last, and what they list, by digest. */
function namesInReleases(cacheDir: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const { path } of listEntries(cacheDir, ['releases'])) {
    const state = attempt(() => parseReleaseState(readFileSync(path, 'utf8')));
    for (const [at, { sha256 }] of (state?.files ?? []).entries()) {
      const name = at === 1 ? 'Release.gpg' : state?.files.length === 1 ? 'InRelease' : 'Release';
      const text = attempt(() => readFileSync(entryPath(cacheDir, 'downloads', sha256), 'latin1')) ?? '';
      for (const [, key = '', file = ''] of text.matchAll(LISTED)) names.set(key, `${state?.suite} ${file}`);
      names.set(sha256, `${state?.suite} ${name}`);
    }
  }
  return names;
}

function stateName(path: string): string | undefined {
  const state = attempt(() => parseReleaseState(readFileSync(path, 'utf8')));
  return state === undefined ? undefined : `${state.suite} ${state.archive}`;
}

async function debName({ kind, path, key, size }: Entry): Promise<string | undefined> {
  if (kind !== 'downloads') return undefined;
  try {
    const text = await readControlParagraph(path, { size, sha256: key });
    const [name = '', version = '', architecture = ''] = ['Package', 'Version', 'Architecture'].map((field) => {
      return parseParagraph(text, path).require(field);
    });
    return fileName(name, version, architecture);
  } catch {
    return undefined;
  }
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
