import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { writeWholeFile } from '../emit/whole-file.js';
import { canonicalJson } from '../formats/canonical-json.js';
import { fileReason, KoalaError } from '../formats/errors.js';
import { fileBytes } from '../image/file-bytes.js';
import { type Claim, claimOf } from './attested.js';
import { formatBundle, parseBundle } from './bundle.js';
import { isSignedBy, signEnvelope } from './dsse.js';
import { isAbout, PREDICATE_TYPES, parseStatement, predicateName, statementOf } from './statement.js';
import type { SigningKey, VerifyingKey } from './types.js';

/** The signature alone, in base64, as `cosign sign-blob --output-signature` writes it. */
const SIGNATURE = '.sig';
/** The signature as a sigstore bundle, which `cosign verify-blob --bundle` reads. */
const BUNDLE = '.sigstore.json';

/** What lies beside an artifact and is said of it; signed it lies beside that. */
export const COMPANIONS: readonly (readonly [ending: string, predicateType: string])[] = [
  ['.spdx', PREDICATE_TYPES.spdx],
  ['.cdx', PREDICATE_TYPES.cyclonedx],
  ['.provenance', PREDICATE_TYPES.provenance],
];

export interface SignedFile {
  /** What was written. */
  readonly path: string;
  readonly predicateType: string;
}

/** A file that is what a key's owner signed. */
export interface VerifiedFile {
  readonly sha256: string;
  readonly predicateTypes: readonly string[];
}

/**
 * Signs a file: `FILE.sig` and `FILE.sigstore.json`; what is said of it in `FILE.spdx.sigstore.json` and the like.
 *
 * @throws KoalaError `usage` where it cannot be read, `emit` where a signature cannot be written
 */
export async function signFile(path: string, claims: readonly Claim[], key: SigningKey): Promise<SignedFile[]> {
  const { signature, sha256 } = await hashing(path, (bytes) => key.signStream(bytes));
  const content = { type: 'message', sha256, signature } as const;
  const files: [path: string, predicateType: string, bytes: Buffer][] = [
    [path + SIGNATURE, PREDICATE_TYPES.signature, Buffer.from(Buffer.from(signature).toString('base64'))],
    [path + BUNDLE, PREDICATE_TYPES.signature, formatBundle(content, key.publicKey)],
  ];
  for (const { predicateType, predicate } of claims) {
    const statement = statementOf(basename(path), sha256.toString('hex'), predicateType, predicate);
    const envelope = signEnvelope(Buffer.from(canonicalJson(statement)), key);
    const ending = COMPANIONS.find(([, type]) => type === predicateType)?.[0];
    if (ending === undefined) {
      throw new KoalaError('usage', `cannot attest ${predicateType} of a file: there is no name for it`);
    }
    files.push([path + ending + BUNDLE, predicateType, formatBundle({ type: 'envelope', envelope }, key.publicKey)]);
  }
  for (const [name, , bytes] of files) await writeWholeFile(name, [bytes]);
  return files.map(([name, predicateType]) => ({ path: name, predicateType }));
}

/**
 * Checks a file and all that lies beside it and is signed.
 *
 * @param required predicate types of attestations that must be there
 * @throws KoalaError `verify` where it is not what the key signed
 */
export async function verifyFile(path: string, key: VerifyingKey, required: readonly string[]): Promise<VerifiedFile> {
  const bundle = await ifThere(path + BUNDLE);
  const plain = await ifThere(path + SIGNATURE);
  const signatures: [origin: string, signature: Buffer][] = [];
  if (bundle !== undefined) {
    const content = parseBundle(bundle, path + BUNDLE);
    if (content.type !== 'message') throw refused(path + BUNDLE, 'it is not the signature of a file');
    signatures.push([path + BUNDLE, Buffer.from(content.signature)]);
  }
  if (plain !== undefined) signatures.push([path + SIGNATURE, Buffer.from(plain.toString(), 'base64')]);
  if (signatures.length === 0) {
    throw new KoalaError('verify', `cannot accept ${path}: it has no signature`, {
      hint: `${basename(path)}${BUNDLE} or ${basename(path)}${SIGNATURE} would lie beside it`,
    });
  }
  let sha256 = '';
  for (const [origin, signature] of signatures) {
    const { signature: holds, sha256: is } = await hashing(path, (bytes) => key.verifyStream(bytes, signature));
    if (!holds) throw refused(path, `${basename(origin)} is not its signature with this key`);
    sha256 = is.toString('hex');
  }
  const predicateTypes: string[] = [];
  for (const [ending, type] of COMPANIONS) {
    const attestation = await ifThere(path + ending + BUNDLE);
    if (attestation === undefined) continue;
    await checkAttestation(path, ending, attestation, sha256, type, key);
    predicateTypes.push(type);
  }
  const missing = required.find((type) => !predicateTypes.includes(type));
  if (missing !== undefined) throw refused(path, `it has no ${predicateName(missing)} of this key`);
  return { sha256, predicateTypes };
}

/** What is attested of a file must be of the key, about the file, and what lies beside it in plain. */
async function checkAttestation(
  path: string,
  ending: string,
  bundle: Buffer,
  sha256: string,
  type: string,
  key: VerifyingKey,
): Promise<void> {
  const origin = path + ending + BUNDLE;
  const content = parseBundle(bundle, origin);
  if (content.type !== 'envelope' || !isSignedBy(content.envelope, key))
    throw refused(origin, 'it is not signed with this key');
  const statement = parseStatement(Buffer.from(content.envelope.payload, 'base64'), origin);
  if (!isAbout(statement, sha256)) throw refused(origin, 'it speaks of another file');
  if (statement.predicateType !== type) throw refused(origin, `it says something else: ${statement.predicateType}`);
  const plain = await ifThere(`${path}${ending}.json`);
  if (plain === undefined) return;
  const { predicate } = claimOf(plain, sha256, `${path}${ending}.json`);
  if (canonicalJson(predicate) !== canonicalJson(statement.predicate)) {
    throw refused(`${path}${ending}.json`, `it is not what ${basename(origin)} attests`);
  }
}

/** The SHA-256 of a file, hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const { sha256 } = await hashing(path, async (bytes) => {
    for await (const _ of bytes);
  });
  return sha256.toString('hex');
}

/** Reads a file once, for what is done with its bytes and for its digest. */
async function hashing<T>(
  path: string,
  use: (bytes: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<{ readonly signature: T; readonly sha256: Buffer }> {
  const hash = createHash('sha256');
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    for (const chunk of fileBytes(path)) {
      hash.update(chunk);
      yield chunk;
    }
  };
  const signature = await use(bytes());
  return { signature, sha256: hash.digest() };
}

async function ifThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KoalaError('usage', `cannot read ${path}: ${fileReason(error)}`, { cause: error });
  }
}

function refused(what: string, why: string): KoalaError {
  return new KoalaError('verify', `cannot accept ${what}: ${why}`);
}
