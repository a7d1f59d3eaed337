import { open, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { type ProfileDocument, readDocument } from './document.js';
import { mergeProfile, type Place } from './merge.js';
import { didYouMean, nearest } from './nearest.js';
import type { Profile } from './types.js';
import { validate } from './validate.js';

export interface LoadOptions {
  /** Where the built-in profiles are: `NAME.yaml` each. */
  readonly profilesDirectory: string;
}

const MAX_FILE_BYTES = 1024 * 1024;
const MAX_EXTENDS = 16;

/**
 * Loads a profile with all that it extends, checked as a whole before anything else is done.
 *
 * @param nameOrFile a built-in name, or a path: it has a `/` or ends in `.yaml` or `.yml`
 * @throws KoalaError `usage` where there is no such profile; `profile` with one detail for each error in it and in what
 * it extends, as `file:line:column: message`
 */
export async function loadProfile(nameOrFile: string, options: LoadOptions): Promise<Profile> {
  const target = locate(nameOrFile, process.cwd(), options);
  const text = await readText(target.file);
  if (text === undefined) throw await unknownProfile(nameOrFile, options);
  const { profile, errors } = await loadText(text, target, [], options);
  if (profile !== undefined) return profile;
  const count = errors.length === 1 ? '1 error' : `${errors.length} errors`;
  throw new KoalaError('profile', `cannot use the profile ${nameOrFile}: ${count}`, { details: errors });
}

/** The names of the built-in profiles, sorted. */
export async function builtInProfiles({ profilesDirectory }: LoadOptions): Promise<string[]> {
  const files = await readdir(profilesDirectory);
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

interface Target {
  /** As messages name it. */
  readonly file: string;
  readonly place: Place;
}

function isFile(nameOrFile: string): boolean {
  return nameOrFile.includes('/') || /\.ya?ml$/.test(nameOrFile);
}

function locate(nameOrFile: string, directory: string, { profilesDirectory }: LoadOptions): Target {
  if (!isFile(nameOrFile)) {
    const file = join(profilesDirectory, `${nameOrFile}.yaml`);
    return { file, place: { origin: nameOrFile, directory: profilesDirectory } };
  }
  const path = resolve(directory, nameOrFile);
  // The user's own words where they are enough to find the file.
  const file = directory === process.cwd() ? nameOrFile : path;
  return { file, place: { origin: file, directory: dirname(path) } };
}

type Loaded =
  | { readonly profile: Profile; readonly errors: readonly [] }
  | { readonly profile: undefined; readonly errors: readonly string[] };

/** @param chain the files that led here by `extends` */
async function loadText(text: string, target: Target, chain: readonly string[], options: LoadOptions): Promise<Loaded> {
  const document = readDocument(text, target.file);
  const parent = await loadParent(document, target, [...chain, resolve(target.file)], options);
  const validated = validate(document, parent?.profile ?? (parent === undefined ? undefined : null));
  const errors = [...(validated.ok ? [] : validated.errors), ...(parent?.errors ?? [])];
  if (!validated.ok || errors.length > 0) return { profile: undefined, errors };
  return { profile: mergeProfile(validated.raw, target.place, parent?.profile), errors: [] };
}

async function loadParent(
  document: ProfileDocument,
  { place }: Target,
  chain: readonly string[],
  options: LoadOptions,
): Promise<Loaded | undefined> {
  const reference = (document.value as { extends?: unknown } | null | undefined)?.extends;
  if (typeof reference !== 'string' || reference === '') return undefined;
  const failed = (message: string): Loaded => {
    return { profile: undefined, errors: [document.locate({ path: ['extends'], message })] };
  };
  const parent = locate(reference, place.directory, options);
  if (chain.includes(resolve(parent.file))) return failed(`leads back to ${reference}`);
  if (chain.length >= MAX_EXTENDS) return failed(`is the ${MAX_EXTENDS}th in a row; that is too deep`);
  try {
    const text = await readText(parent.file);
    if (text !== undefined) return await loadText(text, parent, chain, options);
  } catch (error) {
    return failed(`cannot be read: ${reasonOf(error)}`);
  }
  if (isFile(reference)) return failed(`names ${parent.file}, which does not exist`);
  const names = await builtInProfiles(options);
  return failed(`names ${JSON.stringify(reference)}, which is no built-in profile${didYouMean(reference, names)}`);
}

/** @returns undefined where there is no such file */
async function readText(file: string): Promise<string | undefined> {
  try {
    const bytes = await readAtMost(file, MAX_FILE_BYTES);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KoalaError('profile', `cannot read the profile ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

async function readAtMost(file: string, limit: number): Promise<Uint8Array> {
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

async function unknownProfile(nameOrFile: string, options: LoadOptions): Promise<KoalaError> {
  if (isFile(nameOrFile))
    return new KoalaError('usage', `cannot find the profile ${nameOrFile}: there is no such file`);
  const names = await builtInProfiles(options);
  const similar = nearest(nameOrFile, names);
  const hint = similar === undefined ? '' : `did you mean ${similar}? `;
  return new KoalaError('usage', `cannot find the profile ${JSON.stringify(nameOrFile)}`, {
    hint: `${hint}built in are ${names.join(', ')}; a file is given with a / or its ending: ./${nameOrFile}.yaml`,
  });
}
