import { KoalaError } from '../formats/errors.js';
import { pour } from './pour.js';
import { type Recipe, recipeChunks } from './recipe.js';
import { openSink } from './sink.js';

export interface CopyOptions {
  /** A path. */
  readonly output: string;
  /** Of what the recipe has to make. */
  readonly sha256: string;
  readonly signal: AbortSignal;
  /** Bytes that were made since the last call. */
  readonly onProgress: (bytes: number) => void;
}

/** The file cannot be what it has to be. */
class Damaged extends Error {}

/**
 * Makes a file again by what an earlier one was put together by, and checks it on the way.
 *
 * @returns false, and nothing was written, where a file of the recipe is gone, or what it makes is not what it has to be
 * @throws KoalaError 'emit' where the output cannot be written; 'cancelled' on abort
 */
export async function writeAgain(recipe: Recipe, options: CopyOptions): Promise<boolean> {
  const { output, sha256 } = options;
  try {
    await pour(watched(recipe, options), await openSink(output, process.stdout), (poured) => {
      if (poured.sha256 !== sha256) throw new Damaged();
    });
    return true;
  } catch (error) {
    if (error instanceof Damaged) return false;
    throw error;
  }
}

function* watched(recipe: Recipe, { signal, onProgress }: CopyOptions): Generator<Uint8Array> {
  for (const chunk of readable(recipe)) {
    if (signal.aborted) throw new KoalaError('cancelled', 'cannot go on writing: it was cancelled');
    onProgress(chunk.byteLength);
    yield chunk;
  }
}

/** What cannot be read is not what it has to be. Errors of who takes the chunks do not come by here. */
function* readable(recipe: Recipe): Generator<Uint8Array> {
  try {
    yield* recipeChunks(recipe, 2);
  } catch {
    throw new Damaged();
  }
}
