/**
 * Where signatures of an image are: under tags made from its digest, as cosign wrote them first, or in artifacts that refer
 * to it (OCI image-spec 1.1, manifest.md, `subject`), each with a sigstore bundle.
 */
export type Scheme = 'referrers' | 'tag';

export const SCHEMES: readonly Scheme[] = ['referrers', 'tag'];

/** Of an attestation's layer in the older scheme (cosign, ATTESTATION_SPEC.md). */
export const ENVELOPE = 'application/vnd.dsse.envelope.v1+json';
/** Its signature is in the envelope, and the annotation is there all the same. */
export const EMPTY_SIGNATURE = '';
/** What the statement in an artifact says, so that a reader need not open it. */
export const PREDICATE_TYPE_ANNOTATION = 'dev.sigstore.bundle.predicateType';
