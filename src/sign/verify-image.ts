import { KoalaError } from '../formats/errors.js';
import { parseImageDocument } from '../formats/oci/parse.js';
import type { Descriptor } from '../formats/oci/types.js';
import { findClaims, type ImageClaim } from './image-claims.js';
import type { ImageStore } from './image-store.js';
import { PREDICATE_TYPES, predicateName } from './statement.js';
import type { VerifyingKey } from './types.js';

/** An image that is what a key's owner signed. */
export interface VerifiedImage {
  readonly subject: Descriptor;
  /** Its signatures and attestations by the key. */
  readonly claims: readonly ImageClaim[];
  /** How many others there are. */
  readonly others: number;
}

/** As deep as indices may lie in indices. */
const MAX_DEPTH = 4;

/**
 * Checks an image to the last byte: its manifest is signed with the key, and all that it names has its digest. Whatever says
 * that it is of this key must be.
 *
 * @param required predicate types of attestations that must be there
 * @throws KoalaError `verify` with all that was wrong
 */
export async function verifyImage(
  store: ImageStore,
  subject: Descriptor,
  key: VerifyingKey,
  required: readonly string[],
): Promise<VerifiedImage> {
  await checkContent(store, subject, 0);
  const { accepted, refused, others } = await findClaims(store, subject, key);
  const has = (type: string): boolean => accepted.some(({ predicateType }) => predicateType === type);
  const missing = [PREDICATE_TYPES.signature, ...required].filter((type) => !has(type));
  if (refused.length === 0 && missing.length === 0) return { subject, claims: accepted, others };
  const [first] = missing;
  const lacks = first === undefined ? undefined : `it has no ${LACKS[first] ?? predicateName(first)} of this key`;
  const details = refused.map(({ message }) => message);
  if (others > 0) details.push(`${others} of other keys`);
  throw new KoalaError(
    'verify',
    `cannot accept ${nameOf(store, subject)}: ${lacks ?? 'what says that it is of this key is not'}`,
    {
      details,
    },
  );
}

const LACKS: Readonly<Record<string, string>> = { [PREDICATE_TYPES.signature]: 'signature' };

/** `image.oci.tar (sha256:…)` */
function nameOf({ origin }: ImageStore, { digest }: Descriptor): string {
  return `${origin} (${digest})`;
}

async function checkContent(store: ImageStore, descriptor: Descriptor, depth: number): Promise<void> {
  const name = nameOf(store, descriptor);
  if (depth > MAX_DEPTH) throw new KoalaError('verify', `cannot accept ${name}: its indices are too deep`);
  const document = parseImageDocument(await store.document(descriptor), name, descriptor.mediaType);
  if (document.type === 'index') {
    for (const child of document.index.manifests) await checkContent(store, child, depth + 1);
    return;
  }
  for (const blob of [document.manifest.config, ...document.manifest.layers]) await store.check(blob);
}
