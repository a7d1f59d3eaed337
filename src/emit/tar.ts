import type { TarEntry } from '../formats/tar/types.js';
import { TAR_END, tarHeaderSize, tarPadding, writeTarHeader } from '../formats/tar/writer.js';
import { contentSize } from '../rootfs/content.js';
import type { Content, TreeNode } from '../rootfs/types.js';
import { SpoolReader } from './spool-reader.js';

/** What the writers need of a tree: every entry, the root first, directories before what is in them. */
export interface Walkable {
  walk(): Iterable<readonly [path: string, node: TreeNode]>;
}

/** What the tar's chunks measure, but for the last one; the compressors' units are made of them. */
export const CHUNK_SIZE = 1024 * 1024;

/** An entry of the tar, and its content where it is a file. */
interface Member {
  readonly entry: TarEntry;
  readonly content: Content;
}

/**
 * The tar of a tree, in chunks of `CHUNK_SIZE`. Of the names of one file, the first is the file and the others are hard links
 * to it.
 *
 * @param buffers how many there are to take turns, so that a chunk is the caller's until he has asked for as many more;
 * none: each chunk is his for good.
 * @throws KoalaError where a spool file cannot be read, or an entry is nothing that a tar can say.
 */
export function* tarChunks(tree: Walkable, buffers = 0): Generator<Uint8Array> {
  const reader = new SpoolReader();
  const turns: Uint8Array[] = [];
  const nextChunk = (): Uint8Array => {
    const chunk = (turns.length < buffers ? undefined : turns.shift()) ?? new Uint8Array(CHUNK_SIZE);
    if (buffers > 0) turns.push(chunk);
    return chunk;
  };
  try {
    let chunk = nextChunk();
    let filled = 0;
    for (const part of tarParts(tree)) {
      const size = contentSize(part);
      for (let done = 0; done < size; ) {
        const count = Math.min(size - done, CHUNK_SIZE - filled);
        const target = chunk.subarray(filled, filled + count);
        if (part.type === 'bytes') target.set(count === size ? part.bytes : part.bytes.subarray(done, done + count));
        else reader.read(part.file, part.offset + done, target);
        done += count;
        filled += count;
        if (filled < CHUNK_SIZE) continue;
        yield chunk;
        chunk = nextChunk();
        filled = 0;
      }
    }
    if (filled > 0) yield chunk.subarray(0, filled);
  } finally {
    reader.close();
  }
}

/** What `tarChunks` will give, in bytes, and how many entries are in it. */
export function tarSize(tree: Walkable): { readonly bytes: number; readonly entries: number } {
  let bytes = TAR_END.byteLength;
  let entries = 0;
  for (const { entry } of tarMembers(tree)) {
    bytes += tarHeaderSize(entry) + entry.size + tarPadding(entry.size).byteLength;
    entries += 1;
  }
  return { bytes, entries };
}

/** Each is copied before the next one is asked for. */
function* tarParts(tree: Walkable): Generator<Content> {
  const block = Buffer.alloc(TAR_END.byteLength / 2);
  for (const { entry, content } of tarMembers(tree)) {
    yield { type: 'bytes', bytes: writeTarHeader(entry, block) };
    if (entry.size === 0) continue;
    yield content;
    yield { type: 'bytes', bytes: tarPadding(entry.size) };
  }
  yield { type: 'bytes', bytes: TAR_END };
}

const NO_CONTENT: Content = { type: 'bytes', bytes: new Uint8Array(0) };

function* tarMembers(tree: Walkable): Generator<Member> {
  const seen = new Map<TreeNode, string>();
  for (const [path, node] of tree.walk()) {
    const first = node.type === 'directory' ? undefined : seen.get(node);
    if (node.type !== 'directory' && first === undefined) seen.set(node, path);
    const content = node.type === 'file' && first === undefined ? node.content : NO_CONTENT;
    const { mode, uid, gid, mtime, xattrs } = node;
    const device = node.type === 'char' || node.type === 'block';
    const entry: TarEntry = {
      type: first === undefined ? node.type : 'hardlink',
      path,
      mode,
      uid,
      gid,
      mtime,
      size: contentSize(content),
      target: first ?? (node.type === 'symlink' ? node.target : ''),
      major: device ? node.major : 0,
      minor: device ? node.minor : 0,
      xattrs,
    };
    yield { entry, content };
  }
}
