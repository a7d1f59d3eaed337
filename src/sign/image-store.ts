import type { Descriptor } from '../formats/oci/types.js';

/** What is small: cosign's own limit for what is attached to an image. */
export const MAX_DOCUMENT = 128 * 2 ** 20;

/** Where an image and what is said of it are: a layout on disk, or a repository of a registry. */
export interface ImageStore {
  /** What it is, for messages. */
  readonly origin: string;
  /** What images of it are called in signatures: a repository; '' where nothing says it. */
  readonly reference: string;
  /** The images that are meant: the one that a reference names, all that a layout has. */
  subjects(): Promise<readonly Descriptor[]>;
  /** The manifest that has a tag. */
  tagged(tag: string): Promise<Descriptor | undefined>;
  /** Manifests that say something of another (`subject`). */
  referrers(digest: string): Promise<readonly Descriptor[]>;
  /**
   * A manifest, a payload, a bundle: what is small.
   *
   * @throws KoalaError `verify` where it does not have its digest
   */
  document(descriptor: Descriptor): Promise<Buffer>;
  /**
   * Reads a blob of any size and keeps nothing of it.
   *
   * @throws KoalaError `verify` where it does not have its digest and size
   */
  check(descriptor: Descriptor): Promise<void>;
  putBlob(mediaType: string, bytes: Uint8Array): Promise<Descriptor>;
  /**
   * @param bytes of a manifest of OCI's
   * @param tag under which it is found; none: it is found by its subject
   */
  putManifest(bytes: Uint8Array, tag: string | undefined): Promise<void>;
  /** Makes what was put last, all of it or nothing where that can be. */
  finish(): Promise<void>;
}
