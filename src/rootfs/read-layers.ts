import { KoalaError } from '../formats/errors.js';
import { DEFAULT_LIMITS, expandedLimit, type Limits } from '../formats/limits.js';
import { OPAQUE, WHITEOUT } from '../formats/oci/whiteouts.js';
import { nameOf, parentOf } from '../formats/path.js';
import { TarReader } from '../formats/tar/reader.js';
import type { TarEntry } from '../formats/tar/types.js';
import { type Place, walkTar } from '../image/walk-tar.js';
import { type ByteSource, type Compression, decode } from '../unpack/decoders.js';
import { SpoolWriter } from '../unpack/spool.js';
import type { Tree } from './tree.js';
import type { Content, Owner, TreeNode } from './types.js';

/** A layer of an image, or another tar. */
export interface LayerSource {
  readonly compression: Compression;
  readonly bytes: ByteSource;
  /** How many those are; of one that is compressed. */
  readonly size: number;
  /** For messages. */
  readonly origin: string;
}

/** An entry of a layer, and where its bytes are if it is a file. */
export interface LayerEntry {
  readonly entry: TarEntry;
  readonly content: Content;
}

/**
 * The entries of a layer.
 *
 * @param spool a file that must not exist; it gets the contents, and has to be there as long as the entries
 * @throws KoalaError `unpack` where it is not a whole tar, or larger than the limits allow
 */
export async function spoolLayer(
  { compression, bytes, size, origin }: LayerSource,
  spool: string,
  { layerBytes, layerRatio }: Pick<Limits, 'layerBytes' | 'layerRatio'> = DEFAULT_LIMITS,
): Promise<LayerEntry[]> {
  const maxBytes = compression === 'none' ? layerBytes : expandedLimit(size, layerBytes, layerRatio);
  const entries: LayerEntry[] = [];
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
      origin,
    );
    await decode(compression, bytes, (chunk) => reader.write(chunk), { origin, maxBytes });
    reader.end();
  } finally {
    writer.finish();
  }
  return entries;
}

/**
 * The entries of a layer that is not compressed; the contents stay in its tar.
 *
 * @throws KoalaError as `walkTar`
 */
export function layerInPlace(place: Place, origin: string): LayerEntry[] {
  const entries: LayerEntry[] = [];
  walkTar(place, origin, (entry, { file, start, size }) => {
    entries.push({ entry, content: { type: 'slice', file, offset: start, size } });
  });
  return entries;
}

export interface ApplyOptions {
  /** For messages. */
  readonly origin: string;
  /** Whether it takes names of the layers below away; in a tar that is no layer, such names are files. */
  readonly whiteouts: boolean;
  /** Who brings what the layer has. */
  readonly owner: Owner;
  /** Who brings directories that no entry is of, and that are there because something lies in them. */
  readonly implied: Owner;
}

/**
 * Lays a layer over a tree as the OCI image specification (layer.md, "Applying Changesets") says: first `.wh.name` takes a name of
 * the layers below away and `.wh..wh..opq` all that they have in a directory, then come the layer's own entries. A path through
 * a link of the layers below leads where the link leads, within the tree.
 *
 * @throws KoalaError `unpack` where it has a hard link to no file, `tree` where a path leads through what is no directory
 */
export function applyLayer(tree: Tree, entries: readonly LayerEntry[], options: ApplyOptions): void {
  const isWhiteout = ({ path }: TarEntry): boolean => options.whiteouts && nameOf(path).startsWith(WHITEOUT);
  for (const { entry } of entries) if (isWhiteout(entry)) applyWhiteout(tree, entry.path);
  for (const { entry, content } of entries) if (!isWhiteout(entry)) put(tree, entry, content, options);
}

function applyWhiteout(tree: Tree, path: string): void {
  const parent = tree.resolve(parentOf(path));
  if (parent?.type !== 'directory') return;
  if (nameOf(path) === OPAQUE) parent.children.clear();
  else parent.children.delete(nameOf(path).slice(WHITEOUT.length));
}

function put(tree: Tree, entry: TarEntry, content: Content, { origin, owner, implied }: ApplyOptions): void {
  const { path, mode, uid, gid, mtime, xattrs } = entry;
  const attributes = { mode, uid, gid, mtime, xattrs, owner };
  if (path === '/') {
    if (entry.type === 'directory') Object.assign(tree.root, attributes);
    return;
  }
  const { node: parent } = tree.makeDirectories(parentOf(path), { owner: implied, mtime });
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
