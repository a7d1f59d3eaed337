import type { HttpResponse } from '../archive/http-client.js';
import type { KoalaError } from '../formats/errors.js';
import { type Challenge, parseChallenges } from './challenge.js';
import { exchange, type Patience, Retrying, type Send, statusWords } from './exchange.js';
import type { Credential, FoundCredential } from './types.js';

/** Seconds that a token holds where the server does not say (distribution: token authentication specification). */
const DEFAULT_LIFETIME = 60;
/** Seconds before its end from which a token is not begun with. */
const MARGIN = 10;
const CLIENT_ID = 'koala-bootstrap';

export interface AuthorisationOptions {
  /** Of the registry: what it is told goes to no other. */
  readonly origin: string;
  /** `repository:NAME:pull,push` */
  readonly scopes: readonly string[];
  /** Looks for a credential, at most once, when the registry wants one. */
  readonly find: () => Promise<FoundCredential | undefined>;
  /** Asks a token server; adds nothing to the request. */
  readonly send: Send;
  readonly patience: Patience;
  /** Takes words that must be in no message. */
  readonly keepSecret: (secret: string) => void;
  readonly fail: (why: string, hint?: string) => KoalaError;
  /** What to do where nobody, or the wrong one, asks. */
  readonly loginHint: string;
}

/** What one registry is told about who asks: nothing, until it wants to know; then Basic, or a token that is fetched. */
export class Authorisation {
  readonly #options: AuthorisationOptions;
  #found: Promise<FoundCredential | undefined> | undefined;
  #challenge: Challenge | undefined;
  #header: string | undefined;
  #expires = Number.POSITIVE_INFINITY;
  #renewal: Promise<boolean> | undefined;

  constructor(options: AuthorisationOptions) {
    this.#options = options;
  }

