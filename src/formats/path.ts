import { KoalaError } from './errors.js';

/** Linux' PATH_MAX, less the terminating NUL. */
const MAX_PATH_BYTES = 4095;
/** Linux' NAME_MAX. */
const MAX_NAME_BYTES = 255;

/**
 * The one path gate: turns a path as an archive or a profile writes it (`./usr/bin/`, `usr/bin`, `/usr//bin`) into its
 * one absolute form (`/usr/bin`; the root is `/`).
 *
 * @throws KoalaError where the path has a `..` component, a NUL byte, or a length that Linux does not take.
 */
export function normalisePath(path: string): string {
  if (path.includes('\0')) throw refused(path, 'it holds a NUL byte');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') throw refused(path, 'it has a ".." component');
    if (part.length > MAX_NAME_BYTES / 4 && Buffer.byteLength(part) > MAX_NAME_BYTES) {
      throw refused(path, `a component is longer than ${MAX_NAME_BYTES} bytes`);
    }
    parts.push(part);
  }
  const normal = `/${parts.join('/')}`;
  if (normal.length > MAX_PATH_BYTES / 4 && Buffer.byteLength(normal) > MAX_PATH_BYTES) {
    throw refused(path, `it is longer than ${MAX_PATH_BYTES} bytes`);
  }
  return normal;
}

function refused(path: string, why: string): KoalaError {
  return new KoalaError('tree', `cannot accept the path ${JSON.stringify(path.slice(0, 200))}: ${why}`);
}

/** The directory of a normalised path; the root's is the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 1));
}

/** The last component of a normalised path; the root's is empty. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const SURROGATE = /[\ud800-\udfff]/;

/** Orders names by their UTF-8 bytes, as `LC_ALL=C sort` does; UTF-16 agrees with that but for surrogates. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

/** Sorts names, in place, as `compareBytes` orders them; that of JavaScript agrees with it but for surrogates, and is faster. */
export function sortNames(names: string[]): string[] {
  return names.some((name) => SURROGATE.test(name)) ? names.sort(compareBytes) : names.sort();
}
