import { KoalaError } from '../formats/errors.js';
import { companionTag } from '../formats/oci/companions.js';
import { parseImageDocument } from '../formats/oci/parse.js';
import type { Descriptor } from '../formats/oci/types.js';
import type { Claim } from './attested.js';
import { parseBundle } from './bundle.js';
import { type Envelope, isSignedBy, parseEnvelope } from './dsse.js';
import type { ImageStore } from './image-store.js';
import { ENVELOPE, type Scheme } from './schemes.js';
import { SIGNATURE_ANNOTATION, SIMPLE_SIGNING, simpleDigest } from './simple-signing.js';
import { isAbout, PREDICATE_TYPES, parseStatement } from './statement.js';
import type { VerifyingKey } from './types.js';

/** What a key's owner says of an image. */
export interface ImageClaim extends Claim {
  readonly scheme: Scheme;
}

/** What was found of an image, by whether it is the key's. */
export interface ImageClaims {
  readonly accepted: readonly ImageClaim[];
  /** What says that it is the key's and is not, what the key signed of another image, and what is damaged. */
  readonly refused: readonly KoalaError[];
  /** How many are signed with other keys, or are nothing that can be checked with a key. */
  readonly others: number;
}

/** Found, but not the key's. */
const OTHER = 'other';
type Found = ImageClaim | typeof OTHER;

/** More than anybody's; cosign takes a thousand. */
const MAX_CLAIMS = 1000;

/** Reads all that is said of an image, in both schemes, and tells apart whose it is. */
export async function findClaims(store: ImageStore, subject: Descriptor, key: VerifyingKey): Promise<ImageClaims> {
  const accepted: ImageClaim[] = [];
  const refused: KoalaError[] = [];
  let others = 0;
  const collect = async (read: () => Promise<readonly Found[]>): Promise<void> => {
    try {
      if (accepted.length + refused.length + others >= MAX_CLAIMS) return;
      for (const found of await read()) {
        if (found === OTHER) others++;
        else accepted.push(found);
      }
    } catch (error) {
      if (!(error instanceof KoalaError) || (error.code !== 'verify' && error.code !== 'unpack')) throw error;
      refused.push(error);
    }
  };
  for (const referrer of await store.referrers(subject.digest)) {
    await collect(() => claimsOfReferrer(store, referrer, subject, key));
  }
  for (const suffix of ['sig', 'att'] as const) {
    const tag = companionTag(subject.digest, suffix);
    const descriptor = await store.tagged(tag);
    if (descriptor === undefined) continue;
    await collect(async () => {
      const layers = await layersOf(store, descriptor, tag);
      for (const layer of layers) await collect(async () => [await claimOfLayer(store, layer, subject, key)]);
      return [];
    });
  }
  return { accepted, refused, others };
}

async function claimsOfReferrer(
  store: ImageStore,
  referrer: Descriptor,
  subject: Descriptor,
  key: VerifyingKey,
): Promise<Found[]> {
  const [layer] = await layersOf(store, referrer, referrer.digest);
  // What was read from elsewhere need not have a media type.
  if (layer?.mediaType?.startsWith('application/vnd.dev.sigstore.bundle') !== true) return [];
  const origin = `the bundle ${layer.digest} of ${store.origin}`;
  const bundle = parseBundle(await store.document(layer), origin);
  if (bundle.type !== 'envelope') return [OTHER];
  return [claimIn({ ...bundle, scheme: 'referrers', origin }, subject, key)];
}

async function claimOfLayer(
  store: ImageStore,
  layer: Descriptor,
  subject: Descriptor,
  key: VerifyingKey,
): Promise<Found> {
  if (layer.mediaType === ENVELOPE) {
    const origin = `the attestation ${layer.digest} of ${store.origin}`;
    const envelope = parseEnvelope(await store.document(layer), origin);
    const hint = envelope.signatures.find(({ keyid }) => keyid === key.hint)?.keyid;
    return claimIn({ envelope, hint, scheme: 'tag', origin }, subject, key);
  }
  if (layer.mediaType !== SIMPLE_SIGNING) return OTHER;
  const payload = await store.document(layer);
  const signature = Buffer.from(layer.annotations?.[SIGNATURE_ANNOTATION] ?? '', 'base64');
  if (!key.verify(payload, signature)) return OTHER;
  if (simpleDigest(payload) !== subject.digest)
    throw refusal(`the signature ${layer.digest} of ${store.origin}`, 'image');
  return { predicateType: PREDICATE_TYPES.signature, predicate: {}, scheme: 'tag' };
}

interface FoundEnvelope {
  readonly envelope: Envelope;
  readonly hint: string | undefined;
  readonly scheme: Scheme;
  readonly origin: string;
}

function claimIn({ envelope, hint, scheme, origin }: FoundEnvelope, { digest }: Descriptor, key: VerifyingKey): Found {
  if (!isSignedBy(envelope, key)) {
    if (hint !== key.hint) return OTHER;
    throw refusal(origin, 'signature');
  }
  const statement = parseStatement(Buffer.from(envelope.payload, 'base64'), origin);
  if (!isAbout(statement, digest.slice('sha256:'.length))) throw refusal(origin, 'image');
  return { predicateType: statement.predicateType, predicate: statement.predicate, scheme };
}

async function layersOf(store: ImageStore, descriptor: Descriptor, name: string): Promise<readonly Descriptor[]> {
  const bytes = await store.document(descriptor);
  const document = parseImageDocument(bytes, `${name} of ${store.origin}`, descriptor.mediaType);
  return document.type === 'manifest' ? document.manifest.layers : [];
}

function refusal(origin: string, what: 'signature' | 'image'): KoalaError {
  const why = what === 'image' ? 'it speaks of another image' : 'it names this key, and its signature does not hold';
  return new KoalaError('verify', `cannot accept ${origin}: ${why}`);
}
