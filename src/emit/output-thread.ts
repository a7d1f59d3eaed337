import { MessageChannel } from 'node:worker_threads';
import { WorkerPool } from '../threads/pool.js';
import type { Packing, ReadyRequest, RecipePart, WriteRequest, Written } from './output-worker.js';
import type { Recipe } from './recipe.js';
import { type Place, putInPlace, removePart } from './sink.js';

/** A thread that writes a file. */
export class OutputThread {
  readonly #pool = new WorkerPool<WriteRequest | ReadyRequest, Written | undefined>({
    script: new URL('./output-worker.js', import.meta.url),
    size: 1,
    task: 'writing',
    code: 'emit',
  });

  /** Starts it before there is something to write, and with it the threads that compress. */
  start(packing: Packing | undefined): void {
    this.#pool.start();
    // Where that goes wrong, so will writing.
    if (packing !== undefined) this.#pool.run({ type: 'ready', packing }).catch(() => {});
  }

  write(request: Omit<WriteRequest, 'type'>): Promise<Written> {
    // What is written is answered with what was.
    return this.#pool.run({ type: 'write', ...request }, [request.parts]) as Promise<Written>;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

export interface ThreadOptions {
  /** Undefined: the file is what the recipe makes. */
  readonly packing: Packing | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bytes that were written since the last call, of `total`. */
  readonly onProgress?: ((bytes: number, total: number) => void) | undefined;
  /** What is done meanwhile; where it throws, there is no output. */
  readonly meanwhile: () => Promise<unknown>;
}

const PROGRESS_MILLISECONDS = 50;

/** Takes a recipe that is made part by part, in order. */
export type TakeParts = (part: Recipe) => void;

/**
 * Writes a file in another thread, from the first part of its recipe on. It is put in place once it is whole and `meanwhile` is
 * done; else nothing is left of it. The thread is of no use after an error.
 *
 * @param make makes the recipe, and gives out its parts as soon as they are there
 * @throws KoalaError 'emit' where it cannot be written; 'cancelled' on abort; what `make` and `meanwhile` throw
 */
export async function writeInThread<Made extends Recipe>(
  make: (take: TakeParts) => Made,
  place: Place,
  thread: OutputThread,
  { packing, signal, onProgress, meanwhile }: ThreadOptions,
): Promise<Written & { readonly recipe: Made }> {
  const progress = new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT));
  const abort = (): void => void thread.close();
  signal?.addEventListener('abort', abort);
  if (signal?.aborted === true) abort();
  const { port1: giving, port2: parts } = new MessageChannel();
  try {
    const writing = thread.write({ parts, place, packing, progress });
    // It is awaited below; until then a failure is not an unhandled one.
    writing.catch(() => {});
    const give = (part: RecipePart): void => giving.postMessage(part);
    const recipe = make(give);
    give(undefined);
    await meanwhile();
    let told = 0;
    const tell = (): void => {
      const now = Number(Atomics.load(progress, 0));
      if (now > told) onProgress?.(now - told, recipe.size);
      told = now;
    };
    const timer = setInterval(tell, PROGRESS_MILLISECONDS);
    const written = await writing.finally(() => clearInterval(timer));
    tell();
    await putInPlace(place);
    return { ...written, recipe };
  } catch (error) {
    giving.close();
    // Where it has not come to its end, it would write on.
    await thread.close();
    await removePart(place);
    throw error;
  } finally {
    giving.close();
    signal?.removeEventListener('abort', abort);
  }
}
