import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { LocalDeb } from '../archive/local-debs.js';
import { fileReason, KoalaError } from '../formats/errors.js';
import { readControlParagraph } from '../unpack/deb.js';

/**
 * Reads what a .deb file says of itself, and hashes it: a file that somebody gave is the promise that it must keep from now on.
 *
 * @throws KoalaError `usage` where it cannot be read, `unpack` where it is no .deb
 */
export async function readLocalDeb(file: string): Promise<LocalDeb> {
  const path = resolve(file);
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      hash.update(chunk);
      size += chunk.length;
    }
  } catch (error) {
    throw new KoalaError('usage', `cannot include ${file}: ${fileReason(error)}`, {
      cause: error,
      hint: 'give the path of a .deb; a package of an archive is named without one',
    });
  }
  const promise = { size, sha256: hash.digest('hex') };
  return { path, promise, control: await readControlParagraph(path, promise) };
}
