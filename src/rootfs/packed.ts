import { NO_XATTRS } from './tree.js';
import type { Content, DirectoryNode, FileNode, Owner, TreeNode } from './types.js';

/** Entries with all that is below them, as numbers and a few lists: quick to write down, and to make anew. */
export interface PackedNodes {
  /** Of the entries, joined by slashes: a directory, then what is in it, in its own order. */
  readonly names: string;
  /** `WIDTH` numbers for each entry. */
  readonly rows: Float64Array;
  readonly owners: readonly Owner[];
  readonly targets: readonly string[];
  /** Of the entries that have some, by their places among all. */
  readonly xattrs: ReadonlyMap<number, ReadonlyMap<string, Uint8Array>>;
  /** The contents that are of no source, one behind the other. */
  readonly bytes: Uint8Array;
}

/** Plain statements in place of small functions and lists: this is run once for each of ten thousand entries, before any of it is compiled. */
const DIRECTORY = 0;
const FILE = 1;
const SYMLINK = 2;
const CHAR = 3;
const BLOCK = 4;
const FIFO = 5;
/** One more name of an entry that came before, whose place takes that of the mode. */
const LINK = 6;
/**
 * Type, mode, uid, gid, mtime, owner, and three numbers of the type: how many entries a directory has; which source a content is of
 * (`IN_BYTES`: of none), where it lies, and how much of it; which target; major and minor.
 */
const WIDTH = 9;
const IN_BYTES = -1;

/** Where contents come from that need not be packed: the path of a file that they lie in, or all of the bytes. */
export type ContentSource = string | Uint8Array;

/**
 * @param nodes entries that may share some below them, by hard links
 * @param sources each with its number
 * @param maxBytes of contents that are packed
 * @throws Error where a content lies in a file that is no source, or where the others have more bytes
 */
export function packNodes(
  nodes: Iterable<TreeNode>,
  sources: ReadonlyMap<ContentSource, number>,
  maxBytes: number,
): PackedNodes {
  const names: string[] = [];
  let rows = new Float64Array(4096 * WIDTH);
  const owners = new Map<Owner, number>();
  const targets: string[] = [];
  const xattrs = new Map<number, ReadonlyMap<string, Uint8Array>>();
  const bytes: Uint8Array[] = [];
  let size = 0;
  const places = new Map<TreeNode, number>();

  const putContent = (at: number, { content }: FileNode): void => {
    const source = sources.get(content.type === 'slice' ? content.file : content.bytes);
    if (source !== undefined) rows[at + 6] = source;
    if (content.type === 'slice') {
      if (source === undefined) throw new Error(`${content.file} is of no package`);
      rows[at + 7] = content.offset;
      rows[at + 8] = content.size;
      return;
    }
    if (source !== undefined) return;
    const { byteLength } = content.bytes;
    rows[at + 6] = IN_BYTES;
    rows[at + 7] = size;
    rows[at + 8] = byteLength;
    bytes.push(content.bytes);
    size += byteLength;
    if (size > maxBytes) throw new Error('it has too many bytes of its own');
  };
  const put = (name: string, node: TreeNode): void => {
    const place = names.length;
    names.push(name);
    const at = place * WIDTH;
    if (at === rows.length) rows = larger(rows);
    if (node.type !== 'directory') {
      const before = places.get(node);
      if (before !== undefined) {
        rows[at] = LINK;
        rows[at + 1] = before;
        return;
      }
      places.set(node, place);
    }
    let by = owners.get(node.owner);
    if (by === undefined) {
      by = owners.size;
      owners.set(node.owner, by);
    }
    rows[at + 1] = node.mode;
    rows[at + 2] = node.uid;
    rows[at + 3] = node.gid;
    rows[at + 4] = node.mtime;
    rows[at + 5] = by;
    if (node.xattrs !== NO_XATTRS && node.xattrs.size > 0) xattrs.set(place, node.xattrs);
    switch (node.type) {
      case 'directory':
        rows[at] = DIRECTORY;
        rows[at + 6] = node.children.size;
        node.children.forEach(putChild);
        break;
      case 'file':
        rows[at] = FILE;
        putContent(at, node);
        break;
      case 'symlink':
        rows[at] = SYMLINK;
        rows[at + 6] = targets.push(node.target) - 1;
        break;
      case 'char':
      case 'block':
        rows[at] = node.type === 'char' ? CHAR : BLOCK;
        rows[at + 6] = node.major;
        rows[at + 7] = node.minor;
        break;
      case 'fifo':
        rows[at] = FIFO;
    }
  };
  const putChild = (node: TreeNode, name: string): void => put(name, node);
  for (const node of nodes) put('', node);
  return {
    names: names.join('/'),
    rows: rows.subarray(0, names.length * WIDTH),
    owners: [...owners.keys()],
    targets,
    xattrs,
    bytes: Buffer.concat(bytes, size),
  };
}

function larger(rows: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const twice = new Float64Array(2 * rows.length);
  twice.set(rows);
  return twice;
}

/**
 * The entries that were packed, anew.
 *
 * @param sources as numbered when they were packed
 * @throws Error where these are no packed entries
 */
export function unpackNodes(packed: PackedNodes, sources: readonly ContentSource[]): TreeNode[] {
  const { rows, owners, targets, xattrs, bytes } = packed;
  const names = packed.names.split('/');
  const nodes: TreeNode[] = [];
  const number = (index: number): number => given(rows[index]);

  const contentAt = (at: number): Content => {
    const from = number(at + 6);
    const offset = number(at + 7);
    const size = number(at + 8);
    if (from === IN_BYTES) return { type: 'bytes', bytes: bytes.subarray(offset, offset + size) };
    const source = given(sources[from]);
    return typeof source === 'string'
      ? { type: 'slice', file: source, offset, size }
      : { type: 'bytes', bytes: source };
  };
  const take = (): TreeNode => {
    const place = nodes.length;
    const at = place * WIDTH;
    const type = number(at);
    const mode = number(at + 1);
    if (type === LINK) {
      const node = given(nodes[mode]);
      nodes.push(node);
      return node;
    }
    const uid = number(at + 2);
    const gid = number(at + 3);
    const mtime = number(at + 4);
    const owner = given(owners[number(at + 5)]);
    const own = xattrs.size === 0 ? NO_XATTRS : (xattrs.get(place) ?? NO_XATTRS);
    if (type === DIRECTORY) {
      const node: DirectoryNode = { mode, uid, gid, mtime, xattrs: own, owner, type: 'directory', children: new Map() };
      nodes.push(node);
      for (let left = number(at + 6); left > 0; left--) {
        const name = given(names[nodes.length]);
        node.children.set(name, take());
      }
      return node;
    }
    let node: TreeNode;
    if (type === FILE) node = { mode, uid, gid, mtime, xattrs: own, owner, type: 'file', content: contentAt(at) };
    else if (type === SYMLINK) {
      node = { mode, uid, gid, mtime, xattrs: own, owner, type: 'symlink', target: given(targets[number(at + 6)]) };
    } else if (type === FIFO) node = { mode, uid, gid, mtime, xattrs: own, owner, type: 'fifo' };
    else {
      const device = { type: type === CHAR ? 'char' : 'block', major: number(at + 6), minor: number(at + 7) } as const;
      node = { mode, uid, gid, mtime, xattrs: own, owner, ...device };
    }
    nodes.push(node);
    return node;
  };
  const roots: TreeNode[] = [];
  while (nodes.length * WIDTH < rows.length) roots.push(take());
  return roots;
}

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('something is missing');
  return value;
}
