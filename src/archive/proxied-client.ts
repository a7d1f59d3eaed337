import { type Dispatcher, ProxyAgent, request } from 'undici';
import type { HttpClientOptions, HttpResponse } from './http-client.js';
import { memoisedLookup } from './lookup.js';

/** Asks servers through a proxy. */
export interface ProxiedClient {
  get(url: URL, proxy: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpResponse>;
  close(): Promise<void>;
}

/** Opens a pool of undici's for each proxy. */
export function openProxiedClient({ connections, timeout, headerBytes }: HttpClientOptions): ProxiedClient {
  const connect = { timeout, lookup: memoisedLookup() };
  const common = { connections, headersTimeout: timeout, bodyTimeout: timeout, maxHeaderSize: headerBytes };
  const dispatchers = new Map<string, Dispatcher>();
  const dispatcherFor = (proxy: string): Dispatcher => {
    const known = dispatchers.get(proxy);
    if (known !== undefined) return known;
    // An http URL is asked of the proxy in plain words, as curl and apt do: many proxies refuse CONNECT to port 80.
    const opened = new ProxyAgent({ ...common, uri: proxy, proxyTunnel: false, proxyTls: connect });
    dispatchers.set(proxy, opened);
    return opened;
  };
  return {
    get: (url, proxy, headers, signal) => request(url, { dispatcher: dispatcherFor(proxy), signal, headers }),
    async close() {
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
    },
  };
}
