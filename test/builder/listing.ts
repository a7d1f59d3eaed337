import { readFileSync } from 'node:fs';
import type { Walkable } from '../../src/emit/tar.js';
import { readContent } from '../../src/rootfs/content.js';
import type { TreeNode } from '../../src/rootfs/types.js';
import type { UnpackedPackage } from '../../src/unpack/types.js';
import { type Listed, treeLine } from '../oracle/tree-lines.mjs';

export { listTar, shortHash } from '../oracle/tree-lines.mjs';

/** One line for each entry (`treeLine`), for golden trees. */
export function listTree(tree: Walkable): string[] {
  const seen = new Map<TreeNode, string>();
  return Array.from(tree.walk(), ([path, node]) => {
    const first = node.type === 'directory' ? undefined : seen.get(node);
    if (first === undefined) seen.set(node, path);
    const listed: Listed = first === undefined ? node : { ...node, type: 'hardlink', target: first };
    return treeLine(path, listed, node.type === 'file' ? readContent(node.content) : undefined);
  });
}

/** As `listTree`, of an unpacked package and its spool. */
export function listPackage({ entries, spool }: UnpackedPackage): string[] {
  const bytes = readFileSync(spool);
  return entries.map((entry) => treeLine(entry.path, entry, bytes.subarray(entry.offset, entry.offset + entry.size)));
}
