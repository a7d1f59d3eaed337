import { KoalaError } from '../formats/errors.js';
import { parseImageDocument } from '../formats/oci/parse.js';
import type { ImageManifest } from '../formats/oci/types.js';

/** @throws KoalaError `unpack` where it is none */
export function readManifest(bytes: Uint8Array, origin: string): ImageManifest {
  const document = parseImageDocument(bytes, `a manifest of ${origin}`);
  if (document.type === 'manifest') return document.manifest;
  throw new KoalaError('unpack', `cannot read a manifest of ${origin}: it is an index`);
}
