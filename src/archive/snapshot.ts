import { KoalaError } from '../formats/errors.js';
import type { ArchiveSpec } from '../profile/types.js';

/** Where Debian keeps all states of its archives since 2005. */
const SNAPSHOT_URI = 'http://snapshot.debian.org';

/**
 * The time of a snapshot, seconds since the epoch.
 *
 * @param stamp `20260701T000000Z`, as in the URLs of snapshot.debian.org
 * @throws KoalaError `usage` where it is no such time
 */
export function snapshotTime(stamp: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp);
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = match?.slice(1).map(Number) ?? [];
  const time = Date.UTC(year, month - 1, day, hours, minutes, seconds);
  // A 31 June comes back as 1 July.
  const isTime = match !== null && snapshotStamp(time / 1000) === stamp;
  if (isTime) return time / 1000;
  throw new KoalaError('usage', `cannot read ${JSON.stringify(stamp)} as the time of a snapshot`, {
    hint: 'write it as 20260701T000000Z: date, T, time in UTC, Z',
  });
}

/** The name of the snapshot of a time, seconds since the epoch: `20260701T000000Z`. */
export function snapshotStamp(time: number): string {
  return new Date(time * 1000).toISOString().replace(/[-:]|\.\d+/g, '');
}

/**
 * Base URLs of one of Debian's archives as it was: `http://snapshot.debian.org/archive/debian/20260701T000000Z`.
 *
 * @param mirrors of snapshot.debian.org, by their base URLs; none: that itself
 */
export function snapshotUris(kind: ArchiveSpec['kind'], stamp: string, mirrors: readonly string[]): string[] {
  const bases = mirrors.length === 0 ? [SNAPSHOT_URI] : mirrors;
  return bases.map((base) => `${base}/archive/${kind}/${stamp}`);
}
