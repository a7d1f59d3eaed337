import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCleartextMessage, createMessage, generateKey, type PrivateKey, sign } from 'openpgp';

/** A key that signs test archives. */
export interface SigningKey {
  readonly privateKey: PrivateKey;
  /** The armoured certificate. */
  readonly certificate: string;
  /** Upper-case hexadecimal. */
  readonly fingerprint: string;
}

/** All test keys exist since then; what they sign can have any date after. */
const CREATED = new Date('2020-01-01T00:00:00Z');

const keys = new Map<string, Promise<SigningKey>>();

/** The key of a name, made once in a process. `lifetime` is in seconds from 2020-01-01; without it the key never expires. */
export function testKey(name = 'archive', lifetime = 0): Promise<SigningKey> {
  const known = keys.get(`${name} ${lifetime}`) ?? makeKey(name, lifetime);
  keys.set(`${name} ${lifetime}`, known);
  return known;
}

/** Writes certificates, one after the other, and gives the file's path. */
export async function writeKeyring(directory: string, name: string, signers: readonly SigningKey[]): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, signers.map((key) => key.certificate).join('\n'));
  return path;
}

/** An InRelease file. */
export async function clearsign(text: string, signers: readonly SigningKey[], date: Date): Promise<string> {
  const message = await createCleartextMessage({ text });
  return sign({ message, signingKeys: signers.map((key) => key.privateKey), date });
}

/** A Release.gpg file. */
export async function signDetached(text: string, signers: readonly SigningKey[], date: Date): Promise<string> {
  const message = await createMessage({ binary: Buffer.from(text), date });
  return sign({ message, signingKeys: signers.map((key) => key.privateKey), date, detached: true });
}

async function makeKey(name: string, lifetime: number): Promise<SigningKey> {
  const { privateKey } = await generateKey({
    // As Debian's own keys: GnuPG does not read those of RFC 9580.
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: [{ name: `Test ${name}` }],
    date: CREATED,
    keyExpirationTime: lifetime,
    format: 'object',
  });
  return {
    privateKey,
    certificate: privateKey.toPublic().armor(),
    fingerprint: privateKey.getFingerprint().toUpperCase(),
  };
}
