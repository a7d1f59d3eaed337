import * as z from 'zod';
import { parseJson } from './parse-json.js';
import type { SigningKey, VerifyingKey } from './types.js';

/** The payload of all attestations (in-toto attestation framework, envelope.md). */
const IN_TOTO_PAYLOAD = 'application/vnd.in-toto+json';

/** A signed payload (DSSE v1, envelope.md), base64 as JSON has it. */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly sig: string; readonly keyid?: string | undefined }[];
}

export const envelopeSchema = z.object({
  payloadType: z.string(),
  payload: z.base64(),
  signatures: z.array(z.object({ sig: z.base64(), keyid: z.string().optional() })),
}) satisfies z.ZodType<Envelope>;

export function signEnvelope(payload: Uint8Array, key: SigningKey): Envelope {
  const signature = key.sign(preAuthEncoding(IN_TOTO_PAYLOAD, payload));
  return {
    payloadType: IN_TOTO_PAYLOAD,
    payload: Buffer.from(payload).toString('base64'),
    signatures: [{ sig: Buffer.from(signature).toString('base64') }],
  };
}

/** Whether the key signed the envelope. */
export function isSignedBy({ payloadType, payload, signatures }: Envelope, key: VerifyingKey): boolean {
  const message = preAuthEncoding(payloadType, Buffer.from(payload, 'base64'));
  return signatures.some(({ sig }) => key.verify(message, Buffer.from(sig, 'base64')));
}

/** @throws KoalaError `verify` where it is none */
export function parseEnvelope(bytes: Uint8Array, origin: string): Envelope {
  return parseJson(envelopeSchema, bytes, origin, 'envelope');
}

/** What is signed of an envelope (DSSE v1, protocol.md, "PAE"). */
function preAuthEncoding(type: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}
