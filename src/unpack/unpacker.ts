import { join } from 'node:path';
import { type Limits, limitsOf } from '../formats/limits.js';
import { WorkerPool } from '../threads/pool.js';
import { takeKept } from './take-kept.js';
import type { UnpackedPackage, UnpackRequest } from './types.js';
import type { WorkerRequest } from './worker.js';

export interface UnpackerOptions {
  /** Worker threads, at least 1. */
  readonly jobs: number;
  /** A private directory that the spool files go to; the caller makes it, and removes it when it needs them no more. */
  readonly directory: string;
  readonly limits?: Partial<Limits> | undefined;
}

export interface Unpacker {
  /**
   * Unpacks a .deb in a worker thread; requests are taken in the order of asking.
   *
   * @throws KoalaError as `unpackDeb`; where the thread died; 'cancelled' after `close`.
   */
  unpack(request: UnpackRequest): Promise<UnpackedPackage>;
  /**
   * Takes what an earlier build kept of a .deb, in this thread, which is busy meanwhile; undefined where there is nothing whole.
   *
   * @throws KoalaError 'unpack' where it says other things about itself than the request
   */
  take(request: UnpackRequest): UnpackedPackage | undefined;
  /** Starts the threads before there is work for them. */
  start(): void;
  /** Ends the threads, at once, whatever they are at. The spool files stay. */
  close(): Promise<void>;
}

export function createUnpacker({ jobs, directory, limits }: UnpackerOptions): Unpacker {
  const pool = new WorkerPool<WorkerRequest, UnpackedPackage>({
    script: new URL('./worker.js', import.meta.url),
    size: jobs,
    task: 'unpacking',
    code: 'unpack',
  });
  const allowed = limitsOf(limits);
  let count = 0;
  const newSpool = (): string => {
    count += 1;
    return join(directory, `${count}.tar`);
  };
  return {
    unpack: (request) => pool.run({ request, spool: newSpool(), limits: allowed }),
    take: (request) => takeKept(request, newSpool()),
    start: () => pool.start(),
    close: () => pool.close(),
  };
}
