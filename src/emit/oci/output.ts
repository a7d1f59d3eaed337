import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import { canonicalJson } from '../../formats/canonical-json.js';
import { KoalaError } from '../../formats/errors.js';
import { blobPath, jsonBlob } from '../../formats/oci/digest.js';
import { MEDIA_TYPES } from '../../formats/oci/media-types.js';
import type { Descriptor, ImageIndex } from '../../formats/oci/types.js';
import { openSink } from '../sink.js';
import type { WrittenImage } from './image.js';
import { layoutTar } from './layout-tar.js';
import { publishDirectory, type Staging } from './staging.js';

/** An OCI layout as a directory or a tar, or such a tar with what `docker load` wants beside it. */
export type ImageFormat = 'oci-dir' | 'oci' | 'docker';

export interface ImageOutputOptions {
  /** A path, or `-` for `stdout` (not with `oci-dir`). */
  readonly output: string;
  readonly format: ImageFormat;
  /** `localhost/base:trixie` */
  readonly reference: string;
  /** The build date in seconds since the epoch, the time of all entries of a tar. */
  readonly epoch: number;
  readonly stdout?: Writable;
}

export interface EmittedImages {
  /** Of the index where there are several images, else of the image. */
  readonly digest: string;
  /** Size of the file; for a directory the sum of its blobs. */
  readonly bytes: number;
  /** Of the file; for a directory the digest's digits. */
  readonly sha256: string;
}

/**
 * Completes a layout with images of one or several platforms, and gives it its name. Several get an index, in the order that
 * they have; `index.json` has one entry, so that no program has to choose.
 *
 * The tar for `docker load` is a layout as well, as Docker 25 and newer save images, with the `manifest.json` that older
 * ones read; podman and skopeo read either.
 *
 * @throws KoalaError `usage` where the format has no place for several images; `emit` where it cannot be written
 */
export async function emitImages(
  staging: Staging,
  images: readonly WrittenImage[],
  options: ImageOutputOptions,
): Promise<EmittedImages> {
  const { output, format, epoch } = options;
  const [first, ...others] = images;
  if (first === undefined) throw new KoalaError('emit', `cannot write ${output}: there is no image`);
  const top = others.length === 0 ? first.descriptor : await addIndex(staging, images);
  const documents = new Map<string, Uint8Array>([
    ['oci-layout', Buffer.from(canonicalJson({ imageLayoutVersion: '1.0.0' }))],
    ['index.json', layoutIndex(top, options.reference)],
  ]);
  if (format === 'docker') {
    if (others.length > 0) {
      throw new KoalaError('usage', 'cannot write several architectures for docker load, which takes one', {
        hint: 'give one with --arch, or --format oci',
      });
    }
    documents.set('manifest.json', dockerManifest(first, options));
  }
  if (format === 'oci-dir') {
    for (const [name, bytes] of documents) await staging.addFile(name, bytes);
    await publishDirectory(staging, output);
    return { digest: top.digest, bytes: staging.bytes(), sha256: top.digest.slice('sha256:'.length) };
  }
  return { digest: top.digest, ...(await writeTar(layoutTar(staging, documents, epoch), options)) };
}

async function addIndex(staging: Staging, images: readonly WrittenImage[]): Promise<Descriptor> {
  const [first] = images;
  // What all images say holds for the index.
  const common = Object.entries(first?.annotations ?? {}).filter(([name, value]) =>
    images.every(({ annotations }) => annotations[name] === value),
  );
  const index: ImageIndex = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.index,
    manifests: images.map(({ descriptor }) => descriptor),
    annotations: Object.fromEntries(common),
  };
  return staging.addJson(jsonBlob(MEDIA_TYPES.index, index));
}

function layoutIndex(top: Descriptor, reference: string): Uint8Array {
  const annotations = {
    'org.opencontainers.image.ref.name': reference.slice(reference.lastIndexOf(':') + 1),
    // What containerd, and Docker with it, names an image that it loads.
    'io.containerd.image.name': reference,
  };
  const index: ImageIndex = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.index,
    manifests: [{ ...top, annotations }],
  };
  return Buffer.from(canonicalJson(index));
}

function dockerManifest({ manifest }: WrittenImage, { reference, output }: ImageOutputOptions): Uint8Array {
  const nameOf = ({ digest }: Descriptor): string => blobPath(digest, output);
  return Buffer.from(
    canonicalJson([{ Config: nameOf(manifest.config), RepoTags: [reference], Layers: manifest.layers.map(nameOf) }]),
  );
}

async function writeTar(
  chunks: Iterable<Uint8Array>,
  { output, stdout }: ImageOutputOptions,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const sink = await openSink(output, stdout ?? process.stdout);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for (const chunk of chunks) {
      bytes += chunk.byteLength;
      hash.update(chunk);
      await sink.write(chunk);
    }
    await sink.finish();
  } catch (error) {
    await sink.discard();
    throw error;
  }
  return { bytes, sha256: hash.digest('hex') };
}
