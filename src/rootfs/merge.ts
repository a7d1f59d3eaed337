import type { PackageRecord } from '../archive/types.js';
import { KoalaError } from '../formats/errors.js';
import { nameOf, parentOf } from '../formats/path.js';
import { satisfies } from '../formats/version.js';
import type { PackageEntry, UnpackedPackage } from '../unpack/types.js';
import { type Aliases, isAliasLink, mergedUsrAliases, plantAliases, throughAlias } from './aliases.js';
import { isSameNode } from './same-node.js';
import { newDirectory, Tree } from './tree.js';
import type { DirectoryNode, Owner, TreeNode } from './types.js';

/** A package of the plan with what its .deb holds. */
export interface MergeInput {
  readonly record: PackageRecord;
  readonly unpacked: UnpackedPackage;
}

/** That the files of other packages at a path go elsewhere (dpkg-divert(1)). */
export interface Diversion {
  readonly from: string;
  readonly to: string;
  /** Whose file stays at the path. */
  readonly package: string;
}

/** The owner of what every merged-/usr system has, whatever package ships it later. */
const LAYOUT: Owner = { type: 'effect', name: 'merged-usr', package: undefined };

/** A tree that packages are laid into, stage after stage. */
export interface PackageMerger {
  readonly tree: Tree;
  /** @throws KoalaError where packages collide, or where an entry would pass through a link or a file. */
  add(packages: readonly MergeInput[]): void;
  /** The diversions, if any entry depended on them so far. */
  asked(): readonly Diversion[] | undefined;
}

/** What packages are laid over. */
export interface Below {
  /** It is changed. */
  readonly tree: Tree;
  readonly packages: readonly MergeInput[];
  /** Whether the tree comes from a merger itself, which has put the links of merged /usr there; false unless given. */
  readonly isMerged?: boolean;
}

/**
 * Lays packages over each other, in the given order, by dpkg's rules: a directory that is there keeps its owner and
 * mode; a file of an earlier package is replaced only where the later package `Replaces` it, kept where the earlier one
 * replaces the later (Debian Policy 7.6.1), and an error otherwise. Packages of one name and several architectures share what
 * is the same in both (`Multi-Arch: same`). Where a package diverts a path, other packages' files of that path stand aside.
 *
 * @param epoch the time, in seconds, of directories that no package ships.
 * @param foreign the architectures that packages are of beside `architecture`; these packages are named `libc6:i386`.
 * @param diversions those that are there when packages are unpacked; asked for where two packages ship one path.
 * @param below a tree that the packages are laid over, and the packages in it; an empty one unless given.
 */
export function createMerger(
  architecture: string,
  epoch: number,
  foreign: readonly string[] = [],
  diversions: () => readonly Diversion[] = () => [],
  below: Below = { tree: new Tree(LAYOUT, epoch), packages: [] },
): PackageMerger {
  const { tree } = below;
  const aliases = mergedUsrAliases([architecture, ...foreign]);
  if (below.isMerged !== true) plantAliases(tree, aliases, LAYOUT, epoch);
  const shipped = new Map(below.packages.map((input) => [ownName(input.record, foreign), input]));
  let known: readonly Diversion[] | undefined;
  const once = (): readonly Diversion[] => {
    known ??= diversions();
    return known;
  };
  return {
    tree,
    add: (packages) => {
      for (const input of packages) shipped.set(ownName(input.record, foreign), input);
      for (const input of packages) {
        const name = ownName(input.record, foreign);
        const owner = { type: 'package', name } as const;
        const merger = { tree, aliases, epoch, input, shipped, diversions: once, name, owner };
        for (const entry of input.unpacked.entries) addEntry(merger, entry);
      }
    },
    asked: () => known,
  };
}

/** The tree of packages that are laid into it at once, as by `createMerger`. */
export function mergePackages(packages: readonly MergeInput[], ...layout: Parameters<typeof createMerger>): Tree {
  const merger = createMerger(...layout);
  merger.add(packages);
  return merger.tree;
}

interface Merger {
  readonly tree: Tree;
  readonly aliases: Aliases;
  readonly epoch: number;
  readonly input: MergeInput;
  readonly shipped: ReadonlyMap<string, MergeInput>;
  readonly diversions: () => readonly Diversion[];
  /** Of the package, as it stands in messages and as an owner. */
  readonly name: string;
  readonly owner: Owner;
}

/** What the owner of a package's files is called. */
export function ownName({ name, architecture }: PackageRecord, foreign: readonly string[]): string {
  return foreign.includes(architecture) ? `${name}:${architecture}` : name;
}

function addEntry(merger: Merger, entry: PackageEntry): void {
  const { tree, aliases, owner } = merger;
  if (entry.type === 'symlink' && isAliasLink(aliases, entry.path, entry.target, merger.name)) {
    const link = tree.get(entry.path);
    if (link !== undefined) Object.assign(link, { owner, mtime: entry.mtime });
    return;
  }
  const path = throughAlias(aliases, entry.path);
  if (path === '/') {
    if (entry.type !== 'directory') throw refused(merger, '/', `is a ${entry.type}`);
    adopt(tree.root, entry, owner);
    return;
  }
  const parent = directoryFor(merger, parentOf(path));
  const name = nameOf(path);
  const existing = parent.children.get(name);
  if (entry.type === 'directory' && existing?.type === 'directory') {
    adopt(existing, entry, owner);
    return;
  }
  if (existing?.type === 'directory') {
    throw refused(merger, path, `is a directory that ${ownerName(existing.owner)} brought`);
  }
  if (existing !== undefined) {
    const aside = standingAside(merger, path, existing);
    if (aside !== undefined) {
      const away = aside.whose === merger.name ? nodeFor(merger, entry) : existing;
      directoryFor(merger, parentOf(aside.to)).children.set(nameOf(aside.to), away);
      if (away !== existing) return;
    } else if (!mayReplace(merger, path, entry, existing)) return;
  }
  parent.children.set(name, nodeFor(merger, entry));
}

