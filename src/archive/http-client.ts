import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { readFileSync } from 'node:fs';
import type { Dispatcher } from 'undici';
import { proxyFor } from './proxy.js';

/** One HTTP exchange without redirects or retries. */
export interface HttpClient {
  get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
}

export interface HttpClientOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Connections to one server. */
  readonly connections: number;
  /** Milliseconds: to connect, for the headers, and between two pieces of a body. */
  readonly timeout: number;
}

/** Loads undici and opens pools of kept-alive connections, by proxy. */
export async function openHttpClient(options: HttpClientOptions): Promise<HttpClient> {
  const { Agent, ProxyAgent, request } = await import('undici');
  const { connections, timeout } = options;
  const connect = { timeout, lookup: memoisedLookup() };
  const common = { connections, headersTimeout: timeout, bodyTimeout: timeout };
  const dispatchers = new Map<string | undefined, Dispatcher>();
  const dispatcherFor = (proxy: string | undefined): Dispatcher => {
    const known = dispatchers.get(proxy);
    if (known !== undefined) return known;
    const opened =
      proxy === undefined
        ? new Agent({ ...common, connect })
        : // An http URL is asked of the proxy in plain words, as curl and apt do: many proxies refuse CONNECT to port 80.
          new ProxyAgent({ ...common, uri: proxy, proxyTunnel: false, proxyTls: connect });
    dispatchers.set(proxy, opened);
    return opened;
  };
  return {
    get(url, headers, signal) {
      const { username, password } = url;
      const plain = new URL(url);
      plain.username = '';
      plain.password = '';
      const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
      return request(plain, {
        dispatcher: dispatcherFor(proxyFor(url, options.environment)),
        signal,
        headers: {
          'user-agent': userAgent(),
          'accept-encoding': 'identity',
          ...(username === '' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
          ...headers,
        },
      });
    },
    async close() {
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
    },
  };
}

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** A name is looked up once, not for each connection: resolvers drop queries when dozens come at a time. */
function memoisedLookup() {
  const known = new Map<string, Promise<LookupAddress[]>>();
  const resolveAll = (name: string, options: LookupOptions): Promise<LookupAddress[]> =>
    new Promise((resolve, reject) => {
      lookup(name, { ...options, all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
    });
  return (name: string, options: LookupOptions, callback: LookupCallback): void => {
    const key = `${name} ${options.family ?? 0}`;
    const addresses = known.get(key) ?? resolveAll(name, options);
    known.set(key, addresses);
    addresses.then(
      (all) => {
        const first = all[0];
        if (options.all === true || first === undefined) callback(null, all);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => {
        known.delete(key);
        callback(error, []);
      },
    );
  };
}

let agent: string | undefined;

function userAgent(): string {
  if (agent === undefined) {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    agent = `koala-bootstrap/${(JSON.parse(text) as { version: string }).version}`;
  }
  return agent;
}
