import { globMatcher } from '../formats/glob.js';
import type { Tree } from './tree.js';
import type { DirectoryNode } from './types.js';

/** Rules of which the last match decides, as dpkg's `path-exclude` and `path-include` (dpkg.cfg(5)). */
export interface PathRule {
  readonly glob: string;
  readonly keep: boolean;
}

/** The rules of a profile, its inclusions over its exclusions, and over both what the user left out. */
export function pathRules(
  profile: { readonly excludePaths: readonly string[]; readonly includePaths: readonly string[] },
  excludedByUser: readonly string[],
): PathRule[] {
  const rules = (globs: readonly string[], keep: boolean): PathRule[] => globs.map((glob) => ({ glob, keep }));
  return [...rules(profile.excludePaths, false), ...rules(profile.includePaths, true), ...rules(excludedByUser, false)];
}

/**
 * Takes out of the tree what the rules leave out. A directory goes only where a rule names it and nothing in it was
 * kept, so that an inclusion below an excluded directory works.
 *
 * @param isBelow says of a path whether it stays whatever the rules say, since it is part of what the tree was laid over
 */
export function filterPaths(
  tree: Tree,
  rules: readonly PathRule[],
  isBelow: (path: string) => boolean = () => false,
): void {
  if (rules.length === 0) return;
  const matchers = rules.map(({ glob, keep }) => ({ matches: globMatcher(glob), keep })).reverse();
  const kept = (path: string): boolean =>
    (matchers.find(({ matches }) => matches(path))?.keep ?? true) || isBelow(path);
  filterDirectory(tree.root, '', kept);
}

function filterDirectory(directory: DirectoryNode, path: string, kept: (path: string) => boolean): void {
  for (const [name, child] of directory.children) {
    const childPath = `${path}/${name}`;
    if (child.type === 'directory') {
      filterDirectory(child, childPath, kept);
      if (child.children.size > 0) continue;
    }
    if (!kept(childPath)) directory.children.delete(name);
  }
}
