import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { KoalaError } from '../formats/errors.js';
import { isSigstoreKey, openSigstoreKey } from './sigstore-key.js';
import type { KeyAlgorithm, SigningKey, VerifyingKey } from './types.js';

const HASH = 'sha256';
/** More than one Buffer holds on any platform that Node 20 runs on. */
const MAX_MESSAGE = 2 ** 31 - 1;

/** Asked for once, and only where a key is encrypted. */
export type Passphrase = () => Promise<string>;

/**
 * Reads a private key: PKCS#8 (RFC 5958) or SEC 1 in PEM, encrypted or not, or what `cosign generate-key-pair` writes.
 *
 * @param origin the file, for messages
 * @throws KoalaError `usage` where it is none, of another algorithm, or the passphrase is wrong
 */
export async function readSigningKey(pem: string, origin: string, passphrase: Passphrase): Promise<SigningKey> {
  const key = await privateKeyOf(pem, origin, passphrase);
  const publicKey = verifyingKey(createPublicKey(key), origin);
  if (publicKey.algorithm === 'ed25519') {
    const signWhole = (message: Uint8Array) => sign(null, message, key);
    return { publicKey, sign: signWhole, signStream: async (chunks) => signWhole(await wholeOf(chunks)) };
  }
  return {
    publicKey,
    sign: (message) => sign(HASH, message, key),
    signStream: async (chunks) => {
      const signer = createSign(HASH);
      for await (const chunk of chunks) signer.update(chunk);
      return signer.sign(key);
    },
  };
}

/**
 * Reads a public key: SubjectPublicKeyInfo in PEM (RFC 7468, section 13).
 *
 * @throws KoalaError `usage` where it is none, or of another algorithm
 */
export function readVerifyingKey(pem: string, origin: string): VerifyingKey {
  if (/-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/.test(pem)) {
    throw unusable(origin, 'it is a private key', 'give the public one: openssl pkey -in KEY -pubout');
  }
  if (!pem.includes('-----BEGIN PUBLIC KEY-----')) throw unusable(origin, 'it has no BEGIN PUBLIC KEY');
  try {
    return verifyingKey(createPublicKey(pem), origin);
  } catch (error) {
    if (error instanceof KoalaError) throw error;
    throw unusable(origin, 'it is damaged', undefined, error);
  }
}

async function privateKeyOf(pem: string, origin: string, passphrase: Passphrase): Promise<KeyObject> {
  const [block] = /-----BEGIN ((?:[A-Z0-9]+ )*)PRIVATE KEY-----[\s\S]*?-----END \1PRIVATE KEY-----/.exec(pem) ?? [];
  if (block === undefined) {
    const isPublic = pem.includes('-----BEGIN PUBLIC KEY-----');
    throw unusable(
      origin,
      isPublic ? 'it is a public key' : 'it has no BEGIN PRIVATE KEY',
      'signing takes the private key',
    );
  }
  try {
    if (isSigstoreKey(block)) {
      const der = openSigstoreKey(block, await passphrase());
      return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    }
    const isEncrypted = /^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(block);
    return createPrivateKey(isEncrypted ? { key: block, passphrase: await passphrase() } : block);
  } catch (error) {
    if (error instanceof KoalaError) throw error;
    const isEncrypted = block.includes('ENCRYPTED');
    throw unusable(
      origin,
      isEncrypted ? 'the passphrase is wrong, or the key is damaged' : 'it is damaged',
      isEncrypted ? 'KOALA_KEY_PASSWORD or COSIGN_PASSWORD has the passphrase' : undefined,
      error,
    );
  }
}

function verifyingKey(key: KeyObject, origin: string): VerifyingKey {
  const algorithm = algorithmOf(key, origin);
  const pem = String(key.export({ type: 'spki', format: 'pem' }));
  const hint = createHash(HASH)
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64');
  const isPure = algorithm === 'ed25519';
  const verifyWhole = (message: Uint8Array, signature: Uint8Array) => {
    return verify(isPure ? null : HASH, message, key, signature);
  };
  return {
    algorithm,
    hint,
    pem,
    verify: verifyWhole,
    verifyStream: async (chunks, signature) => {
      if (isPure) return verifyWhole(await wholeOf(chunks), signature);
      const verifier = createVerify(HASH);
      for await (const chunk of chunks) verifier.update(chunk);
      return verifier.verify(key, signature);
    },
  };
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject, origin: string): KeyAlgorithm {
  if (asymmetricKeyType === 'ed25519') return 'ed25519';
  const curve = asymmetricKeyDetails?.namedCurve;
  if (asymmetricKeyType === 'ec' && curve === 'prime256v1') return 'ecdsa-p256';
  const is = asymmetricKeyType === 'ec' ? `ECDSA over ${curve}` : String(asymmetricKeyType);
  throw unusable(origin, `it is of ${is}`, 'keys of ECDSA over P-256 and of Ed25519 are understood');
}

async function wholeOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_MESSAGE) {
      throw new KoalaError('usage', 'cannot use an Ed25519 key for a file of more than 2 GiB', {
        hint: 'it would have to be in memory as a whole; take a key of ECDSA over P-256',
      });
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

function unusable(origin: string, why: string, hint?: string, cause?: unknown): KoalaError {
  return new KoalaError('usage', `cannot use the key ${origin}: ${why}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}
