import { scryptSync } from 'node:crypto';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import * as z from 'zod';

const LABEL = /^-----BEGIN ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY-----/;
/** What scrypt may take: go-securesystemslib writes N = 65536, r = 8, which is 64 MiB; older keys N = 32768. */
const MAX_SCRYPT_BYTES = 2 ** 29;

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));
const count = z.int().min(1);

/** The JSON in such a PEM block: scrypt (RFC 7914) makes the key, NaCl's secretbox (XSalsa20, Poly1305) hides the PKCS#8. */
const encryptedKey = z.object({
  kdf: z.object({
    name: z.literal('scrypt'),
    params: z.object({ N: count, r: count, p: count }),
    salt: base64,
  }),
  cipher: z.object({ name: z.literal('nacl/secretbox'), nonce: base64.refine(({ length }) => length === 24) }),
  ciphertext: base64,
});

/** Whether a PEM block is a private key as `cosign generate-key-pair` writes it. */
export function isSigstoreKey(pem: string): boolean {
  return LABEL.test(pem);
}

/**
 * The PKCS#8 in such a key.
 *
 * @throws where it is not understood, or the passphrase is wrong
 */
export function openSigstoreKey(pem: string, passphrase: string): Buffer {
  const body = pem.replace(/-----[^-]+-----/g, '');
  const { kdf, cipher, ciphertext } = encryptedKey.parse(JSON.parse(Buffer.from(body, 'base64').toString()));
  const { N, r, p } = kdf.params;
  const key = scryptSync(passphrase, kdf.salt, 32, { N, r, p, maxmem: MAX_SCRYPT_BYTES });
  return Buffer.from(xsalsa20poly1305(key, cipher.nonce).decrypt(ciphertext));
}
