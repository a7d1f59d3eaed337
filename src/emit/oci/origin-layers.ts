import type { PackageRecord } from '../../archive/types.js';
import { compareBytes, nameOf } from '../../formats/path.js';
import { satisfies } from '../../formats/version.js';
import type { Tree } from '../../rootfs/tree.js';
import type { TreeNode } from '../../rootfs/types.js';
import { type LayerTree, type Part, partOf } from './difference.js';

/** A package of the tree, by the name that its files' owner has. */
export interface LayerPackage {
  readonly name: string;
  readonly record: PackageRecord;
}

/** A layer of some packages; the last one is of what belongs to none. */
export interface NamedLayer extends LayerTree {
  /** `glibc` or `glibc, openssl and 3 others`: source packages, for the history. */
  readonly name: string;
}

interface Group {
  readonly packages: readonly LayerPackage[];
  /** KiB, as the packages say. */
  readonly size: number;
}

/**
 * Divides a tree into layers by source package, as apko's layering with the strategy `origin` does: packages of one source are
 * one group, groups that replace files of each other are one, the largest groups get layers of their own and the smallest
 * share the last of the budget; what belongs to no package comes on top.
 *
 * So that a layer depends on nothing but its packages, the directories above its files have the file's time in it; the top
 * layer has all directories as they are. What dpkg's database has of a package is in the package's layer, where scanners that
 * look at single layers find it.
 */
export function layersByOrigin(tree: Tree, packages: readonly LayerPackage[], budget: number): NamedLayer[] {
  const groups = withinBudget(groupsOf(packages), budget);
  const parts = groups.map((group) => ({
    group,
    part: partOf(tree, (directory, { mtime }) => ({ ...directory, mtime })),
  }));
  const partOfPackage = new Map(
    parts.flatMap(({ group, part }) => group.packages.map(({ name }) => [name, part] as const)),
  );
  const top = partOf(tree);
  // Names of one file belong to one layer.
  const placed = new Map<TreeNode, Part>();
  for (const [path, node] of tree.walk()) {
    const name = packageOf(path, node, (known) => partOfPackage.has(known));
    const part = placed.get(node) ?? (name === undefined ? undefined : partOfPackage.get(name)) ?? top;
    placed.set(node, part);
    if (node.type === 'directory') top.add(path, node);
    if (node.type !== 'directory' || part !== top) part.add(path, node);
  }
  const layers = parts.map(({ group, part }) => ({ name: titleOf(group), tree: part.tree, changes: part.changes }));
  return [...layers.filter(({ changes }) => changes > 0), { name: 'all else', tree: top.tree, changes: top.changes }];
}

const DATABASE = /^\/var\/lib\/dpkg\/(?:status\.d|info)\//;

/** The package that an entry belongs to: the one that brought it, or that a file of dpkg's database is named after. */
function packageOf(path: string, { owner }: TreeNode, isKnown: (name: string) => boolean): string | undefined {
  if (owner.type === 'package') return owner.name;
  if (!DATABASE.test(path)) return undefined;
  const file = nameOf(path);
  const stem = file.replace(/\.[a-z0-9]+$/, '');
  return [file, stem, stem.replace(/:[a-z0-9]+$/, '')].find(isKnown);
}

/** By source, then those together that replace files of each other; apko's order of merging has no bearing on the result. */
function groupsOf(packages: readonly LayerPackage[]): Group[] {
  const groupAt = new Map<LayerPackage, LayerPackage[]>();
  const join = (one: LayerPackage[], other: LayerPackage[]): void => {
    if (one === other) return;
    one.push(...other);
    for (const item of other) groupAt.set(item, one);
  };
  const bySource = new Map<string, LayerPackage[]>();
  for (const item of packages) {
    const group = bySource.get(item.record.source.name) ?? [];
    group.push(item);
    bySource.set(item.record.source.name, group);
    groupAt.set(item, group);
  }
  for (const item of packages) {
    for (const other of packages) {
      const [one, two] = [groupAt.get(item), groupAt.get(other)];
      if (one !== undefined && two !== undefined && replaces(item, other)) join(one, two);
    }
  }
  return [...new Set(groupAt.values())].map((group) => ({
    packages: [...group].sort((a, b) => compareBytes(a.name, b.name)),
    size: group.reduce((sum, { record }) => sum + record.installedSize, 0),
  }));
}

function replaces({ record }: LayerPackage, other: LayerPackage): boolean {
  return record.replaces.flat().some(({ name, constraint }) => {
    const isMeant = name === other.record.name && record.name !== other.record.name;
    return (
      isMeant && (constraint === undefined || satisfies(other.record.version, constraint.operator, constraint.version))
    );
  });
}

/** The largest first; all that the budget has no layer for is in the last. */
function withinBudget(groups: readonly Group[], budget: number): Group[] {
  const first = ({ packages }: Group): string => packages[0]?.name ?? '';
  const sorted = [...groups].sort((a, b) => b.size - a.size || compareBytes(first(a), first(b)));
  if (sorted.length <= budget) return sorted;
  const rest = sorted.slice(budget - 1);
  const shared: Group = {
    packages: rest.flatMap(({ packages }) => packages).sort((a, b) => compareBytes(a.name, b.name)),
    size: rest.reduce((sum, { size }) => sum + size, 0),
  };
  return [...sorted.slice(0, budget - 1), shared];
}

const NAMED = 3;

function titleOf({ packages }: Group): string {
  const sources = [...new Set(packages.map(({ record }) => record.source.name))];
  const rest = sources.length - NAMED;
  const named = sources.slice(0, NAMED).join(', ');
  return rest > 0 ? `${named} and ${rest} more` : named;
}
