import { TOOL_NAME, toolVersion } from '../formats/program.js';
import { type DirectClient, openDirectClient } from './direct-client.js';
import type { ProxiedClient } from './proxied-client.js';
import { proxyFor } from './proxy.js';

/** The part of an answer that downloads need; undici's and ours are of this shape. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly statusText: string;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array> & {
    destroy(): void;
    /** Reads to the end so that the connection can be used again, or gives it up after so many bytes. */
    dump(options: { limit: number }): Promise<void>;
  };
}

/** A body that can be sent again. */
export interface HttpBody {
  /** Bytes. */
  readonly size: number;
  open(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
  /** Its user and password become Basic credentials. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: HttpBody | undefined;
  readonly signal: AbortSignal;
}

/** One HTTP exchange without redirects or retries. */
export interface HttpClient {
  get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpResponse>;
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

export interface HttpClientOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Connections to one server. */
  readonly connections: number;
  /** Milliseconds: to connect, for the headers, and between two pieces of a body. */
  readonly timeout: number;
  /** Bytes of an answer's headers. */
  readonly headerBytes: number;
}

/** Opens pools of kept-alive connections: Node's own where a server is asked directly, undici's where a proxy is. */
export function openHttpClient(options: HttpClientOptions): HttpClient {
  let direct: DirectClient | undefined;
  let proxied: Promise<ProxiedClient> | undefined;
  const send = async ({ url, ...request }: HttpRequest): Promise<HttpResponse> => {
    const { username, password } = url;
    const plain = new URL(url);
    plain.username = '';
    plain.password = '';
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    const headers = {
      'user-agent': userAgent(),
      'accept-encoding': 'identity',
      ...(username === '' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
      ...(request.body === undefined ? {} : { 'content-length': String(request.body.size) }),
      ...request.headers,
    };
    const proxy = proxyFor(url, options.environment);
    if (proxy === undefined) {
      direct ??= openDirectClient(options);
      return direct.send({ ...request, url: plain, headers });
    }
    proxied ??= import('./proxied-client.js').then(({ openProxiedClient }) => openProxiedClient(options));
    return (await proxied).send({ ...request, url: plain, headers }, proxy);
  };
  return {
    get: (url, headers, signal) => send({ method: 'GET', url, headers, signal }),
    send,
    async close() {
      direct?.close();
      await (await proxied)?.close();
    },
  };
}

let agent: string | undefined;

function userAgent(): string {
  agent ??= `${TOOL_NAME}/${toolVersion()}`;
  return agent;
}
