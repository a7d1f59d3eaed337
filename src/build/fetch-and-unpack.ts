import { type FetchedDeb, fetchDeb, refetchDeb } from '../archive/debs.js';
import type { Store } from '../archive/store.js';
import type { Transport } from '../archive/transport.js';
import type { PackageRecord } from '../archive/types.js';
import type { BuildEvent } from '../build-types.js';
import { statIfThere } from '../files/there.js';
import type { MergeInput } from '../rootfs/merge.js';
import { createUnpacker, type Unpacker } from '../unpack/unpacker.js';
import type { StepClock } from './steps.js';

export { createUnpacker };

/** What of kept packages is read and checked in the time in which a thread starts. */
const FEW_BYTES = 48 * 1024 * 1024;

interface Tools {
  readonly store: Store;
  readonly transport: Transport;
  /** It is closed at the end. */
  readonly unpacker: Unpacker;
  readonly clock: StepClock;
  readonly onEvent: (event: BuildEvent) => void;
  readonly signal: AbortSignal;
  /** Ends what is under way once one package has failed: aborts `signal`. */
  readonly cancel: () => void;
}

/** The packages in the given order, and how many bytes of their .debs the store had and the archives gave. */
export interface Unpacked {
  readonly packages: readonly MergeInput[];
  readonly fromStore: number;
  readonly fetched: number;
}

/**
 * Fetches and unpacks packages, the largest first, each unpacked as soon as it is there. Which one finishes first has no
 * bearing on the result.
 *
 * @throws KoalaError of the first package that failed, once all others have stopped.
 */
export async function fetchAndUnpack(records: readonly PackageRecord[], tools: Tools): Promise<Unpacked> {
  const { store, transport, unpacker, clock, onEvent, signal, cancel } = tools;
  const close = (): void => void unpacker.close();
  signal.addEventListener('abort', close, { once: true });
  const bytes = { fromStore: 0, fetched: 0 };
  const done = new Map<PackageRecord, MergeInput>();
  const fetchOne = async (record: PackageRecord): Promise<FetchedDeb> => {
    const deb = await fetchDeb(store, transport, record);
    const { fromStore } = deb;
    bytes[fromStore ? 'fromStore' : 'fetched'] += record.size;
    if (fromStore) onEvent({ type: 'fetched', bytes: record.size });
    onEvent({ type: 'package-fetched', name: record.name, fromStore });
    return deb;
  };
  const isSoonTaken = keptBytes(records, store) <= FEW_BYTES;
  if (!isSoonTaken) unpacker.start();
  const unpack = async (record: PackageRecord, { path }: FetchedDeb) => {
    const { name, version, architecture, size, sha256 } = record;
    const promised = { size, sha256 };
    const request = { deb: path, promised, name, version, architecture, kept: store.unpackedPath(promised) };
    return (isSoonTaken ? unpacker.take(request) : undefined) ?? unpacker.unpack(request);
  };
  const unpackOne = async (record: PackageRecord, deb: FetchedDeb): Promise<void> => {
    const { name } = record;
    const unpacked = await unpack(record, deb).catch(async (error: unknown) => {
      // Damaged, or gone since: another build may have thrown it away.
      const again = await refetchDeb(store, transport, record);
      if (again === undefined) throw error;
      bytes[deb.fromStore ? 'fromStore' : 'fetched'] -= record.size;
      bytes.fetched += record.size;
      return unpack(record, again);
    });
    store.grew(unpacked.stored ?? 0);
    onEvent({ type: 'package-unpacked', name, bytes: unpacked.bytes });
    done.set(record, { record, unpacked });
  };

  clock.start('fetch');
  clock.start('unpack');
  const largestFirst = [...records].sort((a, b) => b.size - a.size);
  const fetching = largestFirst.map((record) => ({ record, deb: fetchOne(record) }));
  const unpacking = fetching.map(async ({ record, deb }) => unpackOne(record, await deb));
  try {
    await Promise.all([
      // Loading them to say their names holds nothing up where threads do so as well.
      isSoonTaken ? undefined : nameDecoders(onEvent),
      Promise.all(fetching.map(({ deb }) => deb)).then(() => clock.finish('fetch')),
      Promise.all(unpacking).then(() => clock.finish('unpack')),
    ]);
  } catch (error) {
    cancel();
    await Promise.allSettled(unpacking);
    throw error;
  } finally {
    signal.removeEventListener('abort', close);
    // Its threads give back their memory.
    await unpacker.close();
  }
  return { packages: records.flatMap((record) => done.get(record) ?? []), ...bytes };
}

/** Of all of these packages, as they are kept unpacked; infinite where one is not. */
function keptBytes(records: readonly PackageRecord[], store: Store): number {
  let bytes = 0;
  for (const record of records) {
    bytes += statIfThere(store.unpackedPath(record))?.size ?? Number.POSITIVE_INFINITY;
    if (bytes > FEW_BYTES) break;
  }
  return bytes;
}

async function nameDecoders(onEvent: Tools['onEvent']): Promise<void> {
  const { decoderNames } = await import('../unpack/decoders.js');
  const { xz, zst } = await decoderNames();
  onEvent({ type: 'note', text: `${xz} decodes xz, ${zst} decodes zst` });
}
