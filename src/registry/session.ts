import { setMaxListeners } from 'node:events';
import {
  type HttpBody,
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
  openHttpClient,
} from '../archive/http-client.js';
import { networkReason } from '../archive/http-retry.js';
import { KoalaError } from '../formats/errors.js';
import { DEFAULT_LIMITS } from '../formats/limits.js';
import { Authorisation } from './authorisation.js';
import { findCredential } from './credentials.js';
import { type Answer, exchange, Interrupted, type Patience, Retrying, type Send, statusWords } from './exchange.js';
import { apiHost, isLoopback } from './reference.js';
import type { FoundCredential, RegistryOptions } from './types.js';

export interface SessionTarget {
  readonly host: string;
  /** Undefined for the registry as a whole. */
  readonly repository: string | undefined;
  /** `repository:NAME:pull,push` */
  readonly scopes: readonly string[];
  /** What is done, for messages: `publish registry.example/app:1.0`. */
  readonly purpose: string;
  /** Stands for what files and helpers have. */
  readonly credential?: FoundCredential;
}

export interface RegistryRequest {
  readonly method: HttpRequest['method'];
  /** Below the registry's `/v2/`, or in full as the registry gave it. */
  readonly to: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  /** Status 401 is an answer, and not the end: there is another way. */
  readonly mayBeRefused?: boolean;
}

export interface FailOptions {
  readonly hint?: string | undefined;
  readonly details?: readonly string[];
  readonly cause?: unknown;
}

const DEFAULTS = { concurrency: 4, retries: 7, pause: 500, timeout: 120_000 } as const;

/** What Node says where a server speaks no TLS, over which plain http may be tried. */
const NO_TLS = /^(?:EPROTO|ECONNRESET|ERR_SSL_|HPE_)/;
/** What it says where a certificate is not signed by whom it knows. */
const UNKNOWN_ISSUER = /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

/** Speaks to one registry for one purpose. */
export class Session {
  readonly host: string;
  readonly concurrency: number;
  readonly patience: Patience;
  readonly #target: SessionTarget;
  readonly #options: RegistryOptions;
  readonly #client: HttpClient;
  readonly #secrets = new Set<string>();
  readonly #end = new AbortController();
  #origin = '';
  #authorisation: Authorisation | undefined;

  private constructor(target: SessionTarget, options: RegistryOptions) {
    const { concurrency, retries, pause, timeout } = { ...DEFAULTS, ...options };
    const { headerBytes } = DEFAULT_LIMITS;
    // Each request listens, so the number of listeners says nothing about a leak; the caller's signal gets only one.
    const signal = AbortSignal.any([options.signal, this.#end.signal]);
    setMaxListeners(0, signal);
    this.host = target.host;
    this.concurrency = concurrency;
    this.patience = { retries, pause, signal, onEvent: options.onEvent ?? (() => {}) };
    this.#target = target;
    this.#options = options;
    this.#client = openHttpClient({
      environment: options.environment,
      connections: concurrency + 1,
      timeout,
      headerBytes,
    });
  }

  /**
   * Opens a session, does something with it, and closes it.
   *
   * @throws KoalaError `registry`, with the purpose in its message; `cancelled`
   */
  static async with<T>(target: SessionTarget, options: RegistryOptions, action: (session: Session) => Promise<T>) {
    const session = new Session(target, options);
    try {
      await session.#connect();
      return await action(session);
    } catch (error) {
      throw session.#asKoalaError(error);
    } finally {
      // What still waits for another try, since something else failed, waits no longer.
      session.#end.abort();
      await session.#client.close();
    }
  }

  /**
   * Asks, as often as it takes.
   *
   * @throws KoalaError `registry` where the registry is not able to answer, or wants other credentials
   */
  async ask(request: RegistryRequest): Promise<Answer> {
    const retrying = this.retrying(`${request.method} ${pathOf(request.to)}`);
    for (;;) {
      try {
        return await this.askOnce(request);
      } catch (error) {
        await retrying.after(error);
      }
    }
  }

  /** Asks once. Also throws Interrupted, where another try may help. */
  async askOnce({ method, to, headers = {}, body, mayBeRefused = false }: RegistryRequest): Promise<Answer> {
    const url = typeof to === 'string' ? this.urlOf(to) : to;
    const request = { method, url, headers, body, signal: this.patience.signal };
    const send: Send = (one) => this.#authorised(one, mayBeRefused);
    return exchange(send, request, (why) => this.failure(why));
  }

