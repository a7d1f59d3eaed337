import { archivesOfSources } from './archive/given-sources.js';
import { DamagedIndex } from './archive/index-cache.js';
import { localIndex } from './archive/local-debs.js';
import { openArchives } from './archive/open-archives.js';
import { packageName } from './archive/package-name.js';
import { resolveArchives } from './archive/resolve.js';
import { openStore, type Store } from './archive/store.js';
import { createTransport, type Transport } from './archive/transport.js';
import type { Release, TransferEvent } from './archive/types.js';
import { PLACES } from './build/places.js';
import { announceUse } from './build/scratch.js';
import { createStepClock, type StepClock } from './build/steps.js';
import type { BuildEvent, Planned, PlanOptions } from './build-types.js';
import { keepUp } from './cache/upkeep.js';
import { KoalaError } from './formats/errors.js';
import { archivesFor, foreignFor, pinsFor } from './profile/suites.js';
import type { ArchiveSpec } from './profile/types.js';
import { solve } from './solve/solve.js';
import type { SolveRequest } from './solve/types.js';

/** Transfers at a time; more bring nothing on one mirror, and some mirrors count them. */
const TRANSFERS = 16;

export interface Tools {
  readonly store: Store;
  readonly transport: Transport;
  readonly clock: StepClock;
}

interface Opened extends Omit<Planned, 'plan'> {
  readonly releases: readonly Release[];
  readonly request: SolveRequest;
}

/**
 * Chooses the packages of a profile and fetches none of them: profile → archives → plan.
 *
 * @throws KoalaError with a message for the user
 */
export async function plan(options: PlanOptions): Promise<Planned> {
  const store = await openStore(options.cacheDir);
  const use = await announceUse(options.cacheDir, options);
  const transport = openTransport(options);
  try {
    return await choosePackages(options, { store, transport, clock: createStepClock(options.onEvent) });
  } finally {
    await transport.close();
    await use.remove();
    await keepUp(store, options);
  }
}

/** The same with tools that somebody else goes on using. */
export async function choosePackages(options: PlanOptions, tools: Tools): Promise<Planned> {
  return mendingIndices(options.onEvent, async () => {
    const { request, ...opened } = await openUniverse(options, tools);
    return { ...opened, plan: await tools.clock.run('solve', () => solve(request, opened.universe)) };
  });
}

/** Does it once more where damage to a stored index shows while packages are looked up; the index is made again then. */
export async function mendingIndices<T>(onEvent: PlanOptions['onEvent'], action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof DamagedIndex)) throw error;
    onEvent({ type: 'note', text: error.message });
    return action();
  }
}

type TransferOptions = Pick<PlanOptions, 'environment' | 'limits' | 'offline' | 'signal' | 'onEvent'>;

export function openTransport(options: TransferOptions): Transport {
  return createTransport({ ...options, concurrency: TRANSFERS, onEvent: forward(options.onEvent) });
}

/** What packages are chosen from, and what is asked. */
export async function openUniverse(options: PlanOptions, { store, transport, clock }: Tools): Promise<Opened> {
  const { profile, suite, architecture, onEvent } = options;
  const foreignArchitectures = foreignFor(profile, architecture);
  const { archives, unread } = archivesOf(options);
  const { releases, universe, local } = await clock.run('archives', async () => {
    const debs = await readLocalDebs(options.localDebs);
    const local = debs.map((deb) => localIndex(deb, architecture, foreignArchitectures));
    const { sources, notes } = await resolveSources(options, archives);
    const pins = pinsFor(profile, suite);
    const wanted = { sources, architecture, foreignArchitectures, pins, local };
    const opened = await openArchives({ ...wanted, store, transport, now: new Date() });
    for (const text of [...notes, ...opened.notes]) onEvent({ type: 'warning', text });
    return { ...opened, local };
  });
  const given = local
    .map((index) => index.record(0))
    .map((record) => `${packageName(record, architecture)} (= ${record.version})`);
  const include = [...options.include, ...given];
  const request = { stages: profile.stages, include, exclude: [], installed: options.installed ?? [] };
  return { request, releases, archives, unread, universe };
}

/** Where each of these archives is read. */
export function resolveSources(
  options: PlanOptions,
  archives: readonly ArchiveSpec[],
): ReturnType<typeof resolveArchives> {
  const foreignArchitectures = foreignFor(options.profile, options.architecture);
  return resolveArchives({ ...options, ...PLACES, archives, foreignArchitectures });
}

/** The archives that are read, suites filled in, and those with updates that are not. */
export function archivesOf(options: PlanOptions): Pick<Planned, 'archives' | 'unread'> {
  const { profile, suite, updates, sources, architecture } = options;
  if (sources.length > 0) refuseOtherPlaces(options);
  if (sources.length > 0) return { archives: archivesOfSources(sources, architecture), unread: [] };
  const all = archivesFor(profile, suite, true);
  return { archives: archivesFor(profile, suite, updates), unread: updates ? [] : all.filter((spec) => spec.updates) };
}

function refuseOtherPlaces({ snapshot, mirrors }: PlanOptions): void {
  const other = snapshot !== undefined ? '--snapshot' : mirrors.length > 0 ? '--mirror' : undefined;
  if (other === undefined) return;
  throw new KoalaError('usage', `cannot do both: --sources says where archives are read, and so does ${other}`, {
    hint: 'write the URLs that you mean into the file of --sources',
  });
}

/** Only who gives files needs the code that opens them. */
async function readLocalDebs(paths: readonly string[]) {
  if (paths.length === 0) return [];
  const { readLocalDeb } = await import('./build/local-deb.js');
  return Promise.all(paths.map(readLocalDeb));
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
