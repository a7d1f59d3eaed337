import type { PackageRecord, Release } from '../../archive/types.js';
import { KoalaError } from '../../formats/errors.js';
import type { ArchiveSpec } from '../../profile/types.js';
import type { Plan } from '../types.js';
import type { Lock, LockedArchitecture, LockedArchive, LockedConfig, LockedPackage } from './types.js';

/** A plan, and what it was chosen from. */
interface PlannedForLock {
  readonly plan: Plan;
  readonly releases: readonly Release[];
  /** The archives that were asked for. */
  readonly archives: readonly ArchiveSpec[];
}

/**
 * Where a package of a plan comes from that is not in any of the Release files that were read: it was taken over from an
 * older lock.
 */
export type FormerArchive = (record: PackageRecord) => LockedArchive | undefined;

/**
 * Writes plans down, one for each architecture.
 *
 * @throws KoalaError `archive` where an archive changed between the architectures, `usage` for a package that came as a file
 */
export function lockOf(
  config: LockedConfig,
  planned: readonly PlannedForLock[],
  formerArchive: FormerArchive = () => undefined,
): Lock {
  const perArchitecture = planned.map((one) => ({
    ...one,
    locked: one.releases.map((release) => lockedArchive(release, one)),
  }));
  checkSameReleases(
    perArchitecture.flatMap(({ locked, releases }) =>
      locked.map((archive, at) => ({ archive, trusted: releases[at]?.source.trusted === true })),
    ),
  );
  const former = planned.flatMap(({ plan }) => recordsOf(plan).flatMap((record) => formerArchive(record) ?? []));
  const archives = withoutRepeats([...perArchitecture.flatMap(({ locked }) => locked), ...former]);
  const indexOf = (archive: LockedArchive): number => archives.findIndex((one) => keyOf(one) === keyOf(archive));

  const architectures = perArchitecture.map(({ plan, releases, locked }): [string, LockedArchitecture] => {
    const archiveOf = (record: PackageRecord): number => {
      const archive = formerArchive(record) ?? locked[releases.findIndex(({ source }) => source === record.archive)];
      if (archive !== undefined) return indexOf(archive);
      throw new KoalaError('usage', `cannot lock ${record.name}: it was given as a file, which no archive has`, {
        hint: 'put it into a flat archive of its own, and name that in the profile',
      });
    };
    const stages = plan.stages.map(({ name, packages }) => ({
      name,
      packages: packages.map(
        ({ record, reason }): LockedPackage => ({
          name: record.name,
          version: record.version,
          architecture: record.architecture,
          source: record.source,
          archive: archiveOf(record),
          path: record.filename,
          size: record.size,
          sha256: record.sha256,
          installedSize: record.installedSize,
          reason,
        }),
      ),
    }));
    return [plan.architecture, { archives: locked.map(indexOf), stages }];
  });
  return { version: 1, config, archives, architectures: Object.fromEntries(architectures) };
}

function recordsOf({ stages }: Plan): PackageRecord[] {
  return stages.flatMap(({ packages }) => packages.map(({ record }) => record));
}

function lockedArchive(release: Release, { archives }: PlannedForLock): LockedArchive {
  const { spec, suite } = release.source;
  return {
    position: spec === undefined ? 0 : archives.indexOf(spec),
    suite,
    codename: release.codename,
    kind: spec?.kind ?? 'other',
    date: new Date(release.date * 1000).toISOString(),
    sha256: release.sha256,
    signedBy: release.signedBy,
  };
}

/** In the order of the profile, the newest Release file of an archive first. */
function withoutRepeats(archives: readonly LockedArchive[]): LockedArchive[] {
  return [...new Map(archives.map((archive) => [keyOf(archive), archive])).values()].sort(
    (a, b) => a.position - b.position || (a.date > b.date ? -1 : a.date < b.date ? 1 : 0),
  );
}

function keyOf({ position, suite, sha256 }: LockedArchive): string {
  return `${position} ${suite} ${sha256}`;
}

/** A lock is of one state of an archive. (One without a Release file gets one for each architecture.) */
function checkSameReleases(read: readonly { readonly archive: LockedArchive; readonly trusted: boolean }[]): void {
  for (const { archive, trusted } of read) {
    const { position, suite, sha256 } = archive;
    const other = read.find((one) => one.archive.position === position && one.archive.suite === suite)?.archive;
    if (trusted || other === undefined || other.sha256 === sha256) continue;
    throw new KoalaError('archive', `cannot lock ${suite}: the archive changed while it was read`, {
      hint: 'try again',
    });
  }
}
