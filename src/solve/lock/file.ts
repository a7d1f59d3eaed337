import { canonicalDigest } from '../../formats/canonical-json.js';
import { KoalaError, reasonOf } from '../../formats/errors.js';
import { jsonText } from '../../formats/json-text.js';
import type { Lock } from './types.js';

const SCHEMA = 'https://unpkg.com/koala-bootstrap/profiles/lock.schema.json';
/** As many problems as a message lists. */
const MAX_PROBLEMS = 20;

/** The text of a lock file: the same bytes for the same lock. */
export function formatLock(lock: Lock): string {
  const { version, config, archives, architectures } = lock;
  const sorted = Object.fromEntries(Object.entries(architectures).sort(([a], [b]) => (a < b ? -1 : 1)));
  const content = { version, config, archives, architectures: sorted };
  const file = { $schema: SCHEMA, version, digest: canonicalDigest(content), config, archives, architectures: sorted };
  return jsonText(file);
}

/**
 * Reads a lock file. Its digest tells what was changed by hand; it is no signature.
 *
 * @param origin the file, for messages
 * @throws KoalaError `solve` where it is no lock, is of another version of the format, or is not as it was written
 */
export async function parseLock(text: string, origin: string): Promise<Lock> {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw refused(origin, `it is not JSON: ${reasonOf(error)}`);
  }
  const { $schema: _, digest, ...content } = (file ?? {}) as Record<string, unknown>;
  if (content['version'] !== 1) throw ofAnotherVersion(origin, content['version']);
  if (digest !== canonicalDigest(content)) {
    throw refused(origin, 'its content does not have its digest: it was edited, or damaged', {
      hint: 'take it from where it is whole, or write it again with lock or update',
    });
  }
  const { lockSchema } = await import('./schema.js');
  const parsed = lockSchema.safeParse(file);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw refused(origin, 'it is no lock', { details: problems.slice(0, MAX_PROBLEMS) });
  }
  const { $schema: __, digest: ___, ...lock } = parsed.data;
  checkReferences(lock, origin);
  return lock;
}

function checkReferences({ archives, architectures }: Lock, origin: string): void {
  for (const [name, { archives: read, stages }] of Object.entries(architectures)) {
    const used = stages.flatMap(({ packages }) => packages.map(({ archive }) => archive));
    if (read.length === 0 || [...read, ...used].some((index) => archives[index] === undefined)) {
      throw refused(origin, `${name} refers to an archive that it does not have`);
    }
  }
}

function ofAnotherVersion(origin: string, version: unknown): KoalaError {
  if (typeof version !== 'number') return refused(origin, 'it is no lock');
  return refused(origin, `it is of version ${version} of the format, this program reads version 1`);
}

function refused(
  origin: string,
  why: string,
  options: { hint?: string; details?: readonly string[] } = {},
): KoalaError {
  return new KoalaError('solve', `cannot use the lock ${origin}: ${why}`, options);
}
