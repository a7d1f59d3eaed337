import { nameOf } from '../formats/path.js';
import type { PathRule } from '../rootfs/filters.js';
import type { Tree } from '../rootfs/tree.js';
import { destinationOf } from './lookup.js';
import { packagesOfSoname } from './soname.js';
import type { Cause, Finding } from './types.js';

/** A dependency that the profile left out. */
export interface Dropped {
  readonly package: string;
  /** Whose it is. */
  readonly by: string;
}

/** A finding, and whether the profile brought it about. */
export interface CausedFinding extends Finding {
  readonly cause: Cause | undefined;
}

/**
 * Tells what is missing by the profile's own doing. What a package depends on was declared to be needed, so where a file of that
 * package bears it out, a drop of it is an error, however little it matters else. What files of others need is not of the drop.
 *
 * @param gone paths that were taken out of the tree, and by which rules
 */
export function causesOf(
  tree: Tree,
  dropped: readonly Dropped[],
  gone: ReadonlyMap<string, PathRule>,
): (finding: Finding) => CausedFinding {
  const byName = new Map([...gone].map(([path, rule]) => [nameOf(path), rule]));
  const ruleOf = (path: string): PathRule | undefined => {
    const found = destinationOf(tree, path);
    return found.type === 'missing' ? gone.get(found.path) : undefined;
  };
  return (finding) => {
    const { type, severity, missing, wanted, detail, needs } = finding;
    if (severity === 'information') return { ...finding, cause: undefined };
    const libraries = type === 'library' ? [missing] : wanted.libraries;
    const [rule] = [...wanted.paths.map(ruleOf), ...libraries.map((name) => byName.get(name))].filter(
      (one) => one !== undefined,
    );
    if (rule !== undefined) {
      const said =
        rule.package === undefined ? 'exclude-paths takes it out' : `the slice of ${rule.package} leaves it out`;
      return {
        ...finding,
        cause: rule.package === undefined ? 'exclude-paths' : 'slice',
        detail: joined(detail, said),
      };
    }
    const names = new Set([...wanted.packages, ...wanted.libraries.flatMap(packagesOfSoname)]);
    const drop = dropped.find((one) => names.has(one.package) && needs.some((need) => need.package === one.by));
    if (drop === undefined) return { ...finding, cause: undefined };
    const said = `the profile drops ${drop.package} of ${drop.by}`;
    return { ...finding, cause: 'drop', severity: 'error', detail: joined(detail, said) };
  };
}

function joined(detail: string | undefined, more: string): string {
  return detail === undefined ? more : `${detail}; ${more}`;
}
