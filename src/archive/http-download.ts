import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { KoalaError, reasonOf } from '../formats/errors.js';
import type { Limits } from '../formats/limits.js';
import { tooLong } from './file-transfer.js';
import type { HttpClient, HttpResponse } from './http-client.js';
import { followRedirects } from './http-redirects.js';
import { headerOf, isTransient, isTransientStatus, networkReason, pauseBefore, retryAfter } from './http-retry.js';
import type { TransferRequest } from './transport.js';
import type { TransferEvent } from './types.js';
import { maskUrl } from './url.js';

interface Context {
  readonly client: Pick<HttpClient, 'get'>;
  readonly signal: AbortSignal;
  readonly onEvent: (event: TransferEvent) => void;
  readonly limits: Limits;
  readonly pause: number;
}

/** How one try ended. */
type Outcome = 'complete' | 'absent' | { readonly reason: string; readonly wait: number | undefined };

/** What later tries of a download know of the earlier ones. */
interface Progress {
  /** Bytes that the sink has. */
  received: number;
  /** An ETag or Last-Modified, so that the rest of another version is not appended. */
  validator: string | undefined;
}

/**
 * Downloads over HTTP: follows redirects, tries again after network errors, 5xx, 408 and 429, and asks only for the rest
 * where a body broke off. See `Transport.fetch`.
 */
export async function downloadHttp(request: TransferRequest, context: Context): Promise<'complete' | 'absent'> {
  const { transferSeconds } = context.limits;
  // However slowly and often it goes on, it ends.
  const late = AbortSignal.timeout(transferSeconds * 1000);
  const signal = AbortSignal.any([context.signal, late]);
  try {
    return await tryRepeatedly(request, { ...context, signal });
  } catch (error) {
    if (!late.aborted || context.signal.aborted) throw error;
    throw failed(maskUrl(request.url), `it was not there after ${transferSeconds} seconds`, error);
  }
}

async function tryRepeatedly(request: TransferRequest, context: Context): Promise<'complete' | 'absent'> {
  const { onEvent, signal, limits } = context;
  const url = maskUrl(request.url);
  const progress: Progress = { received: 0, validator: undefined };
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryOnce(request, progress, context);
    if (outcome === 'complete' || outcome === 'absent') return outcome;
    if (attempt > limits.retries) throw failed(url, `${outcome.reason} (tried ${attempt} times)`);
    onEvent({ type: 'transfer-retried', url, attempt, reason: outcome.reason });
    await sleep(pauseBefore(attempt, outcome.wait, context.pause, limits.retrySeconds * 1000), undefined, { signal });
  }
}

async function tryOnce(request: TransferRequest, progress: Progress, context: Context): Promise<Outcome> {
  try {
    const response = await follow(request, progress, context);
    const outcome = await judge(response, request, progress);
    if (outcome !== undefined) {
      // Read to its end, within reason, so that the connection can be used again.
      await response.body.dump({ limit: 65_536 });
      return outcome;
    }
    return await receive(response, request, progress, context);
  } catch (error) {
    if (error instanceof KoalaError || context.signal.aborted || !isTransient(error)) {
      throw error instanceof KoalaError ? error : failed(maskUrl(request.url), reasonOf(error), error);
    }
    return { reason: networkReason(error), wait: undefined };
  }
}

/** Asks for what is missing yet. */
async function follow(
  request: TransferRequest,
  progress: Progress,
  { client, signal, limits }: Context,
): Promise<HttpResponse> {
  const headers: Record<string, string> = {};
  if (request.fresh === true) headers['cache-control'] = 'no-cache';
  if (progress.received > 0) {
    headers['range'] = `bytes=${progress.received}-`;
    if (progress.validator !== undefined) headers['if-range'] = progress.validator;
  }
  const refuse = (to: string, why: string): KoalaError => failed(maskUrl(request.url), `it redirects to ${to}, ${why}`);
  const { response } = await followRedirects(
    new URL(request.url),
    (url) => client.get(url, headers, signal),
    refuse,
    limits.redirects,
  );
  return response;
}

/** What the status says; undefined where the body is to be read. Prepares the sink for it. */
async function judge(
  response: HttpResponse,
  { url, sink }: TransferRequest,
  progress: Progress,
): Promise<Outcome | undefined> {
  const { statusCode: status } = response;
  if (status === 200) {
    if (progress.received > 0) await sink.restart();
    progress.received = 0;
    progress.validator = validatorOf(response);
    return undefined;
  }
  if (status === 206 && progress.received > 0) {
    const [, from] = /^bytes (\d+)-\d+\/(?:\d+|\*)$/.exec(headerOf(response, 'content-range') ?? '') ?? [];
    if (Number(from) === progress.received) return undefined;
  }
  if (status === 206 || status === 416) {
    await sink.restart();
    progress.received = 0;
    return { reason: `the server answered ${status} to a Range`, wait: 0 };
  }
  if (status === 404 || status === 410) return 'absent';
  const reason = `${status} ${response.statusText}`.trim();
  if (isTransientStatus(status)) {
    return { reason, wait: retryAfter(headerOf(response, 'retry-after')) };
  }
  throw failed(maskUrl(url), reason);
}

async function receive(
  response: HttpResponse,
  request: TransferRequest,
  progress: Progress,
  { onEvent, limits: { stallSeconds, stallBytes } }: Context,
): Promise<Outcome> {
  const url = maskUrl(request.url);
  const span = { from: performance.now(), bytes: 0 };
  const announced = headerOf(response, 'content-length');
  if (progress.received + Number(announced ?? 0) > request.limit) {
    response.body.destroy();
    throw tooLong(url, request.limit);
  }
  // Leaving the loop by an exception destroys the body, and with it the connection.
  for await (const chunk of response.body) {
    if (progress.received + chunk.length > request.limit) throw tooLong(url, request.limit);
    await request.sink.write(chunk);
    progress.received += chunk.length;
    onEvent({ type: 'transfer-progress', url, bytes: chunk.length });
    span.bytes += chunk.length;
    if (performance.now() - span.from < stallSeconds * 1000) continue;
    // A byte now and then would keep the connection from counting as broken, and the build from ending.
    if (span.bytes < stallBytes)
      return { reason: `only ${span.bytes} bytes in ${stallSeconds} seconds`, wait: undefined };
    Object.assign(span, { from: performance.now(), bytes: 0 });
  }
  // Where no length was announced, a broken connection looks like the end.
  if (announced === undefined && request.size !== undefined && progress.received < request.size) {
    return { reason: `the body ended after ${progress.received} of ${request.size} bytes`, wait: undefined };
  }
  return 'complete';
}

/** What `If-Range` takes (RFC 9110, 13.1.5): a strong ETag, else the time of the last change. */
function validatorOf(response: HttpResponse): string | undefined {
  const etag = headerOf(response, 'etag');
  return etag?.startsWith('"') === true ? etag : headerOf(response, 'last-modified');
}

function failed(url: string, why: string, cause?: unknown): KoalaError {
  return new KoalaError('archive', `cannot fetch ${url}: ${why}`, cause === undefined ? {} : { cause });
}
