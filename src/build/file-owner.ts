import type { ScriptAudit } from '../configure/audit.js';
import { nameOf, normalisePath, parentOf } from '../formats/path.js';
import { filterPaths, type PathRule } from '../rootfs/filters.js';
import type { Tree } from '../rootfs/tree.js';
import type { Owner, TreeNode } from '../rootfs/types.js';

/** Who brought what stands at a path of a built tree. */
export interface FileOwner {
  /** Without links to directories on the way: `/usr/bin/sh` for `/bin/sh`. */
  readonly path: string;
  readonly type: TreeNode['type'];
  /** Where a link leads to. */
  readonly target: string | undefined;
  readonly owner: Owner;
  /** Scripts that made or changed it, in the order in which they ran. */
  readonly scripts: readonly { readonly package: string; readonly script: string }[];
  /** Whether `exclude-paths` keeps it out of the output. */
  readonly leftOut: boolean;
}

/**
 * Tells who brought what is at a path. Takes out of the tree what the rules leave out.
 *
 * @returns undefined where nothing is there
 * @throws KoalaError `tree` where it is no path
 */
export function ownerOf(
  tree: Tree,
  path: string,
  scripts: readonly ScriptAudit[],
  rules: readonly PathRule[],
): FileOwner | undefined {
  const found = tree.canonical(normalisePath(path), false);
  if (found?.node === undefined) return undefined;
  const { path: canonical, node } = found;
  filterPaths(tree, rules);
  return {
    path: canonical,
    type: node.type,
    target: node.type === 'symlink' ? node.target : undefined,
    owner: node.owner,
    scripts: scripts
      .filter(({ changed }) => changed.includes(canonical))
      .map(({ package: name, script }) => ({ package: name, script })),
    leftOut: tree.get(canonical) === undefined,
  };
}

/** The names in the nearest directory above a path that there is; for suggestions. */
export function namesNear(
  tree: Tree,
  path: string,
): { readonly directory: string; readonly names: readonly string[]; readonly missing: string } {
  let missing = normalisePath(path);
  for (;;) {
    const directory = parentOf(missing);
    const found = tree.canonical(directory);
    if (found?.node?.type === 'directory') {
      return { directory: found.path, names: [...found.node.children.keys()], missing: nameOf(missing) };
    }
    missing = directory;
  }
}
