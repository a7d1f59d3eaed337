import { reasonOf } from '../formats/errors.js';
import type { HttpResponse } from './http-client.js';

/** Milliseconds to wait before another try: what the server asked for, else twice as long each time, `most` at most. */
export function pauseBefore(attempt: number, asked: number | undefined, first: number, most: number): number {
  // The random part keeps parallel transfers from coming back all at once.
  return Math.min(asked ?? first * 2 ** (attempt - 1) * (0.5 + Math.random() / 2), most);
}

/** Whether another try may help after such an answer. */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** Milliseconds of a Retry-After header: seconds, or a date (RFC 9110, 10.2.3). */
export function retryAfter(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(wait) ? Math.max(wait, 0) : undefined;
}

/** A header that has one value. */
export function headerOf(response: HttpResponse, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Whether another try may help after what was thrown. Certificates do not mend themselves; of undici's own errors only those of the network pass. */
export function isTransient(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (/^UND_ERR_(?:SOCKET|(?:HEADERS|BODY|CONNECT)_TIMEOUT|RES_CONTENT_LENGTH_MISMATCH|ABORTED)$/.test(code))
    return true;
  if (/^HPE_/.test(code)) return true;
  return NETWORK_ERRORS.has(code);
}

const NETWORK_ERRORS: ReadonlySet<string> = new Set([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** What broke, in words. */
export function networkReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  return reasonOf(error) || code || 'the connection broke';
}
