import { KoalaError } from '../formats/errors.js';
import { companionTag } from '../formats/oci/companions.js';
import { jsonBlob, sha256Digest } from '../formats/oci/digest.js';
import { isIndexType, isManifestType, MEDIA_TYPES } from '../formats/oci/media-types.js';
import { parseImageDocument } from '../formats/oci/parse.js';
import type { Descriptor, ImageManifest } from '../formats/oci/types.js';
import { findDocument, readBlob } from '../registry/pull.js';
import { putDocument } from '../registry/push.js';
import { formatReference, type Reference, tagOf } from '../registry/reference.js';
import type { Session } from '../registry/session.js';
import { CHUNK_SIZE, putBlob } from '../registry/upload.js';
import { type ImageStore, MAX_DOCUMENT } from './image-store.js';
import { readManifest } from './manifest.js';

/**
 * The repository of an image in a registry, whose session allows to pull, and to push where something is put. What is put is
 * there at once.
 *
 * What refers to an image is listed by the registry, or by ourselves under a tag where it has no API for that (OCI
 * distribution-spec 1.1, "Listing Referrers", "Referrers Tag Schema").
 */
export function registryStore(session: Session, reference: Reference): ImageStore {
  const { host, repository } = reference;
  const origin = formatReference(reference);
  const at = (what: string, name: string): string => `${repository}/${what}/${name}`;
  const tagged = async (tag: string): Promise<Descriptor | undefined> => {
    return (await findDocument(session, at('manifests', tag), undefined))?.descriptor;
  };

  /** Undefined where the registry has no such API. */
  async function listed(digest: string): Promise<readonly Descriptor[] | undefined> {
    const answer = await session.ask({
      method: 'GET',
      to: at('referrers', digest),
      headers: { accept: MEDIA_TYPES.index },
    });
    if (answer.status !== 200 || answer.header('content-type')?.startsWith(MEDIA_TYPES.index) !== true)
      return undefined;
    return manifestsIn(answer.body, `what refers to ${digest} in ${host}`);
  }

  async function listedByTag(digest: string): Promise<readonly Descriptor[]> {
    const found = await findDocument(session, at('manifests', companionTag(digest)), undefined);
    return found === undefined ? [] : manifestsIn(found.bytes, `${companionTag(digest)} of ${origin}`);
  }

  return {
    origin,
    reference: `${host}/${repository}`,
    subjects: async () => {
      const { digest } = reference;
      const found = await findDocument(session, at('manifests', digest ?? tagOf(reference) ?? ''), digest);
      return found === undefined ? [] : [found.descriptor];
    },
    tagged,
    referrers: async (digest) => (await listed(digest)) ?? listedByTag(digest),
    document: async ({ digest, size, mediaType }) => {
      if (size > MAX_DOCUMENT)
        throw new KoalaError('verify', `cannot accept ${digest} of ${origin}: it has ${size} bytes`);
      if (isManifestType(mediaType) || isIndexType(mediaType)) {
        const found = await findDocument(session, at('manifests', digest), digest);
        if (found !== undefined) return found.bytes;
        throw new KoalaError('verify', `cannot accept ${origin}: ${digest} is not in ${host}`);
      }
      let chunks: Uint8Array[] = [];
      await readBlob(
        session,
        repository,
        { digest, size },
        {
          restart: async () => {
            chunks = [];
          },
          // The chunk is the connection's own, and is used again.
          write: async (chunk) => void chunks.push(Buffer.from(chunk)),
        },
      );
      return Buffer.concat(chunks);
    },
    check: (descriptor) =>
      readBlob(session, repository, descriptor, { restart: async () => {}, write: async () => {} }),
    putBlob: async (mediaType, bytes) => {
      const descriptor = { mediaType, digest: sha256Digest(bytes), size: bytes.length };
      const blob = { descriptor, open: (from: number) => [bytes.subarray(from)] };
      await putBlob(session, blob, { repository, from: undefined, chunk: CHUNK_SIZE });
      return descriptor;
    },
    putManifest: async (bytes, tag) => {
      const descriptor = { mediaType: MEDIA_TYPES.manifest, digest: sha256Digest(bytes), size: bytes.length };
      await putDocument(session, { descriptor, bytes }, repository, tag);
      const manifest = readManifest(bytes, origin);
      const { subject } = manifest;
      if (subject === undefined || (await listed(subject.digest)) !== undefined) return;
      const others = (await listedByTag(subject.digest)).filter(({ digest }) => digest !== descriptor.digest);
      const index = {
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.index,
        manifests: [...others, entryOf(descriptor, manifest)],
      };
      await putDocument(session, jsonBlob(MEDIA_TYPES.index, index), repository, companionTag(subject.digest));
    },
    finish: async () => {},
  };
}

/** How a list of what refers to an image names a manifest. */
function entryOf(descriptor: Descriptor, { artifactType, annotations }: ImageManifest): Descriptor {
  return {
    ...descriptor,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function manifestsIn(bytes: Uint8Array, origin: string): readonly Descriptor[] {
  const document = parseImageDocument(bytes, origin, MEDIA_TYPES.index);
  return document.type === 'index' ? document.index.manifests : [];
}
