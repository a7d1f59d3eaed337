import type { Tree } from '../../src/rootfs/tree.js';

/** The tree as short lines: `/usr/bin/x file 0755 0:0 [package]`. */
export function listTree(tree: Tree): string[] {
  return [...tree.walk()].map(([path, node]) => {
    const mode = node.type === 'symlink' ? `-> ${node.target}` : node.mode.toString(8).padStart(4, '0');
    return `${path} ${node.type} ${mode} ${node.uid}:${node.gid} [${node.owner.name}]`;
  });
}
