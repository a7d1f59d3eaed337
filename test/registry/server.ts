import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong with requests whose `METHOD /path?query` matches; each fault so many times, once unless said. */
export type Fault = { readonly on: RegExp; readonly times?: number } & (
  | {
      readonly type: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** The connection breaks once so many bytes of the request's body are there; they are kept. */
  | { readonly type: 'cut'; readonly after: number }
  /** What is asked is done, and the connection breaks in place of an answer. */
  | { readonly type: 'mute' }
  /** The same, and the whole registry is away for so many milliseconds. */
  | { readonly type: 'restart'; readonly ms: number }
);

export interface RegistrySettings {
  readonly auth?: 'basic' | 'bearer';
  /** Forgets the uploads under way when it restarts, as one without a shared secret does. */
  readonly forgets?: boolean;
  /** Tags stay what they are; the status and the words of those who try. */
  readonly immutable?: { readonly status: number; readonly body: string };
  /** Bytes that a request may have, with 413 for more. */
  readonly requestLimit?: number;
  /** Bytes that a blob may have. */
  readonly blobLimit?: number;
  /** Lists what refers to a manifest, as the specification has it since 1.1. */
  readonly referrers?: boolean;
  /** Takes no blobs in parts, which the specification allows. */
  readonly noParts?: boolean;
  /** Where uploads go to; the registry itself if it is not given. */
  readonly uploadBase?: () => string;
  /** Where blobs are got from, by redirects. */
  readonly blobBase?: () => string;
}

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

/** A user of the registry and of its token server. */
export const USER = { username: 'me', password: 'pass:word-7Zq' };
export const REFRESH_TOKEN = 'refresh-5Rt';

/** A registry in memory (OCI distribution-spec), on loopback, with what real ones do wrong. */
export class TestRegistry {
  readonly seen: Seen[] = [];
  readonly blobs = new Map<string, Buffer>();
  /** By `REPOSITORY:TAG` and `REPOSITORY@DIGEST`. */
  readonly manifests = new Map<string, { readonly bytes: Buffer; readonly type: string }>();
  readonly #settings: RegistrySettings;
  readonly #faults: { readonly fault: Fault; left: number }[] = [];
  readonly #uploads = new Map<string, Buffer>();
  readonly #tokens = new Map<string, readonly string[]>();
  #server: Server | undefined;
  #port = 0;

  private constructor(settings: RegistrySettings) {
    this.#settings = settings;
  }

  static async start(settings: RegistrySettings = {}): Promise<TestRegistry> {
    const registry = new TestRegistry(settings);
    await registry.#listen();
    return registry;
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  fault(...faults: readonly Fault[]): void {
    this.#faults.push(...faults.map((fault) => ({ fault, left: fault.times ?? 1 })));
  }

  /** `METHOD /path` of the requests that match, without queries. */
  lines(pattern = /./): string[] {
    return this.seen
      .map(({ method, url }) => `${method} ${url.replace(/\?.*/, '')}`)
      .filter((line) => pattern.test(line));
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await new Promise<void>((resolve) => {
      if (server === undefined) return resolve();
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  async #listen(): Promise<void> {
    const handle = (request: IncomingMessage, response: ServerResponse): void => {
      this.#handle(request, response).catch(() => response.destroy());
    };
    const server = createServer(handle).on('checkContinue', handle);
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async #restart(ms: number): Promise<void> {
    await this.close();
    if (this.#settings.forgets === true) this.#uploads.clear();
    setTimeout(() => void this.#listen(), ms);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    this.seen.push({ method, url, headers });
    const line = `${method} ${url}`;
    const active = this.#faults.find(({ fault, left }) => left > 0 && fault.on.test(line));
    if (active !== undefined) active.left--;
    const fault = active?.fault;
    if (fault?.type === 'status') return send(response, fault.status, fault.headers, fault.body);
    if (url.startsWith('/token')) return this.#token(request, response);
    const refused = this.#refuse(request, line);
    if (refused !== undefined)
      return send(response, 401, { 'www-authenticate': refused }, '{"errors":[{"code":"UNAUTHORIZED"}]}');
    const limit = Math.min(
      this.#settings.requestLimit ?? Number.POSITIVE_INFINITY,
      this.#settings.blobLimit ?? Number.POSITIVE_INFINITY,
    );
    // Asked before the body is sent, it is never sent.
    if (Number(headers['content-length'] ?? 0) > limit) return send(response, 413);
    if (method === 'PATCH' && this.#settings.noParts === true) return send(response, 405);
    if (headers.expect !== undefined) response.writeContinue();
    const upload = /\/blobs\/uploads\/([^/?]+)/.exec(url)?.[1];
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (fault?.type !== 'cut' || size < fault.after) continue;
      if (upload !== undefined) this.#append(upload, Buffer.concat(chunks).subarray(0, fault.after));
      return void request.socket.destroy();
    }
    const answer = this.#answer(method, new URL(url, 'http://registry'), headers, Buffer.concat(chunks));
    if (fault?.type === 'mute' || fault?.type === 'cut') return void request.socket.destroy();
    if (fault?.type === 'restart') return this.#restart(fault.ms);
    send(response, answer.status, answer.headers, method === 'HEAD' ? '' : answer.body);
  }

  #append(upload: string, bytes: Buffer): Buffer {
    const all = Buffer.concat([this.#uploads.get(upload) ?? Buffer.alloc(0), bytes]);
    this.#uploads.set(upload, all);
    return all;
  }

  /** A challenge, where whoever asks is not let in. */
  #refuse({ headers: { authorization = '' } }: IncomingMessage, line: string): string | undefined {
    const { auth } = this.#settings;
    if (auth === 'basic') {
      return authorization === basicOf(USER) ? undefined : 'Basic realm="test, \\"quoted\\"", charset="UTF-8"';
    }
    if (auth !== 'bearer') return undefined;
    const scopes = this.#tokens.get(authorization.replace('Bearer ', ''));
    const [, repository] = /\/v2\/(.+?)\/(?:blobs|manifests)\//.exec(line) ?? [];
    const needs = line.startsWith('GET') || line.startsWith('HEAD') ? 'pull' : 'push';
    const isAllowed = scopes?.some((scope) => scope.startsWith(`repository:${repository}:`) && scope.includes(needs));
    if (repository === undefined ? scopes !== undefined : isAllowed === true) return undefined;
    const scope = repository === undefined ? '' : `,scope="repository:${repository}:pull,push"`;
    return `Bearer realm="http://${this.host}/token",service="test registry"${scope}`;
  }

  async #token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let form = '';
    for await (const chunk of request) form += chunk;
    const query = new URLSearchParams(form === '' ? new URL(request.url ?? '', 'http://token').search : form);
    const isKnown =
      request.method === 'POST'
        ? query.get('refresh_token') === REFRESH_TOKEN && query.get('grant_type') === 'refresh_token'
        : request.headers.authorization === basicOf(USER);
    if (!isKnown) {
      // Some repeat what they were told.
      return send(
        response,
        401,
        {},
        JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: `not ${request.headers.authorization} ${form}` }] }),
      );
    }
    const token = `token-${randomUUID()}`;
    this.#tokens.set(
      token,
      query.getAll('scope').flatMap((scope) => scope.split(' ')),
    );
    send(
      response,
      200,
      {},
      JSON.stringify(request.method === 'POST' ? { access_token: token } : { token, expires_in: 300 }),
    );
  }

  #answer(method: string, url: URL, headers: IncomingMessage['headers'], body: Buffer): Reply {
    if (url.pathname === '/v2/') return { status: 200, body: '{}' };
    const [, repository = '', kind, name = ''] =
      /^\/v2\/(.+?)\/(blobs\/uploads|blobs|manifests|referrers)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === 'referrers' && this.#settings.referrers === true) return this.#listReferrers(repository, name);
    if (kind === 'blobs') return this.#getBlob(repository, name, headers.range);
    if (kind === 'manifests')
      return method === 'PUT'
        ? this.#putManifest(repository, name, body, headers)
        : this.#getManifest(repository, name);
    if (kind !== 'blobs/uploads') return { status: 404 };
    return name === '' ? this.#begin(repository, url) : this.#upload(method, repository, name, url, headers, body);
  }

  #getBlob(repository: string, digest: string, range = ''): Reply {
    const bytes = this.blobs.get(`${repository}@${digest}`);
    if (bytes === undefined) return { status: 404, body: '{"errors":[{"code":"BLOB_UNKNOWN"}]}' };
    const base = this.#settings.blobBase?.();
    if (base !== undefined)
      return { status: 307, headers: { location: `${base}/v2/${repository}/blobs/${digest}?signature=sig-9Kx` } };
    const [, from] = /^bytes=(\d+)-$/.exec(range) ?? [];
    if (from === undefined) return { status: 200, headers: { 'content-length': String(bytes.length) }, body: bytes };
    const rest = bytes.subarray(Number(from));
    return {
      status: 206,
      headers: { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` },
      body: rest,
    };
  }

  #getManifest(repository: string, name: string): Reply {
    const found = this.manifests.get(`${repository}${name.includes(':') ? '@' : ':'}${name}`);
    if (found === undefined) return { status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}' };
    return {
      status: 200,
      headers: { 'content-type': found.type, 'docker-content-digest': digestOf(found.bytes) },
      body: found.bytes,
    };
  }

  #listReferrers(repository: string, digest: string): Reply {
    const found = [...this.manifests].filter(([name, { bytes }]) => {
      return name.startsWith(`${repository}@`) && JSON.parse(bytes.toString()).subject?.digest === digest;
    });
    const manifests = found.map(([, { bytes, type }]) => {
      const { artifactType } = JSON.parse(bytes.toString());
      return { mediaType: type, digest: digestOf(bytes), size: bytes.length, artifactType };
    });
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const body = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
    return { status: 200, headers: { 'content-type': mediaType }, body };
  }

  #putManifest(repository: string, name: string, bytes: Buffer, headers: IncomingMessage['headers']): Reply {
    const { immutable } = this.#settings;
    const digest = digestOf(bytes);
    if (immutable !== undefined && this.manifests.has(`${repository}:${name}`)) return immutable;
    const { config, layers = [], manifests = [] } = JSON.parse(bytes.toString());
    const isMissing =
      [config, ...layers].some((blob) => blob !== undefined && !this.blobs.has(`${repository}@${blob.digest}`)) ||
      manifests.some((child: { digest: string }) => !this.manifests.has(`${repository}@${child.digest}`));
    if (isMissing)
      return { status: 404, body: '{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown"}]}' };
    const manifest = { bytes, type: headers['content-type'] ?? '' };
    this.manifests.set(`${repository}@${digest}`, manifest);
    if (!name.includes(':')) this.manifests.set(`${repository}:${name}`, manifest);
    return { status: 201, headers: { 'docker-content-digest': digest } };
  }

  #begin(repository: string, url: URL): Reply {
    const [from, digest] = [url.searchParams.get('from'), url.searchParams.get('mount')];
    const there = this.blobs.get(`${from}@${digest}`);
    if (there !== undefined) {
      this.blobs.set(`${repository}@${digest}`, there);
      return { status: 201 };
    }
    const upload = randomUUID();
    this.#uploads.set(upload, Buffer.alloc(0));
    return { status: 202, headers: { location: this.#location(repository, upload), range: '0-0' } };
  }

  #location(repository: string, upload: string): string {
    return `${this.#settings.uploadBase?.() ?? ''}/v2/${repository}/blobs/uploads/${upload}?_state=a%2Bb`;
  }

  #upload(
    method: string,
    repository: string,
    name: string,
    url: URL,
    headers: IncomingMessage['headers'],
    body: Buffer,
  ): Reply {
    const before = this.#uploads.get(name);
    if (before === undefined) return { status: 404, body: '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}' };
    if (!url.search.startsWith('?_state=a%2Bb'))
      return { status: 400, body: '{"errors":[{"code":"BLOB_UPLOAD_INVALID"}]}' };
    const place = (size: number) => ({
      location: this.#location(repository, name),
      range: `0-${Math.max(size - 1, 0)}`,
    });
    if (method === 'GET') return { status: 204, headers: place(before.length) };
    const { blobLimit = Number.POSITIVE_INFINITY } = this.#settings;
    const [, start] = /^(\d+)-\d+$/.exec(headers['content-range'] ?? '') ?? [];
    if (method === 'PATCH' && Number(start) !== before.length) return { status: 416, headers: place(before.length) };
    if (before.length + body.length > blobLimit)
      return { status: 413, body: '{"errors":[{"code":"SIZE_INVALID","message":"layer too large"}]}' };
    const all = this.#append(name, body);
    if (method === 'PATCH') return { status: 202, headers: place(all.length) };
    const digest = url.searchParams.get('digest') ?? '';
    this.#uploads.delete(name);
    if (digestOf(all) !== digest)
      return { status: 400, body: '{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match"}]}' };
    this.blobs.set(`${repository}@${digest}`, all);
    return { status: 201, headers: { 'docker-content-digest': digest } };
  }
}

interface Reply {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

function send(
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
  body: string | Buffer = '',
): void {
  response.writeHead(status, headers).end(body);
}

function basicOf({ username, password }: typeof USER): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
