import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpRequest, HttpResponse } from '../archive/http-client.js';
import { followRedirects } from '../archive/http-redirects.js';
import {
  headerOf,
  isTransient,
  isTransientStatus,
  networkReason,
  pauseBefore,
  retryAfter,
} from '../archive/http-retry.js';
import { KoalaError } from '../formats/errors.js';
import { DEFAULT_LIMITS } from '../formats/limits.js';
import type { RegistryEvent } from './types.js';

/** What a server said, read to its end. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  header(name: string): string | undefined;
  readonly headers: HttpResponse['headers'];
  readonly body: Buffer;
  /** Who said it, after redirects. */
  readonly url: URL;
}

export type Send = (request: HttpRequest) => Promise<HttpResponse>;

/** Something that another try may mend: the connection broke, or the server is not able at the moment. */
export class Interrupted extends Error {
  /** Milliseconds that the server wants to be left alone. */
  readonly wait: number | undefined;
  /** Of the system or of Node; empty where a server answered. */
  readonly code: string;

  constructor(
    reason: string,
    { wait, code = '' }: { readonly wait?: number | undefined; readonly code?: string } = {},
  ) {
    super(reason);
    this.wait = wait;
    this.code = code;
  }
}

/** Of what a server says beside blobs: registries take manifests of 4 MiB. */
const MAX_ANSWER = 1 << 22;

/**
 * Asks once, follows redirects, and reads the answer.
 *
 * @throws Interrupted where it is worth another try
 * @throws KoalaError where it is not followed or too long; whatever else the connection fails with, as it is
 */
export async function exchange(send: Send, request: HttpRequest, fail: (why: string) => KoalaError): Promise<Answer> {
  try {
    const { response, url } = await followRedirects(
      request.url,
      (to) => send({ ...request, url: to }),
      (to, why) => fail(`${plainUrl(request.url)} redirects to ${to.replace(/\?.*/, '')}, ${why}`),
      DEFAULT_LIMITS.redirects,
    );
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      size += chunk.length;
      if (size > MAX_ANSWER) throw fail(`the answer of ${plainUrl(url)} is longer than ${MAX_ANSWER} bytes`);
      chunks.push(chunk);
    }
    const answer: Answer = {
      status: response.statusCode,
      statusText: response.statusText,
      headers: response.headers,
      header: (name) => headerOf(response, name),
      body: Buffer.concat(chunks),
      url,
    };
    if (!isTransientStatus(answer.status)) return answer;
    throw new Interrupted(statusWords(answer), { wait: retryAfter(answer.header('retry-after')) });
  } catch (error) {
    if (error instanceof Interrupted || error instanceof KoalaError || request.signal.aborted) throw error;
    if (isTransient(error))
      throw new Interrupted(networkReason(error), { code: (error as NodeJS.ErrnoException).code ?? '' });
    throw error;
  }
}

export interface Patience {
  readonly retries: number;
  /** The first pause in milliseconds. */
  readonly pause: number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RegistryEvent) => void;
}

/** Tries something that gets no further again and again: counts, says so and pauses. */
export class Retrying {
  readonly #patience: Patience;
  readonly #what: string;
  readonly #fail: (why: string) => KoalaError;
  #attempt = 0;

  /** @param what is tried, for events */
  constructor(what: string, patience: Patience, fail: (why: string) => KoalaError) {
    this.#what = what;
    this.#patience = patience;
    this.#fail = fail;
  }

  /** Something went on since the last failure, so patience begins anew. */
  progressed(): void {
    this.#attempt = 0;
  }

  /** Waits before another try; throws what is no matter of patience, or where that is at its end. */
  async after(error: unknown): Promise<void> {
    const { retries, pause, signal, onEvent } = this.#patience;
    if (!(error instanceof Interrupted) || signal.aborted) throw error;
    this.#attempt++;
    if (this.#attempt > retries) throw this.#fail(`${error.message} (tried ${this.#attempt} times)`);
    onEvent({ type: 'retried', what: this.#what, attempt: this.#attempt, reason: error.message });
    await sleep(pauseBefore(this.#attempt, error.wait, pause, DEFAULT_LIMITS.retrySeconds * 1000), undefined, {
      signal,
    });
  }
}

/** The status, and what the registry says beside it (distribution-spec, "Error Codes"), on one line. */
export function statusWords({ status, statusText, body }: Pick<Answer, 'status' | 'statusText' | 'body'>): string {
  const said = registryErrors(body)
    .map(({ code, message }) => [code, message].filter((part) => part !== '').join(': '))
    .join('; ');
  return `${status} ${statusText}`.trim() + (said === '' ? '' : ` (${said.slice(0, MAX_WORDS)})`);
}

const MAX_WORDS = 300;

/** `NAME_UNKNOWN` and the like, with the registry's words; none where the body is something else. */
export function registryErrors(body: Buffer): { readonly code: string; readonly message: string }[] {
  try {
    const { errors } = JSON.parse(body.toString()) as { errors?: unknown };
    if (!Array.isArray(errors)) return [];
    return errors.map((error: { code?: unknown; message?: unknown } | null) => ({
      code: String(error?.code ?? ''),
      message: String(error?.message ?? '')
        .replace(/\s+/g, ' ')
        .trim(),
    }));
  } catch {
    return [];
  }
}

/** A URL for messages, without its query: upload locations carry signatures there. */
export function plainUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}
