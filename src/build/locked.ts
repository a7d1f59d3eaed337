import { packageName } from '../archive/package-name.js';
import { packageStanza, readPackageRecord } from '../archive/package-record.js';
import { snapshotStamp, snapshotUris } from '../archive/snapshot.js';
import { suitePath } from '../archive/suite-path.js';
import type { ArchiveSource, PackageRecord } from '../archive/types.js';
import { joinUrl, maskUrl } from '../archive/url.js';
import type { Chosen, LockedInput, PlanOptions } from '../build-types.js';
import { parseParagraph } from '../formats/deb822.js';
import { KoalaError } from '../formats/errors.js';
import { archivesOf, resolveSources } from '../plan.js';
import type { ArchiveSpec } from '../profile/types.js';
import type { MergeInput } from '../rootfs/merge.js';
import { changedParts } from '../solve/lock/config.js';
import { restorePlan } from '../solve/lock/restore.js';
import type { Lock, LockedArchitecture, LockedArchive } from '../solve/lock/types.js';
import type { Plan } from '../solve/types.js';
import { configFor } from './lock-config.js';

const HOUR = 3600;
/**
 * A snapshot is named by the time at which it was taken, and the service gives the last one before the time that it is asked
 * for. The first one after a Release file has all of its packages; it is there some hours after the Release file's date. What
 * was there for days already is in the one before as well.
 */
const AFTER_RELEASE = [0, 12 * HOUR, 36 * HOUR];

/**
 * What a lock says is built, in place of a plan. No index and no Release file is read.
 *
 * @throws KoalaError `profile` where the profile, or an option that counts, is not what the lock was made by; `usage` where
 * the lock does not have the architecture
 */
export async function chooseLocked(options: PlanOptions, input: LockedInput): Promise<Chosen> {
  lockedArchitecture(input, options.architecture);
  await checkConfig(options, input);
  return restoreLocked(options, input);
}

/**
 * A choice without what is there already, which has to be what was chosen: a lock names versions, and an image that it is laid
 * over has its own.
 *
 * @throws KoalaError `solve` where it is another version
 */
export async function withoutInstalled<Choice extends Chosen>(
  choosing: Promise<Choice>,
  installed: readonly PackageRecord[],
): Promise<Choice> {
  const chosen = await choosing;
  if (installed.length === 0) return chosen;
  const native = chosen.plan.architecture;
  const there = new Map(installed.map((record) => [packageName(record, native), record]));
  const isNew = ({ record }: Plan['stages'][number]['packages'][number]): boolean => {
    const other = there.get(packageName(record, native));
    if (other === undefined || other.version === record.version) return other === undefined;
    const name = packageName(record, native);
    throw new KoalaError(
      'solve',
      `cannot build on the image: it has ${name} ${other.version}, the lock ${record.version}`,
      {
        hint: 'build without --lock, or on an image that was built from the same lock',
      },
    );
  };
  const stages = chosen.plan.stages.map(({ name, packages }) => ({ name, packages: packages.filter(isNew) }));
  return { ...chosen, plan: { ...chosen.plan, stages } };
}

/** A plan that was restored, and which Release file a package of it was verified by. */
interface Restored extends Chosen {
  archiveOf(record: PackageRecord): LockedArchive | undefined;
}

/** The same, whatever became of the profile since. */
export async function restoreLocked(options: PlanOptions, input: LockedInput): Promise<Restored> {
  const { lock, origin } = input;
  const locked = lockedArchitecture(input, options.architecture);
  const { archives, unread } = archivesOf(options);
  const { sources, notes } = await resolveSources(options, archives);
  for (const text of notes) options.onEvent({ type: 'warning', text });
  const places = lock.archives.map((archive): ArchiveSource => {
    const spec = archives[archive.position];
    const source = sources.find((one) => one.spec === spec);
    if (spec !== undefined && source !== undefined) {
      return { ...source, uris: placesOf(source, spec, archive, lock, input.snapshotMirrors) };
    }
    throw new KoalaError('solve', `cannot use the lock ${origin}: ${archive.suite} is none of the profile's archives`);
  });
  const plan = restorePlan(options.architecture, locked, places, origin);
  const releases = locked.archives.flatMap((at) => {
    const [archive, source] = [lock.archives[at], places[at]];
    return archive === undefined || source === undefined ? [] : [releaseOf(archive, source)];
  });
  return { plan, releases, archives, unread, archiveOf: ({ archive }) => lock.archives[places.indexOf(archive)] };
}

/** Packages that came by a lock with what they say of others, which merging and configuring go by. */
export function withControlFields(packages: readonly MergeInput[]): MergeInput[] {
  return packages.map(({ record, unpacked }) => {
    const control = Buffer.from(unpacked.control.get('control')?.bytes ?? []).toString();
    return { record: recordOfControl(record, control, unpacked.deb), unpacked };
  });
}

/** A plan with the records that packages have by now, in place of those that it had. */
export function withRecords(plan: Plan, before: readonly MergeInput[], after: readonly MergeInput[]): Plan {
  const known = new Map(before.map(({ record }, at) => [record, after[at]?.record ?? record]));
  const stages = plan.stages.map(({ name, packages }) => ({
    name,
    packages: packages.map(({ record, reason }) => ({ record: known.get(record) ?? record, reason })),
  }));
  return { ...plan, stages };
}

/** A record of a lock with the relations of the package's own control file. */
export function recordOfControl(record: PackageRecord, control: string, deb: string): PackageRecord {
  const fields = parseParagraph(control, `${record.name}'s control file`).fields();
  return readPackageRecord(packageStanza(fields, record.filename, record), deb, record.archive);
}

function lockedArchitecture({ lock: { architectures }, origin }: LockedInput, name: string): LockedArchitecture {
  const locked = Object.hasOwn(architectures, name) ? architectures[name] : undefined;
  if (locked !== undefined) return locked;
  throw new KoalaError('usage', `cannot build for ${name}: the lock ${origin} does not have it`, {
    hint: `it has ${Object.keys(architectures).join(', ')}; give one of them with --arch`,
  });
}

async function checkConfig(options: PlanOptions, { lock, origin }: LockedInput): Promise<void> {
  const now = await configFor({ ...options, from: lock.config.from });
  const changed = changedParts(lock.config, now);
  if (changed.length === 0) return;
  throw new KoalaError('profile', `cannot build: profile changed since the lock ${origin}: ${changed.join(', ')}`, {
    hint: 'koala-bootstrap update writes the lock anew',
  });
}

/** The mirrors of an archive, and behind them the snapshots of it where it is one of Debian's. */
function placesOf(
  { uris }: ArchiveSource,
  { kind }: ArchiveSpec,
  { date }: LockedArchive,
  { config }: Lock,
  snapshotMirrors: readonly string[],
): string[] {
  if (kind === 'other' || config.snapshot !== undefined) return [...uris];
  const times = AFTER_RELEASE.map((seconds) => Date.parse(date) / 1000 + seconds);
  return [...uris, ...times.flatMap((time) => snapshotUris(kind, snapshotStamp(time), snapshotMirrors))];
}

function releaseOf(archive: LockedArchive, source: ArchiveSource): Chosen['releases'][number] {
  const { suite, codename, date, sha256, signedBy } = archive;
  const url = maskUrl(joinUrl(source.uris[0] ?? '', suitePath(suite)));
  return { url, suite, codename, date: Date.parse(date) / 1000, sha256, signedBy };
}
