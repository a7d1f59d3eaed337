import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { programDigest, programFile } from '../formats/program.js';
import { builtInProfiles, type LoadOptions, locate, readText } from './files.js';
import type { Profile } from './types.js';

/** The built-in profiles as they were read when the package was built; the digest is of the texts and of this program. */
interface Prepared {
  readonly digest: string;
  readonly profiles: Readonly<Record<string, Profile>>;
}

/** Part of what the build script makes, never of the sources. */
const FILE = programFile('dist/prepared-profiles.json');

/**
 * A built-in profile without reading and checking its YAML, for which loading the code alone takes longer than planning it.
 *
 * @returns undefined where the texts have changed since, or there is none; then it is read as any other
 */
export async function preparedProfile(name: string, options: LoadOptions): Promise<Profile | undefined> {
  const text = await readFile(FILE, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { digest, profiles }: Prepared = JSON.parse(text);
  return Object.hasOwn(profiles, name) && digest === (await digestOf(options)) ? profiles[name] : undefined;
}

/** The build script's step: reads all built-in profiles and keeps them. */
export async function prepareProfiles(options: LoadOptions): Promise<void> {
  const { readProfile } = await import('./read-profile.js');
  const profiles: Record<string, Profile> = {};
  for (const name of await builtInProfiles(options)) {
    const target = locate(name, process.cwd(), options);
    const { profile, errors } = await readProfile((await readText(target.file)) ?? '', target, [], options);
    if (profile === undefined) throw new Error(`cannot prepare the profile ${name}: ${errors.join('; ')}`);
    profiles[name] = profile;
  }
  await writeFile(FILE, JSON.stringify({ digest: await digestOf(options), profiles } satisfies Prepared));
}

/** Of the texts of all of them, since one may extend another, and of the code that makes profiles of them. */
async function digestOf(options: LoadOptions): Promise<string> {
  const hash = createHash('sha256').update(programDigest());
  const names = await builtInProfiles(options);
  const files = names.map((name) => locate(name, '/', options).file);
  for (const text of await Promise.all(files.map((file) => readFile(file)))) {
    hash.update(`${text.length} `).update(text);
  }
  hash.update(names.join());
  return hash.digest('hex');
}
