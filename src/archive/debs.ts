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
 * Brings a package's .deb into the store. One that comes now is checked against size and digest on its way; one that is
 * there is checked against both again.
 *
 * @throws KoalaError as `fetchPromised`
 */
export async function fetchDeb(store: Store, transport: Transport, record: PackageRecord): Promise<FetchedDeb> {
  const { uris } = record.archive;
  const stored = await store.verifiedFile(record);
  if (stored !== undefined) {
    const url = maskUrl(joinUrl(uris[0] ?? '', record.filename));
    transport.onEvent({ type: 'transfer-finished', url, fromStore: true });
    return { path: stored, fromStore: true };
  }
  const promise = { size: record.size, sha256: record.sha256 };
  const path = await fetchPromised({ bases: uris, paths: [record.filename], promise }, store, transport);
  return { path, fromStore: false };
}
