import { resolve } from 'node:path';
import { reasonOf } from '../formats/errors.js';
import { singleCertificate } from './certificate.js';
import type { Problem, ValuePath } from './document.js';
import { readAtMost } from './files.js';
import type { Place } from './merge.js';
import type { RawProfile } from './schema.js';

/** Of what a profile takes along; what is larger is better off in a package. */
const MAX_BYTES = 64 * 1024 * 1024;

interface Sourced {
  readonly source?: string | undefined;
}

/**
 * Puts the contents of local files in the place of their names, so that a profile is all that a build depends on.
 *
 * @param place where the profile was read: what names are relative to
 */
export async function withLocalFiles(
  raw: RawProfile,
  { directory }: Place,
): Promise<{ readonly raw: RawProfile; readonly problems: readonly Problem[] }> {
  const problems: Problem[] = [];
  const read = async ({ source }: Sourced, path: ValuePath): Promise<Buffer | undefined> => {
    if (source === undefined) return undefined;
    try {
      return Buffer.from(await readAtMost(resolve(directory, source), MAX_BYTES));
    } catch (error) {
      problems.push({ path: [...path, 'source'], message: `cannot be read: ${reasonOf(error)}` });
      return undefined;
    }
  };
  const paths = await Promise.all(
    (raw.paths ?? []).map(async (item, at) => {
      const bytes = item.type === 'file' ? await read(item, ['paths', at]) : undefined;
      return item.type === 'file' && bytes !== undefined ? { ...item, ...contentOf(bytes) } : item;
    }),
  );
  const additional = await Promise.all(
    (raw.certificates?.additional ?? []).map(async (item, at) => {
      const path = ['certificates', 'additional', at];
      const bytes = await read(item, path);
      return bytes === undefined ? item : { ...item, content: certificateOf(bytes.toString(), path, problems) };
    }),
  );
  return { raw: { ...raw, paths, certificates: { additional } }, problems };
}

function contentOf(bytes: Buffer): { content: string; encoding?: 'base64' } {
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes)
    ? { content: text }
    : { content: bytes.toString('base64'), encoding: 'base64' };
}

function certificateOf(text: string, path: ValuePath, problems: Problem[]): string {
  try {
    return singleCertificate(text);
  } catch (error) {
    problems.push({ path: [...path, 'source'], message: `must hold one certificate in PEM: ${reasonOf(error)}` });
    return '';
  }
}
