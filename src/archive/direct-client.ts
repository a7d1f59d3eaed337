import { Agent, type ClientRequest, type IncomingMessage, request as requestPlain } from 'node:http';
import { Readable } from 'node:stream';
import type { HttpBody, HttpClientOptions, HttpRequest, HttpResponse } from './http-client.js';
import { memoisedLookup } from './lookup.js';

/** Asks servers themselves. */
export interface DirectClient {
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): void;
}

interface Scheme {
  readonly request: typeof requestPlain;
  readonly agent: Agent;
}

/** Milliseconds that a server has to say whether it wants a body, before it is sent unasked (RFC 9110, 10.1.1). */
const CONTINUE_TIMEOUT = 1_000;
/** Bytes of a body that is sent without asking. */
const SMALL_BODY = 65_536;

/**
 * Opens pools of Node's own HTTP client. It is there already and parses natively: a command that asks for nothing but a
 * Release file is done in half of the time that it takes with undici, most of which is loading.
 */
export function openDirectClient({ connections, timeout, headerBytes }: HttpClientOptions): DirectClient {
  const options = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections };
  const lookup = memoisedLookup();
  const plain: Scheme = { request: requestPlain, agent: new Agent(options) };
  let secure: Promise<Scheme> | undefined;
  return {
    async send({ url, method, headers, body, signal }) {
      if (url.protocol === 'https:') secure ??= openSecure(options);
      const { request, agent } = url.protocol === 'https:' && secure !== undefined ? await secure : plain;
      return new Promise((resolve, reject) => {
        let response: IncomingMessage | undefined;
        const asks = body !== undefined && body.size > SMALL_BODY;
        const all = asks ? { ...headers, expect: '100-continue' } : headers;
        const asked = request(
          url,
          { method, agent, headers: all, signal, timeout, lookup, maxHeaderSize: headerBytes },
          (received) => {
            response = received;
            // A server that answers before it has the whole body wants no more of it.
            received.on('end', () => asked.writableFinished || asked.destroy());
            resolve(responseOf(received));
          },
        );
        // The socket's own time does not pass while its name is looked up.
        const timer = setTimeout(() => asked.destroy(timedOut(timeout)), timeout);
        const reached = (): void => clearTimeout(timer);
        asked.on('close', reached);
        asked.on('socket', (socket) => (socket.connecting ? socket.once('connect', reached) : reached()));
        // Of the socket: while it connects, before the headers, and between two pieces of the body.
        asked.on('timeout', () => (response ?? asked).destroy(timedOut(timeout)));
        asked.on('error', reject);
        if (body === undefined) asked.end();
        else if (asks) onContinue(asked, () => sendBody(asked, body));
        else sendBody(asked, body);
      });
    },
    close() {
      plain.agent.destroy();
      void secure?.then(({ agent }) => agent.destroy());
    },
  };
}

/**
 * Calls `action` as soon as the server asks for the body, or says nothing. So a refusal, which may end the connection,
 * arrives before the body is under way and not in its place.
 */
function onContinue(asked: ClientRequest, action: () => void): void {
  // A server may say so after that time as well, and once is enough.
  const once = (): void => {
    asked.off('continue', once);
    stop();
    action();
  };
  const timer = setTimeout(once, CONTINUE_TIMEOUT);
  const stop = (): void => clearTimeout(timer);
  asked.once('continue', once);
  asked.once('response', stop);
  asked.once('close', stop);
  asked.flushHeaders();
}

function sendBody(asked: ClientRequest, body: HttpBody): void {
  const source = Readable.from(body.open(), { objectMode: false });
  source.on('error', (error) => asked.destroy(error));
  asked.once('close', () => source.destroy());
  source.pipe(asked);
}

async function openSecure(options: {
  keepAlive: boolean;
  maxSockets: number;
  maxFreeSockets: number;
}): Promise<Scheme> {
  const https = await import('node:https');
  return { request: https.request, agent: new https.Agent(options) };
}

function responseOf(message: IncomingMessage): HttpResponse {
  const dump = async ({ limit }: { limit: number }): Promise<void> => {
    let size = 0;
    for await (const chunk of message) {
      size += chunk.length;
      // Leaving the loop destroys the connection.
      if (size > limit) break;
    }
  };
  return {
    statusCode: message.statusCode ?? 0,
    statusText: message.statusMessage ?? '',
    headers: message.headers,
    body: Object.assign(message, { dump }),
  };
}

function timedOut(timeout: number): NodeJS.ErrnoException {
  return Object.assign(new Error(`nothing came for ${timeout / 1000} seconds`), { code: 'ETIMEDOUT' });
}
