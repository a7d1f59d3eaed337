import { parentPort, type TransferListItem, workerData } from 'node:worker_threads';
import { KoalaError } from '../formats/errors.js';
import { encodeError, type WorkerReply } from './messages.js';

/** What a handler gives: the result, and the buffers in it that are handed over instead of copied. */
export interface Answer<Result> {
  readonly result: Result;
  readonly transfer?: readonly TransferListItem[];
}

/** Answers the requests of a `WorkerPool` in this thread. */
export function serve<Request, Result>(handle: (request: Request) => Promise<Answer<Result>>): void {
  const port = parentPort;
  if (port === null) throw new Error('this module runs in a worker thread only');
  port.on('message', (request: Request) => {
    handle(request).then(
      ({ result, transfer = [] }) => {
        port.postMessage({ ok: true, result } satisfies WorkerReply<Result>, transfer);
      },
      (error: unknown) => {
        port.postMessage({ ok: false, error: encodeError(error) } satisfies WorkerReply<Result>);
      },
    );
  });
}

/**
 * For long work between two awaits: ends it where the pool is closing. Does nothing outside of a pool's thread.
 *
 * @throws KoalaError 'cancelled'
 */
export function throwIfStopped(): void {
  if (workerData instanceof Int32Array && Atomics.load(workerData, 0) !== 0) {
    throw new KoalaError('cancelled', 'cannot go on: it was cancelled');
  }
}
