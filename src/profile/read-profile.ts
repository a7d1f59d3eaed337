import { resolve } from 'node:path';
import { reasonOf } from '../formats/errors.js';
import { type ProfileDocument, readDocument } from './document.js';
import { builtInProfiles, isFile, type LoadOptions, locate, readText, type Target } from './files.js';
import { withLocalFiles } from './local-files.js';
import { mergeProfile } from './merge.js';
import { didYouMean } from './nearest.js';
import type { Profile } from './types.js';
import { validate } from './validate.js';

const MAX_EXTENDS = 16;

/** A profile, or all that is wrong with it and with what it extends. */
export type Loaded =
  | { readonly profile: Profile; readonly errors: readonly [] }
  | { readonly profile: undefined; readonly errors: readonly string[] };

/**
 * Reads the text of a profile with all that it extends, and checks it as a whole.
 *
 * @param chain the files that led here by `extends`
 */
export async function readProfile(
  text: string,
  target: Target,
  chain: readonly string[],
  options: LoadOptions,
): Promise<Loaded> {
  const document = readDocument(text, target.file);
  const parent = await loadParent(document, target, [...chain, resolve(target.file)], options);
  const validated = validate(document, parent?.profile ?? (parent === undefined ? undefined : null));
  const errors = [...(validated.ok ? [] : validated.errors), ...(parent?.errors ?? [])];
  if (!validated.ok || errors.length > 0) return { profile: undefined, errors };
  const local = await withLocalFiles(validated.raw, target.place);
  if (local.problems.length > 0)
    return { profile: undefined, errors: local.problems.map((one) => document.locate(one)) };
  return { profile: mergeProfile(local.raw, target.place, parent?.profile), errors: [] };
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
    if (text !== undefined) return await readProfile(text, parent, chain, options);
  } catch (error) {
    return failed(`cannot be read: ${reasonOf(error)}`);
  }
  if (isFile(reference)) return failed(`names ${parent.file}, which does not exist`);
  const names = await builtInProfiles(options);
  return failed(`names ${JSON.stringify(reference)}, which is no built-in profile${didYouMean(reference, names)}`);
}
