import { KoalaError } from '../formats/errors.js';
import { maskUrl } from './url.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL by curl's rules: `http_proxy` (lower case only: a CGI server sets HTTP_PROXY from a request's header),
 * `https_proxy`, `all_proxy` and `no_proxy` in either case. A proxy without a scheme is an http one.
 *
 * @returns undefined where the URL is asked directly
 * @throws KoalaError `usage` for a proxy that speaks neither http nor https
 */
export function proxyFor(url: URL, environment: Environment): string | undefined {
  const either = (name: string) => environment[name] || environment[name.toUpperCase()];
  const own = url.protocol === 'http:' ? environment['http_proxy'] : either('https_proxy');
  const proxy = own || either('all_proxy');
  if (proxy === undefined || proxy === '' || isExempt(url, either('no_proxy') ?? '')) return undefined;
  const full = proxy.includes('://') ? proxy : `http://${proxy}`;
  if (!URL.canParse(full) || !/^https?:/i.test(full)) {
    throw new KoalaError('usage', `cannot use the proxy ${maskUrl(full)}: it is not an http or https URL`);
  }
  return full;
}

/** Names match themselves and their subdomains, with or without a leading dot; `*` matches all; a port must be equal. */
function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      if (entry === '*') return true;
      const [, bracketed, plain, entryPort] = /^(?:\[(.+)\]|([^:]+|.*:.*:.*?))(?::(\d+))?$/.exec(entry) ?? [];
      const name = (bracketed ?? plain ?? '').replace(/^\./, '').replace(/\.$/, '');
      if (name === '' || (entryPort !== undefined && entryPort !== port)) return false;
      return host === name || host.endsWith(`.${name}`);
    });
}
