import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { unarmour } from '../formats/armor.js';
import { fileReason, KoalaError } from '../formats/errors.js';
import { compareBytes } from '../formats/path.js';
import type { ArchiveSpec } from '../profile/types.js';
import type { AptSource } from './apt-sources.js';
import type { ArchiveSource } from './types.js';

export interface KeyringPlaces {
  /** Keyring files that replace all others. */
  readonly keyrings: readonly string[];
  /** The directory below which apt's configuration lies: `/`. */
  readonly aptRoot: string;
  /** The directory with a directory for each bundled keyring. */
  readonly bundledKeyrings: string;
}

type Signers = Pick<ArchiveSource, 'keyrings' | 'signers'>;

/**
 * Who may sign an archive: `--keyring` before all, then the Signed-By of the machine's own entry for it where it can be used,
 * then what the archive's description says. Fingerprints pick keys out of the keyrings beside them, or else out of those that
 * count without a Signed-By.
 *
 * @throws KoalaError `usage` for a file that is none, `profile` for a bundled keyring that there is not
 */
export async function signersOf(
  spec: ArchiveSpec,
  entry: AptSource | undefined,
  places: KeyringPlaces,
): Promise<Signers> {
  if (spec.trusted) return { keyrings: [], signers: [] };
  if (places.keyrings.length > 0) {
    return { keyrings: await Promise.all(places.keyrings.map((path) => keyringFile(path, '--keyring'))), signers: [] };
  }
  const own = entryKeyrings(entry, places.aptRoot);
  if (own !== undefined) return { keyrings: own, signers: [] };
  const signers = spec.keyrings.filter(isFingerprint);
  const named = spec.keyrings.filter((keyring) => !isFingerprint(keyring));
  const keyrings = await Promise.all(named.map((keyring) => keyringFiles(keyring, spec.origin, places)));
  return { keyrings: named.length === 0 ? await defaultKeyrings(places) : keyrings.flat(), signers };
}

/**
 * The certificates of the keyrings that archives name, by these names, as packets; fingerprints have none.
 *
 * @throws KoalaError `usage` or `profile` as `signersOf`
 */
export async function certificatesOf(
  archives: readonly ArchiveSpec[],
  bundledKeyrings: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const places = { keyrings: [], aptRoot: '/', bundledKeyrings };
  const certificates = new Map<string, Uint8Array>();
  for (const { keyrings, origin } of archives) {
    for (const keyring of keyrings) {
      if (isFingerprint(keyring) || certificates.has(keyring)) continue;
      const parts = (await keyringFiles(keyring, origin, places)).map(async (file) => {
        const bytes = isKeyBlock(file) ? Buffer.from(file) : await readFile(file);
        return unarmour(bytes.toString('latin1')) ?? bytes;
      });
      certificates.set(keyring, Buffer.concat(await Promise.all(parts)));
    }
  }
  return certificates;
}

/** The Signed-By of an entry, where it names key files that exist, or holds the key itself. */
function entryKeyrings(entry: AptSource | undefined, aptRoot: string): readonly string[] | undefined {
  if (entry === undefined || entry.signedBy.length === 0) return undefined;
  if (entry.signedBy.some(isKeyBlock)) return entry.signedBy;
  const files = entry.signedBy.filter((key) => key.startsWith('/')).map((key) => join(aptRoot, key));
  return files.length === entry.signedBy.length && files.every((file) => existsSync(file)) ? files : undefined;
}

/** A key block, a path, or the name of a bundled keyring: a directory whose `.asc` files are all meant. */
async function keyringFiles(keyring: string, origin: string, places: KeyringPlaces): Promise<string[]> {
  if (isKeyBlock(keyring)) return [keyring];
  if (keyring.includes('/')) return [await keyringFile(keyring, origin)];
  const names = await readdir(join(places.bundledKeyrings, keyring)).catch(() => undefined);
  if (names !== undefined) return keysIn(join(places.bundledKeyrings, keyring), names);
  const known = await readdir(places.bundledKeyrings).catch(() => []);
  throw new KoalaError('profile', `cannot find the keyring ${keyring} of ${origin}`, {
    hint: `bundled are: ${known.sort(compareBytes).join(', ')}; a path holds a "/"`,
  });
}

/** Without a Signed-By apt takes the keys in `trusted.gpg.d`; machines without apt have our bundled ones. */
async function defaultKeyrings({ aptRoot, bundledKeyrings }: KeyringPlaces): Promise<string[]> {
  const trusted = join(aptRoot, '/etc/apt/trusted.gpg.d');
  const bundled = await readdir(bundledKeyrings).catch(() => []);
  const directories = [...bundled.sort(compareBytes).map((name) => join(bundledKeyrings, name)), trusted];
  const files = directories.map(async (path) => keysIn(path, await readdir(path).catch(() => [])));
  return (await Promise.all(files)).flat();
}

function keysIn(directory: string, names: readonly string[]): string[] {
  return names
    .filter((name) => /\.(?:asc|gpg)$/.test(name))
    .sort(compareBytes)
    .map((name) => join(directory, name));
}

async function keyringFile(path: string, origin: string): Promise<string> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    (error: unknown) => {
      throw new KoalaError('usage', `cannot read the keyring ${path} of ${origin}: ${fileReason(error)}`, {
        cause: error,
        hint: 'give a file of OpenPGP certificates, armored or not',
      });
    },
  );
  if (!isFile) throw new KoalaError('usage', `cannot read the keyring ${path} of ${origin}: it is not a file`);
  return resolve(path);
}

function isKeyBlock(keyring: string): boolean {
  return keyring.startsWith('-----BEGIN PGP');
}

/** sources.list(5): a key's fingerprint, with a `!` where its subkeys do not count. */
function isFingerprint(keyring: string): boolean {
  return /^(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})!?$/.test(keyring);
}
