import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OutputFormat } from '../build-types.js';
import { KoalaError } from '../formats/errors.js';

/** The built-in profiles, beside `dist` in the package. */
export const PROFILES_DIRECTORY = fileURLToPath(new URL('../../profiles', import.meta.url));

/** The formats by the ending of a file's name. */
const ENDINGS: readonly (readonly [ending: string, format: OutputFormat])[] = [
  ['.tar', 'tar'],
  ['.tar.gz', 'tar.gz'],
  ['.tgz', 'tar.gz'],
  ['.tar.xz', 'tar.xz'],
  ['.txz', 'tar.xz'],
  ['.tar.zst', 'tar.zst'],
  ['/', 'dir'],
];

export const FORMATS: readonly OutputFormat[] = ['tar', 'tar.gz', 'tar.xz', 'tar.zst', 'dir'];

/** `$XDG_CACHE_HOME/koala-bootstrap`, and `~/.cache/…` where that is unset or, against the XDG specification, relative. */
export function defaultCacheDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const given = environment['XDG_CACHE_HOME'];
  const base = given !== undefined && isAbsolute(given) ? given : join(environment['HOME'] || homedir(), '.cache');
  return join(base, 'koala-bootstrap');
}

/** `base-trixie-amd64.tar` in the current directory; with the format's own ending, and none for a directory. */
export function defaultOutput(profile: string, suite: string, architecture: string, format: OutputFormat): string {
  const name = `${profile}-${suite}-${architecture}`.replaceAll('/', '-');
  return format === 'dir' ? name : `${name}.${format}`;
}

/**
 * The format that an output's name asks for.
 *
 * @throws KoalaError `usage` where its ending says nothing
 */
export function formatOf(output: string): OutputFormat {
  if (output === '-') return 'tar';
  const found = ENDINGS.find(([ending]) => output.endsWith(ending) && (ending === '/' || basename(output) !== ending));
  if (found !== undefined) return found[1];
  const known = ENDINGS.map(([ending]) => ending).join(' ');
  throw new KoalaError('usage', `cannot tell the format of ${output} by its ending`, {
    hint: `known are ${known} (for a directory), or say it with --format`,
  });
}
