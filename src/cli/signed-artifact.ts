import { readFile, stat } from 'node:fs/promises';
import { fileReason, KoalaError } from '../formats/errors.js';
import { openImageFiles } from '../image/files.js';
import { parseReference } from '../registry/reference.js';
import { Session } from '../registry/session.js';
import type { ImageStore } from '../sign/image-store.js';
import { layoutStore } from '../sign/layout-store.js';
import { registryStore } from '../sign/registry-store.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';

/** What signatures are made of, or checked. */
export type SignedArtifact =
  | { readonly type: 'image'; readonly store: ImageStore; readonly path: string | undefined }
  | { readonly type: 'file'; readonly path: string };

/** What is done with it, and how a registry is spoken to. */
export interface SigningTarget {
  readonly artifact: string;
  readonly purpose: 'sign' | 'verify';
  readonly insecure: boolean;
}

/**
 * Opens what a name means: an OCI layout (a directory, or a tar of one), any other file, or, where there is none of that name,
 * an image in a registry.
 *
 * @throws KoalaError `usage` where it is none of these
 */
export async function withSigned<T>(
  { artifact: name, purpose, insecure }: SigningTarget,
  io: Io,
  { signal }: Interruption,
  use: (artifact: SignedArtifact) => Promise<T>,
): Promise<T> {
  const found = await stat(name).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KoalaError('usage', `cannot read ${name}: ${fileReason(error)}`, { cause: error });
  });
  if (found !== undefined) {
    const files = await openImageFiles(name);
    const path = withoutSlash(name);
    if (files?.has('oci-layout') === true) return use({ type: 'image', store: layoutStore(path, files), path });
    if (found.isFile()) return use({ type: 'file', path });
    throw new KoalaError('usage', `cannot ${purpose} ${name}: it is a directory, and no image`, {
      hint: 'a root filesystem is signed as a tar or as an image',
    });
  }
  // Nearly every path could be the name of an image of docker.io, which has to be called so.
  if (!/^(?:[A-Za-z0-9][^/]*[.:][^/]*|localhost|\[[^/]*\](?::\d+)?)\//.test(name)) {
    throw new KoalaError('usage', `cannot read ${name}: there is no such file`);
  }
  const reference = parseReference(name);
  const { host, repository } = reference;
  const scopes = [`repository:${repository}:${purpose === 'sign' ? 'pull,push' : 'pull'}`];
  const target = { host, repository, scopes, purpose: `${purpose} ${name}` };
  return Session.with(target, { environment: io.environment, insecure, signal }, (session) =>
    use({ type: 'image', store: registryStore(session, reference), path: undefined }),
  );
}

export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new KoalaError('usage', `cannot read ${path}: ${fileReason(error)}`, { cause: error });
  }
}

/** What lies beside a directory is named by it. */
function withoutSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}
