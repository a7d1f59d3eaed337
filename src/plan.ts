import { archivesOfSources } from './archive/given-sources.js';
import { DamagedIndex } from './archive/index-cache.js';
import { localIndex } from './archive/local-debs.js';
import { openArchives } from './archive/open-archives.js';
import { packageName } from './archive/package-name.js';
import { resolveArchives } from './archive/resolve.js';
import { openStore, type Store } from './archive/store.js';
import { createTransport, type Transport } from './archive/transport.js';
import type { TransferEvent } from './archive/types.js';
import { PLACES } from './build/places.js';
import { createStepClock, type StepClock } from './build/steps.js';
import type { BuildEvent, Planned, PlanOptions } from './build-types.js';
import { KoalaError } from './formats/errors.js';
import { archivesFor, pinsFor } from './profile/suites.js';
import type { ArchiveSpec } from './profile/types.js';
import { solve } from './solve/solve.js';

/** Transfers at a time; more bring nothing on one mirror, and some mirrors count them. */
const TRANSFERS = 16;

interface Tools {
  readonly store: Store;
  readonly transport: Transport;
  readonly clock: StepClock;
}

/**
 * Chooses the packages of a profile and fetches none of them: profile → archives → plan.
 *
 * @throws KoalaError with a message for the user
 */
export async function plan(options: PlanOptions): Promise<Planned> {
  const store = await openStore(options.cacheDir);
  const transport = openTransport(options);
  try {
    return await choosePackages(options, { store, transport, clock: createStepClock(options.onEvent) });
  } finally {
    await transport.close();
  }
}

/** The same with tools that somebody else goes on using. Damage to a stored index that shows only here is made good. */
export async function choosePackages(options: PlanOptions, tools: Tools): Promise<Planned> {
  try {
    return await chooseOnce(options, tools);
  } catch (error) {
    if (!(error instanceof DamagedIndex)) throw error;
    options.onEvent({ type: 'note', text: error.message });
    return chooseOnce(options, tools);
  }
}

export function openTransport(options: PlanOptions): Transport {
  return createTransport({ ...options, concurrency: TRANSFERS, onEvent: forward(options.onEvent) });
}

async function chooseOnce(options: PlanOptions, { store, transport, clock }: Tools): Promise<Planned> {
  const { profile, suite, architecture, onEvent } = options;
  const foreignArchitectures = profile.foreignArchitectures.filter((name) => name !== architecture);
  const { archives, unread } = archivesOf(options);
  const { releases, universe, local } = await clock.run('archives', async () => {
    const debs = await readLocalDebs(options.localDebs);
    const local = debs.map((deb) => localIndex(deb, architecture, foreignArchitectures));
    const { sources, notes } = await resolveArchives({ ...options, ...PLACES, archives, foreignArchitectures });
    const pins = pinsFor(profile, suite);
    const wanted = { sources, architecture, foreignArchitectures, pins, local };
    const opened = await openArchives({ ...wanted, store, transport, now: new Date() });
    for (const text of [...notes, ...opened.notes]) onEvent({ type: 'warning', text });
    return { ...opened, local };
  });
  const given = local
    .map((index) => index.record(0))
    .map((record) => `${packageName(record, architecture)} (= ${record.version})`);
  const request = { stages: profile.stages, include: [...options.include, ...given], exclude: [] };
  return { plan: await clock.run('solve', () => solve(request, universe)), releases, archives, unread, universe };
}

function archivesOf(options: PlanOptions): { archives: readonly ArchiveSpec[]; unread: readonly ArchiveSpec[] } {
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
