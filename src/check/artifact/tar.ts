import { closeSync, readSync } from 'node:fs';
import { nameOf, parentOf } from '../../formats/path.js';
import { TarReader } from '../../formats/tar/reader.js';
import type { TarEntry } from '../../formats/tar/types.js';
import { newDirectory, type Tree } from '../../rootfs/tree.js';
import type { Owner, TreeNode } from '../../rootfs/types.js';
import { openFile, type Place } from './place.js';

/** As large as most files; of larger ones the rest is not read. */
const CHUNK = 1 << 16;
const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/** Who brought what nobody says the owner of. */
export const UNKNOWN: Owner = { type: 'effect', name: 'artifact', package: undefined };

/** The entries of a tar, with the places of their contents in it. Contents are passed over. */
function walkTar(place: Place, origin: string, entry: (entry: TarEntry, offset: number) => void): void {
  const reader = new TarReader({ entry }, origin);
  const descriptor = openFile(place.file);
  const bytes = Buffer.allocUnsafe(CHUNK);
  try {
    for (let at = 0; at < place.size; ) {
      const skipped = Math.min(reader.contentLeft, place.size - at);
      reader.skip(skipped);
      at += skipped;
      const count = readSync(descriptor, bytes, 0, Math.min(CHUNK, place.size - at), place.start + at);
      if (count === 0) break;
      reader.write(bytes.subarray(0, count));
      at += count;
    }
  } finally {
    closeSync(descriptor);
  }
  reader.end();
}

/**
 * Lays a tar over a tree as an image's layer is (layer.md of the OCI image specification, "Applying Changesets"): whiteouts take
 * away what the layers below have.
 */
export function addLayer(tree: Tree, place: Place, origin: string): void {
  const own = new Set<string>();
  walkTar(place, origin, (entry, offset) => {
    const name = nameOf(entry.path);
    if (name === OPAQUE) {
      const directory = tree.resolve(parentOf(entry.path));
      if (directory?.type !== 'directory') return;
      for (const child of directory.children.keys()) {
        if (!own.has(join(parentOf(entry.path), child))) directory.children.delete(child);
      }
    } else if (name.startsWith(WHITEOUT)) {
      const path = join(parentOf(entry.path), name.slice(WHITEOUT.length));
      const directory = tree.resolve(parentOf(path));
      if (directory?.type === 'directory' && !own.has(path)) directory.children.delete(nameOf(path));
    } else {
      own.add(entry.path);
      addEntry(tree, entry, { file: place.file, start: place.start + offset, size: entry.size });
    }
  });
}

function addEntry(tree: Tree, entry: TarEntry, place: Place): void {
  if (entry.path === '/') return;
  const { node: parent } = tree.makeDirectories(parentOf(entry.path), { owner: UNKNOWN, mtime: entry.mtime });
  const name = nameOf(entry.path);
  const existing = parent.children.get(name);
  if (entry.type === 'directory' && existing?.type === 'directory') return;
  const node = entry.type === 'hardlink' ? tree.get(entry.target) : nodeOf(entry, place);
  if (node !== undefined) parent.children.set(name, node);
}

function nodeOf(entry: TarEntry, { file, start, size }: Place): TreeNode {
  const { mode, uid, gid, mtime, xattrs } = entry;
  const attributes = { mode, uid, gid, mtime, xattrs, owner: UNKNOWN };
  switch (entry.type) {
    case 'directory':
      return newDirectory({ owner: UNKNOWN, mtime, mode });
    case 'symlink':
      return { ...attributes, type: 'symlink', target: entry.target };
    case 'char':
    case 'block':
      return { ...attributes, type: entry.type, major: entry.major, minor: entry.minor };
    case 'fifo':
      return { ...attributes, type: 'fifo' };
    default:
      return { ...attributes, type: 'file', content: { type: 'slice', file, offset: start, size } };
  }
}

function join(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}
