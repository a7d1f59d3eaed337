import { parseOsRelease } from '../formats/os-release.js';
import { readText } from './content.js';
import type { Tree } from './tree.js';

/** What a tree says of the system that it is; nothing where it has no os-release(5). */
export function osReleaseOf(tree: Tree): ReadonlyMap<string, string> {
  return parseOsRelease(readText(tree, '/etc/os-release') ?? readText(tree, '/usr/lib/os-release') ?? '');
}
