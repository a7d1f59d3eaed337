import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { architectureInfo } from '../../formats/architecture.js';
import { KoalaError } from '../../formats/errors.js';
import { jsonBlob } from '../../formats/oci/digest.js';
import { LAYER_MEDIA_TYPES, type LayerCompression, MEDIA_TYPES } from '../../formats/oci/media-types.js';
import type { Annotations, Descriptor, ImageManifest } from '../../formats/oci/types.js';
import { compress } from '../compress.js';
import { type Recipe, recipeChunks } from '../recipe.js';
import { tarRecipe, type Walkable } from '../tar.js';
import { annotationsOf, type ImageFacts, imageConfig } from './config.js';
import type { Staging } from './staging.js';

/** A layer that is to be made of a tree. */
export interface LayerInput {
  /** What the history says made it. */
  readonly name: string;
  readonly tree: Walkable;
}

/** A layer that somebody else made. */
export interface ForeignLayer {
  readonly mediaType: string;
  /** Undefined where nothing promised it; then it gets one. */
  readonly digest: string | undefined;
  readonly bytes: Iterable<Uint8Array>;
}

export interface ImageInput {
  readonly facts: ImageFacts;
  /** The base's, the lowest first. */
  readonly below: readonly ForeignLayer[];
  /** Over those of the base, the lowest first. */
  readonly layers: readonly LayerInput[];
}

export interface LayerOptions {
  readonly compression: LayerCompression;
  /** Threads, at least 1; the bytes do not depend on it. */
  readonly jobs: number;
  readonly signal?: AbortSignal;
  /** Bytes of the layers' tars that were written since the last call, of `total`. */
  readonly onProgress?: (bytes: number, total: number) => void;
}

/** A layer that was written. */
export interface WrittenLayer {
  readonly name: string;
  readonly digest: string;
  /** Of the uncompressed tar. */
  readonly diffId: string;
  /** Compressed, as it is stored and sent. */
  readonly size: number;
}

/** An image for one platform. */
export interface WrittenImage {
  /** Of its manifest, with the platform. */
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
  readonly annotations: Annotations;
  /** Those that were made, without the base's. */
  readonly layers: readonly WrittenLayer[];
  /** Entries of these layers. */
  readonly entries: number;
}

/**
 * Writes an image's layers, configuration and manifest.
 *
 * @throws KoalaError `emit` where it cannot be written, `verify` where a base's layer is not what was promised, `cancelled` on abort
 */
export async function writeImage(staging: Staging, input: ImageInput, options: LayerOptions): Promise<WrittenImage> {
  const { facts, below, layers } = input;
  const tars = layers.map(({ name, tree }) => ({ name, recipe: tarRecipe(tree) }));
  const total = tars.reduce((sum, { recipe }) => sum + recipe.size, 0);
  const descriptors: Descriptor[] = [];
  for (const { mediaType, digest, bytes } of below) {
    descriptors.push({ mediaType, ...(await staging.addStream(paced(bytes, options), digest)) });
  }
  const written: WrittenLayer[] = [];
  for (const { name, recipe } of tars) {
    const { descriptor, diffId } = await writeLayer(staging, recipe, total, options);
    descriptors.push(descriptor);
    written.push({ name, digest: descriptor.digest, diffId, size: descriptor.size });
  }
  const annotations = annotationsOf(facts);
  const config = imageConfig(
    facts,
    annotations,
    written.map(({ name, diffId }) => ({ diffId, createdBy: `koala-bootstrap ${name}` })),
  );
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: await staging.addJson(jsonBlob(MEDIA_TYPES.config, config)),
    layers: descriptors,
    annotations,
  };
  const descriptor = await staging.addJson(jsonBlob(MEDIA_TYPES.manifest, manifest));
  const { platform } = architectureInfo(facts.architecture);
  const entries = tars.reduce((sum, { recipe }) => sum + recipe.entries, 0);
  return { descriptor: { ...descriptor, platform }, manifest, annotations, layers: written, entries };
}

async function writeLayer(
  staging: Staging,
  recipe: Recipe,
  total: number,
  options: LayerOptions,
): Promise<{ readonly descriptor: Descriptor; readonly diffId: string }> {
  const { compression, jobs, signal, onProgress } = options;
  const hash = createHash('sha256');
  const tar = function* (): Generator<Uint8Array> {
    for (const chunk of recipeChunks(recipe)) {
      throwIfAborted(signal);
      hash.update(chunk);
      onProgress?.(chunk.byteLength, total);
      yield chunk;
    }
  };
  const chunks =
    compression === 'none'
      ? paced(tar(), options)
      : compress(tar(), compression, { jobs, ...(signal === undefined ? {} : { signal }) });
  const { digest, size } = await staging.addStream(chunks);
  const descriptor = { mediaType: LAYER_MEDIA_TYPES[compression], digest, size };
  return { descriptor, diffId: `sha256:${hash.digest('hex')}` };
}

/** Between chunks others get their turn: signals, and the progress on the terminal. */
async function* paced(chunks: Iterable<Uint8Array>, { signal }: LayerOptions): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    throwIfAborted(signal);
    yield chunk;
    await setImmediate();
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new KoalaError('cancelled', 'cannot go on writing: it was cancelled');
}
