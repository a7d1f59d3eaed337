import type { HttpResponse } from './http-client.js';
import { headerOf } from './http-retry.js';
import { maskUrl } from './url.js';

/**
 * Asks, and goes where redirects lead: at most so many times, and never from https to http, nor to another scheme. Credentials of
 * the old place are not for the new one: a new URL has only those that it names.
 *
 * @param ask asks a URL once
 * @param refuse makes the error where a redirect is not followed
 * @returns the answer, and who gave it
 */
export async function followRedirects(
  first: URL,
  ask: (url: URL) => Promise<HttpResponse>,
  refuse: (to: string, why: string) => Error,
  most: number,
): Promise<{ readonly response: HttpResponse; readonly url: URL }> {
  let url = first;
  for (let redirects = 0; ; redirects++) {
    const response = await ask(url);
    if (![301, 302, 303, 307, 308].includes(response.statusCode)) return { response, url };
    await response.body.dump({ limit: 65_536 });
    const location = headerOf(response, 'location') ?? '';
    const to = maskUrl(location);
    if (location === '' || !URL.canParse(location, url.href)) throw refuse(to, 'which is no URL');
    if (redirects === most) throw refuse(to, `after ${most} redirects`);
    const next = new URL(location, url);
    if (next.protocol !== 'https:' && next.protocol !== 'http:') throw refuse(to, 'which is not http or https');
    if (url.protocol === 'https:' && next.protocol === 'http:') throw refuse(to, 'which is not encrypted');
    url = next;
  }
}
