import { KoalaError } from '../formats/errors.js';
import type { Pin } from '../profile/types.js';
import { openKeyring, type UnreadKeyring } from './keyring.js';
import { openIndices, type PackageIndex } from './package-index.js';
import { openRelease } from './release.js';
import type { Store } from './store.js';
import type { Transport } from './transport.js';
import type { ArchiveSource, PackageUniverse, Release } from './types.js';
import { createUniverse } from './universe.js';

export interface OpenArchivesOptions {
  /** The first one is the main archive. */
  readonly sources: readonly ArchiveSource[];
  readonly architecture: string;
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
 * Verifies the Release files of all archives and reads their indices, in parallel. An archive beside the main one that
 * does not have the architecture is left out with a note.
 *
 * @throws KoalaError `archive` where the main archive does not have the architecture; see `openRelease`, `openIndices`
 */
export async function openArchives(options: OpenArchivesOptions): Promise<OpenedArchives> {
  const { architecture, store, transport, now } = options;
  const keyrings = new Map<string, Promise<UnreadKeyring>>();
  const opened = await Promise.all(
    options.sources.map(async (source) => {
      const key = source.keyrings.join('\n');
      const keyring = keyrings.get(key) ?? openKeyring(source.keyrings);
      keyrings.set(key, keyring);
      const release = await openRelease(source, { store, transport, keyring, now, architecture });
      return { release, indices: await openIndices(release, architecture, store, transport) };
    }),
  );
  const releases: Release[] = [];
  const indices: PackageIndex[] = [];
  const notes: string[] = [];
  for (const [position, one] of opened.entries()) {
    if (one.indices !== undefined) {
      releases.push(one.release);
      indices.push(...one.indices);
    } else if (position === 0) {
      throw withoutArchitecture(one.release, architecture);
    } else {
      notes.push(`${one.release.url} has no packages for ${architecture}: it is not read`);
    }
  }
  return { releases, universe: createUniverse(architecture, [...options.local, ...indices], options.pins), notes };
}

function withoutArchitecture(release: Release, architecture: string): KoalaError {
  const known = release.architectures.filter((name) => name !== 'all').join(', ');
  return new KoalaError('archive', `cannot find packages for ${architecture} in ${release.url}: it has ${known}`);
}
