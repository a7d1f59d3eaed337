import { KoalaError } from '../formats/errors.js';

/** What the cache may have where nothing else is said. */
const DEFAULT_CACHE_LIMIT = 10_000_000_000;

const POWERS = ['', 'k', 'M', 'G', 'T'];
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `500M`, `2GB`: decimal, as sizes are shown; `2GiB`, `2Gi`: binary; in bytes. */
export function bytesOf(text: string, option: string): number {
  const [, number, prefix = '', binary] = /^(\d+(?:\.\d+)?) ?(?:([kKMGT])(i)?)?B?$/.exec(text) ?? [];
  const power = POWERS.indexOf(prefix === 'K' ? 'k' : prefix);
  const bytes = Math.round(Number(number) * (binary === undefined ? 1000 : 1024) ** power);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new KoalaError('usage', `cannot use ${option} ${JSON.stringify(text)}: it is no size`, {
    hint: 'write it as 500M, 2G or 2GiB',
  });
}

/** `30d`: seconds, minutes, hours, days or weeks; in milliseconds. */
export function ageOf(text: string, option: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([smhdw])$/.exec(text) ?? [];
  const milliseconds = Number(number) * (SECONDS[unit] ?? Number.NaN) * 1000;
  if (Number.isFinite(milliseconds)) return milliseconds;
  throw new KoalaError('usage', `cannot use ${option} ${JSON.stringify(text)}: it is no length of time`, {
    hint: 'write it as 12h, 30d or 8w',
  });
}

/** `--cache-limit`, else `KOALA_CACHE_LIMIT`, else 10 GB, in bytes; undefined for `none` and 0. */
export function cacheLimitOf(
  text: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): number | undefined {
  const given = text ?? (environment['KOALA_CACHE_LIMIT'] || undefined);
  if (given === undefined) return DEFAULT_CACHE_LIMIT;
  if (given === 'none') return undefined;
  return bytesOf(given, text === undefined ? 'KOALA_CACHE_LIMIT' : '--cache-limit') || undefined;
}
