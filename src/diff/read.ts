import { readFile, stat } from 'node:fs/promises';
import { openArtifact } from '../artifact/open.js';
import { createScratch } from '../build/scratch.js';
import { fileReason, KoalaError } from '../formats/errors.js';
import { headOf } from '../image/files.js';
import { parseLock } from '../solve/lock/file.js';
import { factsOfTree } from './facts.js';
import type { Artifact } from './types.js';

export interface ReadOptions {
  /** Debian's name of the one that is meant, where an image is of several. */
  readonly architecture: string | undefined;
  /** Where what is compressed is put while it is read. */
  readonly cacheDir: string;
}

/**
 * Reads what can be compared from a path: a lock, or what `openArtifact` reads.
 *
 * @returns undefined where it is a text of another kind
 * @throws KoalaError as its reader; `usage` where it cannot be opened
 */
export async function readArtifact(
  path: string,
  { architecture, cacheDir }: ReadOptions,
): Promise<Artifact | undefined> {
  const found = await stat(path).catch((error: unknown) => {
    throw new KoalaError('usage', `cannot read ${path}: ${fileReason(error)}`, {
      cause: error,
      hint: 'give two locks, profiles, root filesystems or images',
    });
  });
  const head = found.isDirectory() ? undefined : headOf(path);
  if (head !== undefined && head.compression === 'none' && !head.isTar) {
    const text = await readFile(path, 'utf8');
    if (!/^\s*\{/.test(text)) return undefined;
    return { type: 'plan', origin: path, lock: await parseLock(text, path) };
  }
  const scratch = await createScratch(cacheDir, { offline: false });
  try {
    const tree = await openArtifact(path, { architecture, scratch: scratch.directory });
    return { type: 'tree', origin: path, tree: factsOfTree(tree, path) };
  } finally {
    await scratch.remove();
  }
}
