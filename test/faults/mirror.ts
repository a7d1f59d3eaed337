import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from './random.js';

/** What a mirror does wrong with an answer. */
export const MIRROR_FAULTS = [
  'reset before the headers',
  'reset in the body',
  'stall in the body',
  'no answer at all',
  'a byte now and then',
  'slow bytes',
  'Content-Length too large',
  'Content-Length too small',
  'body cut, framing right',
  'empty body',
  'status 500',
  'status 503 and Retry-After',
  'status 429 and Retry-After',
  'status 429 and a Retry-After of years',
  'status 408',
  'status 403',
  'status 404',
  'Range answered from elsewhere',
  'Range answered with all',
  'Range refused',
  'corrupt byte',
  'bytes of another file',
  'more bytes than promised',
  'endless body',
  'no HTTP',
  'headers without end',
  'redirect to itself',
  'redirect to nowhere',
  'redirect to file:',
  'changing files',
] as const;

export type MirrorFault = (typeof MIRROR_FAULTS)[number];

interface Planned {
  readonly fault: MirrorFault;
  readonly path: RegExp;
  /** Answers that still have it. */
  left: number;
}

/** One run's view of the mirror, at a URL of its own. */
interface MirrorView {
  readonly url: string;
  /** For the log of a run that went wrong. */
  readonly planned: readonly string[];
  /** From now on all is well. */
  heal(): void;
}

export interface FaultyMirror {
  /** @param faults in the order in which they are looked at */
  view(faults: readonly MirrorFault[], random: Random): MirrorView;
  /** Where nothing goes wrong: of the archive, or of the one that comes after it. */
  good(archive: 'before' | 'after'): string;
  close(): Promise<void>;
}

const PLACES = [/InRelease$/, /Packages|by-hash/, /\.deb$/, /\.deb$/, /./] as const;

