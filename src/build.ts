import { fileURLToPath } from 'node:url';
import { openArchives } from './archive/open-archives.js';
import { resolveArchives } from './archive/resolve.js';
import { openStore } from './archive/store.js';
import { createTransport } from './archive/transport.js';
import type { TransferEvent } from './archive/types.js';
import { fetchAndUnpack } from './build/fetch-and-unpack.js';
import { createScratch } from './build/scratch.js';
import { createStepClock } from './build/steps.js';
import { summarise } from './build/summarise.js';
import type { BuildEvent, BuildOptions, BuildSummary } from './build-types.js';
import { configure } from './configure/configure.js';
import { emit } from './emit/output.js';
import { archivesFor } from './profile/suites.js';
import { filterPaths, pathRules } from './rootfs/filters.js';
import { mergePackages } from './rootfs/merge.js';
import { clampTimes } from './rootfs/normalise.js';
import { solve } from './solve/solve.js';
import { createUnpacker } from './unpack/unpacker.js';

export type { BuildEvent, BuildOptions, BuildSummary, OutputFormat, Step } from './build-types.js';

/** Where the machine's apt sources and our own keyrings are. */
const PLACES = { aptRoot: '/', bundledKeyrings: fileURLToPath(new URL('../profiles/keyrings', import.meta.url)) };
/** Transfers at a time; more bring nothing on one mirror, and some mirrors count them. */
const TRANSFERS = 16;

/**
 * The pipeline on one page: profile → archives → plan → .debs → unpacked packages → tree → configured tree → artifact.
 * Each step is a function of what it is given; only this page knows all of them.
 *
 * @throws KoalaError with a message for the user; then there is no output, and the store is whole.
 */
export async function build(options: BuildOptions): Promise<BuildSummary> {
  const { profile, suite, architecture, jobs, onEvent } = options;
  const archives = archivesFor(profile, suite, options.updates);
  const clock = createStepClock(onEvent);
  const warnings: string[] = [];
  const warn = (text: string): void => {
    warnings.push(text);
    onEvent({ type: 'warning', text });
  };
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);

  const store = await openStore(options.cacheDir);
  const scratch = await createScratch(options.cacheDir);
  const unpacker = createUnpacker({ jobs, directory: scratch.directory });
  const transport = createTransport({ ...options, signal, concurrency: TRANSFERS, onEvent: forward(onEvent) });
  const cancel = (): void => {
    failure.abort();
    void unpacker.close();
  };
  options.signal.addEventListener('abort', cancel, { once: true });
  try {
    const { releases, universe } = await clock.run('archives', async () => {
      const { sources, notes } = await resolveArchives({
        ...options,
        ...PLACES,
        profile: { name: profile.name, archives },
      });
      const opened = await openArchives({ sources, architecture, store, transport, now: new Date() });
      for (const note of [...notes, ...opened.notes]) warn(note);
      return opened;
    });
    const epoch = options.epoch ?? Math.max(...releases.map(({ date }) => date));

    const request = { stages: profile.stages, include: options.include, exclude: [] };
    const plan = await clock.run('solve', () => solve(request, universe));
    const records = plan.stages.flatMap(({ packages }) => packages.map(({ record }) => record));
    onEvent({ type: 'planned', ...totalsOf(records) });

    const tools = { store, transport, unpacker, clock, onEvent, cancel };
    const unpacked = await fetchAndUnpack(records, tools);
    const { packages } = unpacked;

    const tree = await clock.run('tree', () => mergePackages(packages, architecture, epoch));
    const pending = await clock.run('configure', () => {
      const scripts = configure(tree, { packages, profile, archives, epoch });
      filterPaths(tree, pathRules(profile, options.excludePaths));
      clampTimes(tree, epoch);
      return scripts;
    });

    const { output: path, format, stdout } = options;
    const onProgress = (bytes: number, total: number): void => onEvent({ type: 'written', bytes, total });
    const output = await clock.run('write', () =>
      emit(tree, { output: path, format, stdout, jobs, signal, onProgress }),
    );
    for (const note of output.notes) warn(note);
    return summarise({ options, releases, plan, unpacked, pending, output, epoch, warnings, seconds: clock.seconds() });
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

/** What the transport tells, in the words of a build. */
function forward(onEvent: (event: BuildEvent) => void): (event: TransferEvent) => void {
  return (event) => {
    if (event.type === 'transfer-progress') onEvent({ type: 'fetched', bytes: event.bytes });
    if (event.type === 'transfer-retried') {
      onEvent({ type: 'note', text: `${event.url}: ${event.reason}; try ${event.attempt}` });
    }
  };
}
