import { type TransferListItem, Worker } from 'node:worker_threads';
import { type ErrorCode, KoalaError, reasonOf } from '../formats/errors.js';
import { decodeError, type WorkerReply } from './messages.js';

/** A thread looks after each chunk whether it should stop; the slowest chunk takes a small part of this. */
const STOP_MILLISECONDS = 5_000;

/** The threads work on buffers, and what else they make is short-lived: V8's 48 MB for it bring nothing. */
const LIMITS = { maxYoungGenerationSizeMb: 4 };

interface Job<Request, Result> {
  readonly request: Request;
  readonly transfer: readonly TransferListItem[];
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface PoolOptions {
  /** The compiled module that the threads run; it calls `serve`. */
  readonly script: URL;
  /** The most threads, at least 1. */
  readonly size: number;
  /** What the threads do, for messages: `cannot go on ${task}: …`. */
  readonly task: string;
  /** The code of the error where a thread dies. */
  readonly code: ErrorCode;
}

/**
 * Worker threads that answer one request at a time each, in the order of asking. Threads are started when there is work
 * for them, and an idle pool does not keep the process alive.
 */
export class WorkerPool<Request, Result> {
  readonly #options: PoolOptions;
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Job<Request, Result>>();
  readonly #queue: Job<Request, Result>[] = [];
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  #closing: Promise<void> | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /**
   * @param transfer buffers of the request that are handed over instead of copied.
   * @throws KoalaError what the worker threw; where the worker died; 'cancelled' where the pool is closed.
   */
  run(request: Request, transfer: readonly TransferListItem[] = []): Promise<Result> {
    if (this.#closing !== undefined) return Promise.reject(this.#cancelled());
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, transfer, resolve, reject });
      this.#next();
    });
  }

  /** Starts all threads, where there will be work for them soon. */
  start(): void {
    while (this.#closing === undefined && this.#idle.length + this.#busy.size < this.#options.size) {
      const worker = this.#start();
      worker.unref();
      this.#idle.push(worker);
    }
  }

  /**
   * Ends all threads; what they were at, and what waited for them, is rejected as 'cancelled'. A thread is asked to stop
   * and ended once it has: ending one inside of a native decoder would abort the whole process.
   */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    Atomics.store(this.#stop, 0, 1);
    const stopped = [...this.#busy.keys()].map(answered);
    const workers = [...this.#idle.splice(0), ...this.#busy.keys()];
    const jobs = [...this.#busy.values(), ...this.#queue.splice(0)];
    this.#busy.clear();
    for (const job of jobs) job.reject(this.#cancelled());
    await Promise.all(stopped);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #next(): void {
    const free = this.#idle.length > 0 || this.#busy.size < this.#options.size;
    const job = free ? this.#queue.shift() : undefined;
    if (job === undefined) return;
    const worker = this.#idle.pop() ?? this.#start();
    this.#busy.set(worker, job);
    worker.ref();
    try {
      worker.postMessage(job.request, job.transfer);
    } catch (error) {
      this.#finish(worker)?.reject(error);
      this.#release(worker);
    }
  }

  #start(): Worker {
    const worker = new Worker(this.#options.script, { workerData: this.#stop, resourceLimits: LIMITS });
    worker.on('message', (reply: WorkerReply<Result>) => {
      const job = this.#finish(worker);
      this.#release(worker);
      if (reply.ok) job?.resolve(reply.result);
      else job?.reject(decodeError(reply.error));
    });
    // A thread that runs out of memory, or throws outside of a request, says so here; then 'exit' follows.
    worker.on('error', (error) => this.#lost(worker, reasonOf(error)));
    worker.on('exit', (status) => this.#lost(worker, `a worker thread ended with status ${status}`));
    return worker;
  }

  #lost(worker: Worker, why: string): void {
    const at = this.#idle.indexOf(worker);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#finish(worker)?.reject(new KoalaError(this.#options.code, `cannot go on ${this.#options.task}: ${why}`));
    if (this.#closing === undefined) this.#next();
  }

  #finish(worker: Worker): Job<Request, Result> | undefined {
    const job = this.#busy.get(worker);
    this.#busy.delete(worker);
    return job;
  }

  #release(worker: Worker): void {
    if (this.#closing !== undefined) return;
    worker.unref();
    this.#idle.push(worker);
    this.#next();
  }

  #cancelled(): KoalaError {
    return new KoalaError('cancelled', `cannot go on ${this.#options.task}: it was cancelled`);
  }
}

/** Until a thread has answered, or is gone, or has had all the time that a chunk of any decoder takes. */
function answered(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, STOP_MILLISECONDS);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    worker.once('message', done);
    worker.once('exit', done);
  });
}