/** Serves two states of an archive on the loopback interface, with faults that seeds decide. */
export async function serveFaultyMirror(before: string, after: string): Promise<FaultyMirror> {
  const views = new Map<string, { planned: Planned[]; random: Random; changed: boolean }>();
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((request, response) => {
    const [, id = '', path = ''] = /^\/([^/]+)\/(.*)$/.exec(decodeURIComponent(request.url ?? '/')) ?? [];
    const view = views.get(id);
    const active = view?.planned.find((one) => one.left > 0 && one.path.test(path));
    if (active !== undefined) active.left--;
    if (view !== undefined && active?.fault === 'changing files') view.changed = true;
    const directory = id === 'after' || view?.changed === true ? after : before;
    const answering = { path: join(directory, normalize(`/${path}`)), request, response };
    const done = view === undefined ? answerWell(answering) : answer(answering, active?.fault, view.random);
    done.catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let count = 0;
  return {
    good: (archive) => `${base}/${archive}`,
    view(faults, random) {
      const planned = faults.map((fault) => ({
        fault,
        path: random.pick(PLACES),
        left: random.pick([1, 1, 2, 3, 1000]),
      }));
      const id = `view-${++count}`;
      views.set(id, { planned, random, changed: false });
      return {
        url: `${base}/${id}`,
        planned: planned.map(({ fault, path, left }) => `${fault} of ${path} ${left} times`),
        heal: () => {
          planned.length = 0;
        },
      };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

interface Answering {
  readonly path: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function answerWell({ path, request, response }: Answering): Promise<void> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return void response.writeHead(404).end();
  const { start, status, headers } = rangeOf(request, bytes);
  response.writeHead(status, headers).end(bytes.subarray(start));
}

function rangeOf(request: IncomingMessage, bytes: Buffer) {
  const [, digits] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  const start = digits === undefined ? 0 : Math.min(Number(digits), bytes.length);
  const headers: Record<string, string | number> = {
    etag: `"${bytes.length}"`,
    'content-length': bytes.length - start,
  };
  if (start > 0) headers['content-range'] = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
  return { start, status: start > 0 ? 206 : 200, headers };
}

async function answer(answering: Answering, fault: MirrorFault | undefined, random: Random): Promise<void> {
  const { path, request, response } = answering;
  const status = (code: number, headers: Record<string, string> = {}): void =>
    void response.writeHead(code, headers).end();
  switch (fault) {
    case undefined:
    case 'changing files':
      return answerWell(answering);
    case 'reset before the headers':
      return void request.socket.resetAndDestroy();
    case 'no answer at all':
      return;
    case 'status 500':
      return status(500);
    case 'status 503 and Retry-After':
      return status(503, { 'retry-after': '0' });
    case 'status 429 and Retry-After':
      return status(429, { 'retry-after': new Date().toUTCString() });
    case 'status 429 and a Retry-After of years':
      return status(429, { 'retry-after': '99999999' });
    case 'status 408':
      return status(408);
    case 'status 403':
      return status(403);
    case 'status 404':
      return status(404);
    case 'Range refused':
      return status(416);
    case 'redirect to itself':
      return status(302, { location: request.url ?? '/' });
    case 'redirect to nowhere':
      return status(302, { location: 'http://127.0.0.1:1/nothing' });
    case 'redirect to file:':
      return status(302, { location: 'file:///etc/passwd' });
    case 'no HTTP':
      return void request.socket.end('220 mail.example ESMTP\r\n\r\n');
    case 'headers without end':
      return void request.socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`);
    default:
  }
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return status(404);
  const { start, status: code, headers } = rangeOf(request, bytes);
  const body = bytes.subarray(start);
  const cut = random.below(body.length + 1);
  switch (fault) {
    case 'reset in the body':
      response.writeHead(code, headers);
      return void response.write(body.subarray(0, cut), () => request.socket.resetAndDestroy());
    case 'stall in the body':
      response.writeHead(code, headers);
      return void response.write(body.subarray(0, Math.max(cut - 1, 0)));
    case 'a byte now and then':
      response.writeHead(code, headers);
      for (const byte of body) {
        if (response.destroyed) return;
        response.write(Buffer.of(byte));
        await sleep(40);
      }
      return void response.end();
    case 'slow bytes':
      response.writeHead(code, headers);
      for (let at = 0; at < body.length && !response.destroyed; at += 30_000) {
        response.write(body.subarray(at, at + 30_000));
        await sleep(5);
      }
      return void response.end();
    case 'Content-Length too large':
      response.writeHead(code, { ...headers, 'content-length': body.length + 1 + random.below(100) });
      return void response.write(body, () => request.socket.end());
    case 'Content-Length too small':
      response.strictContentLength = false;
      response.writeHead(code, { ...headers, 'content-length': cut });
      return void request.socket.write(body.subarray(0, 100_000), () => request.socket.end());
    case 'body cut, framing right':
      return void response.writeHead(code, { ...headers, 'content-length': cut }).end(body.subarray(0, cut));
    case 'empty body':
      return void response.writeHead(200, { 'content-length': 0 }).end();
    case 'Range answered from elsewhere': {
      const shifted = Math.max(start - 7, 0);
      const range = { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
      if (start === 0) {
        response.writeHead(200, headers);
        return void response.write(body.subarray(0, cut), () => request.socket.destroy());
      }
      return void response.writeHead(206, { ...headers, ...range }).end(bytes.subarray(shifted, shifted + body.length));
    }
    case 'Range answered with all':
      if (start > 0) return void response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
      response.writeHead(200, headers);
      return void response.write(body.subarray(0, cut), () => request.socket.destroy());
    case 'corrupt byte': {
      const changed = Buffer.from(body);
      if (changed.length > 0)
        changed.writeUInt8((changed[cut % changed.length] ?? 0) ^ (1 + random.below(255)), cut % changed.length);
      return void response.writeHead(code, headers).end(changed);
    }
    case 'bytes of another file':
      return void response.writeHead(code, headers).end(Buffer.alloc(body.length, 'another'));
    case 'more bytes than promised': {
      const more = Buffer.concat([body, Buffer.alloc(1 + random.below(70_000))]);
      return void response.writeHead(code, { ...headers, 'content-length': more.length }).end(more);
    }
    case 'endless body':
      response.writeHead(200);
      while (!response.destroyed) {
        if (!response.write(Buffer.alloc(65_536))) await sleep(2);
      }
      return;
    default:
      throw new Error(`there is no fault ${fault}`);
  }
}
