/** What signs: ECDSA over P-256 with SHA-256 (DER), or pure Ed25519 (RFC 8032). */
export type KeyAlgorithm = 'ecdsa-p256' | 'ed25519';

/** A public key. */
export interface VerifyingKey {
  readonly algorithm: KeyAlgorithm;
  /** SHA-256 of the key (DER, SubjectPublicKeyInfo) in base64: what bundles hint at it with. */
  readonly hint: string;
  /** SubjectPublicKeyInfo in PEM. */
  readonly pem: string;
  verify(message: Uint8Array, signature: Uint8Array): boolean;
  /** Of a message that comes in chunks. */
  verifyStream(message: AsyncIterable<Uint8Array>, signature: Uint8Array): Promise<boolean>;
}

/** A private key, with its public one. */
export interface SigningKey {
  readonly publicKey: VerifyingKey;
  sign(message: Uint8Array): Uint8Array;
  /** A message that comes in chunks. Ed25519 needs all of it at once (RFC 8032, section 5.1.6: it is hashed twice). */
  signStream(message: AsyncIterable<Uint8Array>): Promise<Uint8Array>;
}
