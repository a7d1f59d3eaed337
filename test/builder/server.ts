import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';

/** What goes wrong with a path. `times` limits how often; without it, always. */
type Fault = { readonly times?: number } & (
  | { readonly type: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The byte at an offset is another one. */
  | { readonly type: 'flip'; readonly at: number }
  /** The connection breaks after so many bytes of the body. */
  | { readonly type: 'cut'; readonly after: number }
  /** Nothing more comes after so many bytes, and the connection stays open. */
  | { readonly type: 'stall'; readonly after: number }
  /** A Range is answered with the whole file. */
  | { readonly type: 'ignore-range' }
  /** A Range is answered with another part than the one that was asked for. */
  | { readonly type: 'wrong-range' }
  | { readonly type: 'redirect'; readonly to: string }
  /** The body goes on for ever, in chunks, without a length. */
  | { readonly type: 'endless' }
  /** Other bytes are served. */
  | { readonly type: 'replace'; readonly bytes: Uint8Array }
);

export interface TestServer {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** All requests so far, in order. */
  readonly requests: readonly { readonly path: string; readonly headers: IncomingMessage['headers'] }[];
  /** Adds a fault to the paths that end so, or match; of several faults for a path the one added first comes first. */
  fault(path: string | RegExp, fault: Fault): void;
  /** Takes all faults back. */
  clearFaults(): void;
  close(): Promise<void>;
}

/** Serves a directory on the loopback interface, with ranges and ETags as a mirror does. */
export async function serveDirectory(directory: string): Promise<TestServer> {
  const requests: { path: string; headers: IncomingMessage['headers'] }[] = [];
  const faults: { pattern: string | RegExp; fault: Fault; left: number }[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    requests.push({ path, headers: request.headers });
    const active = faults.find(
      ({ pattern, left }) => left > 0 && (typeof pattern === 'string' ? path.endsWith(pattern) : pattern.test(path)),
    );
    if (active !== undefined) active.left--;
    answer(join(directory, normalize(path)), active?.fault, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fault(pattern, fault) {
      faults.push({ pattern, fault, left: fault.times ?? Number.POSITIVE_INFINITY });
    },
    clearFaults() {
      faults.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  path: string,
  fault: Fault | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (fault?.type === 'status') return void response.writeHead(fault.status, fault.headers).end();
  if (fault?.type === 'redirect') return void response.writeHead(302, { location: fault.to }).end();
  if (fault?.type === 'endless') {
    const pour = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', pour);
    return pour();
  }
  const bytes = fault?.type === 'replace' ? Buffer.from(fault.bytes) : await readFile(path).catch(() => undefined);
  if (bytes === undefined) return void response.writeHead(404).end();
  if (fault?.type === 'flip') bytes.writeUInt8((bytes[fault.at] ?? 0) ^ 1, fault.at);

  const [, digits] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  const asked = digits === undefined || fault?.type === 'ignore-range' ? 0 : Number(digits);
  const start = asked > 0 && fault?.type === 'wrong-range' ? asked - 1 : asked;
  const headers = { etag: `"${bytes.length}"`, 'content-length': bytes.length - start };
  const range = { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(asked > 0 ? 206 : 200, asked > 0 ? { ...headers, ...range } : headers);
  const body = bytes.subarray(start);
  if (fault?.type === 'stall') return void response.write(body.subarray(0, fault.after));
  if (fault?.type === 'cut') {
    // Destroyed in the callback, the bytes before the cut have left.
    return void response.write(body.subarray(0, fault.after), () => response.destroy());
  }
  response.end(body);
}