  /** What lies below the registry's `/v2/`. */
  urlOf(path: string): URL {
    return new URL(`/v2/${path}`, this.#origin);
  }

  /** One request, authorised where it goes to the registry itself; for downloads, which follow redirects on their own. */
  readonly send: Send = (request) => this.#authorised(request, false);

  async #authorised(request: HttpRequest, mayBeRefused: boolean): Promise<HttpResponse> {
    const authorisation = this.#authorisation;
    // What a registry is told is for no other host, wherever redirects and upload locations lead.
    if (authorisation === undefined || request.url.origin !== this.#origin) return this.#client.send(request);
    const used = await authorisation.header();
    const response = await this.#client.send(withAuthorisation(request, used));
    if (response.statusCode !== 401) return response;
    await response.body.dump({ limit: 65_536 });
    const isWorthIt = await authorisation.learn(response, used);
    const again = isWorthIt ? await authorisation.header() : undefined;
    if (again === undefined && mayBeRefused) return response;
    if (again === undefined) throw await this.#unauthorised(response);
    const second = await this.#client.send(withAuthorisation(request, again));
    if (second.statusCode !== 401 || mayBeRefused) return second;
    await second.body.dump({ limit: 65_536 });
    throw await this.#unauthorised(second);
  }

  retrying(what: string): Retrying {
    return new Retrying(what, this.patience, (why) => this.failure(why));
  }

  /** A URL that the registry gave: a path, or one in full. */
  resolve(location: string | undefined, base: URL): URL {
    if (location === undefined || !URL.canParse(location, base.href)) {
      throw this.failure(`${this.host} says nowhere to send to`);
    }
    const url = new URL(location, base);
    const origin = new URL(this.#origin);
    // Behind a proxy that speaks TLS for it, a registry may think that it speaks http.
    if (url.hostname === origin.hostname && url.protocol !== origin.protocol) {
      url.protocol = origin.protocol;
      url.port = origin.port;
    }
    const isHttp = url.protocol === 'https:' || (url.protocol === 'http:' && origin.protocol === 'http:');
    if (!isHttp)
      throw this.failure(`${this.host} wants data at ${url.origin}, which is not ${origin.protocol.slice(0, -1)}`);
    return url;
  }

  /** What the registry does not do, with its reasons and what might help. */
  async refusal(what: string, answer: Answer, options: FailOptions = {}): Promise<KoalaError> {
    const words = statusWords(answer);
    if (answer.status !== 403 || options.hint !== undefined) return this.failure(`${what}: ${words}`, options);
    const found = await this.#authorisation?.found();
    const hint =
      found === undefined ? this.#loginHint : `${this.host} knows you by the credentials from ${found.source}`;
    return this.failure(`${what}: ${words}`, { ...options, hint });
  }

  failure(why: string, { hint, details, cause }: FailOptions = {}): KoalaError {
    return new KoalaError('registry', `cannot ${this.#target.purpose}: ${this.#redact(why)}`, {
      ...(hint === undefined ? {} : { hint }),
      ...(details === undefined ? {} : { details: details.map((detail) => this.#redact(detail)) }),
      cause,
    });
  }

  /** Finds out how the registry is spoken to, and whom it wants to know. */
  async #connect(): Promise<void> {
    const { host, repository, scopes, credential } = this.#target;
    const { environment, insecure } = this.#options;
    const { signal } = this.patience;
    const authority = apiHost(host);
    const schemes = insecure || isLoopback(host) ? ['https:', 'http:'] : ['https:'];
    const retrying = this.retrying(host);
    for (;;) {
      try {
        const response = await this.#greet(schemes.map((scheme) => new URL(`${scheme}//${authority}/v2/`)));
        this.#authorisation = new Authorisation({
          origin: this.#origin,
          scopes,
          find: async () => credential ?? findCredential(host, repository, { environment, signal }),
          send: (request) => this.#client.send(request),
          patience: this.patience,
          keepSecret: (secret) => this.#secrets.add(secret),
          fail: (why, hint) => this.failure(why, { hint }),
          loginHint: this.#loginHint,
        });
        if (response.status === 200) return;
        if (response.status !== 401) break;
        // Who has no credentials goes on without: what follows may be open to everybody.
        await this.#authorisation.learn(response, undefined);
        return;
      } catch (error) {
        await retrying.after(error);
      }
    }
    throw this.failure(`${host} does not speak as a registry does: it has no /v2/`);
  }

  async #greet(urls: readonly URL[]): Promise<Answer> {
    const [first, ...others] = urls;
    if (first === undefined) throw this.failure('there is no way to ask');
    const request = { method: 'GET', url: first, headers: {}, signal: this.patience.signal } as const;
    try {
      const answer = await exchange(
        (to) => this.#client.send(to),
        request,
        (why) => this.failure(why),
      );
      this.#origin = first.origin;
      return answer;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      const speaksNoTls = NO_TLS.test(code) || (error instanceof Interrupted && NO_TLS.test(error.code));
      if (others.length === 0 || !speaksNoTls) throw error;
      return this.#greet(others);
    }
  }

  async #unauthorised(response: Pick<HttpResponse, 'statusCode' | 'statusText'>): Promise<KoalaError> {
    const found = await this.#authorisation?.found();
    const status = `${response.statusCode} ${response.statusText}`.trim();
    return this.failure(
      found === undefined
        ? `${this.host} wants credentials, and there are none (${status})`
        : `${this.host} does not accept the credentials from ${found.source} (${status})`,
      { hint: this.#loginHint },
    );
  }

  get #loginHint(): string {
    return `koala-bootstrap login ${this.host} --username NAME --password-stdin`;
  }

  #asKoalaError(error: unknown): KoalaError {
    if (this.#options.signal.aborted) {
      return new KoalaError('cancelled', `cannot ${this.#target.purpose}: it was cancelled`, { cause: error });
    }
    if (error instanceof KoalaError) return error;
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const hint = UNKNOWN_ISSUER.test(code)
      ? 'NODE_EXTRA_CA_CERTS=FILE adds the certificates of a CA of your own'
      : undefined;
    const isPlain = NO_TLS.test(code) && !this.#options.insecure;
    return this.failure(`${this.host}: ${networkReason(error)}`, {
      hint: hint ?? (isPlain ? '--insecure speaks http to it, if it has no https' : undefined),
      cause: error,
    });
  }

  #redact(text: string): string {
    return [...this.#secrets].reduce(
      (clean, secret) => (secret === '' ? clean : clean.replaceAll(secret, '***')),
      text,
    );
  }
}

function withAuthorisation(request: HttpRequest, authorization: string | undefined): HttpRequest {
  return authorization === undefined ? request : { ...request, headers: { ...request.headers, authorization } };
}

function pathOf(to: string | URL): string {
  return typeof to === 'string' ? to : to.pathname;
}
