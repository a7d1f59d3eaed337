import * as z from 'zod';
import { canonicalJson } from '../formats/canonical-json.js';

/** Of the layer that is signed in the older scheme (cosign, SIGNATURE_SPEC.md). */
export const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';
/** Where the signature of such a layer is. */
export const SIGNATURE_ANNOTATION = 'dev.cosignproject.cosign/signature';

const payloadSchema = z.object({
  critical: z.object({
    type: z.literal('cosign container image signature'),
    image: z.object({ 'docker-manifest-digest': z.string() }),
  }),
});

/**
 * What is signed of an image in the older scheme (containers-signature(5), "JSON data format").
 *
 * @param reference what the image is called; '' where nobody says
 */
export function simplePayload(digest: string, reference: string): Buffer {
  return Buffer.from(
    canonicalJson({
      critical: {
        identity: { 'docker-reference': reference },
        image: { 'docker-manifest-digest': digest },
        type: 'cosign container image signature',
      },
      optional: null,
    }),
  );
}

/** The digest of the manifest that such a payload speaks of; undefined where it is none. */
export function simpleDigest(payload: Uint8Array): string | undefined {
  try {
    const { critical } = payloadSchema.parse(JSON.parse(Buffer.from(payload).toString()));
    return critical.image['docker-manifest-digest'];
  } catch {
    return undefined;
  }
}
