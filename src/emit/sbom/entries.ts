import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { KoalaError } from '../../formats/errors.js';
import { contentSize } from '../../rootfs/content.js';
import type { Content, TreeNode } from '../../rootfs/types.js';
import { SpoolReader } from '../spool-reader.js';
import type { Walkable } from '../tar.js';
import type { FileDigests, SbomEntry } from './types.js';

const CHUNK_SIZE = 1024 * 1024;
/** After so many bytes others get their turn: signals, and the progress on the terminal. */
const BYTES_IN_A_TURN = 32 * 1024 * 1024;

/** What was hashed already. */
export type KnownDigests = Map<TreeNode, FileDigests>;

/**
 * All names of a tree that are no directories, in its order, files with their digests. By this thread: the two digests together
 * make 900 MB in a second, and most trees would be done before other threads had started.
 *
 * @param known what was hashed before, to which this adds
 * @throws KoalaError where a spool file cannot be read; 'cancelled' on abort.
 */
export async function sbomEntries(tree: Walkable, known: KnownDigests, signal: AbortSignal): Promise<SbomEntry[]> {
  const reader = new SpoolReader();
  const buffer = new Uint8Array(CHUNK_SIZE);
  const entries: SbomEntry[] = [];
  let turn = 0;
  try {
    for (const [path, node] of tree.walk()) {
      const { owner } = node;
      if (node.type === 'directory') continue;
      if (node.type !== 'file') {
        entries.push({ path, owner, what: withoutBytes(node) });
        continue;
      }
      const found = known.get(node);
      const digests = found ?? digestsOf(node.content, reader, buffer);
      entries.push({ path, owner, what: digests });
      if (found !== undefined) continue;
      known.set(node, digests);
      turn += digests.size;
      if (turn < BYTES_IN_A_TURN) continue;
      turn = 0;
      await setImmediate();
      if (signal.aborted) throw new KoalaError('cancelled', 'cannot go on hashing files: it was cancelled');
    }
  } finally {
    reader.close();
  }
  return entries;
}

function withoutBytes(
  node: Exclude<TreeNode, { type: 'file' | 'directory' }>,
): Exclude<SbomEntry['what'], FileDigests> {
  switch (node.type) {
    case 'symlink':
      return { type: 'symlink', target: node.target };
    case 'char':
    case 'block':
      return { type: node.type, major: node.major, minor: node.minor };
    case 'fifo':
      return { type: 'fifo' };
  }
}

function digestsOf(content: Content, reader: SpoolReader, buffer: Uint8Array): FileDigests {
  const size = contentSize(content);
  const hashes = [createHash('sha1'), createHash('sha256')] as const;
  for (const chunk of chunksOf(content, reader, buffer)) for (const hash of hashes) hash.update(chunk);
  const [sha1, sha256] = hashes;
  return { type: 'file', size, sha1: sha1.digest('hex'), sha256: sha256.digest('hex') };
}

function* chunksOf(content: Content, reader: SpoolReader, buffer: Uint8Array): Generator<Uint8Array> {
  if (content.type === 'bytes') {
    yield content.bytes;
    return;
  }
  for (let done = 0; done < content.size; ) {
    const chunk = buffer.subarray(0, Math.min(buffer.byteLength, content.size - done));
    reader.read(content.file, content.offset + done, chunk);
    done += chunk.byteLength;
    yield chunk;
  }
}
