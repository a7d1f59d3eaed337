import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.js';
import { KoalaError } from '../errors.js';
import type { Descriptor } from './types.js';

/** The digest algorithm and its number of hexadecimal digits (descriptor.md, "Registered Algorithms"). */
const ALGORITHMS: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

export function sha256Digest(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * The parts of a digest.
 *
 * @throws KoalaError `unpack` where it is none, or of an algorithm that is not registered
 */
export function parseDigest(digest: unknown, origin: string): { readonly algorithm: string; readonly hex: string } {
  const [, algorithm = '', hex = ''] = /^([a-z0-9]+):([0-9a-f]+)$/.exec(String(digest)) ?? [];
  if (Object.hasOwn(ALGORITHMS, algorithm) && ALGORITHMS[algorithm] === hex.length) return { algorithm, hex };
  throw new KoalaError('unpack', `cannot read ${origin}: ${JSON.stringify(digest)} is no digest`);
}

/** Where an OCI layout has a blob (image-layout.md): `blobs/sha256/…`. */
export function blobPath(digest: string, origin: string): string {
  const { algorithm, hex } = parseDigest(digest, origin);
  return `blobs/${algorithm}/${hex}`;
}

/** A document of an image as it is stored and hashed: the same bytes for the same value. */
export interface JsonBlob {
  readonly bytes: Uint8Array;
  readonly descriptor: Descriptor;
}

/** A manifest, an index or a configuration as canonical JSON, with the descriptor of that. */
export function jsonBlob(mediaType: string, value: unknown): JsonBlob {
  const bytes = Buffer.from(canonicalJson(value));
  return { bytes, descriptor: { mediaType, digest: sha256Digest(bytes), size: bytes.length } };
}
