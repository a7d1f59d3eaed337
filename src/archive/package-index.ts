import { KoalaError } from '../formats/errors.js';
import { COMPRESSIONS, type Compression } from './decompress.js';
import { fetchPromised } from './fetch.js';
import { firstMentionIn } from './first-mention.js';
import { readStoredIndex, type StoredIndex, writeStoredIndex } from './index-cache.js';
import { scanIndex } from './index-scan.js';
import { type IndexTables, openTables } from './index-tables.js';
import { readPackedIndex } from './make-index.js';
import { readPackageRecord } from './package-record.js';
import type { Store } from './store.js';
import { isFlat, suitePath } from './suite-path.js';
import type { Transport } from './transport.js';
import type { ArchiveSource, PackagePlace, PackageRecord, Promise256, Release } from './types.js';
import { joinUrl, maskUrl } from './url.js';

/** A Packages index: where the packages are in it, and what it says of those that are asked for. */
export interface PackageIndex {
  readonly scan: IndexTables;
  /** Of the text in bytes. */
  readonly size: number;
  /** The byte at which a package is named first; see `firstMentionIn`. */
  firstMention(name: string): number | undefined;
  readonly place: PackagePlace;
  /**
   * The record of a stanza, the same one each time.
   *
   * @throws KoalaError `archive` that names the package and the index; DamagedIndex
   */
  record(stanza: number): PackageRecord;
}

/** An index as the Release file lists it. */
interface ListedIndex {
  /** The empty string for a flat archive. */
  readonly component: string;
  /** Below the suite: `main/binary-amd64/Packages`. */
  readonly path: string;
  readonly compression: Compression;
  readonly packed: Promise256;
  /** Of the decompressed index, where it is listed. */
  readonly plain: Promise256 | undefined;
}

interface Tools {
  readonly store: Store;
  readonly transport: Transport;
}

/**
 * Fetches the indices of a release for an architecture, and for `all` where those packages are apart. Both what was
 * fetched and what it decompresses to are checked against the signed Release file.
 *
 * @returns undefined where the archive does not have the architecture
 * @throws KoalaError `archive` for a component that it does not have, `verify` for bytes that are not the promised ones
 */
export async function openIndices(
  release: Release,
  architecture: string,
  store: Store,
  transport: Transport,
): Promise<PackageIndex[] | undefined> {
  const listed: ListedIndex[] = [];
  for (const component of componentsOf(release)) {
    const own = listedIndex(release, component, architecture);
    if (own === undefined) return undefined;
    const all = release.allPackagesApart && component !== '' ? listedIndex(release, component, 'all') : undefined;
    listed.push(own, ...(all === undefined ? [] : [all]));
  }
  return Promise.all(listed.map((index) => openIndex(index, release, { store, transport })));
}

/** The index of a text; what `openIndices` does once the bytes are verified. */
export function packageIndex(
  bytes: Buffer,
  url: string,
  archive: ArchiveSource,
  place: PackagePlace = { ...UNKNOWN_PLACE, suite: archive.suite },
): PackageIndex {
  return indexOf(inMemory(bytes, scanIndex(bytes)), url, archive, place);
}

/** A text at hand as if it were a stored one. */
function inMemory(text: Buffer, tables: Uint8Array): StoredIndex {
  return { tables: openTables(tables), text: (start, end) => text.subarray(start, end) };
}

function indexOf(stored: StoredIndex, url: string, archive: ArchiveSource, place: PackagePlace): PackageIndex {
  const { tables } = stored;
  const { size } = tables;
  const records = new Map<number, PackageRecord>();
  let whole: Buffer | undefined;
  return {
    scan: tables,
    size,
    place,
    firstMention(name) {
      whole ??= stored.text(0, size);
      return firstMentionIn(whole, name);
    },
    record(stanza) {
      let record = records.get(stanza);
      if (record === undefined) {
        record = readPackageRecord(stored.text(...tables.bounds(stanza)).toString('utf8'), url, archive);
        records.set(stanza, record);
      }
      return record;
    },
  };
}

