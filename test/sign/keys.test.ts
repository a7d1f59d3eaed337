import { generateKeyPairSync, type KeyPairSyncResult } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readSigningKey, readVerifyingKey } from '../../src/sign/keys.js';

type Pair = KeyPairSyncResult<string, string>;
type Encoding = { type: 'pkcs8' | 'sec1' | 'pkcs1'; cipher?: string };

const publicKeyEncoding = { type: 'spki', format: 'pem' } as const;

function encoding({ type, cipher }: Encoding) {
  const common = { type, format: 'pem' } as const;
  return cipher === undefined ? common : { ...common, cipher, passphrase: 'secret' };
}

function ec(given: Encoding, namedCurve = 'P-256'): Pair {
  return generateKeyPairSync('ec', {
    namedCurve,
    publicKeyEncoding,
    privateKeyEncoding: encoding(given) as { type: 'pkcs8'; format: 'pem' },
  });
}

function ed25519(given: Encoding): Pair {
  return generateKeyPairSync('ed25519', {
    publicKeyEncoding,
    privateKeyEncoding: encoding(given) as { type: 'pkcs8'; format: 'pem' },
  });
}

function rsa(): Pair {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

/** `COSIGN_PASSWORD=secret cosign generate-key-pair` of cosign 3.1.1. */
const OF_COSIGN: Pair = {
  privateKey: `-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjo2NTUzNiwiciI6
OCwicCI6MX0sInNhbHQiOiIvUGcwNkFYS1E3RjJUbDNsRDVGUlE2TEhpUzB6eXNm
L3ltaVFXdWk5RmJjPSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
Iiwibm9uY2UiOiJxMmljWEE1QXlVQWdFN08ybmZ0blVWZUM2QW0rR1VRcCJ9LCJj
aXBoZXJ0ZXh0IjoiN042OG0zOTl4WStYZWVtWUg3MzN6OFRtcmVpR3Jla2xaVUtI
MEdaUXJRV29oQU5YbnhGUUpsdmRSUjA2OTE2RGdnaHBtYmdHS3Y1MzQrM1hTOGVw
a3VMVEVCN2ZVcTdlUG51dm1yeGFwWmhQSzAySCtzN0dRUzEzL29VZkdEUkZ2cmt1
VGxObmZ1T0p4Ry9yWS9Ocm56UVhMSHQ0dWZ2azVWZEFZdVQyVm1xTWJhRTNpUE5Z
M3lmZVNXRDIzUUdzUFIvUVRCcXBwNmgzWEE9PSJ9
-----END ENCRYPTED SIGSTORE PRIVATE KEY-----
`,
  publicKey: `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+KTnOAMOckb1gGgTuBQMjTUqyWZ+
eJNzEiy1gtfiJrUQPqDxB+KQQMMYHIQ9yoSglivLZgwDYF6nz1WkfrP19Q==
-----END PUBLIC KEY-----
`,
};

const secret = async () => 'secret';
const never = async (): Promise<string> => {
  throw new Error('no passphrase was needed');
};

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

describe('a key', () => {
  it.each<[string, Pair, () => Promise<string>]>([
    ['ECDSA in PKCS#8', ec({ type: 'pkcs8' }), never],
    ['ECDSA in PKCS#8 with a passphrase', ec({ type: 'pkcs8', cipher: 'aes-256-cbc' }), secret],
    ['ECDSA as SEC 1 has it', ec({ type: 'sec1' }), never],
    ['ECDSA as SEC 1 has it, with a passphrase', ec({ type: 'sec1', cipher: 'aes-128-cbc' }), secret],
    ['Ed25519', ed25519({ type: 'pkcs8' }), never],
    ['Ed25519 with a passphrase', ed25519({ type: 'pkcs8', cipher: 'aes-256-cbc' }), secret],
    ['of cosign', OF_COSIGN, secret],
  ])('%s signs what its public half accepts', async (_, { privateKey, publicKey }, passphrase) => {
    const key = await readSigningKey(privateKey, 'k.key', passphrase);
    const verifying = readVerifyingKey(publicKey, 'k.pub');
    expect(key.publicKey.hint).toBe(verifying.hint);
    const signature = key.sign(Buffer.from('message'));
    const streamed = await key.signStream(chunks('mes', 'sage'));
    for (const made of [signature, streamed]) {
      expect(verifying.verify(Buffer.from('message'), made)).toBe(true);
      expect(await verifying.verifyStream(chunks('m', 'essage'), made)).toBe(true);
      expect(verifying.verify(Buffer.from('messages'), made)).toBe(false);
      expect(await verifying.verifyStream(chunks('other'), made)).toBe(false);
    }
    expect(verifying.verify(Buffer.from('message'), Buffer.from('no signature'))).toBe(false);
  });

  it.each<[string, string, () => Promise<string>, RegExp]>([
    ['RSA', rsa().privateKey, never, /^cannot use the key k\.key: it is of rsa$/],
    ['another curve', ec({ type: 'pkcs8' }, 'P-384').privateKey, never, /it is of ECDSA over secp384r1$/],
    ['a public key', OF_COSIGN.publicKey, never, /it is a public key$/],
    ['a text', 'hello\n', never, /it has no BEGIN PRIVATE KEY$/],
    [
      'damage',
      ec({ type: 'pkcs8' }).privateKey.replace(/\n..../, '\nAAAA'),
      never,
      /^cannot use the key k\.key: it is damaged$/,
    ],
    [
      'another passphrase',
      ec({ type: 'pkcs8', cipher: 'aes-256-cbc' }).privateKey,
      async () => 'wrong',
      /: the passphrase is wrong, or the key is damaged$/,
    ],
    ["another passphrase of cosign's", OF_COSIGN.privateKey, async () => '', /the passphrase is wrong/],
    [
      "damage of cosign's",
      OF_COSIGN.privateKey.replace(/\n..../, '\nAAAA'),
      secret,
      /the passphrase is wrong, or the key is damaged/,
    ],
  ])('that signs is refused: %s', async (_, pem, passphrase, message) => {
    await expect(readSigningKey(pem, 'k.key', passphrase)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, string, RegExp]>([
    ['a private key', ec({ type: 'pkcs8' }).privateKey, /^cannot use the key k\.pub: it is a private key$/],
    ["cosign's private key", OF_COSIGN.privateKey, /it is a private key$/],
    ['RSA', rsa().publicKey, /it is of rsa$/],
    ['a text', '', /it has no BEGIN PUBLIC KEY$/],
    ['damage', OF_COSIGN.publicKey.replace(/\n..../, '\nAAAA'), /it is damaged$/],
  ])('that verifies is refused: %s', (_, pem, message) => {
    expect(() => readVerifyingKey(pem, 'k.pub')).toThrow(message);
  });
});
