import { setMaxListeners } from 'node:events';
import { KoalaError } from '../formats/errors.js';
import { type Limits, limitsOf } from '../formats/limits.js';
import { readFileUrl } from './file-transfer.js';
import { createSlots } from './slots.js';
import type { Sink } from './store.js';
import type { TransferEvent } from './types.js';
import { maskUrl } from './url.js';

export interface TransferRequest {
  /** http:, https: or file:. */
  readonly url: string;
  readonly sink: Sink;
  /** Bytes that may come at most; what is longer ends with an error as soon as it is. */
  readonly limit: number;
  /** Bytes that should come, for progress. */
  readonly size?: number;
  /** Ask caches on the way for the newest version. */
  readonly fresh?: boolean;
}

export interface Transport {
  readonly offline: boolean;
  /** What holds for all that is read of an archive. */
  readonly limits: Limits;
  readonly onEvent: (event: TransferEvent) => void;
  /**
   * Brings a file to its sink; waits while as many transfers as are allowed at a time run.
   *
   * @returns `absent` where the server says that there is no such file
   * @throws KoalaError `archive` for whatever else goes wrong, `verify` for a file that is longer than its limit,
   * `cancelled`
   */
  fetch(request: TransferRequest): Promise<'complete' | 'absent'>;
  close(): Promise<void>;
}

export interface TransportOptions {
  /** Ask no server; file: URLs are read as always. */
  readonly offline: boolean;
  /** Proxy variables: see `proxyFor`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Transfers at a time. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: TransferEvent) => void;
  /** Those that are others than usual. */
  readonly limits?: Partial<Limits> | undefined;
  /** The first pause before another try in milliseconds, doubled each time; 500 unless given. */
  readonly pause?: number;
}

/** Opens the ways to an archive. Nothing is connected, and no HTTP code loaded, before the first transfer. */
export function createTransport(options: TransportOptions): Transport {
  const { offline, onEvent, environment, concurrency, pause = 500 } = options;
  const limits = limitsOf(options.limits);
  const slots = createSlots(concurrency);
  // Each transfer listens, so the number of listeners says nothing about a leak; the caller's signal gets only one.
  const signal = AbortSignal.any([options.signal]);
  setMaxListeners(0, signal);
  const openHttp = async () => {
    const [{ openHttpClient }, { downloadHttp }] = await Promise.all([
      import('./http-client.js'),
      import('./http-download.js'),
    ]);
    const { stallSeconds, headerBytes } = limits;
    const timeout = stallSeconds * 1000;
    return { client: openHttpClient({ environment, connections: concurrency, timeout, headerBytes }), downloadHttp };
  };
  let http: ReturnType<typeof openHttp> | undefined;
  const run = async (request: TransferRequest): Promise<'complete' | 'absent'> => {
    if (request.url.startsWith('file:')) return readFileUrl(request, signal);
    http ??= openHttp();
    const { client, downloadHttp } = await http;
    return downloadHttp(request, { client, signal, onEvent, limits, pause });
  };
  return {
    offline,
    limits,
    onEvent,
    async fetch(request) {
      const url = maskUrl(request.url);
      if (!/^(?:https?|file):\/\//.test(request.url)) {
        throw new KoalaError('usage', `cannot fetch ${url}: its scheme is none of http, https and file`);
      }
      if (offline && !request.url.startsWith('file:')) {
        throw new KoalaError('archive', `cannot fetch ${url}: --offline and it is not in the store`, {
          hint: 'run the command once without --offline, with the same --cache-dir',
        });
      }
      return slots(async () => {
        if (signal.aborted) throw cancelled(url);
        onEvent({ type: 'transfer-started', url, bytes: request.size });
        try {
          const outcome = await run(request);
          if (outcome === 'complete') onEvent({ type: 'transfer-finished', url, fromStore: false });
          return outcome;
        } catch (error) {
          throw signal.aborted ? cancelled(url) : error;
        }
      });
    },
    close: async () => (await http?.catch(() => undefined))?.client.close(),
  };
}

function cancelled(url: string): KoalaError {
  return new KoalaError('cancelled', `cannot fetch ${url}: the build was cancelled`);
}
