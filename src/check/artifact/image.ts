import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { architectureInfo } from '../../formats/architecture.js';
import { KoalaError, reasonOf } from '../../formats/errors.js';
import { Tree } from '../../rootfs/tree.js';
import { type Place, readPlace, uncompressed } from './place.js';
import { addLayer, UNKNOWN } from './tar.js';

/** The files of an image by names below its top, in a directory or a tar. */
export type ImageFiles = (name: string) => Place | undefined;

interface Descriptor {
  readonly digest: string;
  readonly platform?: { readonly architecture?: string; readonly variant?: string };
}

/** Of a manifest or an index; registries take 4 MiB. */
const MAX_DOCUMENT = 1 << 24;
/** As deep as indices may lie in indices. */
const MAX_DEPTH = 4;

export function filesOfDirectory(directory: string): ImageFiles {
  return (name) => {
    const file = join(directory, name);
    const status = lstatSync(file, { throwIfNoEntry: false });
    return status?.isFile() ? { file, start: 0, size: status.size } : undefined;
  };
}

/** The files of a tar that was read. */
export function filesOfTree(tree: Tree): ImageFiles {
  return (name) => {
    const node = tree.get(`/${name}`);
    if (node?.type !== 'file' || node.content.type !== 'slice') return undefined;
    const { file, offset, size } = node.content;
    return { file, start: offset, size };
  };
}

/** Whether these are the files of an image: an OCI layout (image-layout.md), or what `docker save` writes. */
export function isImage(files: ImageFiles): boolean {
  return files('oci-layout') !== undefined || files('manifest.json') !== undefined;
}

/**
 * The root filesystem of an image, layer over layer.
 *
 * @param architecture Debian's name of the one that is meant, where an image is of several
 * @throws KoalaError `unpack` where it is not whole, `usage` where it is not clear which image is meant
 */
export async function imageTree(
  files: ImageFiles,
  { architecture, scratch, origin }: { architecture: string | undefined; scratch: string; origin: string },
): Promise<Tree> {
  const names =
    files('oci-layout') === undefined ? dockerLayers(files, origin) : ociLayers(files, architecture, origin);
  const tree = new Tree(UNKNOWN, 0);
  for (const name of names) {
    const place = files(name);
    if (place === undefined) throw new KoalaError('unpack', `cannot read ${name} of ${origin}: it is not there`);
    addLayer(tree, await uncompressed(place, scratch, `${name} of ${origin}`), `${name} of ${origin}`);
  }
  return tree;
}

function ociLayers(files: ImageFiles, architecture: string | undefined, origin: string): string[] {
  let document = json(files, 'index.json', origin);
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const { layers, manifests } = document;
    if (Array.isArray(layers)) return layers.map((layer: Descriptor) => blobName(layer.digest, origin));
    if (!Array.isArray(manifests)) break;
    document = json(files, blobName(chosen(manifests, architecture, origin).digest, origin), origin);
  }
  throw new KoalaError('unpack', `cannot read ${origin}: it has no manifest with layers`);
}

function chosen(manifests: readonly Descriptor[], architecture: string | undefined, origin: string): Descriptor {
  const images = manifests.filter(({ platform }) => platform?.architecture !== 'unknown');
  const [only, other] = images;
  if (only !== undefined && other === undefined) return only;
  const wanted = architecture === undefined ? undefined : architectureInfo(architecture).platform;
  const found = images.find(({ platform }) => {
    return (
      wanted !== undefined &&
      platform?.architecture === wanted.architecture &&
      (platform.variant ?? wanted.variant) === wanted.variant
    );
  });
  if (found !== undefined) return found;
  const names = images.map(({ platform }) => platform?.architecture ?? 'one without a platform').join(', ');
  throw new KoalaError('usage', `cannot tell which image of ${origin} is meant: it has ${names}`, {
    hint: 'give one with --arch, by the name that Debian uses',
  });
}

function dockerLayers(files: ImageFiles, origin: string): string[] {
  const images: unknown = json(files, 'manifest.json', origin);
  const [image, other] = Array.isArray(images) ? (images as { readonly Layers?: unknown }[]) : [];
  if (other !== undefined)
    throw new KoalaError('usage', `cannot tell which image of ${origin} is meant: it has several`);
  if (!Array.isArray(image?.Layers))
    throw new KoalaError('unpack', `cannot read ${origin}: its manifest.json has no layers`);
  return image.Layers.map(String);
}

function blobName(digest: string, origin: string): string {
  const [, algorithm, hex] = /^([a-z0-9]+):([0-9a-f]+)$/.exec(String(digest)) ?? [];
  if (hex === undefined)
    throw new KoalaError('unpack', `cannot read ${origin}: ${JSON.stringify(digest)} is no digest`);
  return `blobs/${algorithm}/${hex}`;
}

function json(files: ImageFiles, name: string, origin: string): Record<string, unknown> {
  const place = files(name);
  try {
    return JSON.parse(place === undefined ? '' : readPlace(place, 0, MAX_DOCUMENT).toString());
  } catch (error) {
    throw new KoalaError('unpack', `cannot read ${name} of ${origin}: ${reasonOf(error)}`, { cause: error });
  }
}
