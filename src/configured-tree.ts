import { certificatesOf } from './archive/keyring-files.js';
import { openStore } from './archive/store.js';
import { fetchAndUnpack, type Unpacked } from './build/fetch-and-unpack.js';
import { chooseLocked, withControlFields, withRecords } from './build/locked.js';
import { PLACES } from './build/places.js';
import { createScratch } from './build/scratch.js';
import { createStepClock, type StepClock } from './build/steps.js';
import type { Chosen, TreeOptions } from './build-types.js';
import type { ScriptAudit } from './configure/audit.js';
import { configure } from './configure/configure.js';
import { preinstDiversions } from './configure/diversions.js';
import { choosePackages, openTransport } from './plan.js';
import { foreignFor } from './profile/suites.js';
import { mergePackages } from './rootfs/merge.js';
import type { Tree } from './rootfs/tree.js';
import type { Plan } from './solve/types.js';
import { createUnpacker } from './unpack/unpacker.js';

/** A configured tree and how it came about. */
export interface ConfiguredTree {
  readonly tree: Tree;
  /** What became of each maintainer script. */
  readonly scripts: readonly ScriptAudit[];
  /** Without the universe, which is large and has done its work. */
  readonly chosen: Chosen;
  /** The plan with all that packages say of each other, whatever it was chosen from. */
  readonly plan: Plan;
  readonly unpacked: Unpacked;
  /** The build date in seconds since the epoch. */
  readonly epoch: number;
  readonly clock: StepClock;
  /** Aborted where the caller's is. */
  readonly signal: AbortSignal;
}

/**
 * The steps that all have in common who need a tree: profile → archives → plan → .debs → unpacked packages → tree →
 * configured tree. The contents of its files are there until `use` is done.
 *
 * @throws KoalaError with a message for the user; the store is whole then.
 */
export async function withConfiguredTree<Result>(
  options: TreeOptions,
  use: (configured: ConfiguredTree) => Promise<Result>,
): Promise<Result> {
  const { profile, architecture, jobs, locked, onEvent } = options;
  const clock = createStepClock(onEvent);
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);

  const store = await openStore(options.cacheDir);
  const scratch = await createScratch(options.cacheDir);
  const unpacker = createUnpacker({ jobs, directory: scratch.directory });
  const transport = openTransport({ ...options, signal });
  const cancel = (): void => {
    failure.abort();
    void unpacker.close();
  };
  options.signal.addEventListener('abort', cancel, { once: true });
  try {
    const { plan, releases, archives, unread } = await (locked === undefined
      ? choosePackages(options, { store, transport, clock })
      : clock.run('archives', () => chooseLocked(options, locked)));
    const epoch = options.epoch ?? Math.max(...releases.map(({ date }) => date));
    const planned = plan.stages.flatMap(({ packages }) => packages);
    const records = planned.map(({ record }) => record);
    const automatic = planned.filter(({ reason }) => 'by' in reason).map(({ record }) => record);
    onEvent({ type: 'planned', ...totalsOf(records) });

    const tools = { store, transport, unpacker, clock, onEvent, cancel };
    const unpacked = await fetchAndUnpack(records, tools);
    // Its threads give back their memory.
    await unpacker.close();
    const packages = locked === undefined ? unpacked.packages : withControlFields(unpacked.packages);

    const foreign = foreignFor(profile, architecture);
    const architectures = { native: architecture, foreign };
    const diversions = () => preinstDiversions(packages, architectures, epoch);
    const tree = await clock.run('tree', () => mergePackages(packages, architecture, epoch, foreign, diversions));
    const hasApt = records.some(({ name }) => name === 'apt');
    const scripts = await clock.run('configure', async () => {
      // apt in the tree is told of the profile's updates whether this build read them or not.
      const known = hasApt ? [...archives, ...unread] : [];
      const keys = await certificatesOf(known, PLACES.bundledKeyrings);
      return configure(tree, { packages, profile, architectures, archives: known, keys, automatic, epoch });
    });
    const withRelations = withRecords(plan, unpacked.packages, packages);
    const chosen = { plan, releases, archives, unread };
    return await use({ tree, scripts, chosen, plan: withRelations, unpacked, epoch, clock, signal });
  } finally {
    options.signal.removeEventListener('abort', cancel);
    await unpacker.close();
    await transport.close();
    await scratch.remove();
  }
}

function totalsOf(records: readonly { readonly size: number; readonly installedSize: number }[]) {
  return {
    packages: records.length,
    fetchBytes: records.reduce((sum, { size }) => sum + size, 0),
    unpackBytes: records.reduce((sum, { installedSize }) => sum + installedSize * 1024, 0),
  };
}
