import { companionTag } from '../formats/oci/companions.js';
import { parseImageDocument } from '../formats/oci/parse.js';
import type { Descriptor } from '../formats/oci/types.js';
import type { ImageStore } from './image-store.js';

/** Whether anything is said of an image. */
export async function hasCompanions(store: ImageStore, digest: string): Promise<boolean> {
  return (await companionsOf(store, digest)).length > 0;
}

/**
 * Brings all that is said of an image to another place where the image is, byte for byte: signatures and attestations in both
 * schemes, by whatever key. It is not checked; who verifies does that.
 */
export async function copyCompanions(from: ImageStore, to: ImageStore, digest: string): Promise<void> {
  for (const { descriptor, tag } of await companionsOf(from, digest)) await copyManifest(from, to, descriptor, tag);
}

async function companionsOf(store: ImageStore, digest: string) {
  const found: { readonly descriptor: Descriptor; readonly tag: string | undefined }[] = [];
  for (const descriptor of await store.referrers(digest)) found.push({ descriptor, tag: undefined });
  for (const tag of [companionTag(digest, 'sig'), companionTag(digest, 'att')]) {
    const descriptor = await store.tagged(tag);
    if (descriptor !== undefined) found.push({ descriptor, tag });
  }
  return found;
}

async function copyManifest(
  from: ImageStore,
  to: ImageStore,
  descriptor: Descriptor,
  tag: string | undefined,
): Promise<void> {
  const bytes = await from.document(descriptor);
  const document = parseImageDocument(bytes, `${descriptor.digest} of ${from.origin}`, descriptor.mediaType);
  if (document.type === 'index') return;
  for (const blob of [document.manifest.config, ...document.manifest.layers]) {
    await to.putBlob(blob.mediaType, await from.document(blob));
  }
  await to.putManifest(bytes, tag);
}
