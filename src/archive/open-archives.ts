import { KoalaError } from '../formats/errors.js';
import type { Pin } from '../profile/types.js';
import { openKeyring, type UnreadKeyring } from './keyring.js';
import { openIndices, type PackageIndex } from './package-index.js';
import { openRelease } from './release.js';
import type { Store } from './store.js';
import { isFlat } from './suite-path.js';
import type { Transport } from './transport.js';
import type { ArchiveSource, PackageUniverse, Release } from './types.js';
import { createUniverse } from './universe.js';

export interface OpenArchivesOptions {
  /** The first one is the main archive. */
  readonly sources: readonly ArchiveSource[];
  readonly architecture: string;
  /** Architectures whose packages are wanted as well. */
  readonly foreignArchitectures?: readonly string[];
  readonly pins: readonly Pin[];
  /** Indices of packages that were given as files. */
  readonly local: readonly PackageIndex[];
  readonly store: Store;
  readonly transport: Transport;
  readonly now: Date;
}

export interface OpenedArchives {
  /** Of the archives that are used, in the order of the sources. */
  readonly releases: readonly Release[];
  readonly universe: PackageUniverse;
  readonly notes: readonly string[];
}

/**
 * Verifies the Release files of all archives and reads their indices, those of foreign architectures after the native ones, in
 * parallel. An archive beside the main one that does not have an architecture is left out with a note, or is read for the others.
 *
 * @throws KoalaError `archive` where the main archive does not have an architecture; see `openRelease`, `openIndices`
 */
export async function openArchives(options: OpenArchivesOptions): Promise<OpenedArchives> {
  const { architecture, foreignArchitectures = [], store, transport, now } = options;
  const keyrings = new Map<string, Promise<UnreadKeyring>>();
  const opened = await Promise.all(
    options.sources.map(async (source) => {
      const key = source.keyrings.join('\n');
      const keyring = keyrings.get(key) ?? openKeyring(source.keyrings);
      keyrings.set(key, keyring);
      const wanted = architecturesOf(source, architecture, foreignArchitectures);
      const release = await openRelease(source, {
        store,
        transport,
        keyring,
        now,
        architecture: wanted[0] ?? architecture,
      });
      const indices = wanted.map(async (name) => ({
        architecture: name,
        indices: await openIndices(release, name, store, transport),
      }));
      return { release, read: await Promise.all(indices) };
    }),
  );
  const releases: Release[] = [];
  const indices: PackageIndex[] = [];
  const notes: string[] = [];
  for (const [position, one] of opened.entries()) {
    const { release, read } = one;
    const lacking = read.filter((each) => each.indices === undefined).map((each) => each.architecture);
    const isRead = lacking.length < read.length;
    if (position === 0 && lacking[0] !== undefined) throw withoutArchitecture(release, lacking[0]);
    if (isRead) releases.push(release);
    indices.push(...read.flatMap((each) => each.indices ?? []));
    for (const name of lacking) {
      notes.push(`${release.url} has no packages for ${name}: it is not read${isRead ? ' for it' : ''}`);
    }
  }
  const all = [...options.local, ...indices];
  return { releases, universe: createUniverse(architecture, all, options.pins, foreignArchitectures), notes };
}

/** What a source is read for. A flat archive has one index for all architectures. */
function architecturesOf(
  { architectures, suite }: ArchiveSource,
  native: string,
  foreign: readonly string[],
): string[] {
  const only = architectures === undefined || architectures.length === 0 ? undefined : architectures;
  const wanted = [native, ...foreign].filter((name) => only === undefined || only.includes(name));
  return isFlat(suite) ? wanted.slice(0, 1) : wanted;
}

function withoutArchitecture(release: Release, architecture: string): KoalaError {
  const known = release.architectures.filter((name) => name !== 'all').join(', ');
  return new KoalaError('archive', `cannot find packages for ${architecture} in ${release.url}: it has ${known}`);
}
