import { canonicalJson } from '../formats/canonical-json.js';
import { companionTag } from '../formats/oci/companions.js';
import { MEDIA_TYPES } from '../formats/oci/media-types.js';
import { parseImageDocument } from '../formats/oci/parse.js';
import type { Descriptor, ImageManifest } from '../formats/oci/types.js';
import { attach } from './attach.js';
import type { Claim } from './attested.js';
import { BUNDLE_MEDIA_TYPE, formatBundle } from './bundle.js';
import { type Envelope, signEnvelope } from './dsse.js';
import { findClaims } from './image-claims.js';
import type { ImageStore } from './image-store.js';
import type { Scheme } from './schemes.js';
import { EMPTY_SIGNATURE, ENVELOPE, PREDICATE_TYPE_ANNOTATION } from './schemes.js';
import { SIGNATURE_ANNOTATION, SIMPLE_SIGNING, simplePayload } from './simple-signing.js';
import { PREDICATE_TYPES, statementOf } from './statement.js';
import type { SigningKey } from './types.js';

/** What is said of an image by its signer. */
export interface ImageSignature {
  /** Of the manifest or the index. */
  readonly subject: Descriptor;
  /** Beside the signature itself. */
  readonly claims: readonly Claim[];
}

/** What was added, or had been there already from the same key. */
export interface Signed {
  readonly digest: string;
  readonly predicateType: string;
  readonly scheme: Scheme;
  readonly isNew: boolean;
}

/**
 * Signs an image, and what is said of it, in the schemes that are asked for. What the same key has said already is left as
 * it is, and so is what others said.
 *
 * Nothing is in a layout until the store's `finish`.
 */
export async function signImage(
  store: ImageStore,
  { subject, claims }: ImageSignature,
  key: SigningKey,
  schemes: readonly Scheme[],
): Promise<Signed[]> {
  const { digest } = subject;
  const before = await findClaims(store, subject, key.publicKey);
  const sha256 = digest.slice('sha256:'.length);
  const all = [{ predicateType: PREDICATE_TYPES.signature, predicate: {} }, ...claims];
  const signed: Signed[] = [];
  for (const scheme of schemes) {
    const attested: { readonly claim: Claim; readonly envelope: Envelope }[] = [];
    for (const claim of all) {
      const { predicateType, predicate } = claim;
      const isNew = !before.accepted.some((one) => {
        return one.scheme === scheme && one.predicateType === predicateType && isEqual(one.predicate, predicate);
      });
      signed.push({ digest, predicateType, scheme, isNew });
      if (!isNew) continue;
      if (scheme === 'tag' && predicateType === PREDICATE_TYPES.signature) {
        await addSignature(store, digest, key);
        continue;
      }
      const statement = statementOf(store.reference, sha256, predicateType, predicate);
      const envelope = signEnvelope(Buffer.from(canonicalJson(statement)), key);
      if (scheme === 'tag') attested.push({ claim, envelope });
      else
        await addReferrer(store, subject, predicateType, formatBundle({ type: 'envelope', envelope }, key.publicKey));
    }
    if (attested.length > 0) await addAttestations(store, digest, attested, key);
  }
  return signed;
}

function isEqual(one: unknown, other: unknown): boolean {
  return canonicalJson(one ?? {}) === canonicalJson(other ?? {});
}

/** The sigstore bundle as an artifact that refers to the image. */
function addReferrer(store: ImageStore, subject: Descriptor, type: string, bytes: Buffer): Promise<void> {
  const annotations = { 'dev.sigstore.bundle.content': 'dsse-envelope', [PREDICATE_TYPE_ANNOTATION]: type };
  return attach(store, subject, {
    artifactType: BUNDLE_MEDIA_TYPE,
    mediaType: BUNDLE_MEDIA_TYPE,
    bytes,
    annotations,
  });
}

async function addSignature(store: ImageStore, digest: string, key: SigningKey): Promise<void> {
  const payload = simplePayload(digest, store.reference);
  const signature = Buffer.from(key.sign(payload)).toString('base64');
  const layer = await store.putBlob(SIMPLE_SIGNING, payload);
  await addLayers(store, companionTag(digest, 'sig'), [
    { ...layer, annotations: { [SIGNATURE_ANNOTATION]: signature } },
  ]);
}

async function addAttestations(
  store: ImageStore,
  digest: string,
  attested: readonly { readonly claim: Claim; readonly envelope: Envelope }[],
  { publicKey }: SigningKey,
): Promise<void> {
  const layers: Descriptor[] = [];
  for (const { claim, envelope } of attested) {
    const [{ sig } = { sig: '' }] = envelope.signatures;
    const hinted = { ...envelope, signatures: [{ keyid: publicKey.hint, sig }] };
    const layer = await store.putBlob(ENVELOPE, Buffer.from(canonicalJson(hinted)));
    const annotations = { [SIGNATURE_ANNOTATION]: EMPTY_SIGNATURE, predicateType: claim.predicateType };
    layers.push({ ...layer, annotations });
  }
  await addLayers(store, companionTag(digest, 'att'), layers);
}

/** In the older scheme all signatures of an image are layers of one manifest that looks like an image's. */
async function addLayers(store: ImageStore, tag: string, added: readonly Descriptor[]): Promise<void> {
  const old = await store.tagged(tag);
  const document = old === undefined ? undefined : parseImageDocument(await store.document(old), tag, old.mediaType);
  const before = document?.type === 'manifest' ? document.manifest.layers : [];
  const layers = [...before, ...added];
  const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) };
  const bytes = Buffer.from(canonicalJson({ architecture: '', config: {}, os: '', rootfs }));
  const config = await store.putBlob(MEDIA_TYPES.config, bytes);
  const manifest: ImageManifest = { schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, config, layers };
  await store.putManifest(Buffer.from(canonicalJson(manifest)), tag);
}
