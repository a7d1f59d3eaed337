import { KoalaError } from '../formats/errors.js';
import { COMPRESSIONS, type Compression, decompress } from './decompress.js';
import { fetchPromised } from './fetch.js';
import { type IndexScan, scanIndex } from './index-scan.js';
import { readPackageRecord } from './package-record.js';
import { suitePath } from './release.js';
import { checkPromise, promiseOf, type Store } from './store.js';
import type { Transport } from './transport.js';
import type { ArchiveSource, PackageRecord, Promise256, Release } from './types.js';
import { joinUrl, maskUrl } from './url.js';

/** A Packages index: its text, and where the packages are in it. */
export interface PackageIndex {
  readonly bytes: Buffer;
  readonly scan: IndexScan;
  /**
   * The record of a stanza, the same one each time.
   *
   * @throws KoalaError `archive` that names the package and the index
   */
  record(stanza: number): PackageRecord;
}

/** An index as the Release file lists it. */
interface ListedIndex {
  /** Below the suite: `main/binary-amd64/Packages`. */
  readonly path: string;
  readonly compression: Compression;
  readonly packed: Promise256;
  /** Of the decompressed index, where it is listed. */
  readonly plain: Promise256 | undefined;
}

/** Debian's largest, of sid, has 65 MB. */
const MAX_BYTES = 1 << 30;

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
  for (const directory of componentDirectories(release)) {
    const own = listedIndex(release, `${directory}binary-${architecture}/Packages`, directory);
    if (own === undefined) return undefined;
    const all = release.allPackagesApart
      ? listedIndex(release, `${directory}binary-all/Packages`, directory)
      : undefined;
    listed.push(own, ...(all === undefined ? [] : [all]));
  }
  return Promise.all(listed.map((index) => openIndex(index, release, store, transport)));
}

/** The index of a text; what `openIndices` does once the bytes are verified. */
export function packageIndex(bytes: Buffer, url: string, archive: ArchiveSource): PackageIndex {
  const scan = scanIndex(bytes);
  const records = new Map<number, PackageRecord>();
  return {
    bytes,
    scan,
    record(stanza) {
      let record = records.get(stanza);
      if (record === undefined) {
        const text = bytes.toString('utf8', scan.starts[stanza], scan.ends[stanza]);
        record = readPackageRecord(text, url, archive);
        records.set(stanza, record);
      }
      return record;
    },
  };
}

/** `main/` for each component, after a check that the archive has it; a flat archive has its index at the top. */
function componentDirectories(release: Release): string[] {
  const { suite, components } = release.source;
  if (suite.endsWith('/')) return [''];
  // A security archive lists `updates/main` as a component and files below `main/`.
  const known = release.components.map((component) => component.split('/').at(-1));
  const paths = [...release.files.keys()];
  for (const component of components) {
    if (known.includes(component) || paths.some((path) => path.startsWith(`${component}/`))) continue;
    throw new KoalaError('archive', `cannot find the component ${component} in ${release.url}`, {
      hint: `it has ${release.components.join(', ')}`,
    });
  }
  return components.map((component) => `${component}/`);
}

function listedIndex(release: Release, path: string, directory: string): ListedIndex | undefined {
  const name = directory === '' ? 'Packages' : path;
  const plain = release.files.get(name);
  for (const compression of COMPRESSIONS) {
    const packed = release.files.get(name + compression);
    if (packed !== undefined) return { path: name, compression, packed, plain };
  }
  return undefined;
}

async function openIndex(
  index: ListedIndex,
  release: Release,
  store: Store,
  transport: Transport,
): Promise<PackageIndex> {
  const { source } = release;
  const name = index.path + index.compression;
  const below = suitePath(source.suite);
  const url = maskUrl(joinUrl(source.uris[0] ?? '', `${below}/${name}`));
  const packed = index.plain?.size === 0 ? undefined : await openPacked(index, release, store, transport);
  const limit = index.plain?.size ?? MAX_BYTES;
  const plain = packed === undefined ? Buffer.alloc(0) : await decompress(packed, index.compression, limit, url);
  if (index.plain !== undefined) checkPromise(index.plain, promiseOf(plain), url);
  return packageIndex(plain, url, source);
}

async function openPacked(index: ListedIndex, release: Release, store: Store, transport: Transport): Promise<Buffer> {
  const { packed: promise } = index;
  const stored = await store.read(promise);
  if (stored !== undefined) return stored;
  const below = suitePath(release.source.suite);
  const name = `${below}/${index.path}${index.compression}`;
  const byHash = `${name.slice(0, name.lastIndexOf('/'))}/by-hash/SHA256/${promise.sha256}`;
  const paths = release.acquireByHash ? [byHash, name] : [name];
  await fetchPromised({ bases: release.source.uris, paths, promise }, store, transport);
  const bytes = await store.read(promise);
  if (bytes === undefined)
    throw new KoalaError('archive', `cannot read ${store.path(promise)}: it was damaged just now`);
  return bytes;
}
