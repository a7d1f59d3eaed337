import { architectureInfo } from '../formats/architecture.js';
import { KoalaError } from '../formats/errors.js';
import { NO_XATTRS, newDirectory, type Tree } from './tree.js';
import type { Owner } from './types.js';

/** Top-level directory to where it lives below /usr: `bin` to `/usr/bin`. */
export type Aliases = ReadonlyMap<string, string>;

/**
 * The links of a merged-/usr system: `/bin`, `/sbin`, `/lib` and the architectures' own (`/lib64`) lead to their place
 * below `/usr` (Debian Policy 9.1.1 since 4.7.0, and usr-is-merged's check). trixie's base-files ships them, bookworm's
 * packages ship real directories instead: with the aliases first, both give the same tree.
 */
export function mergedUsrAliases(architectures: readonly string[]): Aliases {
  const own = architectures.flatMap((name) => architectureInfo(name).libDirectories);
  const names = ['bin', 'sbin', 'lib', ...own];
  return new Map(names.map((name) => [name, `/usr/${name}`]));
}

/**
 * Puts the links and the directories that they lead to into a tree that does not have them.
 *
 * @throws KoalaError `tree` where it has directories in their place: packages cannot be laid over what has not merged /usr
 */
export function plantAliases(tree: Tree, aliases: Aliases, owner: Owner, mtime: number): void {
  if (tree.get('/usr') === undefined) tree.set('/usr', newDirectory({ owner, mtime }));
  for (const [name, target] of aliases) {
    const there = tree.get(`/${name}`);
    if (there?.type === 'directory') {
      throw new KoalaError('tree', `cannot lay packages over a tree where /${name} is a directory`, {
        hint: `it has not merged /usr: a link to ${target} is needed there`,
      });
    }
    if (tree.get(target) === undefined) tree.set(target, newDirectory({ owner, mtime }));
    if (there !== undefined) continue;
    tree.set(`/${name}`, {
      type: 'symlink',
      target: target.slice(1),
      mode: 0o777,
      uid: 0,
      gid: 0,
      mtime,
      xattrs: NO_XATTRS,
      owner,
    });
  }
}

/** Where a path lies on a merged-/usr system: `/bin/sh` is `/usr/bin/sh`, and so is `/bin`, the directory itself. */
export function throughAlias(aliases: Aliases, path: string): string {
  const end = path.indexOf('/', 1);
  const target = aliases.get(end < 0 ? path.slice(1) : path.slice(1, end));
  if (target === undefined) return path;
  return end < 0 ? target : target + path.slice(end);
}

/**
 * Whether an entry is an alias link itself, as base-files ships them.
 *
 * @throws KoalaError where it is a link at an alias' place that leads elsewhere.
 */
export function isAliasLink(aliases: Aliases, path: string, target: string, name: string): boolean {
  const expected = aliases.get(path.slice(1));
  if (expected === undefined) return false;
  if (target !== expected && target !== expected.slice(1)) {
    throw new KoalaError('tree', `cannot unpack ${name}: its link ${path} leads to ${target}, not to ${expected}`);
  }
  return true;
}
