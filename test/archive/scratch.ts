import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { openStore, type Store } from '../../src/archive/store.js';
import { createTransport, type Transport, type TransportOptions } from '../../src/archive/transport.js';
import type { TransferEvent } from '../../src/archive/types.js';
import type { Pin } from '../../src/profile/types.js';
import { serveDirectory, type TestServer } from '../builder/server.js';

/** What a test of the room works with; everything is closed and removed after it. */
export interface Scratch {
  readonly directory: string;
  readonly store: Store;
  readonly events: readonly TransferEvent[];
  /** `directory`, served. */
  readonly server: TestServer;
  /** A transport that tries again at once. */
  transport(options?: Partial<TransportOptions>): Transport;
}

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export async function scratch(): Promise<Scratch> {
  const directory = await temporaryDirectory();
  const server = await serveDirectory(directory);
  cleanups.push(server.close);
  const events: TransferEvent[] = [];
  return {
    directory,
    server,
    store: await openStore(await temporaryDirectory()),
    events,
    transport(options = {}) {
      const transport = createTransport({
        offline: false,
        environment: {},
        concurrency: 8,
        signal: new AbortController().signal,
        onEvent: (event) => events.push(event),
        pause: 1,
        ...options,
        limits: { retries: 2, ...options.limits },
      });
      cleanups.push(transport.close);
      return transport;
    },
  };
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'koala-archive-'));
  // What failed may have left a transfer under way that still writes.
  cleanups.push(() => rm(directory, { recursive: true, maxRetries: 5 }));
  return directory;
}

/** A pin with the given conditions and no other. */
export function pin(packages: string | readonly string[], priority: number, conditions: Partial<Pin>): Pin {
  return {
    packages: [packages].flat(),
    suite: undefined,
    codename: undefined,
    origin: undefined,
    label: undefined,
    component: undefined,
    archive: undefined,
    release: undefined,
    architecture: undefined,
    site: undefined,
    version: undefined,
    priority,
    reason: undefined,
    ...conditions,
  };
}
