import type { Tree } from '../rootfs/tree.js';
import type { TreeNode } from '../rootfs/types.js';

/** Linux' limit for links in one resolution (path_resolution(7)). */
const MAX_LINKS = 40;
const ANY_EXECUTE = 0o111;

/** Where a path leads: to a node, or to the name at which nothing is, or around in a circle. */
export type Destination =
  | {
      readonly type: 'found';
      readonly path: string;
      readonly node: TreeNode;
      /** Paths of the links on the way. */
      readonly links: readonly string[];
    }
  | { readonly type: 'missing'; readonly path: string }
  | { readonly type: 'loop' };

export function destinationOf(tree: Tree, path: string): Destination {
  let todo = path.split('/').reverse();
  let nodes: TreeNode[] = [tree.root];
  let names: string[] = [];
  const links: string[] = [];
  while (todo.length > 0) {
    const name = todo.pop();
    if (name === undefined || name === '' || name === '.') continue;
    if (name === '..') {
      if (names.pop() !== undefined) nodes.pop();
      continue;
    }
    const here = nodes.at(-1);
    const child = here?.type === 'directory' ? here.children.get(name) : undefined;
    if (child === undefined) {
      // What lies below it is missing too; a link that leaves by ".." is meant where the words say.
      const rest = todo.filter((part) => part !== '' && part !== '.').reverse();
      return { type: 'missing', path: lexical(`/${[...names, name, ...rest].join('/')}`) };
    }
    if (child.type === 'symlink') {
      links.push(`/${[...names, name].join('/')}`);
      if (links.length > MAX_LINKS) return { type: 'loop' };
      if (child.target.startsWith('/')) {
        names = [];
        nodes = [tree.root];
      }
      todo = [...todo, ...child.target.split('/').reverse()];
      continue;
    }
    names.push(name);
    nodes.push(child);
  }
  return { type: 'found', path: `/${names.join('/')}`, node: nodes.at(-1) ?? tree.root, links };
}

function lexical(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

const PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Says whether a command, a name or a path, can be started in the tree; each is looked for once. */
export function executableIn(tree: Tree): (command: string) => boolean {
  const known = new Map<string, boolean>();
  return (command) => {
    const before = known.get(command);
    if (before !== undefined) return before;
    const paths = command.includes('/') ? [command] : PATH.map((directory) => `${directory}/${command}`);
    const can = paths.some((path) => {
      const found = destinationOf(tree, path);
      return found.type === 'found' && found.node.type === 'file' && (found.node.mode & ANY_EXECUTE) !== 0;
    });
    known.set(command, can);
    return can;
  };
}

/** Paths at which a package would have a command. */
export function commandPaths(command: string): string[] {
  return command.includes('/')
    ? [command]
    : ['/usr/bin', '/usr/sbin', '/bin', '/sbin'].map((path) => `${path}/${command}`);
}
