import { Readable } from 'node:stream';
import { type Dispatcher, ProxyAgent, request } from 'undici';
import type { HttpClientOptions, HttpRequest, HttpResponse } from './http-client.js';
import { memoisedLookup } from './lookup.js';

/** Asks servers through a proxy. */
export interface ProxiedClient {
  send(request: HttpRequest, proxy: string): Promise<HttpResponse>;
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
    send: ({ url, method, headers, body, signal }, proxy) => {
      const stream = body === undefined ? {} : { body: Readable.from(body.open(), { objectMode: false }) };
      return request(url, { dispatcher: dispatcherFor(proxy), method, headers, signal, ...stream });
    },
    async close() {
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
    },
  };
}
