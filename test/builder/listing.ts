import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Walkable } from '../../src/emit/tar.js';
import { TarReader } from '../../src/formats/tar/reader.js';
import { readContent } from '../../src/rootfs/content.js';
import type { TreeNode } from '../../src/rootfs/types.js';
import type { UnpackedPackage } from '../../src/unpack/types.js';

/** What the three sources of listings have in common. */
interface Listed {
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly target?: string;
  readonly major?: number;
  readonly minor?: number;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

/**
 * One line for each entry, for golden trees:
 *
 *     /bin: symlink 0777 0:0 -> usr/bin
 *     /dev/null: char 0666 0:0 1,3
 *     /usr/bin/ping: file 0755 0:0 cc55e2ec security.capability=0100
 *
 * The hash is the start of the content's SHA-256.
 */
export function listTree(tree: Walkable): string[] {
  const seen = new Map<TreeNode, string>();
  return Array.from(tree.walk(), ([path, node]) => {
    const first = node.type === 'directory' ? undefined : seen.get(node);
    if (first === undefined) seen.set(node, path);
    const listed: Listed = first === undefined ? node : { ...node, type: 'hardlink', target: first };
    return line(path, listed, node.type === 'file' ? readContent(node.content) : undefined);
  });
}

/** As `listTree`, of a tar; with `times`, each line ends in the entry's time. */
export function listTar(tar: Uint8Array, options: { readonly times?: boolean } = {}): string[] {
  const lines: string[] = [];
  const reader = new TarReader(
    {
      entry: (entry, offset) => {
        const text = line(entry.path, entry, tar.subarray(offset, offset + entry.size));
        lines.push(options.times ? `${text} @${entry.mtime}` : text);
      },
    },
    'listed.tar',
  );
  reader.write(tar);
  reader.end();
  return lines;
}

/** As `listTree`, of an unpacked package and its spool. */
export function listPackage({ entries, spool }: UnpackedPackage): string[] {
  const bytes = readFileSync(spool);
  return entries.map((entry) => line(entry.path, entry, bytes.subarray(entry.offset, entry.offset + entry.size)));
}

function line(path: string, node: Listed, content: Uint8Array | undefined): string {
  const parts = [`${path}:`, node.type, node.mode.toString(8).padStart(4, '0'), `${node.uid}:${node.gid}`];
  if (node.type === 'file') parts.push(shortHash(content ?? new Uint8Array(0)));
  if (node.type === 'symlink' || node.type === 'hardlink') parts.push('->', node.target ?? '');
  if (node.type === 'char' || node.type === 'block') parts.push(`${node.major},${node.minor}`);
  for (const [name, value] of node.xattrs) parts.push(`${name}=${Buffer.from(value).toString('hex')}`);
  return parts.join(' ');
}

export function shortHash(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 8);
}
