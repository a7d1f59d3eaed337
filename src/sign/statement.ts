import * as z from 'zod';
import { parseJson } from './parse-json.js';

const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
/** Some still write statements of the version before, and mean the same. */
const STATEMENT_TYPES = [STATEMENT_TYPE, 'https://in-toto.io/Statement/v0.1'] as const;

/** What a statement says of its subject. */
export const PREDICATE_TYPES = {
  /** Nothing: it is the signature of an image in sigstore's bundles. */
  signature: 'https://sigstore.dev/cosign/sign/v1',
  spdx: 'https://spdx.dev/Document',
  cyclonedx: 'https://cyclonedx.org/bom',
  provenance: 'https://slsa.dev/provenance/v1',
} as const;

/** An in-toto statement (in-toto attestation framework v1, statement.md). */
export interface Statement {
  readonly _type: (typeof STATEMENT_TYPES)[number];
  readonly subject: readonly Subject[];
  readonly predicateType: string;
  readonly predicate?: unknown;
}

interface Subject {
  readonly name?: string | undefined;
  /** Hexadecimal, by algorithm. */
  readonly digest: Readonly<Record<string, string>>;
}

const statementSchema = z.object({
  _type: z.enum(STATEMENT_TYPES),
  subject: z.array(z.object({ name: z.string().optional(), digest: z.record(z.string(), z.string()) })).min(1),
  predicateType: z.string(),
  predicate: z.unknown().optional(),
}) satisfies z.ZodType<Statement>;

/**
 * @param name what its subject is called; '' where nobody says
 * @param sha256 of the subject, hexadecimal
 */
export function statementOf(name: string, sha256: string, predicateType: string, predicate: unknown): Statement {
  const subject = { ...(name === '' ? {} : { name }), digest: { sha256 } };
  return { _type: STATEMENT_TYPE, subject: [subject], predicateType, predicate };
}

/** @throws KoalaError `verify` where it is none */
export function parseStatement(bytes: Uint8Array, origin: string): Statement {
  return parseJson(statementSchema, bytes, origin, 'in-toto statement');
}

/** Whether a statement speaks of something with this SHA-256. */
export function isAbout({ subject }: Statement, sha256: string): boolean {
  return subject.some(({ digest }) => digest['sha256'] === sha256);
}

/** `SPDX` for what is known, else the URI. */
export function predicateName(type: string): string {
  return NAMES[type] ?? type;
}

const NAMES: Readonly<Record<string, string>> = {
  [PREDICATE_TYPES.signature]: 'signature',
  [PREDICATE_TYPES.spdx]: 'SPDX',
  [PREDICATE_TYPES.cyclonedx]: 'CycloneDX',
  [PREDICATE_TYPES.provenance]: 'SLSA provenance',
};
