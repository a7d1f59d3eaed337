import { KoalaError } from '../formats/errors.js';
import { fetchPromised } from './fetch.js';
import type { Store } from './store.js';
import type { Transport } from './transport.js';
import type { PackageRecord } from './types.js';
import { joinUrl, maskUrl } from './url.js';

/** A .deb in the store. */
export interface FetchedDeb {
  readonly path: string;
  readonly fromStore: boolean;
}

/**
 * Brings a package into the store for `unpackDeb`: where what it unpacks to is there, that is enough, and the .deb may be
 * missing.
 *
 * @throws KoalaError as `fetchDebFile`
 */
export async function fetchDeb(store: Store, transport: Transport, record: PackageRecord): Promise<FetchedDeb> {
  return (await store.hasUnpacked(record))
    ? foundDeb(store, transport, record)
    : fetchDebFile(store, transport, record);
}

/**
 * Brings a package's .deb into the store. One that comes now is checked against size and digest on its way; of one that is
 * there, only the size is looked at: its reader checks the digest, as `unpackDeb` does, and calls `refetchDeb` where it is
 * another.
 *
 * @throws KoalaError as `fetchPromised`, and one that names the package where it could be in several places
 */
export async function fetchDebFile(store: Store, transport: Transport, record: PackageRecord): Promise<FetchedDeb> {
  const { uris } = record.archive;
  if (await store.has(record)) return foundDeb(store, transport, record);
  const bases = transport.offline ? uris.filter((uri) => uri.startsWith('file:')) : uris;
  if (bases.length === 0) throw notThere(record, '--offline and it is not in the store');
  const promise = { size: record.size, sha256: record.sha256 };
  try {
    const path = await fetchPromised({ bases, paths: [record.filename], promise }, store, transport);
    return { path, fromStore: false };
  } catch (error) {
    if (!(error instanceof KoalaError) || error.code === 'cancelled' || bases.length === 1) throw error;
    throw notThere(record, `none of ${bases.length} places has it`, error);
  }
}

function foundDeb(store: Store, transport: Transport, record: PackageRecord): FetchedDeb {
  const url = maskUrl(joinUrl(record.archive.uris[0] ?? '', record.filename));
  transport.onEvent({ type: 'transfer-finished', url, fromStore: true });
  return { path: store.path(record), fromStore: true };
}

function notThere({ name, version }: PackageRecord, why: string, cause?: KoalaError): KoalaError {
  const hint =
    cause === undefined
      ? 'run the command once without --offline, with the same --cache-dir'
      : 'give a mirror that has this version with --mirror, or renew the lock, if it is built from one';
  return new KoalaError(cause?.code ?? 'archive', `cannot fetch ${name} ${version}: ${why}`, {
    hint,
    details: cause?.details ?? [],
    cause,
  });
}

/**
 * Throws a .deb of the store away that turned out to be damaged, and fetches it again, as one that is gone meanwhile.
 *
 * @returns undefined where what is there is what was promised
 * @throws KoalaError as `fetchPromised`
 */
export async function refetchDeb(
  store: Store,
  transport: Transport,
  record: PackageRecord,
): Promise<FetchedDeb | undefined> {
  const isWhole = (await store.verifiedFile(record)) !== undefined;
  return isWhole ? undefined : fetchDebFile(store, transport, record);
}
