import { realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Problem } from './document.js';
import { isKeyringFile, type Place } from './merge.js';
import type { RawProfile } from './schema.js';

/**
 * What a profile may name: a profile of somebody else must not make a build read, and put into an image, files that are none
 * of its business. So that is its own folder and what is below it, symbolic links followed, and what the user allows beside it.
 */
export interface Confinement {
  /** Directories, absolute. */
  readonly allowed: readonly string[];
}

/** Where a system keeps certificates, which are public, for everybody to name. */
const KEYRINGS = ['/usr/share/keyrings', '/etc/apt/keyrings', '/etc/apt/trusted.gpg.d'];

/** The way out, as messages name it. */
const REMEDY = 'allow it with --allow-path';

/** What a profile names outside of what it may name: keyrings, file: URIs, and files that it takes along. */
export async function outsideOf(
  { archives = [], paths = [], certificates }: RawProfile,
  place: Place,
  { allowed }: Confinement,
): Promise<Problem[]> {
  const found = archives.flatMap((archive, at) => {
    const field = archive.keyring === undefined ? 'signed-by' : 'keyring';
    const keyrings = [archive[field] ?? []].flat().filter(isKeyringFile);
    const uris = (archive.uris ?? []).filter((uri) => uri.startsWith('file:'));
    return [
      ...keyrings.map((text) => ({ at, field, text, file: text, allowed: [...allowed, ...KEYRINGS] })),
      ...uris.map((text) => ({ at, field: 'uris', text, file: pathOf(text), allowed })),
    ];
  });
  const taken = [
    ...paths.map((item, at) => ({
      path: ['paths', at, 'source'],
      text: item.type === 'file' ? item.source : undefined,
    })),
    ...(certificates?.additional ?? []).map((item, at) => {
      return { path: ['certificates', 'additional', at, 'source'], text: item.source };
    }),
  ].flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text, file: text, allowed }]));
  const named = found.map(({ at, field, ...rest }) => ({ path: ['archives', at, field], ...rest }));
  const problems = [...named, ...taken].map(async ({ path, text, file, allowed: places }): Promise<Problem[]> => {
    const message = await whyOutside(resolve(place.directory, file), { allowed: places });
    return message === undefined ? [] : [{ path, message: `${text} ${message}` }];
  });
  return (await Promise.all(problems)).flat();
}

/** By the rules of a URL, where it keeps to them; whoever reads it says what is wrong with it otherwise. */
function pathOf(url: string): string {
  return URL.canParse(url) ? decodeURIComponent(new URL(url).pathname) : '/';
}

/** Why a path must not be read: the end of a sentence; undefined where it may. */
export async function whyOutside(path: string, { allowed }: Confinement): Promise<string | undefined> {
  const real = await realPath(path);
  const places = await Promise.all(allowed.map(realPath));
  if (places.some((place) => isBelow(real, place))) return undefined;
  return `is outside of ${allowed[0] ?? dirname(path)}: ${REMEDY} ${dirname(real)}`;
}

function isBelow(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`));
}

/** With links followed as far as there is something; what is missing is told by who reads it. */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await realPath(parent), relative(parent, path));
  }
}
