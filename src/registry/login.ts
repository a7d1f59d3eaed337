import { storeCredential } from './credentials.js';
import { Session } from './session.js';
import type { RegistryOptions } from './types.js';

/**
 * Asks a registry whether it accepts a user, and keeps user and password if so.
 *
 * @returns who keeps them: a file, or a credential helper
 * @throws KoalaError `registry` where they are not accepted, or cannot be kept
 */
export async function login(
  host: string,
  given: { readonly username: string; readonly password: string },
  options: RegistryOptions,
): Promise<string> {
  const credential = { type: 'basic', ...given } as const;
  const target = {
    host,
    repository: undefined,
    scopes: [],
    purpose: `log in to ${host}`,
    credential: { credential, source: 'the command line' },
  };
  await Session.with(target, options, async (session) => {
    const answer = await session.ask({ method: 'GET', to: '' });
    if (answer.status !== 200) throw await session.refusal(`${host} does not accept them`, answer);
  });
  return storeCredential(host, given, options);
}
