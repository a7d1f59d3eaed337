import { certificatesOf } from './archive/keyring-files.js';
import { openStore, type Store } from './archive/store.js';
import type { BaseImage } from './build/base-image.js';
import { earlyUnpacker } from './build/early-unpacker.js';
import type { Unpacked } from './build/fetch-and-unpack.js';
import { keepStages } from './build/kept-stages.js';
import { chooseLocked, withControlFields, withoutInstalled, withRecords } from './build/locked.js';
import { PLACES } from './build/places.js';
import { createScratch } from './build/scratch.js';
import type { StageTree } from './build/stages.js';
import { areKept, keysOfStages, loadConfiguring, mergeAndConfigure } from './build/staging.js';
import { createStepClock, type StepClock } from './build/steps.js';
import type { BuildEvent, Chosen, TreeOptions } from './build-types.js';
import { keepUp } from './cache/upkeep.js';
import type { ScriptAudit } from './configure/audit.js';
import { limitsOf } from './formats/limits.js';
import { choosePackages, openTransport } from './plan.js';
import { foreignFor } from './profile/suites.js';
import type { Tree } from './rootfs/tree.js';
import type { Plan } from './solve/types.js';

/** What is known before anything is fetched. */
export interface ReadyToFetch extends Pick<ConfiguredTree, 'chosen' | 'epoch' | 'clock' | 'signal'> {
  readonly store: Store;
  /** The certificates that apt in the tree will have. */
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** A configured tree and how it came about. */
export interface ConfiguredTree {
  readonly tree: Tree;
  /** The tree after each stage, the last one being `tree`; only that one unless the others were asked for. */
  readonly stages: readonly StageTree[];
  /** What became of each maintainer script. */
  readonly scripts: readonly ScriptAudit[];
  /** Without the universe, which is large and has done its work. */
  readonly chosen: Chosen;
  /** The plan with all that packages say of each other, whatever it was chosen from. */
  readonly plan: Plan;
  readonly unpacked: Unpacked;
  /** What the tree was laid over. */
  readonly base: BaseImage | undefined;
  /** The build date in seconds since the epoch. */
  readonly epoch: number;
  readonly clock: StepClock;
  /** Aborted where the caller's is. */
  readonly signal: AbortSignal;
}

/** What else is done on the way to a tree. */
interface Hooks<Result> {
  /** May give the result once the plan is there; undefined: it is worked out. */
  readonly instead?: (ready: ReadyToFetch) => Promise<Result | undefined>;
  /** Called once everything is unpacked: the threads that did that are gone, and one is enough for what comes. */
  readonly unpacked?: () => void;
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
  hooks: Hooks<Result> = {},
): Promise<Result> {
  const { profile, architecture, jobs, locked } = options;
  const store = await openStore(options.cacheDir);
  const scratch = await createScratch(options.cacheDir, options);
  const early = earlyUnpacker({ jobs, directory: scratch.directory, limits: options.limits });
  let fetched = 0;
  const onEvent = (event: BuildEvent): void => {
    if (event.type === 'fetched') fetched += event.bytes;
    if (fetched >= LARGE) early.start();
    options.onEvent(event);
  };
  const clock = createStepClock(onEvent);
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const transport = openTransport({ ...options, onEvent, signal });
  let keeping: Promise<void> | undefined;
  try {
    const base = await baseOf(options, scratch.directory);
    const installed = base?.installed.map(({ record }) => record) ?? [];
    const { plan, releases, archives, unread } = await (locked === undefined
      ? choosePackages({ ...options, onEvent, installed }, { store, transport, clock })
      : clock.run('archives', () => withoutInstalled(chooseLocked(options, locked), installed)));
    const epoch = options.epoch ?? Math.max(...releases.map(({ date }) => date));
    const planned = plan.stages.flatMap(({ packages }) => packages);
    const records = planned.map(({ record }) => record);
    const isAutomatic = planned.map(({ reason }) => 'by' in reason);
    onEvent({ type: 'planned', ...totalsOf(records) });

    const hasApt = [...installed, ...records].some(({ name }) => name === 'apt');
    // apt in the tree is told of the profile's updates whether this build read them or not.
    const known = hasApt ? [...archives, ...unread] : [];
    const keys = await certificatesOf(known, PLACES.bundledKeyrings);
    const chosen = { plan, releases, archives, unread };
    const result = await hooks.instead?.({ store, chosen, keys, epoch, clock, signal });
    if (result !== undefined) return result;

    const architectures = { native: architecture, foreign: foreignFor(profile, architecture) };
    const setting = {
      plan,
      base,
      profile,
      architectures,
      archives: known,
      keys,
      isAutomatic,
      epoch,
      limits: options.limits,
      isShared: options.takeStages !== false,
    };
    // A lock does not say what its packages say of each other.
    const plannedKeys = locked === undefined ? keysOfStages(setting, planned) : undefined;
    // It is awaited later; until then a failure is not an unhandled one.
    if (!areKept(store, plannedKeys ?? [])) loadConfiguring().catch(() => undefined);
    const { fetchAndUnpack, unpacker } = await early.load();
    const cancel = (): void => failure.abort();
    const unpacked = await fetchAndUnpack(records, { store, transport, unpacker, clock, onEvent, signal, cancel });
    hooks.unpacked?.();
    const packages = locked === undefined ? unpacked.packages : withControlFields(unpacked.packages);

    const { tree, stages, scripts, fresh, taken } = await mergeAndConfigure({
      ...setting,
      packages,
      stageKeys: plannedKeys ?? keysOfStages(setting, packages),
      keepStages: options.keepStages === true,
      store,
      clock,
    });
    const withRelations = withRecords(plan, unpacked.packages, packages);
    keeping = keepStages(store, fresh);
    const many = taken === 1 ? '1 stage was' : `${taken} stages were`;
    if (taken > 0) onEvent({ type: 'note', text: `${many} configured by an earlier build` });
    return await use({ tree, stages, scripts, chosen, plan: withRelations, unpacked, base, epoch, clock, signal });
  } finally {
    await keeping;
    await early.close();
    await transport.close();
    await scratch.remove();
    await keepUp(store, options);
  }
}

/** An index of this size takes longer to come and to be read than threads to start. */
const LARGE = 1 << 20;

/** Only who builds on an image needs the code that reads one. */
async function baseOf({ base, architecture, limits }: TreeOptions, directory: string): Promise<BaseImage | undefined> {
  if (base === undefined) return undefined;
  const { readBaseImage } = await import('./build/base-image.js');
  return readBaseImage(base, architecture, directory, limitsOf(limits));
}

function totalsOf(records: readonly { readonly size: number; readonly installedSize: number }[]) {
  return {
    packages: records.length,
    fetchBytes: records.reduce((sum, { size }) => sum + size, 0),
    unpackBytes: records.reduce((sum, { installedSize }) => sum + installedSize * 1024, 0),
  };
}
