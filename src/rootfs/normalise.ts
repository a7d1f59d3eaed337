import type { Tree } from './tree.js';

/**
 * Clamps every modification time to the build date, as `tar --clamp-mtime` does: what is older keeps its own time, so
 * that a file's time still tells of its package. Times before 1970 become 0.
 *
 * @param epoch the build date in seconds since the epoch.
 */
export function clampTimes(tree: Tree, epoch: number): void {
  for (const [, node] of tree.walk()) node.mtime = Math.max(0, Math.min(node.mtime, epoch));
}
