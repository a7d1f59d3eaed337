import type { Key, KeyID, PublicKey, Signature, Subkey } from 'openpgp';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../formats/limits.js';
import type { Keyring } from './keyring.js';

/** A text that was signed, and by whom. */
export interface SignedText {
  /** What the signature covers, and nothing else. */
  readonly text: string;
  /** Upper-case hexadecimal fingerprints of the primary keys with good signatures, in the order of the signatures. */
  readonly signedBy: readonly string[];
  /**
   * When the first of these signatures, or of the keys that made them, expires: until then the answer stays the same.
   * Milliseconds since the epoch, or Infinity.
   */
  readonly until: number;
}

interface Named {
  /** For messages, passwords masked. */
  readonly url: string;
}

export interface VerifyContext extends Named {
  readonly keyring: Keyring;
  /** Fingerprints of the keys that count, as in apt's Signed-By; none: all of the keyring do. */
  readonly signers?: readonly string[];
  /** Keys must be valid now, and signatures not of the future. */
  readonly now: Date;
  /** Each signature that claims a key of the keyring costs as much as a good one. */
  readonly limits?: Pick<Limits, 'signatures'>;
}

/** One signature of a message, as openpgp hands it out. */
interface Candidate {
  readonly keyID: KeyID;
  readonly verified: Promise<true>;
  readonly signature: Promise<Signature>;
}

/** SHA-256, SHA-384, SHA-512, SHA-224, SHA3-256, SHA3-512 by their numbers (RFC 9580, 9.5). */
const STRONG_HASHES: ReadonlySet<number | null> = new Set([8, 9, 10, 11, 12, 14]);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Verifies a clear-signed file (InRelease). One good signature by a key of the keyring is enough, and signatures of unknown
 * keys beside it do no harm, so that an archive can change its key.
 *
 * @throws KoalaError `verify` where no signature is good, or the file is more than the one signed block
 */
export async function verifyClearsigned(bytes: Uint8Array, context: VerifyContext): Promise<SignedText> {
  const { readCleartextMessage, verify } = await import('openpgp');
  const armoured = decode(bytes, context);
  checkFrame(armoured, context);
  const message = await attempt(context, () => readCleartextMessage({ cleartextMessage: armoured }));
  checkCount(message.getSigningKeyIDs(), context);
  const verificationKeys = [...context.keyring.keys];
  const { data, signatures } = await attempt(context, () => verify({ message, verificationKeys, date: context.now }));
  return { text: data, ...(await goodSigners(signatures, context)) };
}

/**
 * Verifies a file (Release) with its detached signature (Release.gpg), armoured or binary; rules as above.
 *
 * @throws KoalaError `verify`
 */
export async function verifyDetached(
  bytes: Uint8Array,
  signed: Uint8Array,
  context: VerifyContext,
): Promise<SignedText> {
  const { createMessage, readSignature, verify } = await import('openpgp');
  const message = await createMessage({ binary: bytes });
  const signature = await attempt(context, () =>
    (signed[0] ?? 0) & 0x80
      ? readSignature({ binarySignature: signed })
      : readSignature({ armoredSignature: decode(signed, context) }),
  );
  checkCount(signature.getSigningKeyIDs(), context);
  const verificationKeys = [...context.keyring.keys];
  const { signatures } = await attempt(context, () =>
    verify({ message, signature, verificationKeys, date: context.now, format: 'binary' }),
  );
  return { text: decode(bytes, context), ...(await goodSigners(signatures, context)) };
}

function checkCount(signatures: readonly unknown[], context: VerifyContext): void {
  const { signatures: most } = context.limits ?? DEFAULT_LIMITS;
  if (signatures.length > most) throw badFile(context, `it has more than ${most} signatures`);
}

/** @throws KoalaError where there is none, with the reason for each signature */
async function goodSigners(
  signatures: readonly Candidate[],
  context: VerifyContext,
): Promise<Pick<SignedText, 'signedBy' | 'until'>> {
  const signers = new Set<string>();
  const changed: string[] = [];
  let until = Number.POSITIVE_INFINITY;
  const reasons: string[] = [];
  for (const candidate of signatures) {
    const id = candidate.keyID.toHex().toUpperCase();
    try {
      const signer = await goodSigner(candidate, context);
      signers.add(signer.primary);
      until = Math.min(until, signer.until);
    } catch (error) {
      // What openpgp says where the key is there and the bytes are not those that it signed.
      if (/digest did not match/i.test(reasonOf(error))) changed.push(id);
      reasons.push(`${id}: ${reasonOf(error)}`);
    }
  }
  if (signers.size > 0) return { signedBy: [...signers], until };
  if (changed.length > 0) throw badFile(context, `it was changed or damaged after ${changed.join(' and ')} signed it`);
  const ids = signatures.map(({ keyID }) => keyID.toHex().toUpperCase()).join(', ');
  if (signatures.length === 0) throw badFile(context, 'it has no signature');
  const why = `no good signature by a key of ${context.keyring.origin}; it is signed by ${ids}`;
  throw new KoalaError('verify', `cannot verify ${context.url}: ${why}`, {
    hint: "give the archive's keys with --keyring FILE",
    details: reasons,
  });
}

