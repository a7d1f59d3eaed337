import { mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { freshPart } from '../files/part.js';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { parseHost } from './reference.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a file has for a registry: user and password in base64, or apart, or tokens. */
export interface AuthEntry {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/** A docker config.json or a containers-auth.json(5); what else is in it stays as it is. */
export interface AuthFile {
  readonly path: string;
  readonly auths: Readonly<Record<string, AuthEntry>>;
  /** The helper for all registries. */
  readonly credsStore: string | undefined;
  /** Helpers by registries. */
  readonly credHelpers: Readonly<Record<string, string>>;
  readonly document: Readonly<Record<string, unknown>>;
}

/**
 * The files with credentials, the first one first. `REGISTRY_AUTH_FILE` and `DOCKER_CONFIG` stand for all others, as they do
 * for podman and for docker; without them, podman's files and docker's are read.
 */
export function authFilePaths(environment: Environment): string[] {
  const { REGISTRY_AUTH_FILE, DOCKER_CONFIG, XDG_RUNTIME_DIR, XDG_CONFIG_HOME } = environment;
  if (REGISTRY_AUTH_FILE) return [REGISTRY_AUTH_FILE];
  if (DOCKER_CONFIG) return [join(DOCKER_CONFIG, 'config.json')];
  const home = environment['HOME'] || homedir();
  const runtime = XDG_RUNTIME_DIR || `/run/containers/${process.geteuid?.() ?? 0}`;
  return [
    XDG_RUNTIME_DIR ? join(runtime, 'containers/auth.json') : join(runtime, 'auth.json'),
    join(XDG_CONFIG_HOME || join(home, '.config'), 'containers/auth.json'),
    join(home, '.docker/config.json'),
  ];
}

/** Where `login` writes: docker's file, unless another one is named, since all clients read that. */
export function authFileToWrite(environment: Environment): string {
  return authFilePaths(environment).at(-1) ?? '';
}

/**
 * @returns undefined where it is not there
 * @throws KoalaError `registry` where it cannot be read
 */
export async function readAuthFile(path: string): Promise<AuthFile | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    const document = objectOf(text.trim() === '' ? {} : JSON.parse(text));
    return {
      path,
      auths: objectOf(document['auths']) as Record<string, AuthEntry>,
      credsStore: typeof document['credsStore'] === 'string' ? document['credsStore'] || undefined : undefined,
      credHelpers: objectOf(document['credHelpers']) as Record<string, string>,
      document,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // A parser's message quotes the text, and this text has passwords in it.
    const why = error instanceof SyntaxError ? 'it is no JSON' : reasonOf(error);
    throw new KoalaError('registry', `cannot read credentials from ${path}: ${why}`);
  }
}

/**
 * Writes the credentials of a file anew, all at once and readable by its owner alone; all else in it stays.
 *
 * @throws KoalaError `registry`
 */
export async function writeAuths({ path, document }: Pick<AuthFile, 'path' | 'document'>, auths: AuthFile['auths']) {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // A link to the file stays a link.
    const target = await realpath(path).catch(() => path);
    const part = await freshPart(target);
    try {
      const handle = await open(part, 'wx', 0o600);
      try {
        await handle.writeFile(`${JSON.stringify({ ...document, auths }, null, '\t')}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(part, target);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  } catch (error) {
    throw new KoalaError('registry', `cannot write credentials to ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

/** A key of `auths` without scheme and version: docker writes docker.io as `https://index.docker.io/v1/`. */
export function authKey(key: string): string {
  const bare = key.replace(/^https?:\/\//i, '').replace(/\/+$/, '');
  const [host = '', ...path] = bare.split('/');
  const rest = /^v[12]$/.test(path[0] ?? '') && path.length === 1 ? [] : path;
  try {
    return [parseHost(host), ...rest].join('/');
  } catch {
    return key;
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
