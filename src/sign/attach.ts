import { canonicalJson } from '../formats/canonical-json.js';
import { MEDIA_TYPES } from '../formats/oci/media-types.js';
import type { Descriptor, ImageManifest } from '../formats/oci/types.js';
import type { ImageStore } from './image-store.js';

/** What is said of an image. */
export interface Attachment {
  /** The kind of artifact that it is found by (OCI image-spec, "Guidelines for Artifact Usage"). */
  readonly artifactType: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Puts something as an artifact that refers to an image. The same, put again, is the same artifact. */
export async function attach(store: ImageStore, subject: Descriptor, attachment: Attachment): Promise<void> {
  const { artifactType, annotations } = attachment;
  const config = await store.putBlob(MEDIA_TYPES.empty, Buffer.from('{}'));
  const layer = await store.putBlob(attachment.mediaType, attachment.bytes);
  const { mediaType, digest, size } = subject;
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    artifactType,
    config,
    layers: [layer],
    subject: { mediaType, digest, size },
    annotations,
  };
  await store.putManifest(Buffer.from(canonicalJson(manifest)), undefined);
}
