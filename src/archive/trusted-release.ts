import { formatParagraph, parseParagraph } from '../formats/deb822.js';
import { COMPRESSIONS } from './decompress.js';
import { fetchBytes, notFound } from './fetch.js';
import { unverifiedText } from './openpgp-verify.js';
import { promiseOf, type Store } from './store.js';
import { indexDirectories } from './suite-path.js';
import type { Transport } from './transport.js';
import type { ArchiveSource } from './types.js';
import { maskUrl } from './url.js';

const CLEARSIGNED = '-----BEGIN PGP SIGNED MESSAGE-----';
const EPOCH = 'Thu, 01 Jan 1970 00:00:00 UTC';

/** The text of an InRelease or Release file whose archive is trusted without a signature. */
export async function trustedText(bytes: Uint8Array, url: string): Promise<string> {
  const text = Buffer.from(bytes).toString();
  return text.startsWith(CLEARSIGNED) ? unverifiedText(bytes, url) : text;
}

/**
 * A Release file for a trusted archive that has none, or one that promises nothing: its indices are fetched as they are, and
 * it promises these. So they lie in the store, and all that reads an archive reads this one, offline too. Without a date it is
 * as old as can be, so that it never decides a build's timestamps where another archive has one.
 *
 * @param given the text of the Release file, undefined where the archive has none
 * @returns the text; `given` itself where nothing is missing
 * @throws KoalaError `archive` where the archive does not have any of the indices either
 */
export async function completeRelease(
  given: string | undefined,
  directory: string,
  source: ArchiveSource,
  architecture: string,
  { store, transport }: { readonly store: Store; readonly transport: Transport },
): Promise<string> {
  const fields = given === undefined ? [] : [...parseParagraph(given, maskUrl(`${directory}/Release`)).fields()];
  const has = (name: string): boolean => fields.some(([field]) => field.toLowerCase() === name);
  if (given !== undefined && has('date') && has('sha256')) return given;
  if (!has('date')) fields.push(['Date', EPOCH]);
  if (!has('sha256')) {
    const paths = indexDirectories(source, architecture).map((path) => `${path}Packages`);
    const lines = await Promise.all(paths.map((path) => fetchIndex(directory, path, store, transport)));
    fields.push(['SHA256', lines.map((line) => `\n${line}`).join('')]);
  }
  return formatParagraph(fields);
}

/** Brings an index into the store, in the first form that there is, and gives its line of a Release file. */
async function fetchIndex(directory: string, path: string, store: Store, transport: Transport): Promise<string> {
  for (const compression of COMPRESSIONS) {
    const url = `${directory}/${path}${compression}`;
    const bytes = await fetchBytes(url, transport.limits.indexBytes, transport);
    if (bytes === undefined) continue;
    const promise = promiseOf(bytes);
    await store.put(promise, url, (sink) => sink.write(bytes));
    return `${promise.sha256} ${promise.size} ${path}${compression}`;
  }
  throw notFound(`${directory}/${path}`);
}
