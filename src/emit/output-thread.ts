import { WorkerPool } from '../threads/pool.js';
import type { Packing, ReadyRequest, WriteRequest, Written } from './output-worker.js';
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
    return this.#pool.run({ type: 'write', ...request }) as Promise<Written>;
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

/**
 * Writes a file in another thread. It is put in place once it is whole and `meanwhile` is done; else nothing is left of it. The
 * thread is of no use after an error.
 *
 * @throws KoalaError 'emit' where it cannot be written; 'cancelled' on abort; what `meanwhile` throws
 */
export async function writeInThread(
  recipe: Recipe,
  place: Place,
  thread: OutputThread,
  { packing, signal, onProgress, meanwhile }: ThreadOptions,
): Promise<Written> {
  const progress = new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT));
  const abort = (): void => void thread.close();
  signal?.addEventListener('abort', abort);
  if (signal?.aborted === true) abort();
  try {
    const writing = thread.write({ recipe, place, packing, progress });
    // It is awaited below; until then a failure is not an unhandled one.
    writing.catch(() => {});
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
    return written;
  } catch (error) {
    // Where it has not come to its end, it would write on.
    await thread.close();
    await removePart(place);
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
