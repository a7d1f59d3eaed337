import { KoalaError } from '../formats/errors.js';
import { nameOf, parentOf } from '../formats/path.js';
import { TarReader } from '../formats/tar/reader.js';
import type { TarEntry } from '../formats/tar/types.js';
import { type ByteSource, type Compression, decode } from '../unpack/decoders.js';
import { SpoolWriter } from '../unpack/spool.js';
import type { Tree } from './tree.js';
import type { Content, Owner, TreeNode } from './types.js';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/** More than any layer has; what is compressed may claim anything. */
const MAX_BYTES = 64 * 2 ** 30;

/** A layer of an image, to be laid over a tree. */
export interface LayerSource {
  readonly compression: Compression;
  readonly bytes: ByteSource;
  /** For messages. */
  readonly origin: string;
}

/**
 * Lays a layer over a tree as the OCI image specification (layer.md, "Applying Changesets") says: first `.wh.name` takes a name of
 * the layers below away and `.wh..wh..opq` all that they have in a directory, then come the layer's own entries. A path through
 * a link of the layers below leads where the link leads, within the tree.
 *
 * @param spool a file that must not exist; it gets the contents, and has to be there as long as the tree
 * @param owner who is named as the owner of what the layer brings
 * @throws KoalaError `unpack` where it is not a whole tar, or has a hard link to nothing
 */
export async function applyLayer(tree: Tree, layer: LayerSource, spool: string, owner: Owner): Promise<void> {
  const entries: { readonly entry: TarEntry; readonly content: Content }[] = [];
  const writer = new SpoolWriter(spool);
  try {
    const reader = new TarReader(
      {
        entry: (entry) => {
          const content = { type: 'slice', file: spool, offset: writer.size, size: entry.size } as const;
          entries.push({ entry, content });
        },
        content: (chunk) => writer.write(chunk),
      },
      layer.origin,
    );
    const { compression, bytes, origin } = layer;
    await decode(compression, bytes, (chunk) => reader.write(chunk), { origin, maxBytes: MAX_BYTES });
    reader.end();
  } finally {
    writer.finish();
  }
  const isWhiteout = ({ path }: TarEntry): boolean => nameOf(path).startsWith(WHITEOUT);
  for (const { entry } of entries) if (isWhiteout(entry)) applyWhiteout(tree, entry.path);
  for (const { entry, content } of entries) if (!isWhiteout(entry)) put(tree, entry, content, owner, layer.origin);
}

function applyWhiteout(tree: Tree, path: string): void {
  const parent = tree.canonical(parentOf(path))?.node;
  if (parent?.type !== 'directory') return;
  if (nameOf(path) === OPAQUE) parent.children.clear();
  else parent.children.delete(nameOf(path).slice(WHITEOUT.length));
}

function put(tree: Tree, entry: TarEntry, content: Content, owner: Owner, origin: string): void {
  const { path, mode, uid, gid, mtime, xattrs } = entry;
  const attributes = { mode, uid, gid, mtime, xattrs, owner };
  if (path === '/') {
    if (entry.type === 'directory') Object.assign(tree.root, attributes);
    return;
  }
  const { node: parent } = tree.makeDirectories(parentOf(path), { owner, mtime });
  const name = nameOf(path);
  const there = parent.children.get(name);
  if (entry.type === 'directory' && there?.type === 'directory') {
    Object.assign(there, attributes);
    return;
  }
  parent.children.set(name, nodeOf(tree, entry, content, attributes, origin));
}

type NodeAttributes = Pick<TreeNode, 'mode' | 'uid' | 'gid' | 'mtime' | 'xattrs' | 'owner'>;

function nodeOf(tree: Tree, entry: TarEntry, content: Content, attributes: NodeAttributes, origin: string): TreeNode {
  switch (entry.type) {
    case 'file':
      return { ...attributes, type: 'file', content };
    case 'directory':
      return { ...attributes, type: 'directory', children: new Map() };
    case 'symlink':
      return { ...attributes, type: 'symlink', mode: 0o777, target: entry.target };
    case 'char':
    case 'block':
      return { ...attributes, type: entry.type, major: entry.major, minor: entry.minor };
    case 'fifo':
      return { ...attributes, type: 'fifo' };
    case 'hardlink': {
      const target = tree.canonical(entry.target, false)?.node;
      if (target !== undefined && target.type !== 'directory') return target;
      const why = `${entry.path} is a hard link to ${entry.target}, which is no file`;
      throw new KoalaError('unpack', `cannot read ${origin}: ${why}`);
    }
  }
}
