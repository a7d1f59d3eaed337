import { resolve } from 'node:path';
import { reasonOf } from '../formats/errors.js';
import { type Confinement, outsideOf, whyOutside } from './confine.js';
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
 * @param confinement what all of them may name; the built-in ones are always allowed
 */
export async function readProfile(
  text: string,
  target: Target,
  chain: readonly string[],
  options: LoadOptions,
  confinement: Confinement = confinementOf(target, options),
): Promise<Loaded> {
  const document = readDocument(text, target.file);
  const parent = await loadParent(document, target, [...chain, resolve(target.file)], options, confinement);
  const validated = validate(document, parent?.profile ?? (parent === undefined ? undefined : null));
  const errors = [...(validated.ok ? [] : validated.errors), ...(parent?.errors ?? [])];
  if (!validated.ok || errors.length > 0) return { profile: undefined, errors };
  const outside = await outsideOf(validated.raw, target.place, confinement);
  if (outside.length > 0) return { profile: undefined, errors: outside.map((problem) => document.locate(problem)) };
  const local = await withLocalFiles(validated.raw, target.place);
  if (local.problems.length > 0)
    return { profile: undefined, errors: local.problems.map((one) => document.locate(one)) };
  return { profile: mergeProfile(local.raw, target.place, parent?.profile), errors: [] };
}

function confinementOf({ place }: Target, { root, allowPaths = [], profilesDirectory }: LoadOptions): Confinement {
  return { allowed: [root ?? place.directory, ...allowPaths, profilesDirectory].map((path) => resolve(path)) };
}

async function loadParent(
  document: ProfileDocument,
  { place }: Target,
  chain: readonly string[],
  options: LoadOptions,
  confinement: Confinement,
): Promise<Loaded | undefined> {
  const reference = (document.value as { extends?: unknown } | null | undefined)?.extends;
  if (typeof reference !== 'string' || reference === '') return undefined;
  const failed = (message: string): Loaded => {
    return { profile: undefined, errors: [document.locate({ path: ['extends'], message })] };
  };
  const parent = locate(reference, place.directory, options);
  const outside = await whyOutside(resolve(parent.file), confinement);
  if (outside !== undefined) return failed(`names ${parent.file}, which ${outside}`);
  if (chain.includes(resolve(parent.file))) return failed(`leads back to ${reference}`);
  if (chain.length >= MAX_EXTENDS) return failed(`is the ${MAX_EXTENDS}th in a row; that is too deep`);
  try {
    const text = await readText(parent.file);
    if (text !== undefined) return await readProfile(text, parent, chain, options, confinement);
  } catch (error) {
    return failed(`cannot be read: ${reasonOf(error)}`);
  }
  if (isFile(reference)) return failed(`names ${parent.file}, which does not exist`);
  const names = await builtInProfiles(options);
  return failed(`names ${JSON.stringify(reference)}, which is no built-in profile${didYouMean(reference, names)}`);
}
