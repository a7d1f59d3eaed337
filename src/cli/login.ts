import { KoalaError } from '../formats/errors.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';

export interface LoginArguments {
  readonly registry: string;
  readonly username: string | undefined;
  readonly passwordStdin: boolean;
  readonly insecure: boolean;
}

/** Of passwords and tokens; more is a file that was meant for something else. */
const MAX_PASSWORD = 65_536;

/** Keeps a user and a password for a registry, once it accepts them. */
export async function runLogin(given: LoginArguments, io: Io, interruption: Interruption): Promise<void> {
  const { username } = given;
  const example = `echo "$TOKEN" | koala-bootstrap login ${given.registry} --username ${username ?? 'NAME'} --password-stdin`;
  if (!username || username.includes(':')) {
    const why = username
      ? `cannot use ${JSON.stringify(username)} as a user: it has a colon`
      : 'cannot log in without a user';
    throw new KoalaError('usage', why, { hint: example });
  }
  if (!given.passwordStdin) {
    throw new KoalaError('usage', 'cannot log in without a password: it is read from standard input', {
      hint: example,
    });
  }
  const { parseHost } = await import('../registry/reference.js');
  const host = parseHost(given.registry);
  const password = await passwordFrom(io);
  const { login } = await import('../registry/login.js');
  const options = { environment: io.environment, insecure: given.insecure, signal: interruption.signal };
  const keeper = await login(host, { username, password }, options);
  const note = keeper.startsWith('docker-credential-') ? '' : ', not encrypted';
  io.stdout.write(`logged in to ${host}; ${keeper} keeps the credentials${note}\n`);
}

/** Forgets what `login` keeps. */
export async function runLogout(registry: string, io: Io, interruption: Interruption): Promise<void> {
  const { parseHost } = await import('../registry/reference.js');
  const { eraseCredential } = await import('../registry/credentials.js');
  const host = parseHost(registry);
  const keeper = await eraseCredential(host, { environment: io.environment, signal: interruption.signal });
  if (keeper === undefined) throw new KoalaError('registry', `cannot log out of ${host}: nobody is logged in`);
  io.stdout.write(`logged out of ${host}; ${keeper} has forgotten the credentials\n`);
}

async function passwordFrom(io: Io): Promise<string> {
  let text = '';
  for await (const chunk of io.stdin) {
    text += chunk;
    if (text.length > MAX_PASSWORD) throw new KoalaError('usage', 'cannot use so long a password');
  }
  const password = text.replace(/\r?\n$/, '');
  if (password !== '' && !/[\r\n]/.test(password)) return password;
  const why = password === '' ? 'standard input is empty' : 'it has several lines';
  throw new KoalaError('usage', `cannot read the password: ${why}`);
}
