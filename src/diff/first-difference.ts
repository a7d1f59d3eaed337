import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { openArtifact, openLayer } from '../artifact/open.js';
import { KoalaError } from '../formats/errors.js';
import { isCompanion } from '../formats/oci/companions.js';
import { blobPath } from '../formats/oci/digest.js';
import { formatPlatform } from '../formats/oci/parse.js';
import type { Descriptor, ImageManifest } from '../formats/oci/types.js';
import { fileBytes } from '../image/file-bytes.js';
import { headOf, type ImageFiles, openImageFiles } from '../image/files.js';
import { readLayoutIndex, readStoredDocument, verifiedBytes } from '../image/read.js';
import { compareFiles, type FileChange } from './compare.js';
import { factsOfTree } from './facts.js';
import { tarOutline } from './tar-outline.js';

/** What is not the same in two artifacts that should be: the first of it, in the order of their layers and paths. */
export interface FirstDifference {
  /** `layer 2 of 3 of linux/amd64`; undefined for what is no image, and for what all of an image has in common. */
  readonly place: string | undefined;
  /** A file, and what is other of it; or something else, in words. */
  readonly what: FileChange | string;
  /** How many more files of that place differ. */
  readonly more: number;
}

/**
 * Compares an artifact with one that was made anew, byte for byte: tars, compressed or not, directories, OCI layouts as
 * directories and tars. What is signed of an image is no part of it.
 *
 * @param one the artifact; `before` in what differs
 * @param scratch a directory for what has to be decompressed; whoever made it removes it
 * @returns undefined where they are the same
 * @throws KoalaError as their readers
 */
export async function firstDifference(
  one: string,
  other: string,
  scratch: string,
): Promise<FirstDifference | undefined> {
  const images = [await openImageFiles(one), await openImageFiles(other)] as const;
  const [image, again] = images;
  if (image?.has('oci-layout') === true && again?.has('oci-layout') === true) {
    return ofImages([image, one], [again, other], scratch);
  }
  const isDirectory = (await stat(one)).isDirectory();
  if (isDirectory !== (await stat(other)).isDirectory())
    return { place: undefined, what: 'it is of another kind', more: 0 };
  return isDirectory ? ofTrees(one, other, scratch) : ofTars(one, other, scratch);
}

function ofFiles(
  place: string | undefined,
  one: Parameters<typeof compareFiles>[0],
  other: Parameters<typeof compareFiles>[1],
): FirstDifference | undefined {
  const [what, ...others] = compareFiles(one, other, true);
  return what === undefined ? undefined : { place, what, more: others.length };
}

async function ofTrees(one: string, other: string, scratch: string): Promise<FirstDifference | undefined> {
  const options = { architecture: undefined, scratch };
  const before = factsOfTree(await openArtifact(one, options), one);
  return ofFiles(undefined, before, factsOfTree(await openArtifact(other, options), other));
}

async function ofTars(one: string, other: string, scratch: string): Promise<FirstDifference | undefined> {
  if (digestOf(fileBytes(one)) === digestOf(fileBytes(other))) return undefined;
  const compressions = [headOf(one).compression, headOf(other).compression] as const;
  const found = await ofTrees(one, other, scratch);
  if (found !== undefined) return found;
  const what =
    (await tarOutline(fileBytes(one), fileBytes(other), [one, other])) ??
    `its compression (${compressions[0]}), of the same tar`;
  return { place: undefined, what, more: 0 };
}

type Layout = readonly [files: ImageFiles, origin: string];
interface Image {
  readonly name: string;
  readonly digest: string;
  readonly manifest: ImageManifest;
}

async function ofImages(one: Layout, other: Layout, scratch: string): Promise<FirstDifference | undefined> {
  const [images, again] = [imagesOf(...one), imagesOf(...other)];
  const names = [images, again].map((list) => list.map(({ name }) => name).join(', '));
  if (names[0] !== names[1]) return ofAll(`it has images for ${names[0]}, and the lock gives ${names[1]}`);
  for (const [at, image] of images.entries()) {
    const made = again[at];
    const found = made === undefined ? undefined : await ofManifests(one, image, other, made, scratch);
    if (found !== undefined) return found;
  }
  const tops = [one, other].map((layout) =>
    topsOf(...layout)
      .map(({ digest }) => digest)
      .join(),
  );
  return tops[0] === tops[1] ? undefined : ofAll('its index says something else of the same images');
}

