import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { PublicKey } from 'openpgp';
import { KoalaError, reasonOf } from '../formats/errors.js';

/** The certificates that may sign an archive. */
export interface Keyring {
  readonly keys: readonly PublicKey[];
  /** The files, for messages. */
  readonly origin: string;
}

/** The same before anything is made of it: what it is, and how it is read, once, when somebody needs the keys. */
export interface UnreadKeyring {
  /** SHA-256 of the contents, hexadecimal. */
  readonly digest: string;
  /** @throws KoalaError `verify` that names the file */
  keys(): Promise<Keyring>;
}

const BLOCK = /-----BEGIN PGP PUBLIC KEY BLOCK-----[\s\S]*?-----END PGP PUBLIC KEY BLOCK-----/g;

/**
 * Reads OpenPGP certificates, armoured (several blocks in a file are fine) or binary.
 *
 * @param keyrings file paths; a string that is an armoured block itself is taken as it is
 * @throws KoalaError `verify` that names the file
 */
export async function loadKeyring(keyrings: readonly string[]): Promise<Keyring> {
  return (await openKeyring(keyrings)).keys();
}

/** The same, but for making keys of what was read. */
export async function openKeyring(keyrings: readonly string[]): Promise<UnreadKeyring> {
  const files = await Promise.all(
    keyrings.map(async (keyring) => ({ name: nameOf(keyring), bytes: await bytesOf(keyring) })),
  );
  const hash = createHash('sha256');
  for (const { bytes } of files) hash.update(`${bytes.length} `).update(bytes);
  const read = async (): Promise<Keyring> => {
    const keys = await Promise.all(files.map(({ name, bytes }) => keysOf(name, bytes)));
    return { keys: keys.flat(), origin: files.map(({ name }) => name).join(', ') };
  };
  let keyring: Promise<Keyring> | undefined;
  return {
    digest: hash.digest('hex'),
    keys() {
      keyring ??= read();
      return keyring;
    },
  };
}

async function bytesOf(keyring: string): Promise<Buffer> {
  if (isBlock(keyring)) return Buffer.from(keyring);
  try {
    return await readFile(keyring);
  } catch (error) {
    throw unreadable(keyring, error);
  }
}

async function keysOf(name: string, bytes: Buffer): Promise<PublicKey[]> {
  const { readKeys } = await import('openpgp');
  try {
    // A set bit 7 starts every binary packet (RFC 9580, 4.2); armour is ASCII.
    if ((bytes[0] ?? 0) & 0x80) return await readKeys({ binaryKeys: bytes });
    if (bytes.subarray(8, 12).equals(Buffer.from('KBXf'))) throw new Error('a GnuPG keybox is not a keyring to share');
    // Split here: openpgp reads the first of several armoured blocks and leaves the rest.
    const blocks = bytes.toString('latin1').match(BLOCK) ?? [];
    if (blocks.length === 0) throw new Error('it holds no OpenPGP certificate');
    return (await Promise.all(blocks.map((armoredKeys) => readKeys({ armoredKeys })))).flat();
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, cause: unknown): KoalaError {
  return new KoalaError('verify', `cannot read the keyring ${name}: ${reasonOf(cause)}`, {
    hint: 'write it with: gpg --export --armor',
    cause,
  });
}

/** For messages. */
function nameOf(keyring: string): string {
  return isBlock(keyring) ? 'the key in Signed-By' : keyring;
}

function isBlock(keyring: string): boolean {
  return keyring.startsWith('-----BEGIN PGP');
}
