import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KoalaError } from '../../src/formats/errors.js';
import { loadProfile } from '../../src/profile/load.js';
import type { Profile } from '../../src/profile/types.js';

export const BUILT_IN = { profilesDirectory: fileURLToPath(new URL('../../profiles', import.meta.url)) };

/** A profile that is complete; tests add to it. */
export const MINIMAL = `name: web
description: For tests
suite: trixie
archives: [{ suite: trixie }]
stages: [{ name: one, packages: [libc6] }]
`;

/** Writes the files into a directory of their own and loads the one that is called `p.yaml`. */
export async function load(files: Readonly<Record<string, string>>): Promise<Profile> {
  const directory = await mkdtemp(join(tmpdir(), 'koala-profile-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    return await loadProfile(join(directory, 'p.yaml'), BUILT_IN);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The errors of a profile, without the directory that the files are in. */
export async function errorsOf(files: Readonly<Record<string, string>> | string): Promise<string[]> {
  const all = typeof files === 'string' ? { 'p.yaml': files } : files;
  try {
    await load(all);
  } catch (error) {
    if (error instanceof KoalaError) return error.details.map((line) => line.replaceAll(/[^ ]*\/(?=\w+\.yaml)/g, ''));
    throw error;
  }
  return [];
}
