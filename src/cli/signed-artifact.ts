import { readFile, stat } from 'node:fs/promises';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { openImageFiles } from '../image/files.js';
import type { ImageStore } from '../sign/image-store.js';
import { layoutStore } from '../sign/layout-store.js';

/** What signatures are made of, or checked. */
export type SignedArtifact =
  | { readonly type: 'image'; readonly store: ImageStore; readonly path: string | undefined }
  | { readonly type: 'file'; readonly path: string };

/** What is done with it. */
export interface SigningTarget {
  readonly artifact: string;
  readonly purpose: 'sign' | 'verify';
}

/**
 * Opens what a name means: an OCI layout (a directory, or a tar of one), or any other file.
 *
 * @throws KoalaError `usage` where it is none of these
 */
export async function withSigned<T>(
  { artifact: name, purpose }: SigningTarget,
  use: (artifact: SignedArtifact) => Promise<T>,
): Promise<T> {
  const found = await stat(name).catch((error: unknown) => {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : reasonOf(error);
    throw new KoalaError('usage', `cannot read ${name}: ${why}`, { cause: error });
  });
  const files = await openImageFiles(name);
  const path = withoutSlash(name);
  if (files?.has('oci-layout') === true) return use({ type: 'image', store: layoutStore(path, files), path });
  if (found.isFile()) return use({ type: 'file', path });
  throw new KoalaError('usage', `cannot ${purpose} ${name}: it is a directory, and no image`, {
    hint: 'a root filesystem is signed as a tar or as an image',
  });
}

export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new KoalaError('usage', `cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

/** What lies beside a directory is named by it. */
function withoutSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}
