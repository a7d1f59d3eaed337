import { serve, throwIfStopped } from '../threads/serve.js';
import { type Poured, pour } from './pour.js';
import { type Recipe, recipeChunks } from './recipe.js';
import { openPart, type Place } from './sink.js';

export interface WriteRequest {
  readonly recipe: Recipe;
  readonly place: Place;
  /** One number in memory that threads share: how many bytes were made so far. */
  readonly progress: BigInt64Array;
}

/** Writes the part of a file, which stays whatever becomes of it. */
serve<WriteRequest, Poured>(async ({ recipe, place, progress }) => {
  return { result: await pour(watched(recipe, progress), await openPart(place)) };
});

function* watched(recipe: Recipe, progress: BigInt64Array): Generator<Uint8Array> {
  for (const chunk of recipeChunks(recipe, 2)) {
    throwIfStopped();
    Atomics.add(progress, 0, BigInt(chunk.byteLength));
    yield chunk;
  }
}
