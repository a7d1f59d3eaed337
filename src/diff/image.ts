import { createHash } from 'node:crypto';
import { architectureInfo } from '../formats/architecture.js';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { readLayer } from './layer.js';
import { overlay } from './overlay.js';
import type { TreeFacts } from './types.js';

/** The files of an image, by names below its top: a directory, or a tar. */
export interface ImageFiles {
  has(name: string): boolean;
  /** A small file. */
  read(name: string): Buffer;
  open(name: string): Iterable<Uint8Array>;
}

interface Descriptor {
  readonly mediaType?: string;
  readonly digest: string;
  readonly platform?: { readonly architecture?: string; readonly os?: string; readonly variant?: string };
}

/** As deep as indices may lie in indices. */
const MAX_DEPTH = 4;

/** Whether these are the files of an image: an OCI layout (image-layout.md) or what `docker save` writes. */
export function isImage(files: Pick<ImageFiles, 'has'>): boolean {
  return files.has('oci-layout') || files.has('manifest.json');
}

/**
 * The root filesystem that an image is of.
 *
 * @param architecture Debian's name of the one that is meant, where an image is of several
 * @throws KoalaError `unpack` where it cannot be read, `verify` where a layer is not what its digest says, `usage` where it is not clear which image is meant
 */
export async function readImage(
  files: ImageFiles,
  architecture: string | undefined,
  origin: string,
): Promise<TreeFacts> {
  const names = files.has('oci-layout') ? ociLayers(files, architecture, origin) : dockerLayers(files, origin);
  const layers = [];
  for (const name of names)
    layers.push(await readLayer(verified(files.open(name), name, origin), `${name} of ${origin}`));
  return overlay(layers, origin);
}

function ociLayers(files: ImageFiles, architecture: string | undefined, origin: string): string[] {
  let document = json(files, 'index.json', origin);
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    if (isList(document['layers'])) return document['layers'].map((layer) => blobName(layer, origin));
    if (!isList(document['manifests'])) break;
    const manifests = document['manifests'] as Descriptor[];
    document = json(files, blobName(chosen(manifests, architecture, origin), origin), origin);
  }
  throw new KoalaError('unpack', `cannot read ${origin}: it has no manifest with layers`);
}

function chosen(manifests: readonly Descriptor[], architecture: string | undefined, origin: string): Descriptor {
  const images = manifests.filter(({ platform }) => platform?.architecture !== 'unknown');
  const [only, other] = images;
  if (only !== undefined && other === undefined) return only;
  const names = images.map(({ platform }) => [platform?.architecture, platform?.variant].filter(Boolean).join('/'));
  const wanted = architecture === undefined ? undefined : architectureInfo(architecture).platform;
  const found = images.find(({ platform }) => {
    return (
      wanted !== undefined &&
      platform?.architecture === wanted.architecture &&
      (platform.variant ?? wanted.variant) === wanted.variant
    );
  });
  if (found !== undefined) return found;
  throw new KoalaError('usage', `cannot tell which image of ${origin} is meant: it has ${names.join(', ')}`, {
    hint: 'give one with --arch, by the name that Debian uses',
  });
}

function dockerLayers(files: ImageFiles, origin: string): string[] {
  const images: unknown = json(files, 'manifest.json', origin);
  const [image, other] = isList(images) ? (images as { readonly Layers?: unknown }[]) : [];
  if (other !== undefined)
    throw new KoalaError('usage', `cannot tell which image of ${origin} is meant: it has several`);
  if (!isList(image?.Layers)) throw new KoalaError('unpack', `cannot read ${origin}: its manifest.json has no layers`);
  return image.Layers.map(String);
}

/** The bytes of a blob, which must have the digest that names it; other files as they are. */
function* verified(bytes: Iterable<Uint8Array>, name: string, origin: string): Generator<Uint8Array> {
  const [, promised] = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name) ?? [];
  const hash = createHash('sha256');
  for (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
  const is = hash.digest('hex');
  if (promised === undefined || promised === is) return;
  throw new KoalaError('verify', `cannot accept ${name} of ${origin}: its SHA-256 is ${is}`);
}

/** Where a layout has what a descriptor speaks of. */
function blobName(descriptor: unknown, origin: string): string {
  const { digest } = (descriptor ?? {}) as Partial<Descriptor>;
  const [, algorithm, hex] = /^([a-z0-9]+):([0-9a-f]+)$/.exec(String(digest)) ?? [];
  if (hex === undefined)
    throw new KoalaError('unpack', `cannot read ${origin}: ${JSON.stringify(digest)} is no digest`);
  return `blobs/${algorithm}/${hex}`;
}

function json(files: ImageFiles, name: string, origin: string): Record<string, unknown> {
  try {
    return JSON.parse(files.read(name).toString());
  } catch (error) {
    throw new KoalaError('unpack', `cannot read ${name} of ${origin}: ${reasonOf(error)}`, { cause: error });
  }
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
