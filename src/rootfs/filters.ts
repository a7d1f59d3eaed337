import { globMatcher } from '../formats/glob.js';
import type { Profile } from '../profile/types.js';
import type { Tree } from './tree.js';
import type { DirectoryNode, TreeNode } from './types.js';

/** Rules of which the last match decides, as dpkg's `path-exclude` and `path-include` (dpkg.cfg(5)). */
export interface PathRule {
  readonly glob: string;
  readonly keep: boolean;
  /** Only what this package brought; undefined: whoever brought it. */
  readonly package?: string;
}

/** The rules of a profile, its inclusions over its exclusions, those over its slices, and over all what the user left out. */
export function pathRules(
  profile: Pick<Profile, 'excludePaths' | 'includePaths' | 'slices'>,
  excludedByUser: readonly string[],
): PathRule[] {
  const rules = (globs: readonly string[], keep: boolean): PathRule[] => globs.map((glob) => ({ glob, keep }));
  const ofPackage = (name: string, globs: readonly string[], keep: boolean): PathRule[] => {
    return rules(globs, keep).map((rule) => ({ ...rule, package: name }));
  };
  const copyright = (name: string): string => `/usr/share/doc/${name.replace(/:.*/, '')}/copyright`;
  return [
    ...profile.slices.flatMap(({ package: name }) => ofPackage(name, ['*'], false)),
    ...profile.slices.flatMap(({ package: name, keep }) => ofPackage(name, [...keep, copyright(name)], true)),
    ...rules(profile.excludePaths, false),
    ...rules(profile.includePaths, true),
    ...rules(excludedByUser, false),
  ];
}

/**
 * Takes out of the tree what the rules leave out. A directory goes only where a rule names it and nothing in it was
 * kept, so that an inclusion below an excluded directory works.
 *
 * @param isBelow says of a path whether it stays whatever the rules say, since it is part of what the tree was laid over
 * @returns the paths that went, and by which rules
 */
export function filterPaths(
  tree: Tree,
  rules: readonly PathRule[],
  isBelow: (path: string) => boolean = () => false,
): Map<string, PathRule> {
  const gone = new Map<string, PathRule>();
  if (rules.length === 0) return gone;
  const matchers = rules.map((rule) => ({ rule, matches: globMatcher(rule.glob) })).reverse();
  const ruleFor = (path: string, { owner }: TreeNode): PathRule | undefined => {
    const name = owner.type === 'package' ? owner.name : undefined;
    const isOf = (rule: PathRule): boolean => rule.package === undefined || rule.package === name;
    const found = matchers.find(({ rule, matches }) => isOf(rule) && matches(path))?.rule;
    return found?.keep === false && isBelow(path) ? undefined : found;
  };
  filterDirectory(tree.root, '', ruleFor, gone);
  return gone;
}

function filterDirectory(
  directory: DirectoryNode,
  path: string,
  ruleFor: (path: string, node: TreeNode) => PathRule | undefined,
  gone: Map<string, PathRule>,
): void {
  for (const [name, child] of directory.children) {
    const childPath = `${path}/${name}`;
    if (child.type === 'directory') {
      filterDirectory(child, childPath, ruleFor, gone);
      if (child.children.size > 0) continue;
    }
    const rule = ruleFor(childPath, child);
    if (rule === undefined || rule.keep) continue;
    directory.children.delete(name);
    gone.set(childPath, rule);
  }
}
