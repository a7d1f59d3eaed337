import { type Paragraph, parseParagraph } from '../formats/deb822.js';
import { KoalaError } from '../formats/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../formats/limits.js';
import { isRelativePath } from './relative-path.js';
import type { Promise256, Release } from './types.js';

/** Where a Release file came from, and what it may hold. */
interface Carrier extends Pick<Release, 'source' | 'url' | 'sha256' | 'signedBy'> {
  readonly limits?: Pick<Limits, 'releaseFiles'>;
}

/**
 * Reads the signed text of a Release file (Debian's RepositoryFormat). Only SHA256 entries are promises; a file that offers
 * nothing but MD5 or SHA-1 is refused.
 *
 * @throws KoalaError `archive` that names the URL and line
 */
export function parseRelease(text: string, given: Carrier): Release {
  const { limits = DEFAULT_LIMITS, ...carrier } = given;
  const paragraph = parseParagraph(text, carrier.url);
  const field = (name: string) => paragraph.get(name) ?? '';
  const words = (name: string) => field(name).split(/\s+/).filter(Boolean);
  const validUntil = paragraph.get('Valid-Until');
  return {
    ...carrier,
    origin: field('Origin'),
    label: field('Label'),
    suite: field('Suite'),
    codename: field('Codename'),
    version: field('Version'),
    date: parseDate(paragraph.require('Date'), `${carrier.url}: Date`),
    validUntil: validUntil === undefined ? undefined : parseDate(validUntil, `${carrier.url}: Valid-Until`),
    architectures: words('Architectures'),
    components: words('Components'),
    acquireByHash: field('Acquire-By-Hash') === 'yes',
    notAutomatic: field('NotAutomatic') === 'yes',
    butAutomaticUpgrades: field('ButAutomaticUpgrades') === 'yes',
    allPackagesApart:
      words('Architectures').includes('all') && !words('No-Support-for-Architecture-all').includes('Packages'),
    files: parsePromises(paragraph, carrier.url, limits.releaseFiles),
  };
}

function parsePromises(paragraph: Paragraph, url: string, most: number): Map<string, Promise256> {
  const value = paragraph.get('SHA256');
  if (value === undefined) throw new KoalaError('verify', `cannot accept ${url}: it promises no SHA-256 digests`);
  const files = new Map<string, Promise256>();
  for (const line of value.split('\n')) {
    if (line.trim() === '') continue;
    const [, sha256, digits, path] = /^\s*([0-9a-f]{64})\s+(\d{1,15})\s+(\S+)\s*$/.exec(line) ?? [];
    if (sha256 === undefined || digits === undefined || path === undefined || !isRelativePath(path)) {
      throw new KoalaError('archive', `cannot read ${url}: ${JSON.stringify(line.trim())} is not a SHA256 entry`);
    }
    const promise = { sha256, size: Number(digits) };
    const other = files.get(path);
    if (other !== undefined && (other.sha256 !== sha256 || other.size !== promise.size)) {
      throw new KoalaError('archive', `cannot read ${url}: ${path} is listed twice, with two digests`);
    }
    files.set(path, promise);
    if (files.size > most) throw new KoalaError('archive', `cannot read ${url}: it lists more than ${most} files`);
  }
  return files;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The date of RFC 5322 in UTC, as the repository format demands: `Sat, 11 Jul 2026 10:16:37 UTC`. Seconds since the epoch. */
function parseDate(text: string, origin: string): number {
  const match =
    /^(?:[A-Z][a-z]{2}, )? ?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:UTC|GMT|Z|[+-]0000)$/.exec(text);
  const [, day, month = '', year, hours, minutes, seconds] = match ?? [];
  const index = MONTHS.indexOf(month);
  const time = Date.UTC(Number(year), index, Number(day), Number(hours), Number(minutes), Number(seconds)) / 1000;
  // A 31 June comes back as 1 July.
  if (match === null || index === -1 || new Date(time * 1000).getUTCDate() !== Number(day)) {
    throw new KoalaError('archive', `cannot read ${origin}: ${JSON.stringify(text)} is not a date in UTC`);
  }
  return time;
}
