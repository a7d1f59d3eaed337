import { KoalaError } from '../formats/errors.js';
import { isCompanion } from '../formats/oci/companions.js';
import { blobPath } from '../formats/oci/digest.js';
import { MEDIA_TYPES } from '../formats/oci/media-types.js';
import type { Descriptor } from '../formats/oci/types.js';
import type { ImageFiles } from '../image/files.js';
import { readLayoutIndex, readStoredDocument } from '../image/read.js';

/** An image that can be sent: all that a digest stands for. */
export interface SendableImage {
  /** Of the manifest or index on top. */
  readonly root: Descriptor;
  /** Manifests and indices, each after those that it names, the root last. */
  readonly documents: readonly SendableDocument[];
  /** Configurations and layers, each once. */
  readonly blobs: readonly SendableBlob[];
  /** The image that it stands on, where its annotations name one. */
  readonly baseName: string | undefined;
}

export interface SendableDocument {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

export interface SendableBlob {
  readonly descriptor: Descriptor;
  open(from: number): Iterable<Uint8Array>;
}

/** As deep as indices may lie in indices. */
const MAX_DEPTH = 4;
const BASE_NAME = 'org.opencontainers.image.base.name';

/**
 * Reads an OCI layout for sending.
 *
 * @throws KoalaError `usage` where it is none, or is of several images; `unpack` where it lacks something; `verify` where a
 * document is not what its digest says
 */
export function readSendableImage(files: ImageFiles, origin: string): SendableImage {
  if (!files.has('oci-layout')) {
    throw new KoalaError('usage', `cannot publish ${origin}: it is no OCI layout`, {
      hint: 'what docker save writes is one since Docker 25; skopeo copy makes one of others',
    });
  }
  // What is said of an image has its own way to a registry.
  const [root, ...others] = readLayoutIndex(files, origin).filter((descriptor) => !isCompanion(descriptor));
  if (root === undefined || others.length > 0) {
    throw new KoalaError(
      'usage',
      `cannot publish ${origin}: its index.json has ${others.length + (root ? 1 : 0)} images`,
      {
        hint: 'an image for several architectures is one index, which index.json names',
      },
    );
  }
  const documents = new Map<string, SendableDocument>();
  const blobs = new Map<string, SendableBlob>();
  let baseName: string | undefined;
  const addBlob = (descriptor: Descriptor): void => {
    const name = blobPath(descriptor.digest, origin);
    if (files.has(name)) blobs.set(descriptor.digest, { descriptor, open: (from) => files.open(name, from) });
    // A layer that nobody may pass on is not in a layout either; whoever pulls it has its own URLs.
    else if (!isForeign(descriptor)) throw new KoalaError('unpack', `cannot read ${origin}: ${name} is not there`);
  };
  const add = (descriptor: Descriptor, depth: number): void => {
    if (documents.has(descriptor.digest)) return;
    if (depth > MAX_DEPTH) throw new KoalaError('unpack', `cannot read ${origin}: indices lie in indices too deeply`);
    const document = readStoredDocument(files, descriptor, origin);
    const bytes = files.read(blobPath(descriptor.digest, origin));
    const content = document.type === 'index' ? document.index : document.manifest;
    if (document.type === 'index') for (const child of document.index.manifests) add(child, depth + 1);
    else for (const blob of [document.manifest.config, ...document.manifest.layers]) addBlob(blob);
    baseName ??= content.annotations?.[BASE_NAME];
    const mediaType = content.mediaType ?? descriptor.mediaType ?? MEDIA_TYPES[document.type];
    documents.set(descriptor.digest, { descriptor: { ...descriptor, mediaType, size: bytes.length }, bytes });
  };
  add(root, 0);
  return {
    root,
    documents: [...documents.values()],
    blobs: [...blobs.values()],
    baseName,
  };
}

function isForeign({ mediaType }: Descriptor): boolean {
  return /\.(?:foreign|nondistributable)\./.test(mediaType);
}
