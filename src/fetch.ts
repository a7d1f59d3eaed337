import { fetchDeb } from './archive/debs.js';
import { openStore } from './archive/store.js';
import type { PackageRecord } from './archive/types.js';
import { chooseLocked } from './build/locked.js';
import { announceUse } from './build/scratch.js';
import type { FetchOptions, FetchSummary } from './build-types.js';
import { keepUp } from './cache/upkeep.js';
import { openTransport } from './plan.js';

/**
 * Brings all .debs that a lock names for some architectures into the store, and does no more.
 *
 * @throws KoalaError with a message for the user, of the first package that cannot be had; what came before stays
 */
export async function fetchLocked(options: FetchOptions): Promise<FetchSummary> {
  const store = await openStore(options.cacheDir);
  const use = await announceUse(options.cacheDir, options);
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const transport = openTransport({ ...options, signal });
  try {
    const records = new Map<string, PackageRecord>();
    for (const architecture of options.architectures) {
      const { plan } = await chooseLocked({ ...options, architecture }, options.locked);
      for (const { record } of plan.stages.flatMap(({ packages }) => packages)) records.set(record.sha256, record);
    }
    const bytes = { fetched: 0, fromStore: 0 };
    const fetching = [...records.values()].map(async (record) => {
      const { fromStore } = await fetchDeb(store, transport, record);
      bytes[fromStore ? 'fromStore' : 'fetched'] += record.size;
      options.onEvent({ type: 'package-fetched', name: record.name, fromStore });
    });
    await Promise.all(fetching).catch(async (error: unknown) => {
      failure.abort();
      await Promise.allSettled(fetching);
      throw error;
    });
    return { architectures: options.architectures, packages: records.size, bytes };
  } finally {
    await transport.close();
    await use.remove();
    await keepUp(store, options);
  }
}
