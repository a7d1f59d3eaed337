import { KoalaError, reasonOf } from '../errors.js';
import { parseDigest } from './digest.js';
import { isIndexType, isManifestType } from './media-types.js';
import type { Descriptor, ImageConfig, ImageIndex, ImageManifest, Platform } from './types.js';

type Fields = Readonly<Record<string, unknown>>;

/** A manifest or an index, told apart. */
export type ImageDocument =
  | { readonly type: 'manifest'; readonly manifest: ImageManifest }
  | { readonly type: 'index'; readonly index: ImageIndex };

/**
 * Reads a manifest or an index, OCI's or Docker's (schema version 2). Where the media type does not say which one it is, what
 * is in it does.
 *
 * @param origin what it is, for messages: `index.json of image.oci.tar`
 * @throws KoalaError `unpack` where it is neither, or a descriptor in it is none
 */
export function parseImageDocument(bytes: Uint8Array, origin: string, mediaType = ''): ImageDocument {
  const document = parseObject(bytes, origin);
  const given = typeof document['mediaType'] === 'string' ? document['mediaType'] : mediaType;
  const isIndex = isIndexType(given) || (!isManifestType(given) && document['manifests'] !== undefined);
  for (const descriptor of descriptorsOf(document, isIndex, origin)) checkDescriptor(descriptor, origin);
  return isIndex
    ? { type: 'index', index: document as unknown as ImageIndex }
    : { type: 'manifest', manifest: document as unknown as ImageManifest };
}

/** @throws KoalaError `unpack` where it is none */
export function parseImageConfig(bytes: Uint8Array, origin: string): ImageConfig {
  const document = parseObject(bytes, origin);
  const { diff_ids: diffIds } = fieldsOf(document['rootfs']);
  if (!Array.isArray(diffIds)) throw refused(origin, 'it names no layers in rootfs.diff_ids');
  for (const digest of diffIds) parseDigest(digest, origin);
  return document as unknown as ImageConfig;
}

/** `linux/arm64/v8` */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter((part) => part !== undefined && part !== '').join('/');
}

/** Whether an image for one platform is what is wanted; one that names no variant is any. */
export function platformMatches(offered: Partial<Platform> | undefined, wanted: Platform): boolean {
  return (
    offered?.architecture === wanted.architecture &&
    (offered.os ?? wanted.os) === wanted.os &&
    (wanted.variant === undefined || (offered.variant ?? wanted.variant) === wanted.variant)
  );
}

function descriptorsOf(document: Fields, isIndex: boolean, origin: string): readonly unknown[] {
  const list = document[isIndex ? 'manifests' : 'layers'];
  if (!Array.isArray(list)) throw refused(origin, 'it is neither a manifest nor an index');
  return isIndex ? list : [document['config'], ...list];
}

function checkDescriptor(value: unknown, origin: string): asserts value is Descriptor {
  const { digest, size } = fieldsOf(value);
  parseDigest(digest, origin);
  if (!Number.isSafeInteger(size) || Number(size) < 0) throw refused(origin, `${String(digest)} has no size`);
}

function parseObject(bytes: Uint8Array, origin: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw refused(origin, reasonOf(error), error);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw refused(origin, 'it is no JSON object');
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function refused(origin: string, why: string, cause?: unknown): KoalaError {
  return new KoalaError('unpack', `cannot read ${origin}: ${why}`, { cause });
}
