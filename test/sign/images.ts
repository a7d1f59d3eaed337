import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageIndex, ImageManifest } from '../../src/formats/oci/types.js';
import { openImageFiles } from '../../src/image/files.js';
import type { ImageStore } from '../../src/sign/image-store.js';
import { layoutStore } from '../../src/sign/layout-store.js';

export async function openLayout(path: string): Promise<ImageStore> {
  const files = await openImageFiles(path);
  if (files === undefined) throw new Error(`${path} is no image`);
  return layoutStore(path, files);
}

/** What an OCI layout in a directory has, to be looked at and changed. */
export function layoutIn(directory: string) {
  const blob = (digest: string) => join(directory, 'blobs', digest.replace(':', '/'));
  const index = () => JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) as ImageIndex;
  return {
    blob,
    index,
    manifest: (digest: string) => JSON.parse(readFileSync(blob(digest), 'utf8')) as ImageManifest,
    writeIndex: (value: unknown) => writeFileSync(join(directory, 'index.json'), JSON.stringify(value)),
  };
}
