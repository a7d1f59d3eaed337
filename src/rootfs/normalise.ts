import type { Tree } from './tree.js';

/**
 * Clamps every modification time to the build date, as `tar --clamp-mtime` does: what is older keeps its own time, so
 * that a file's time still tells of its package. Times before 1970 become 0.
 *
 * @param epoch the build date in seconds since the epoch.
 * @param below what the tree was laid over: what has its time from there keeps it.
 */
export function clampTimes(tree: Tree, epoch: number, below?: Tree): void {
  for (const [path, node] of tree.walk()) {
    if (below?.get(path)?.mtime === node.mtime) continue;
    node.mtime = Math.max(0, Math.min(node.mtime, epoch));
  }
}
