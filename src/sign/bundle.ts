import * as z from 'zod';
import { canonicalJson } from '../formats/canonical-json.js';
import { KoalaError } from '../formats/errors.js';
import { type Envelope, envelopeSchema } from './dsse.js';
import { parseJson } from './parse-json.js';
import type { VerifyingKey } from './types.js';

/** Of a bundle as JSON (sigstore protobuf-specs, sigstore_bundle.proto), and of the layer and the artifact that hold it. */
export const BUNDLE_MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** The signature of a file, or a signed statement, with a hint at the key. */
export type BundleContent =
  | { readonly type: 'envelope'; readonly envelope: Envelope }
  | { readonly type: 'message'; readonly sha256: Uint8Array; readonly signature: Uint8Array };

/** A bundle that was read. */
export type Bundle = BundleContent & {
  /** Of the key that signed; a claim of whoever wrote the bundle. */
  readonly hint: string | undefined;
};

const base64 = z.base64();

const bundleSchema = z.object({
  mediaType: z
    .string()
    .regex(
      /^application\/vnd\.dev\.sigstore\.bundle(?:\.v0\.[3-9]\+json|\+json;version=0\.[1-3])$/,
      'no media type of a bundle',
    ),
  verificationMaterial: z.object({ publicKey: z.object({ hint: z.string().optional() }).optional() }).optional(),
  // The bundle's specification allows one signature, where DSSE allows several.
  dsseEnvelope: envelopeSchema.refine(({ signatures }) => signatures.length === 1).optional(),
  messageSignature: z
    .object({
      messageDigest: z.object({ algorithm: z.literal('SHA2_256'), digest: base64 }),
      signature: base64,
    })
    .optional(),
});

export function formatBundle(content: BundleContent, { hint }: VerifyingKey): Buffer {
  const bundle = { mediaType: BUNDLE_MEDIA_TYPE, verificationMaterial: { publicKey: { hint } } };
  const signed =
    content.type === 'envelope'
      ? { dsseEnvelope: content.envelope }
      : {
          messageSignature: {
            messageDigest: { algorithm: 'SHA2_256', digest: Buffer.from(content.sha256).toString('base64') },
            signature: Buffer.from(content.signature).toString('base64'),
          },
        };
  return Buffer.from(canonicalJson({ ...bundle, ...signed }));
}

/**
 * Reads a bundle, and checks nothing of it. What else it has (certificates, timestamps, entries of a transparency log) is
 * not looked at: whoever verifies has the key.
 *
 * @throws KoalaError `verify` where it is none
 */
export function parseBundle(bytes: Uint8Array, origin: string): Bundle {
  const bundle = parseJson(bundleSchema, bytes, origin, 'sigstore bundle');
  const { dsseEnvelope, messageSignature } = bundle;
  const hint = bundle.verificationMaterial?.publicKey?.hint;
  if (dsseEnvelope !== undefined) return { type: 'envelope', envelope: dsseEnvelope, hint };
  if (messageSignature === undefined) throw new KoalaError('verify', `cannot accept ${origin}: it has no signature`);
  const { messageDigest, signature } = messageSignature;
  return {
    type: 'message',
    sha256: Buffer.from(messageDigest.digest, 'base64'),
    signature: Buffer.from(signature, 'base64'),
    hint,
  };
}
