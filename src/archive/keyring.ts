import { readFile } from 'node:fs/promises';
import type { PublicKey } from 'openpgp';
import { KoalaError, reasonOf } from '../formats/errors.js';

/** The certificates that may sign an archive. */
export interface Keyring {
  readonly keys: readonly PublicKey[];
  /** The files, for messages. */
  readonly origin: string;
}

const BLOCK = /-----BEGIN PGP PUBLIC KEY BLOCK-----[\s\S]*?-----END PGP PUBLIC KEY BLOCK-----/g;

/**
 * Reads OpenPGP certificates, armoured (several blocks in a file are fine) or binary.
 *
 * @param keyrings file paths; a string that is an armoured block itself is taken as it is
 * @throws KoalaError `verify` that names the file
 */
export async function loadKeyring(keyrings: readonly string[]): Promise<Keyring> {
  const keys = await Promise.all(keyrings.map(readKeyring));
  const names = keyrings.map((keyring) => (isBlock(keyring) ? 'the key in Signed-By' : keyring));
  return { keys: keys.flat(), origin: names.join(', ') };
}

async function readKeyring(keyring: string): Promise<PublicKey[]> {
  const { readKeys } = await import('openpgp');
  const name = isBlock(keyring) ? 'the key in Signed-By' : keyring;
  try {
    const bytes = isBlock(keyring) ? Buffer.from(keyring) : await readFile(keyring);
    // A set bit 7 starts every binary packet (RFC 9580, 4.2); armour is ASCII.
    if ((bytes[0] ?? 0) & 0x80) return await readKeys({ binaryKeys: bytes });
    if (bytes.subarray(8, 12).equals(Buffer.from('KBXf'))) throw new Error('a GnuPG keybox is not a keyring to share');
    // Split here: openpgp reads the first of several armoured blocks and leaves the rest.
    const blocks = bytes.toString('latin1').match(BLOCK) ?? [];
    if (blocks.length === 0) throw new Error('it holds no OpenPGP certificate');
    return (await Promise.all(blocks.map((armoredKeys) => readKeys({ armoredKeys })))).flat();
  } catch (error) {
    throw new KoalaError('verify', `cannot read the keyring ${name}: ${reasonOf(error)}`, {
      hint: 'write it with: gpg --export --armor',
      cause: error,
    });
  }
}

function isBlock(keyring: string): boolean {
  return keyring.startsWith('-----BEGIN PGP');
}
