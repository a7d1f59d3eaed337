import { KoalaError } from '../formats/errors.js';
import {
  type AuthEntry,
  type AuthFile,
  authFilePaths,
  authFileToWrite,
  authKey,
  readAuthFile,
  writeAuths,
} from './auth-file.js';
import { helperErase, helperGet, helperStore } from './credential-helper.js';
import type { Credential, FoundCredential } from './types.js';

export interface CredentialOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/**
 * Looks for what a registry is told about who asks: in each file the helper that is named for the registry, then the one for
 * all registries, then the entries, the one for the longest part of `HOST/REPOSITORY` first, as containers-auth.json(5) has
 * them.
 *
 * @throws KoalaError `registry` where a file cannot be read, or a helper fails
 */
export async function findCredential(
  host: string,
  repository: string | undefined,
  options: CredentialOptions,
): Promise<FoundCredential | undefined> {
  const names = namesOf(host, repository);
  for (const path of authFilePaths(options.environment)) {
    const file = await readAuthFile(path);
    if (file === undefined) continue;
    for (const helper of helpersFor(file, names)) {
      const credential = await helperGet(helper, serverOf(host), { ...options, namedBy: path });
      if (credential !== undefined) return { credential, source: `docker-credential-${helper}` };
    }
    for (const name of names) {
      const found = Object.entries(file.auths).find(([key]) => authKey(key) === name);
      const credential = found === undefined ? undefined : credentialOf(found[1], path, host);
      if (credential !== undefined) return { credential, source: path };
    }
  }
  return undefined;
}

/**
 * Keeps a user and a password for a registry: by the helper that the file names, else in the file.
 *
 * @returns who keeps them
 */
export async function storeCredential(
  host: string,
  given: { readonly username: string; readonly password: string },
  options: CredentialOptions,
): Promise<string> {
  const path = authFileToWrite(options.environment);
  const file = (await readAuthFile(path)) ?? emptyFile(path);
  const [helper] = helpersFor(file, [host]);
  if (helper !== undefined) {
    await helperStore(helper, serverOf(host), given, { ...options, namedBy: path });
    return `docker-credential-${helper}`;
  }
  const auth = Buffer.from(`${given.username}:${given.password}`).toString('base64');
  await writeAuths(file, { ...othersOf(file, host), [serverOf(host)]: { auth } });
  return path;
}

/**
 * Forgets what `storeCredential` kept.
 *
 * @returns who kept it; undefined where there was nothing
 */
export async function eraseCredential(host: string, options: CredentialOptions): Promise<string | undefined> {
  const path = authFileToWrite(options.environment);
  const file = await readAuthFile(path);
  if (file === undefined) return undefined;
  const [helper] = helpersFor(file, [host]);
  if (helper !== undefined) {
    await helperErase(helper, serverOf(host), { ...options, namedBy: path });
    return `docker-credential-${helper}`;
  }
  const others = othersOf(file, host);
  if (Object.keys(others).length === Object.keys(file.auths).length) return undefined;
  await writeAuths(file, others);
  return path;
}

/** `HOST/a/b`, `HOST/a`, `HOST` */
function namesOf(host: string, repository: string | undefined): string[] {
  const parts = [host, ...(repository?.split('/') ?? [])];
  return parts.map((_, at) => parts.slice(0, parts.length - at).join('/'));
}

function helpersFor({ credHelpers, credsStore }: AuthFile, names: readonly string[]): string[] {
  const own = names.flatMap((name) => Object.entries(credHelpers).filter(([key]) => authKey(key) === name));
  const [first] = own;
  return [first?.[1], credsStore].filter((helper) => helper !== undefined);
}

function othersOf({ auths }: AuthFile, host: string): Record<string, AuthEntry> {
  return Object.fromEntries(Object.entries(auths).filter(([key]) => authKey(key) !== host));
}

function credentialOf(entry: AuthEntry, path: string, host: string): Credential | undefined {
  const { auth, username, password, identitytoken, registrytoken } = entry ?? {};
  if (registrytoken) return { type: 'registry-token', token: registrytoken };
  if (identitytoken) return { type: 'identity-token', token: identitytoken };
  if (auth) {
    // Docker pads with zero bytes in places.
    const text = Buffer.from(auth, 'base64').toString().replaceAll('\0', '');
    const colon = text.indexOf(':');
    if (colon > 0) return { type: 'basic', username: text.slice(0, colon), password: text.slice(colon + 1) };
    throw new KoalaError('registry', `cannot read credentials from ${path}: the entry of ${host} has no user`);
  }
  return username && password ? { type: 'basic', username, password } : undefined;
}

/** By what name docker's files and helpers know a registry. */
function serverOf(host: string): string {
  return host === 'docker.io' ? 'https://index.docker.io/v1/' : host;
}

function emptyFile(path: string): AuthFile {
  return { path, auths: {}, credsStore: undefined, credHelpers: {}, document: {} };
}
