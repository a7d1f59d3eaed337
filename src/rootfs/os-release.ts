import { readText } from './content.js';
import type { Tree } from './tree.js';

/** What a tree says of the system that it is: os-release(5), without the quotes; nothing where it has none. */
export function osReleaseOf(tree: Tree): ReadonlyMap<string, string> {
  const text = readText(tree, '/etc/os-release') ?? readText(tree, '/usr/lib/os-release') ?? '';
  const lines = text.matchAll(/^([A-Z][A-Z0-9_]*)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(.*))$/gm);
  return new Map([...lines].map(([, name = '', double, single, plain]) => [name, double ?? single ?? plain ?? '']));
}
