import { join } from 'node:path';
import { type Limits, limitsOf } from '../formats/limits.js';
import { WorkerPool } from '../threads/pool.js';
import type { UnpackRequest } from './deb.js';
import type { UnpackedPackage } from './types.js';
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
  return {
    unpack: (request) => {
      count += 1;
      const spool = join(directory, `${count}.tar`);
      return pool.run({ request, spool, limits: allowed });
    },
    start: () => pool.start(),
    close: () => pool.close(),
  };
}
