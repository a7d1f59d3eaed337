import { createHash } from 'node:crypto';
import { architectureInfo } from '../formats/architecture.js';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { isCompanion } from '../formats/oci/companions.js';
import { blobPath, sha256Digest } from '../formats/oci/digest.js';
import {
  formatPlatform,
  type ImageDocument,
  parseImageConfig,
  parseImageDocument,
  platformMatches,
} from '../formats/oci/parse.js';
import type { Descriptor, ImageConfig, ImageManifest } from '../formats/oci/types.js';
import type { ImageFiles } from './files.js';

/** An image as it lies in a layout or in what `docker save` wrote. */
export interface StoredImage {
  /** @throws KoalaError as `findImage`; who compares files needs none */
  config(): ImageConfig;
  /** The names of its layers' files, the lowest first. */
  readonly layers: readonly string[];
  /** Of an OCI layout. */
  readonly manifest: { readonly descriptor: Descriptor; readonly document: ImageManifest } | undefined;
}

/** As deep as indices may lie in indices. */
const MAX_DEPTH = 4;

/**
 * The image that is meant among those that are there.
 *
 * @param architecture Debian's name of the one that is meant, where an image is of several
 * @throws KoalaError `unpack` where it cannot be read, `verify` where a document is not what its digest says, `usage` where it is not clear which image is meant
 */
export function findImage(files: ImageFiles, architecture: string | undefined, origin: string): StoredImage {
  return files.has('oci-layout') ? ociImage(files, architecture, origin) : dockerImage(files, origin);
}

/**
 * The bytes of a file of an image; those of a blob must have the digest that names it.
 *
 * @throws KoalaError `verify`, when all of it was read
 */
export function* verifiedBytes(files: ImageFiles, name: string, origin: string): Generator<Uint8Array> {
  const [, promised] = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name) ?? [];
  const hash = createHash('sha256');
  for (const chunk of files.open(name)) {
    hash.update(chunk);
    yield chunk;
  }
  const is = hash.digest('hex');
  if (promised !== undefined && promised !== is) throw isOther(name, origin, is);
}

/** The manifest or index that a layout's `index.json` or an index speaks of. */
export function readStoredDocument(files: ImageFiles, descriptor: Descriptor, origin: string): ImageDocument {
  return parseImageDocument(
    readVerified(files, descriptor, origin),
    `${descriptor.digest} of ${origin}`,
    descriptor.mediaType,
  );
}

/** The top of an OCI layout. */
export function readLayoutIndex(files: ImageFiles, origin: string): readonly Descriptor[] {
  const document = parseImageDocument(files.read('index.json'), `index.json of ${origin}`);
  if (document.type === 'index') return document.index.manifests;
  throw new KoalaError('unpack', `cannot read ${origin}: its index.json is no index`);
}

function ociImage(files: ImageFiles, architecture: string | undefined, origin: string): StoredImage {
  let manifests = readLayoutIndex(files, origin);
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const descriptor = chosen(manifests, architecture, origin);
    const document = readStoredDocument(files, descriptor, origin);
    if (document.type === 'index') {
      manifests = document.index.manifests;
      continue;
    }
    const { config, layers } = document.manifest;
    return {
      config: () => parseImageConfig(readVerified(files, config, origin), `${config.digest} of ${origin}`),
      layers: layers.map(({ digest }) => blobPath(digest, origin)),
      manifest: { descriptor, document: document.manifest },
    };
  }
  throw new KoalaError('unpack', `cannot read ${origin}: it has no manifest with layers`);
}

function chosen(manifests: readonly Descriptor[], architecture: string | undefined, origin: string): Descriptor {
  const images = manifests.filter((one) => one.platform?.architecture !== 'unknown' && !isCompanion(one));
  const [only, other] = images;
  if (only !== undefined && other === undefined) return only;
  const wanted = architecture === undefined ? undefined : architectureInfo(architecture).platform;
  const found = images.find(({ platform }) => wanted !== undefined && platformMatches(platform, wanted));
  if (found !== undefined) return found;
  const names = images.map(({ platform }) =>
    platform === undefined ? 'one of no platform' : formatPlatform(platform),
  );
  throw new KoalaError('usage', `cannot tell which image of ${origin} is meant: it has ${names.join(', ') || 'none'}`, {
    hint: 'give one with --arch, by the name that Debian uses',
  });
}

interface DockerImage {
  readonly Config?: unknown;
  readonly Layers?: unknown;
}

/** Image specification of `docker save`: manifest.json lists images. */
function dockerImage(files: ImageFiles, origin: string): StoredImage {
  const images: unknown = json(files, 'manifest.json', origin);
  const [image, other] = Array.isArray(images) ? (images as readonly DockerImage[]) : [];
  if (other !== undefined)
    throw new KoalaError('usage', `cannot tell which image of ${origin} is meant: it has several`);
  if (!Array.isArray(image?.Layers))
    throw new KoalaError('unpack', `cannot read ${origin}: its manifest.json has no layers`);
  const name = String(image.Config);
  return {
    config: () => parseImageConfig(files.read(name), `${name} of ${origin}`),
    layers: image.Layers.map(String),
    manifest: undefined,
  };
}

function readVerified(files: ImageFiles, { digest }: Descriptor, origin: string): Buffer {
  const name = blobPath(digest, origin);
  const bytes = files.read(name);
  const is = sha256Digest(bytes);
  if (digest.startsWith('sha256:') && is !== digest) throw isOther(name, origin, is.slice('sha256:'.length));
  return bytes;
}

function isOther(name: string, origin: string, is: string): KoalaError {
  return new KoalaError('verify', `cannot accept ${name} of ${origin}: its SHA-256 is ${is}`);
}

function json(files: ImageFiles, name: string, origin: string): unknown {
  try {
    return JSON.parse(files.read(name).toString());
  } catch (error) {
    throw new KoalaError('unpack', `cannot read ${name} of ${origin}: ${reasonOf(error)}`, { cause: error });
  }
}
