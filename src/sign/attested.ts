import { KoalaError, reasonOf } from '../formats/errors.js';
import { isAbout, PREDICATE_TYPES, parseStatement } from './statement.js';

/** Something that is said of an artifact. */
export interface Claim {
  readonly predicateType: string;
  readonly predicate: unknown;
}

/**
 * What a document says, by what it is: an SBOM in SPDX or CycloneDX, or an in-toto statement, of which the predicate is
 * taken.
 *
 * @param sha256 of what it must speak of, hexadecimal; an SBOM does not tell
 * @throws KoalaError `usage` where it is something else, `verify` where it speaks of something else
 */
export function claimOf(bytes: Uint8Array, sha256: string, origin: string): Claim {
  const predicate = jsonOf(bytes, origin);
  if (typeof predicate['spdxVersion'] === 'string') return { predicateType: PREDICATE_TYPES.spdx, predicate };
  if (predicate['bomFormat'] === 'CycloneDX') return { predicateType: PREDICATE_TYPES.cyclonedx, predicate };
  if (predicate['predicateType'] === undefined) {
    throw new KoalaError('usage', `cannot attest ${origin}: it is neither SPDX nor CycloneDX nor an in-toto statement`);
  }
  const statement = parseStatement(bytes, origin);
  if (isAbout(statement, sha256)) return { predicateType: statement.predicateType, predicate: statement.predicate };
  throw new KoalaError('verify', `cannot attest ${origin}: it speaks of another artifact`, {
    details: statement.subject.map(({ name, digest }) => `it names ${name ?? 'one'} with ${JSON.stringify(digest)}`),
    hint: `this one has the SHA-256 ${sha256}`,
  });
}

function jsonOf(bytes: Uint8Array, origin: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
    throw new Error('it is no object');
  } catch (error) {
    throw new KoalaError('usage', `cannot attest ${origin}: it is not JSON: ${reasonOf(error)}`, { cause: error });
  }
}
