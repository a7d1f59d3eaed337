import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createScratch } from './build/scratch.js';
import type { BuildOptions, OutputFormat } from './build-types.js';
import { type FirstDifference, firstDifference } from './diff/first-difference.js';
import type { ImageFormat } from './emit/oci/output.js';
import { ARCHITECTURES } from './formats/architecture.js';
import { fileReason, KoalaError } from './formats/errors.js';
import { isCompanion } from './formats/oci/companions.js';
import { LAYER_MEDIA_TYPES, type LayerCompression } from './formats/oci/media-types.js';
import { platformMatches } from './formats/oci/parse.js';
import type { Descriptor } from './formats/oci/types.js';
import { headOf, type ImageFiles, openImageFiles } from './image/files.js';
import { readLayoutIndex, readStoredDocument } from './image/read.js';

/** How an artifact is to be built, by what it is. */
export type ArtifactForm =
  | { readonly type: 'rootfs'; readonly format: OutputFormat }
  | {
      readonly type: 'image';
      readonly format: ImageFormat;
      /** Debian's names; none where its platforms have none. */
      readonly architectures: readonly string[];
      readonly layerCompression: LayerCompression;
    };

const FORMATS = { none: 'tar', gz: 'tar.gz', xz: 'tar.xz', zst: 'tar.zst' } as const;

/** @throws KoalaError `usage` where it is nothing that a build writes */
export async function formOf(path: string): Promise<ArtifactForm> {
  const found = await stat(path).catch((error: unknown) => {
    throw new KoalaError('usage', `cannot read ${path}: ${fileReason(error)}`, { cause: error });
  });
  const files = await openImageFiles(path);
  if (files?.has('oci-layout') === true) return imageForm(files, found.isDirectory(), path);
  if (files === undefined && found.isDirectory()) return { type: 'rootfs', format: 'dir' };
  const { compression, isTar } = headOf(path);
  if (files === undefined && compression !== 'bz2' && (compression !== 'none' || isTar)) {
    return { type: 'rootfs', format: FORMATS[compression] };
  }
  throw new KoalaError('usage', `cannot build ${path} anew: it is nothing that a build writes`);
}

function imageForm(files: ImageFiles, isDirectory: boolean, origin: string): ArtifactForm {
  const architectures: string[] = [];
  const layerTypes: string[] = [];
  const visit = (descriptor: Descriptor): void => {
    const document = readStoredDocument(files, descriptor, origin);
    if (document.type === 'index') {
      for (const child of document.index.manifests) visit(child);
      return;
    }
    const name = ARCHITECTURES.find(({ platform }) => platformMatches(descriptor.platform, platform))?.name;
    if (name !== undefined) architectures.push(name);
    layerTypes.push(...document.manifest.layers.map(({ mediaType }) => mediaType));
  };
  for (const top of readLayoutIndex(files, origin)) if (!isCompanion(top)) visit(top);
  const compressions = Object.entries(LAYER_MEDIA_TYPES) as [LayerCompression, string][];
  const [layerCompression = 'gz'] = compressions.find(([, type]) => type === layerTypes[0]) ?? [];
  const format = isDirectory ? 'oci-dir' : files.has('manifest.json') ? 'docker' : 'oci';
  return { type: 'image', format, architectures, layerCompression };
}

/**
 * Builds something anew and compares.
 *
 * @param make builds it to a path
 * @returns where both differ first; undefined where they are the same
 * @throws KoalaError as `make`, and as what reads the artifact
 */
export async function reproduce(
  artifact: string,
  { cacheDir, offline }: Pick<BuildOptions, 'cacheDir' | 'offline'>,
  make: (output: string) => Promise<unknown>,
): Promise<FirstDifference | undefined> {
  const scratch = await createScratch(cacheDir, { offline });
  try {
    const rebuilt = join(scratch.directory, 'rebuilt');
    await make(rebuilt);
    return await firstDifference(artifact, rebuilt, scratch.directory);
  } finally {
    await scratch.remove();
  }
}
