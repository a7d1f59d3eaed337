import { packageStanza, readPackageRecord } from '../archive/package-record.js';
import { snapshotStamp, snapshotUris } from '../archive/snapshot.js';
import { suitePath } from '../archive/suite-path.js';
import type { ArchiveSource } from '../archive/types.js';
import { joinUrl, maskUrl } from '../archive/url.js';
import type { Chosen, LockedInput, PlanOptions } from '../build-types.js';
import { parseParagraph } from '../formats/deb822.js';
import { KoalaError } from '../formats/errors.js';
import { archivesOf, resolveSources } from '../plan.js';
import type { ArchiveSpec } from '../profile/types.js';
import type { MergeInput } from '../rootfs/merge.js';
import { changedParts, lockedConfig } from '../solve/lock/config.js';
import { restorePlan } from '../solve/lock/restore.js';
import type { Lock, LockedArchitecture, LockedArchive } from '../solve/lock/types.js';

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
  const { lock, origin } = input;
  const locked = lockedArchitecture(lock, options.architecture, origin);
  checkConfig(options, input);
  const { archives, unread } = archivesOf(options);
  const { sources, notes } = await resolveSources(options, archives);
  for (const text of notes) options.onEvent({ type: 'warning', text });
  const placeOf = (archive: LockedArchive): ArchiveSource => {
    const spec = archives[archive.position];
    const source = sources.find((one) => one.spec === spec);
    if (spec === undefined || source === undefined) {
      throw new KoalaError(
        'solve',
        `cannot use the lock ${origin}: ${archive.suite} is none of the profile's archives`,
      );
    }
    return { ...source, uris: placesOf(source, spec, archive, lock, input.snapshotMirrors) };
  };
  const places = lock.archives.map(placeOf);
  const plan = restorePlan(options.architecture, locked, (at) => places[at] as ArchiveSource, origin);
  const releases = locked.archives.flatMap((at) => {
    const [archive, source] = [lock.archives[at], places[at]];
    return archive === undefined || source === undefined ? [] : [releaseOf(archive, source)];
  });
  return { plan, releases, archives, unread };
}

/** The relations of packages that came by a lock, from their own control files: what merging and configuring go by. */
export function withControlFields(packages: readonly MergeInput[]): MergeInput[] {
  return packages.map(({ record, unpacked }) => {
    const text = Buffer.from(unpacked.control.get('control')?.bytes ?? []).toString();
    const control = parseParagraph(text, `${record.name}'s control file`);
    const stanza = packageStanza(control.fields(), record.filename, record);
    return { record: readPackageRecord(stanza, unpacked.deb, record.archive), unpacked };
  });
}

function lockedArchitecture({ architectures }: Lock, name: string, origin: string): LockedArchitecture {
  const locked = Object.hasOwn(architectures, name) ? architectures[name] : undefined;
  if (locked !== undefined) return locked;
  throw new KoalaError('usage', `cannot build for ${name}: the lock ${origin} does not have it`, {
    hint: `it has ${Object.keys(architectures).join(', ')}; give one of them with --arch`,
  });
}

function checkConfig(options: PlanOptions, { lock, origin }: LockedInput): void {
  const now = lockedConfig({ ...options, from: lock.config.from });
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