async function ofManifests(
  [files, origin]: Layout,
  { name, digest, manifest }: Image,
  [madeFiles, madeOrigin]: Layout,
  made: Image,
  scratch: string,
): Promise<FirstDifference | undefined> {
  const count = Math.max(manifest.layers.length, made.manifest.layers.length);
  for (let at = 0; at < count; at++) {
    const place = `layer ${at + 1} of ${count} of ${name}`;
    const [layer, again] = [manifest.layers[at], made.manifest.layers[at]];
    if (layer === undefined) return { place, what: 'it is missing', more: 0 };
    if (again === undefined) return { place, what: 'the lock gives no such layer', more: 0 };
    const damage = damageOf(files, layer, origin);
    if (damage !== undefined) return { place, what: damage, more: 0 };
    if (layer.digest === again.digest) continue;
    const [was, is] = [bytesOf(files, layer, origin), bytesOf(madeFiles, again, madeOrigin)];
    const before = await openLayer(files, blobPath(layer.digest, origin), origin, scratch);
    const after = await openLayer(madeFiles, blobPath(again.digest, madeOrigin), madeOrigin, scratch);
    const found = ofFiles(place, factsOfTree(before, origin), factsOfTree(after, madeOrigin));
    if (found !== undefined) return found;
    const outline = await tarOutline(was(), is(), [origin, madeOrigin]);
    return { place, what: outline ?? 'its compression, of the same tar', more: 0 };
  }
  const damage = damageOf(files, manifest.config, origin);
  if (damage !== undefined) return { place: `the configuration of ${name}`, what: damage, more: 0 };
  if (manifest.config.digest !== made.manifest.config.digest) {
    const [one, other] = [jsonOf(files, manifest.config, origin), jsonOf(madeFiles, made.manifest.config, madeOrigin)];
    return { place: `the configuration of ${name}`, what: fieldIn(one, other), more: 0 };
  }
  if (digest === made.digest) return undefined;
  return { place: `the manifest of ${name}`, what: fieldIn(manifest, made.manifest), more: 0 };
}

function ofAll(what: string): FirstDifference {
  return { place: undefined, what, more: 0 };
}

/** Images of a layout, those in indices too, by their platforms. */
function imagesOf(files: ImageFiles, origin: string): Image[] {
  const visit = (descriptor: Descriptor, platform: string): Image[] => {
    const document = readStoredDocument(files, descriptor, origin);
    if (document.type === 'manifest')
      return [{ name: platform, digest: descriptor.digest, manifest: document.manifest }];
    return document.index.manifests.flatMap((child) => visit(child, platformOf(child) ?? platform));
  };
  return topsOf(files, origin).flatMap((top) => visit(top, platformOf(top) ?? 'the image'));
}

function topsOf(files: ImageFiles, origin: string): Descriptor[] {
  return readLayoutIndex(files, origin).filter((descriptor) => !isCompanion(descriptor));
}

function platformOf({ platform }: Descriptor): string | undefined {
  return platform === undefined ? undefined : formatPlatform(platform);
}

function bytesOf(files: ImageFiles, { digest }: Descriptor, origin: string): () => Iterable<Uint8Array> {
  return () => verifiedBytes(files, blobPath(digest, origin), origin);
}

/** What is wrong with a blob: it is not there, or not what its digest says. */
function damageOf(files: ImageFiles, descriptor: Descriptor, origin: string): string | undefined {
  if (!files.has(blobPath(descriptor.digest, origin))) return 'it is missing';
  try {
    for (const _ of bytesOf(files, descriptor, origin)());
    return undefined;
  } catch (error) {
    if (error instanceof KoalaError && error.code === 'verify') return 'its bytes do not have its digest';
    throw error;
  }
}

function jsonOf(files: ImageFiles, descriptor: Descriptor, origin: string): unknown {
  return JSON.parse(Buffer.concat([...bytesOf(files, descriptor, origin)()]).toString());
}

/** The first field in which two JSON values differ: `config.Env.0`. */
function fieldIn(one: unknown, other: unknown, path = ''): string {
  const [before, after] = [one, other].map((value) => {
    return typeof value === 'object' && value !== null ? new Map<string, unknown>(Object.entries(value)) : undefined;
  });
  if (before === undefined || after === undefined) return `its ${path || 'value'}`;
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const name = names.find((key) => JSON.stringify(before.get(key)) !== JSON.stringify(after.get(key)));
  if (name === undefined) return `how its JSON is written${path === '' ? '' : ` in ${path}`}`;
  return fieldIn(before.get(name), after.get(name), path === '' ? name : `${path}.${name}`);
}

function digestOf(bytes: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const chunk of bytes) hash.update(chunk);
  return hash.digest('hex');
}
