import { certificatesOf } from './archive/keyring-files.js';
import { openStore } from './archive/store.js';
import { fetchAndUnpack } from './build/fetch-and-unpack.js';
import { PLACES } from './build/places.js';
import { createScratch } from './build/scratch.js';
import { createStepClock } from './build/steps.js';
import { summarise } from './build/summarise.js';
import type { BuildEvent, BuildOptions, BuildSummary } from './build-types.js';
import { configure } from './configure/configure.js';
import { emit } from './emit/output.js';
import { choosePackages, openTransport } from './plan.js';
import { filterPaths, pathRules } from './rootfs/filters.js';
import { mergePackages } from './rootfs/merge.js';
import { clampTimes } from './rootfs/normalise.js';
import { createUnpacker } from './unpack/unpacker.js';

export type {
  BuildEvent,
  BuildOptions,
  BuildSummary,
  OutputFormat,
  Planned,
  PlanOptions,
  Step,
} from './build-types.js';
export { plan } from './plan.js';

/**
 * The pipeline on one page: profile → archives → plan → .debs → unpacked packages → tree → configured tree → artifact.
 * Each step is a function of what it is given; only this page knows all of them.
 *
 * @throws KoalaError with a message for the user; then there is no output, and the store is whole.
 */
export async function build(options: BuildOptions): Promise<BuildSummary> {
  const { profile, architecture, jobs } = options;
  const warnings: string[] = [];
  const onEvent = (event: BuildEvent): void => {
    if (event.type === 'warning') warnings.push(event.text);
    options.onEvent(event);
  };
  const clock = createStepClock(onEvent);
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);

  const store = await openStore(options.cacheDir);
  const scratch = await createScratch(options.cacheDir);
  const unpacker = createUnpacker({ jobs, directory: scratch.directory });
  const transport = openTransport({ ...options, signal, onEvent });
  const cancel = (): void => {
    failure.abort();
    void unpacker.close();
  };
  options.signal.addEventListener('abort', cancel, { once: true });
  try {
    // Without the universe, which is large and has done its work.
    const { plan, releases, archives, unread } = await choosePackages(
      { ...options, onEvent },
      { store, transport, clock },
    );
    const epoch = options.epoch ?? Math.max(...releases.map(({ date }) => date));
    const records = plan.stages.flatMap(({ packages }) => packages.map(({ record }) => record));
    onEvent({ type: 'planned', ...totalsOf(records) });

    const tools = { store, transport, unpacker, clock, onEvent, cancel };
    const unpacked = await fetchAndUnpack(records, tools);
    // Its threads give back their memory.
    await unpacker.close();
    const { packages } = unpacked;

    const foreign = profile.foreignArchitectures.filter((name) => name !== architecture);
    const tree = await clock.run('tree', () => mergePackages(packages, architecture, epoch, foreign));
    const hasApt = records.some(({ name }) => name === 'apt');
    const scripts = await clock.run('configure', async () => {
      const keys = await certificatesOf(hasApt ? archives : [], PLACES.bundledKeyrings);
      const architectures = { native: architecture, foreign };
      const audit = configure(tree, { packages, profile, architectures, archives, keys, epoch });
      filterPaths(tree, pathRules(profile, options.excludePaths));
      clampTimes(tree, epoch);
      return audit;
    });

    const { output: path, format, stdout } = options;
    const onProgress = (bytes: number, total: number): void => onEvent({ type: 'written', bytes, total });
    const output = await clock.run('write', () =>
      emit(tree, { output: path, format, stdout, jobs, signal, onProgress }),
    );
    for (const text of output.notes) onEvent({ type: 'warning', text });
    const chosen = { plan, releases, archives, unread };
    return summarise({ options, chosen, unpacked, scripts, output, epoch, warnings, seconds: clock.seconds() });
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