  /** What stands for the user, looked up once. */
  found(): Promise<FoundCredential | undefined> {
    this.#found ??= this.#options.find().then((found) => {
      for (const secret of secretsOf(found?.credential)) this.#options.keepSecret(secret);
      return found;
    });
    return this.#found;
  }

  /** The value of an `Authorization` header, fresh enough to begin with. */
  async header(): Promise<string | undefined> {
    if (Date.now() > this.#expires) await this.#renew();
    return this.#header;
  }

  /**
   * Learns from an answer with status 401.
   *
   * @param used what was sent with the request
   * @returns whether there is something else to send now
   */
  async learn({ headers }: Pick<HttpResponse, 'headers'>, used: string | undefined): Promise<boolean> {
    // Another request of the same time has learned it already.
    if (used !== this.#header) return true;
    const challenges = parseChallenges(headers['www-authenticate']);
    const isBearer = ({ scheme, parameters }: Challenge) => scheme === 'bearer' && parameters['realm'] !== undefined;
    this.#challenge = challenges.find(isBearer) ?? challenges.find(({ scheme }) => scheme === 'basic');
    return this.#challenge !== undefined && (await this.#renew());
  }

  #renew(): Promise<boolean> {
    this.#renewal ??= this.#answerChallenge().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #answerChallenge(): Promise<boolean> {
    const before = this.#header;
    const found = await this.found();
    if (found?.credential.type === 'registry-token') this.#header = `Bearer ${found.credential.token}`;
    else if (this.#challenge?.scheme === 'bearer') this.#header = await this.#fetchToken(this.#challenge, found);
    else this.#header = found?.credential.type === 'basic' ? basic(found.credential) : undefined;
    return this.#header !== undefined && this.#header !== before;
  }

  /** Asks the server that the challenge names for a token, as the user or as nobody. */
  async #fetchToken({ parameters }: Challenge, found: FoundCredential | undefined): Promise<string> {
    const { send, patience, fail, origin, loginHint } = this.#options;
    const realm = realmOf(parameters['realm'] ?? '', origin);
    if (realm === undefined) throw fail('the registry names no token server that could be asked');
    const scopes = new Set([...this.#options.scopes, ...(parameters['scope']?.split(' ') ?? [])]);
    const query = new URLSearchParams();
    if (parameters['service'] !== undefined) query.set('service', parameters['service']);
    for (const scope of scopes) if (scope !== '') query.append('scope', scope);
    const request = tokenRequest(realm, query, found?.credential);
    const retrying = new Retrying('a token', patience, (why) => fail(`no token from ${realm.host}: ${why}`));
    for (;;) {
      try {
        const answer = await exchange(
          (to) => {
            // The password, or the refresh token, is for the server that the registry named and for no other.
            if (to.url.origin !== realm.origin)
              throw fail(`${realm.host} redirects to ${to.url.host}, which is not asked`);
            return send(to);
          },
          { ...request, signal: patience.signal },
          fail,
        );
        if (answer.status === 200) return this.#keepToken(answer.body, realm);
        const words = statusWords(answer);
        if (found === undefined) throw fail(`no token from ${realm.host} without credentials: ${words}`, loginHint);
        const isRefused = answer.status === 401 || answer.status === 403 || answer.status === 400;
        throw fail(
          isRefused
            ? `${realm.host} does not accept the credentials from ${found.source}: ${words}`
            : `no token from ${realm.host}: ${words}`,
          isRefused ? loginHint : undefined,
        );
      } catch (error) {
        await retrying.after(error);
      }
    }
  }

  #keepToken(body: Buffer, realm: URL): string {
    const { fail, keepSecret } = this.#options;
    let answer: { token?: unknown; access_token?: unknown; expires_in?: unknown } = {};
    try {
      answer = JSON.parse(body.toString()) ?? {};
    } catch {
      // Left empty, it has no token.
    }
    const token = answer.token || answer.access_token;
    if (typeof token !== 'string') throw fail(`no token from ${realm.host}: its answer is not understood`);
    keepSecret(token);
    const lifetime = typeof answer.expires_in === 'number' ? answer.expires_in : DEFAULT_LIFETIME;
    this.#expires = Date.now() + Math.max(lifetime - MARGIN, lifetime / 2) * 1000;
    return `Bearer ${token}`;
  }
}

/** GET with Basic, or OAuth2's POST where there is a refresh token (distribution: oauth2 token authentication). */
function tokenRequest(realm: URL, query: URLSearchParams, credential: Credential | undefined) {
  if (credential?.type === 'identity-token') {
    const form = new URLSearchParams(query);
    // OAuth2 has one scope parameter, with blanks.
    if (query.has('scope')) form.set('scope', query.getAll('scope').join(' '));
    form.set('grant_type', 'refresh_token');
    form.set('refresh_token', credential.token);
    form.set('client_id', CLIENT_ID);
    const bytes = Buffer.from(form.toString());
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { method: 'POST', url: realm, headers, body: { size: bytes.length, open: () => [bytes] } } as const;
  }
  const url = new URL(realm);
  for (const [name, value] of query) url.searchParams.append(name, value);
  if (credential?.type !== 'basic') return { method: 'GET', url, headers: {} } as const;
  url.searchParams.set('account', credential.username);
  return { method: 'GET', url, headers: { authorization: basic(credential) } } as const;
}

/** Passwords go over http only where the registry itself speaks it. */
function realmOf(text: string, origin: string): URL | undefined {
  if (!URL.canParse(text, origin)) return undefined;
  const realm = new URL(text, origin);
  const isAllowed = realm.protocol === 'https:' || (realm.protocol === 'http:' && origin.startsWith('http:'));
  return isAllowed && realm.username === '' ? realm : undefined;
}

function basic({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function secretsOf(credential: Credential | undefined): string[] {
  if (credential === undefined) return [];
  return credential.type === 'basic'
    ? [credential.password, basic(credential).slice('Basic '.length)]
    : [credential.token];
}
