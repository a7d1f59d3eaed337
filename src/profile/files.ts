import { open, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileReason, KoalaError } from '../formats/errors.js';
import type { Place } from './merge.js';

export interface LoadOptions {
  /** Where the built-in profiles are: `NAME.yaml` each. */
  readonly profilesDirectory: string;
  /** Directories that profiles may read files of, beside the folder that they are in. */
  readonly allowPaths?: readonly string[];
  /** The folder of what names the profile, where the user does not name it; unless given, the profile's own. */
  readonly root?: string;
}

/** Where a profile is. */
export interface Target {
  /** As messages name it. */
  readonly file: string;
  readonly place: Place;
}

export function isFile(nameOrFile: string): boolean {
  return nameOrFile.includes('/') || /\.ya?ml$/.test(nameOrFile);
}

export function locate(nameOrFile: string, directory: string, { profilesDirectory }: LoadOptions): Target {
  if (!isFile(nameOrFile)) {
    const file = join(profilesDirectory, `${nameOrFile}.yaml`);
    return { file, place: { origin: nameOrFile, directory: profilesDirectory } };
  }
  const path = resolve(directory, nameOrFile);
  // The user's own words where they are enough to find the file.
  const file = directory === process.cwd() ? nameOrFile : path;
  return { file, place: { origin: file, directory: dirname(path) } };
}

/** The names of the built-in profiles, sorted. */
export async function builtInProfiles({ profilesDirectory }: LoadOptions): Promise<string[]> {
  const files = await readdir(profilesDirectory);
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

const MAX_FILE_BYTES = 1024 * 1024;

/** @returns undefined where there is no such file */
export async function readText(file: string): Promise<string | undefined> {
  try {
    const bytes = await readAtMost(file, MAX_FILE_BYTES);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KoalaError('profile', `cannot read the profile ${file}: ${fileReason(error)}`, {
      cause: error,
      hint: 'give the YAML file of a profile, or the name of one that is built in',
    });
  }
}

/** @throws Error where it is larger, or cannot be read */
export async function readAtMost(file: string, limit: number): Promise<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.alloc(limit + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      ({ bytesRead: read } = await handle.read(buffer, length));
    }
    if (length > limit) throw new Error(`it is larger than ${limit} bytes`);
    return buffer.subarray(0, length);
  } finally {
    await handle.close();
  }
}
