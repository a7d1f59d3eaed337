import { KoalaError } from '../formats/errors.js';
import { isCompanion, REF_NAME } from '../formats/oci/companions.js';
import { blobPath, jsonBlob, sha256Digest } from '../formats/oci/digest.js';
import { MEDIA_TYPES } from '../formats/oci/media-types.js';
import type { Annotations, Descriptor, ImageManifest } from '../formats/oci/types.js';
import type { ImageFiles } from '../image/files.js';
import { readLayoutIndex, readStoredDocument, verifiedBytes } from '../image/read.js';
import { type ImageStore, MAX_DOCUMENT } from './image-store.js';
import { addToLayout } from './layout-write.js';
import { readManifest } from './manifest.js';

/**
 * An OCI layout on disk, a directory or a tar. What is put is kept in memory until `finish` writes it; then `index.json`
 * names each manifest, by its tag or with its artifact type.
 *
 * The images get the annotations by which `cosign verify --local-image` finds them and the older scheme's signatures, where
 * the layout has only one.
 */
export function layoutStore(path: string, files: ImageFiles): ImageStore {
  const before = readLayoutIndex(files, path);
  const images = before.filter((one) => !isCompanion(one) && one.platform?.architecture !== 'unknown');
  const added = new Map<string, Uint8Array>();
  let index = before;

  const store: ImageStore = {
    origin: path,
    reference: '',
    subjects: async () => images,
    tagged: async (tag) => index.find(({ annotations }) => annotations?.[REF_NAME] === tag),
    referrers: async (digest) => {
      return index.filter((descriptor) => {
        if (!isCompanion(descriptor) || added.has(blobPath(descriptor.digest, path))) return false;
        const document = readStoredDocument(files, descriptor, path);
        return document.type === 'manifest' && document.manifest.subject?.digest === digest;
      });
    },
    document: async (descriptor) => {
      const { digest, size } = descriptor;
      if (size > MAX_DOCUMENT)
        throw new KoalaError('verify', `cannot accept ${digest} of ${path}: it has ${size} bytes`);
      const bytes = added.get(blobPath(digest, path)) ?? Buffer.concat([...chunksOf(descriptor)]);
      return Buffer.from(bytes);
    },
    check: async (descriptor) => {
      for (const _ of chunksOf(descriptor));
    },
    putBlob: async (mediaType, bytes) => {
      const digest = sha256Digest(bytes);
      added.set(blobPath(digest, path), bytes);
      return { mediaType, digest, size: bytes.length };
    },
    putManifest: async (bytes, tag) => {
      const descriptor = await store.putBlob(MEDIA_TYPES.manifest, bytes);
      const entry = entryOf(descriptor, readManifest(bytes, path), tag);
      index = [...index.filter(({ annotations }) => tag === undefined || annotations?.[REF_NAME] !== tag), entry];
    },
    finish: async () => {
      if (added.size === 0) return;
      const top = { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: withKinds(index, images) };
      await addToLayout(path, files, added, jsonBlob(MEDIA_TYPES.index, top).bytes);
    },
  };

  function* chunksOf({ digest, size }: Descriptor): Generator<Uint8Array> {
    const name = blobPath(digest, path);
    if (!files.has(name)) throw new KoalaError('verify', `cannot accept ${path}: ${digest} is not in it`);
    let count = 0;
    for (const chunk of verifiedBytes(files, name, path)) {
      count += chunk.length;
      yield chunk;
    }
    if (count === size) return;
    throw new KoalaError('verify', `cannot accept ${name} of ${path}: it has ${count} bytes, not ${size}`);
  }

  return store;
}

/** How `index.json` names a manifest. */
function entryOf(descriptor: Descriptor, { artifactType }: ImageManifest, tag: string | undefined): Descriptor {
  if (tag !== undefined) return { ...descriptor, annotations: { [REF_NAME]: tag } };
  return { ...descriptor, ...(artifactType === undefined ? {} : { artifactType }) };
}

const KIND = 'kind';
const KINDS = {
  image: 'dev.cosignproject.cosign/image',
  index: 'dev.cosignproject.cosign/imageIndex',
  sig: 'dev.cosignproject.cosign/sigs',
  att: 'dev.cosignproject.cosign/atts',
} as const;

/** As `cosign save` marks what it writes; it knows of one image in a layout. */
function withKinds(index: readonly Descriptor[], images: readonly Descriptor[]): readonly Descriptor[] {
  if (images.length !== 1) return index;
  return index.map((descriptor) => {
    const kind = kindOf(descriptor);
    if (kind === undefined) return descriptor;
    const annotations: Annotations = { ...descriptor.annotations, [KIND]: kind };
    return { ...descriptor, annotations };
  });
}

function kindOf(descriptor: Descriptor): string | undefined {
  const tag = descriptor.annotations?.[REF_NAME] ?? '';
  if (!isCompanion(descriptor)) return descriptor.mediaType === MEDIA_TYPES.index ? KINDS.index : KINDS.image;
  if (tag.endsWith('.sig')) return KINDS.sig;
  return tag.endsWith('.att') ? KINDS.att : undefined;
}
