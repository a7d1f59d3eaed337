import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { nameOf } from '../formats/path.js';
import { fetchPromised } from './fetch.js';
import type { Store } from './store.js';
import { isFlat, suitePath } from './suite-path.js';
import type { Transport } from './transport.js';
import type { Promise256, Release } from './types.js';

/** A file that packages have. */
export interface ContentsEntry {
  /** Absolute. */
  readonly path: string;
  readonly packages: readonly string[];
}

interface Tools {
  readonly store: Store;
  readonly transport: Transport;
}

/** Some 600 MB of main, and as much again. */
const MAX_BYTES = 2 ** 31;
const NEWLINE = 0x0a;

/**
 * Which packages have files of these names, as the Contents indices of the archives say (wiki.debian.org/DebianRepository/Format,
 * "Contents indices"). Of trixie they are 13 MB for amd64 and 38 MB for `all`, and they are fetched here for the first time.
 *
 * @param names base names, few
 * @returns in the order of the archives; nothing for archives that have no such index
 * @throws KoalaError as transfers do
 */
export async function findInContents(
  releases: readonly Release[],
  architecture: string,
  names: ReadonlySet<string>,
  tools: Tools,
): Promise<ContentsEntry[]> {
  const found: ContentsEntry[] = [];
  if (names.size === 0) return found;
  for (const release of releases) {
    for (const { name, promise } of indicesOf(release, architecture)) {
      const path = await fetchIndex(release, name, promise, tools);
      found.push(...(await scan(path, names, name)));
    }
  }
  return found;
}

/** Those of components; some archives have one for all of them. */
function indicesOf(release: Release, architecture: string): { name: string; promise: Promise256 }[] {
  if (isFlat(release.source.suite)) return [];
  const folders = [...release.source.components.map((component) => `${component}/`), ''];
  const names = [architecture, 'all'].flatMap((kind) => folders.map((folder) => `${folder}Contents-${kind}.gz`));
  return names.flatMap((name) => {
    const promise = release.files.get(name);
    return promise === undefined ? [] : [{ name, promise }];
  });
}

async function fetchIndex(
  release: Release,
  name: string,
  promise: Promise256,
  { store, transport }: Tools,
): Promise<string> {
  const known = await store.verifiedFile(promise);
  if (known !== undefined) return known;
  const full = `${suitePath(release.source.suite)}/${name}`;
  const byHash = `${full.slice(0, full.lastIndexOf('/'))}/by-hash/SHA256/${promise.sha256}`;
  const paths = release.acquireByHash ? [byHash, full] : [full];
  return fetchPromised({ bases: release.source.uris, paths, promise }, store, transport);
}

/** Lines of a path, blanks, and a list of packages with their sections before them. */
async function scan(file: string, names: ReadonlySet<string>, origin: string): Promise<ContentsEntry[]> {
  const wanted = [...names].map((name) => Buffer.from(`/${name}`));
  const found: ContentsEntry[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let total = 0;
  const gunzip = createGunzip({ chunkSize: 1 << 20 });
  try {
    await pipeline(createReadStream(file), gunzip, async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        total += chunk.length;
        if (total > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
        const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        const end = bytes.lastIndexOf(NEWLINE) + 1;
        for (const name of wanted) collect(bytes.subarray(0, end), name, found);
        rest = Buffer.from(bytes.subarray(end));
      }
    });
  } catch (error) {
    throw new KoalaError('archive', `cannot read ${origin}: ${reasonOf(error)}`, { cause: error });
  }
  return found;
}

function collect(bytes: Buffer, name: Buffer, found: ContentsEntry[]): void {
  for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) {
    const after = bytes[at + name.length];
    if (after !== 0x20 && after !== 0x09) continue;
    const start = bytes.lastIndexOf(NEWLINE, at) + 1;
    const end = bytes.indexOf(NEWLINE, at);
    const text = bytes.toString('utf8', start, end);
    const blank = Math.max(text.lastIndexOf(' '), text.lastIndexOf('\t'));
    const path = text.slice(0, Math.max(blank, 0)).trimEnd();
    const list = text.slice(blank + 1);
    const packages = list.split(',').map((one) => nameOf(one));
    if (path !== '' && list !== '') found.push({ path: `/${path}`, packages });
  }
}
