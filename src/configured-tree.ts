import { certificatesOf } from './archive/keyring-files.js';
import { openStore } from './archive/store.js';
import { fetchAndUnpack, type Unpacked } from './build/fetch-and-unpack.js';
import { chooseLocked, withControlFields, withRecords } from './build/locked.js';
import { PLACES } from './build/places.js';
import { createScratch } from './build/scratch.js';
import { type BuildStage, buildStages } from './build/stages.js';
import { createStepClock, type StepClock } from './build/steps.js';
import type { Chosen, TreeOptions } from './build-types.js';
import type { ScriptAudit } from './configure/audit.js';
import { type ConfigureInput, stageConfigurer } from './configure/configure.js';
import { preinstDiversions } from './configure/diversions.js';
import { choosePackages, openTransport } from './plan.js';
import { foreignFor } from './profile/suites.js';
import { createMerger, type PackageMerger } from './rootfs/merge.js';
import type { Tree } from './rootfs/tree.js';
import type { Plan } from './solve/types.js';
import { createUnpacker } from './unpack/unpacker.js';

/** The whole tree as a stage left it. */
interface StageTree {
  readonly name: string;
  readonly tree: Tree;
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
  const unpacker = createUnpacker({ jobs, directory: scratch.directory, limits: options.limits });
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
    const isAutomatic = planned.map(({ reason }) => 'by' in reason);
    onEvent({ type: 'planned', ...totalsOf(records) });

    const tools = { store, transport, unpacker, clock, onEvent, cancel };
    const unpacked = await fetchAndUnpack(records, tools);
    // Its threads give back their memory.
    await unpacker.close();
    const packages = locked === undefined ? unpacked.packages : withControlFields(unpacked.packages);

    const foreign = foreignFor(profile, architecture);
    const architectures = { native: architecture, foreign };
    const diversions = () => preinstDiversions(packages, architectures, epoch);
    const hasApt = records.some(({ name }) => name === 'apt');
    // apt in the tree is told of the profile's updates whether this build read them or not.
    const known = hasApt ? [...archives, ...unread] : [];
    const { tree, stages, scripts } = mergeAndConfigure({
      stages: buildStages(plan, profile.levels, packages),
      merger: createMerger(architecture, epoch, foreign, diversions),
      keepStages: options.keepStages === true,
      clock,
      input: {
        names: new Set(records.map(({ name }) => name)),
        profile,
        architectures,
        archives: known,
        keys: await certificatesOf(known, PLACES.bundledKeyrings),
        automatic: new Set(packages.filter((_, at) => isAutomatic[at]).map(({ record }) => record)),
        epoch,
        limits: options.limits,
      },
    });
    const withRelations = withRecords(plan, unpacked.packages, packages);
    const chosen = { plan, releases, archives, unread };
    return await use({ tree, stages, scripts, chosen, plan: withRelations, unpacked, epoch, clock, signal });
  } finally {
    options.signal.removeEventListener('abort', cancel);
    await unpacker.close();
    await transport.close();
    await scratch.remove();
  }
}

interface Staging {
  readonly stages: readonly BuildStage[];
  readonly merger: PackageMerger;
  readonly input: ConfigureInput;
  readonly keepStages: boolean;
  readonly clock: StepClock;
}

/** Lays each stage over those before it and configures it, before the next one comes. */
function mergeAndConfigure({ stages, merger, input, keepStages, clock }: Staging) {
  const { tree, add } = merger;
  const configure = stageConfigurer(tree, input);
  const trees: StageTree[] = [];
  const scripts: ScriptAudit[] = [];
  for (const [index, stage] of stages.entries()) {
    clock.part('tree', () => add(stage.packages));
    scripts.push(...clock.part('configure', () => configure(stage)));
    const isLast = index === stages.length - 1;
    if (isLast || keepStages) trees.push({ name: stage.name, tree: isLast ? tree : tree.clone() });
  }
  clock.finish('tree');
  clock.finish('configure');
  return { tree, stages: trees, scripts };
}

function totalsOf(records: readonly { readonly size: number; readonly installedSize: number }[]) {
  return {
    packages: records.length,
    fetchBytes: records.reduce((sum, { size }) => sum + size, 0),
    unpackBytes: records.reduce((sum, { installedSize }) => sum + installedSize * 1024, 0),
  };
}