/** Which of two packages that ship one path has to go where, by the diversion of the other one; undefined where there is none. */
function standingAside(
  merger: Merger,
  path: string,
  existing: TreeNode,
): { readonly whose: string; readonly to: string } | undefined {
  const { owner } = existing;
  if (owner.type !== 'package' || isOneOf(merger, owner.name)) return undefined;
  const { aliases, name } = merger;
  const found = merger.diversions().find(({ from }) => throughAlias(aliases, from) === path);
  if (found === undefined || (found.package !== name && found.package !== owner.name)) return undefined;
  return { whose: found.package === name ? owner.name : name, to: throughAlias(aliases, found.to) };
}

/** A directory of the layout takes the attributes of the first package that ships it; any other keeps its own. */
function adopt(directory: DirectoryNode, entry: PackageEntry, owner: Owner): void {
  if (isLayout(directory.owner)) Object.assign(directory, attributesOf(entry, owner));
}

/** By its name: a tree may have been written down and read again. */
function isLayout(owner: Owner): boolean {
  return owner.type === LAYOUT.type && owner.name === LAYOUT.name;
}

function attributesOf(entry: PackageEntry, owner: Owner) {
  return { mode: entry.mode, uid: entry.uid, gid: entry.gid, mtime: entry.mtime, xattrs: entry.xattrs, owner };
}

/** Walks to a parent directory without following any link; makes what the package forgot to ship. */
function directoryFor(merger: Merger, path: string): DirectoryNode {
  const found = merger.tree.get(path);
  if (found?.type === 'directory') return found;
  if (found !== undefined) {
    throw refused(merger, path, `is a ${found.type} that ${ownerName(found.owner)} brought`);
  }
  const parent = directoryFor(merger, parentOf(path));
  const made = newDirectory({ owner: merger.owner, mtime: merger.epoch });
  parent.children.set(nameOf(path), made);
  return made;
}

function nodeFor(merger: Merger, entry: PackageEntry): TreeNode {
  const attributes = attributesOf(entry, merger.owner);
  switch (entry.type) {
    case 'file': {
      const content = { type: 'slice', file: merger.input.unpacked.spool, offset: entry.offset, size: entry.size };
      return { ...attributes, type: 'file', content: { ...content, type: 'slice' } };
    }
    case 'hardlink': {
      const target = merger.tree.get(throughAlias(merger.aliases, entry.target));
      const own = target?.owner.type === 'package' && isOneOf(merger, target.owner.name);
      if (target === undefined || target.type === 'directory' || !own) {
        throw refused(
          merger,
          entry.path,
          `is a hard link to ${entry.target}, which the package does not ship before it`,
        );
      }
      return target;
    }
    case 'symlink':
      return { ...attributes, type: 'symlink', target: entry.target };
    case 'char':
    case 'block':
      return { ...attributes, type: entry.type, major: entry.major, minor: entry.minor };
    case 'fifo':
      return { ...attributes, type: 'fifo' };
    case 'directory':
      return { ...attributes, type: 'directory', children: new Map() };
  }
}

/**
 * Whether the new package's entry takes the place of what is there.
 *
 * @throws KoalaError where neither package replaces the other.
 */
function mayReplace(merger: Merger, path: string, entry: PackageEntry, existing: TreeNode): boolean {
  const { record } = merger.input;
  if (existing.owner.type !== 'package') return true;
  if (existing.owner.name === merger.name) {
    throw refused(merger, path, 'stands twice in the package');
  }
  if (isOneOf(merger, existing.owner.name)) {
    if (isSame(merger, entry, existing)) return false;
    throw refused(merger, path, `is also in ${existing.owner.name}, and differs from it`);
  }
  const other = merger.shipped.get(existing.owner.name)?.record;
  if (other !== undefined && replaces(record, other)) return true;
  if (other !== undefined && replaces(other, record)) return false;
  throw refused(merger, path, `is also in ${existing.owner.name}, and neither package replaces the other`);
}

/** Whether an owner is the package itself, or the same package of another architecture. */
function isOneOf({ name, input, shipped }: Merger, owner: string): boolean {
  return owner === name || shipped.get(owner)?.record.name === input.record.name;
}

/** Whether an entry is what another architecture's package brought: dpkg shares such files (tarobject in its src/main/archives.c). */
function isSame(merger: Merger, entry: PackageEntry, existing: TreeNode): boolean {
  if (entry.type === 'hardlink') return merger.tree.get(throughAlias(merger.aliases, entry.target)) === existing;
  return isSameNode(nodeFor(merger, entry), existing);
}

function replaces(one: PackageRecord, other: PackageRecord): boolean {
  return one.replaces.flat().some(({ name, constraint }) => {
    return (
      name === other.name &&
      (constraint === undefined || satisfies(other.version, constraint.operator, constraint.version))
    );
  });
}

function ownerName(owner: Owner): string {
  return owner.type === 'package' ? owner.name : `the ${owner.type} ${owner.name}`;
}

function refused(merger: Merger, path: string, why: string): KoalaError {
  return new KoalaError('tree', `cannot unpack ${merger.name}: ${path} ${why}`);
}
