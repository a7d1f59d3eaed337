import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import type { OutputFormat } from '../build-types.js';
import type { ImageFormat } from '../emit/oci/output.js';
import { KoalaError } from '../formats/errors.js';
import { programFile } from '../formats/program.js';

/** The built-in profiles, beside `dist` in the package. */
export const PROFILES_DIRECTORY = programFile('profiles');

/** The formats by the ending of a file's name. */
const ENDINGS: readonly (readonly [ending: string, format: OutputFormat | ImageFormat])[] = [
  ['.oci.tar', 'oci'],
  ['.docker.tar', 'docker'],
  ['.oci', 'oci-dir'],
  ['.oci/', 'oci-dir'],
  ['.tar', 'tar'],
  ['.tar.gz', 'tar.gz'],
  ['.tgz', 'tar.gz'],
  ['.tar.xz', 'tar.xz'],
  ['.txz', 'tar.xz'],
  ['.tar.zst', 'tar.zst'],
  ['/', 'dir'],
];

/** What `--format` takes. */
export const FORMATS = ['tar', 'tar.gz', 'tar.xz', 'tar.zst', 'dir', 'oci', 'docker'] as const;

/** `$XDG_CACHE_HOME/koala-bootstrap`, and `~/.cache/…` where that is unset or, against the XDG specification, relative. */
export function defaultCacheDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const given = environment['XDG_CACHE_HOME'];
  const base = given !== undefined && isAbsolute(given) ? given : join(environment['HOME'] || homedir(), '.cache');
  return join(base, 'koala-bootstrap');
}

/**
 * `base-trixie-amd64.tar` in the current directory; with the format's own ending, and none for a directory. One of several
 * architectures is named after none.
 */
export function defaultOutput(
  profile: string,
  suite: string,
  architectures: readonly string[],
  format: OutputFormat | ImageFormat,
): string {
  const [only, ...others] = architectures;
  const name = [profile, suite, ...(only === undefined || others.length > 0 ? [] : [only])]
    .join('-')
    .replaceAll('/', '-');
  const ending = { dir: '', oci: '.oci.tar', 'oci-dir': '.oci', docker: '.docker.tar' } as const;
  return `${name}${format in ending ? ending[format as keyof typeof ending] : `.${format}`}`;
}

/** The form of `--format oci`: a tar where the output's name says so or it goes on, else a directory. */
export function layoutFormatOf(output: string | undefined): ImageFormat {
  return output === undefined || output === '-' || output.endsWith('.tar') ? 'oci' : 'oci-dir';
}

/**
 * The format that an output's name asks for.
 *
 * @throws KoalaError `usage` where its ending says nothing
 */
export function formatOf(output: string): OutputFormat | ImageFormat {
  if (output === '-') return 'tar';
  const found = ENDINGS.find(([ending]) => output.endsWith(ending) && (ending === '/' || basename(output) !== ending));
  if (found !== undefined) return found[1];
  const known = ENDINGS.map(([ending]) => ending).join(' ');
  throw new KoalaError('usage', `cannot tell the format of ${output} by its ending`, {
    hint: `known are ${known} (for directories), or say it with --format`,
  });
}

export function isImageFormat(format: OutputFormat | ImageFormat): format is ImageFormat {
  return format === 'oci' || format === 'oci-dir' || format === 'docker';
}