/** @throws Error with the reason why this signature does not count */
async function goodSigner(
  candidate: Candidate,
  { keyring, signers = [], now }: VerifyContext,
): Promise<{ readonly primary: string; readonly until: number }> {
  const key = keyring.keys.find((one: PublicKey) => one.getKeys(candidate.keyID).length > 0);
  if (key === undefined) throw new Error('the keyring does not have this key');
  await candidate.verified;
  const signature = await candidate.signature;
  for (const packet of signature.packets) {
    if (!STRONG_HASHES.has(packet.hashAlgorithm)) throw new Error('its digest algorithm is too weak');
  }
  // openpgp judged the key at the time of the signature; a key that expired or was revoked since does not count either.
  const signingKey = await key.getSigningKey(candidate.keyID, now);
  const primary = key.getFingerprint().toUpperCase();
  if (signers.length > 0 && !signers.some((signer) => isMeant(signer, primary, signingKey.getFingerprint()))) {
    throw new Error('Signed-By names other keys');
  }
  return { primary, until: await expiryOf(key, signingKey, signature, now) };
}

/** When the first of these expires, in milliseconds since the epoch. What cannot be told counts as expired. */
async function expiryOf(key: PublicKey, signingKey: Key | Subkey, signature: Signature, now: Date): Promise<number> {
  const times = await Promise.all([
    key.getExpirationTime(),
    'mainKey' in signingKey ? signingKey.getExpirationTime(now) : signingKey.getExpirationTime(),
    ...signature.packets.map((packet) => packet.getExpirationTime()),
  ]);
  return Math.min(...times.map((time) => (time === null ? 0 : Number(time))));
}

/** sources.list(5): a fingerprint means the key and its subkeys, with a `!` the very key only. */
function isMeant(signer: string, primary: string, signing: string): boolean {
  const name = signer.replace(/!$/, '').toUpperCase();
  return name === signing.toUpperCase() || (name === primary && !signer.endsWith('!'));
}

/**
 * The text of a clear-signed file whose signature nobody looks at: for archives that are trusted by name only.
 *
 * @throws KoalaError `verify` where it is not such a file
 */
export async function unverifiedText(bytes: Uint8Array, url: string): Promise<string> {
  const { readCleartextMessage } = await import('openpgp');
  const context = { url };
  const armoured = decode(bytes, context);
  checkFrame(armoured, context);
  const message = await attempt(context, () => readCleartextMessage({ cleartextMessage: armoured }));
  return message.getText();
}

/**
 * A file is one signed block and nothing else: what stands before or after it is not signed, and must not look as if it
 * were. Inside the signed text a line with a hyphen is escaped (RFC 9580, 7.2), so these lines cannot occur there.
 */
function checkFrame(text: string, context: Named): void {
  const expected = [
    '-----BEGIN PGP SIGNED MESSAGE-----',
    '-----BEGIN PGP SIGNATURE-----',
    '-----END PGP SIGNATURE-----',
  ];
  const frame = text.match(/^-----.*$/gm)?.map((line) => line.trimEnd()) ?? [];
  if (!text.startsWith('-----BEGIN PGP SIGNED MESSAGE-----') || frame[1] !== expected[1]) {
    throw badFile(context, 'it is not a clear-signed file');
  }
  const end = text.lastIndexOf('-----END PGP SIGNATURE-----') + '-----END PGP SIGNATURE-----'.length;
  if (frame.join() !== expected.join() || text.slice(end).trim() !== '') {
    throw badFile(context, 'there is text outside of the signed block');
  }
}

function decode(bytes: Uint8Array, context: Named): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw badFile(context, 'it is not UTF-8');
  }
}

async function attempt<T>(context: Named, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof KoalaError) throw error;
    throw badFile(context, reasonOf(error), error);
  }
}

/** What helps where the file is not the one that was signed. */
const DAMAGED =
  'try again later, or another --mirror: what came is damaged, or something in between answered in its place';

function badFile(context: Named, why: string, cause?: unknown): KoalaError {
  return new KoalaError('verify', `cannot verify ${context.url}: ${why}`, {
    hint: DAMAGED,
    ...(cause === undefined ? {} : { cause }),
  });
}
