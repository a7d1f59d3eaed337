import { resolve } from 'node:path';
import { KoalaError } from '../formats/errors.js';
import { builtInProfiles, isFile, type LoadOptions, locate, readText } from './files.js';
import { nearest } from './nearest.js';
import { preparedProfile } from './prepared.js';
import type { Profile } from './types.js';

export { builtInProfiles } from './files.js';

/**
 * Loads a profile with all that it extends, checked as a whole before anything else is done.
 *
 * @param nameOrFile a built-in name, or a path: it has a `/` or ends in `.yaml` or `.yml`
 * @throws KoalaError `usage` where there is no such profile; `profile` with one detail for each error in it and in what
 * it extends, as `file:line:column: message`
 */
export async function loadProfile(nameOrFile: string, options: LoadOptions): Promise<Profile> {
  const prepared = isFile(nameOrFile) ? undefined : await preparedProfile(nameOrFile, options);
  if (prepared !== undefined) return prepared;
  const target = locate(nameOrFile, process.cwd(), options);
  await checkRoot(nameOrFile, target.file, options);
  const text = await readText(target.file);
  if (text === undefined) throw await unknownProfile(nameOrFile, options);
  const { readProfile } = await import('./read-profile.js');
  const { profile, errors } = await readProfile(text, target, [], options);
  if (profile !== undefined) return profile;
  const count = errors.length === 1 ? '1 error' : `${errors.length} errors`;
  throw new KoalaError('profile', `cannot use the profile ${nameOrFile}: ${count}`, { details: errors });
}

/** A lock says which profile it is of; whoever gives only the lock did not ask for a file elsewhere. */
async function checkRoot(nameOrFile: string, file: string, { root, allowPaths = [] }: LoadOptions): Promise<void> {
  if (root === undefined || !isFile(nameOrFile)) return;
  const { whyOutside } = await import('./confine.js');
  const why = await whyOutside(resolve(file), { allowed: [root, ...allowPaths] });
  if (why === undefined) return;
  throw new KoalaError('usage', `cannot use the profile ${nameOrFile} that the lock names: it ${why}`, {
    hint: 'or name the profile yourself with --profile FILE',
  });
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
