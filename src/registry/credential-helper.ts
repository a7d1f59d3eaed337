import { spawn } from 'node:child_process';
import { KoalaError } from '../formats/errors.js';
import type { Credential } from './types.js';

/** What the helpers of docker answer is small; more than that is not read. */
const MAX_ANSWER = 1 << 20;
/** How helpers say that they know nothing, by their protocol (docker-credential-helpers, `credentials/error.go`). */
const NOT_FOUND = 'credentials not found in native keychain';
/** As the user of an identity token. */
const TOKEN_USER = '<token>';

export interface HelperOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** The file that names the helper, for messages. */
  readonly namedBy: string;
}

/**
 * Asks a credential helper, the program `docker-credential-NAME`, for what it has. Docker's configuration names the program;
 * it is started only for a registry that wants credentials, and never by a build.
 *
 * @param server as `login` stored it
 * @returns undefined where it has nothing for that server
 * @throws KoalaError `registry`
 */
export async function helperGet(name: string, server: string, options: HelperOptions): Promise<Credential | undefined> {
  const { status, stdout } = await runHelper(name, 'get', server, options);
  if (status !== 0 && stdout.trim() === NOT_FOUND) return undefined;
  if (status !== 0) throw helperFailed(name, options, stdout.trim() || `it ended with ${status}`);
  // What it said is a secret, understood or not.
  const unreadable = helperFailed(name, options, 'its answer is not understood');
  let answer: { readonly Username?: unknown; readonly Secret?: unknown };
  try {
    answer = JSON.parse(stdout) as typeof answer;
  } catch {
    throw unreadable;
  }
  const { Username: username, Secret: secret } = answer;
  if (typeof username !== 'string' || typeof secret !== 'string') throw unreadable;
  if (username === '' && secret === '') return undefined;
  return username === TOKEN_USER
    ? { type: 'identity-token', token: secret }
    : { type: 'basic', username, password: secret };
}

/** Gives a credential helper something to keep. */
export async function helperStore(
  name: string,
  server: string,
  { username, password }: { readonly username: string; readonly password: string },
  options: HelperOptions,
): Promise<void> {
  const input = JSON.stringify({ ServerURL: server, Username: username, Secret: password });
  const { status, stdout } = await runHelper(name, 'store', input, options);
  if (status !== 0) throw helperFailed(name, options, stdout.trim() || `it ended with ${status}`);
}

/** Lets a credential helper forget what it has. */
export async function helperErase(name: string, server: string, options: HelperOptions): Promise<void> {
  const { status, stdout } = await runHelper(name, 'erase', server, options);
  if (status !== 0 && stdout.trim() !== NOT_FOUND) {
    throw helperFailed(name, options, stdout.trim() || `it ended with ${status}`);
  }
}

function runHelper(
  name: string,
  action: 'get' | 'store' | 'erase',
  input: string,
  options: HelperOptions,
): Promise<{ readonly status: number | null; readonly stdout: string }> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) throw helperFailed(name, options, 'that is no name of a program');
  return new Promise((resolve, reject) => {
    const child = spawn(`docker-credential-${name}`, [action], {
      env: { ...options.environment },
      signal: options.signal,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.length > MAX_ANSWER) child.kill();
    });
    // A helper may end without reading all that it is told.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(helperFailed(name, options, error.code === 'ENOENT' ? 'there is no such program' : error.message));
    });
    child.on('close', (status) => resolve({ status, stdout }));
  });
}

function helperFailed(name: string, { namedBy }: HelperOptions, why: string): KoalaError {
  return new KoalaError('registry', `cannot use the credential helper docker-credential-${name}: ${why}`, {
    hint: `${namedBy} names it, in credsStore or credHelpers`,
  });
}