/** An archive of which nothing is known. */
export const UNKNOWN_PLACE: PackagePlace = {
  suite: '',
  codename: '',
  origin: '',
  label: '',
  component: '',
  release: '',
  architecture: '',
  site: '',
  priority: 500,
  local: false,
};

/** What pins see of a component of an archive. */
function placeOf(release: Release, { component, path }: ListedIndex): PackagePlace {
  const { suite, codename, origin, label, notAutomatic, butAutomaticUpgrades, source } = release;
  // apt-pkg/policy.cc; as in apt, ButAutomaticUpgrades needs no NotAutomatic beside it.
  const priority = source.priority ?? (butAutomaticUpgrades ? 100 : notAutomatic ? 1 : 500);
  const architecture = /\/binary-([^/]+)\//.exec(path)?.[1] ?? '';
  const { hostname: site } = new URL(source.uris[0] ?? 'file:///');
  const named = { suite, codename, origin, label, component, release: release.version, architecture, site };
  return { ...named, priority, local: false };
}

/** The source's components, after a check that the archive has them; a flat archive has its one index at the top. */
function componentsOf(release: Release): string[] {
  const { suite, components } = release.source;
  if (isFlat(suite)) return [''];
  // A security archive lists `updates/main` as a component and files below `main/`.
  const known = release.components.map((component) => component.split('/').at(-1));
  const paths = [...release.files.keys()];
  for (const component of components) {
    if (known.includes(component) || paths.some((path) => path.startsWith(`${component}/`))) continue;
    throw new KoalaError('archive', `cannot find the component ${component} in ${release.url}`, {
      hint: `it has ${release.components.join(', ')}`,
    });
  }
  return [...components];
}

function listedIndex(release: Release, component: string, architecture: string): ListedIndex | undefined {
  const name = component === '' ? 'Packages' : `${component}/binary-${architecture}/Packages`;
  const plain = release.files.get(name);
  for (const compression of COMPRESSIONS) {
    const packed = release.files.get(name + compression);
    if (packed !== undefined) return { component, path: name, compression, packed, plain };
  }
  return undefined;
}

async function openIndex(index: ListedIndex, release: Release, tools: Tools): Promise<PackageIndex> {
  const { source } = release;
  const { store, transport } = tools;
  const { compression, packed, plain, path } = index;
  const url = maskUrl(joinUrl(source.uris[0] ?? '', `${suitePath(source.suite)}/${path}${compression}`));
  const place = placeOf(release, index);
  const stored = await readStoredIndex(store, packed, plain);
  if (stored !== undefined) return indexOf(stored, url, source, place);
  if (plain?.size !== 0) await fetchPacked(index, release, tools);
  const request = { compression, packed, plain, url, limits: transport.limits };
  const made = await writeStoredIndex(store, packed, (put) => readPackedIndex(request, store, put));
  if (made !== undefined) return indexOf(made, url, source, place);
  // The disk is full, and nothing could be kept.
  const pieces: Uint8Array[] = [];
  const { tables } = await readPackedIndex(request, store, async (piece) => void pieces.push(piece));
  return indexOf(inMemory(Buffer.concat(pieces), tables), url, source, place);
}

async function fetchPacked(index: ListedIndex, release: Release, { store, transport }: Tools): Promise<void> {
  const { packed: promise } = index;
  if ((await store.verifiedFile(promise)) !== undefined) return;
  const name = `${suitePath(release.source.suite)}/${index.path}${index.compression}`;
  const byHash = `${name.slice(0, name.lastIndexOf('/'))}/by-hash/SHA256/${promise.sha256}`;
  const paths = release.acquireByHash ? [byHash, name] : [name];
  await fetchPromised({ bases: release.source.uris, paths, promise }, store, transport);
}
