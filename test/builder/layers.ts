import { applyLayer, type LayerSource, spoolLayer } from '../../src/rootfs/read-layers.js';
import type { Tree } from '../../src/rootfs/tree.js';

/** Lays a layer over a tree, whose root has the owner of all that it brings. */
export async function lay(tree: Tree, source: LayerSource, spool: string): Promise<void> {
  const { owner } = tree.root;
  const entries = await spoolLayer(source, spool);
  applyLayer(tree, entries, { origin: source.origin, whiteouts: true, owner, implied: owner });
}
