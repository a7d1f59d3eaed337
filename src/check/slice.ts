import { compareBytes, nameOf } from '../formats/path.js';
import { contentSize } from '../rootfs/content.js';
import type { Tree } from '../rootfs/tree.js';
import type { TreeNode } from '../rootfs/types.js';
import type { CheckedFinding, TreeReport } from './check-tree.js';
import { destinationOf } from './lookup.js';
import type { Wanted } from './types.js';

/** What of packages closes a tree. */
export interface Slicing {
  /** Of packages that are needed in part: globs of what is. */
  readonly slices: readonly { readonly package: string; readonly keep: readonly string[] }[];
  /** Packages of which nothing is needed. */
  readonly unneeded: readonly string[];
}

export interface SliceInput {
  /** A tree with all of the packages. */
  readonly tree: Tree;
  /** Names of those that it was given to be closed. */
  readonly added: ReadonlySet<string>;
  /** What they were added for. */
  readonly wanted: readonly Wanted[];
  readonly check: (tree: Tree) => TreeReport;
}

/** What only who calls it by name, or reads it, misses; and libraries, for which somebody would ask. */
const PROGRAM = /^\/(?:usr\/)?s?bin\/|^\/usr\/games\//;
const TO_BE_READ =
  /^\/usr\/share\/(?:doc|man|info|locale|lintian|bug|bash-completion|zsh|fish|doc-base|gtk-doc|metainfo|applications|menu)\//;
const LIBRARY = /^\/(?:usr\/)?lib(?:64)?\/(?:[a-z0-9_]+-linux-[a-z0-9]+\/)?[^/]+\.so(?:\.[^/]*)?$/;
/** A slice is worth its lines where it leaves out this part of a package's bytes, and as many. */
const LEAST_PART = 0.5;
const LEAST_BYTES = 1 << 17;
/** Each brings at least one more file; chains are a few libraries long. */
const MAX_ROUNDS = 16;

/**
 * Finds the parts of packages that a tree needs: of each package from which a wanted file comes that file and all but other
 * programs, libraries of their own and documentation; then, as often as a check names something, what that needs.
 *
 * @returns undefined where no parts are enough
 */
export function sliceOf({ tree, added, wanted, check }: SliceInput): Slicing | undefined {
  const files = new Map<string, OwnFile[]>();
  for (const [path, node] of tree.walk()) {
    const name = node.owner.type === 'package' ? node.owner.name : '';
    if (node.type !== 'directory' && added.has(name)) files.set(name, [...(files.get(name) ?? []), { path, node }]);
  }
  const ownerOf = new Map([...files].flatMap(([name, own]) => own.map(({ path }) => [path, name] as const)));
  const kept = new Set<string>();
  const active = new Set<string>();
  const keep = (path: string): void => {
    const name = ownerOf.get(path);
    if (name === undefined) return;
    kept.add(path);
    if (active.has(name)) return;
    active.add(name);
    for (const file of files.get(name) ?? []) if (!isPart(file) && !TO_BE_READ.test(file.path)) kept.add(file.path);
  };
  for (const path of wanted.flatMap((one) => suppliers(tree, one, ownerOf))) keep(path);

  const reduced = (): Tree => {
    const copy = tree.clone();
    for (const [path, node] of tree.walk()) {
      const { owner } = node;
      // Scripts of a package that does not come in leave nothing behind.
      const isEffect = owner.type === 'effect' && added.has(owner.package ?? '') && !active.has(owner.package ?? '');
      if (node.type !== 'directory' && (isEffect || (ownerOf.has(path) && !kept.has(path)))) copy.remove(path);
    }
    return copy;
  };

  const known = new Set(open(check(tree)).map(keyOf));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const missing = open(check(reduced())).filter((finding) => !known.has(keyOf(finding)));
    const before = kept.size;
    for (const path of missing.flatMap((finding) => suppliers(tree, finding.wanted, ownerOf))) keep(path);
    if (missing.length > 0 && kept.size === before) return undefined;
    if (missing.length > 0) continue;
    for (const name of active) {
      const own = files.get(name) ?? [];
      const saved = bytesOf(own) - bytesOf(own.filter(({ path }) => kept.has(path)));
      if (saved < Math.max(LEAST_BYTES, LEAST_PART * bytesOf(own))) {
        for (const { path } of own) kept.add(path);
      }
    }
    // What became whole has more needs.
    if (kept.size === before) return slicingOf(files, kept, active);
  }
  return undefined;
}

interface OwnFile {
  readonly path: string;
  readonly node: TreeNode;
}

function isPart({ path }: OwnFile): boolean {
  return PROGRAM.test(path) || LIBRARY.test(path);
}

function bytesOf(files: readonly OwnFile[]): number {
  return [...new Set(files.map(({ node }) => node))].reduce((sum, node) => {
    return sum + (node.type === 'file' ? contentSize(node.content) : 0);
  }, 0);
}

function open({ findings }: TreeReport): CheckedFinding[] {
  return findings.filter(({ severity, accepted }) => severity === 'error' && accepted === undefined);
}

function keyOf({ type, missing }: CheckedFinding): string {
  return `${type} ${missing}`;
}

/** Files that supply what is wanted, with the links that lead to them. */
function suppliers(tree: Tree, { paths, libraries }: Wanted, ownerOf: ReadonlyMap<string, string>): string[] {
  const byName = [...ownerOf.keys()].filter((path) => libraries.includes(nameOf(path)));
  return [...paths, ...byName].flatMap((path) => {
    const found = destinationOf(tree, path);
    return found.type === 'found' ? [...found.links, found.path] : [];
  });
}

function slicingOf(
  files: ReadonlyMap<string, readonly OwnFile[]>,
  kept: ReadonlySet<string>,
  active: ReadonlySet<string>,
): Slicing {
  const parts = [...files].filter(([name, own]) => active.has(name) && own.some(({ path }) => !kept.has(path)));
  return {
    slices: parts.map(([name, own]) => {
      return {
        package: name,
        keep: globsOf(
          own.map(({ path }) => path),
          kept,
        ),
      };
    }),
    unneeded: [...files.keys()].filter((name) => !active.has(name)),
  };
}

/** The kept paths of a package, whole directories as one glob. */
function globsOf(paths: readonly string[], kept: ReadonlySet<string>): string[] {
  const inDirectories = new Map<string, { all: boolean; count: number }>();
  for (const path of paths) {
    for (const directory of directoriesAbove(path)) {
      const { all, count } = inDirectories.get(directory) ?? { all: true, count: 0 };
      inDirectories.set(directory, { all: all && kept.has(path), count: count + 1 });
    }
  }
  const globs = paths
    .filter((path) => kept.has(path))
    .map((path) => {
      const whole = directoriesAbove(path).find((directory) => {
        const found = inDirectories.get(directory);
        return found?.all === true && found.count > 1;
      });
      return whole === undefined ? path : `${whole}/*`;
    });
  return [...new Set(globs)].sort(compareBytes);
}

/** The outermost first. */
function directoriesAbove(path: string): string[] {
  const names = path.split('/').slice(1, -1);
  return names.map((_, at) => `/${names.slice(0, at + 1).join('/')}`);
}
