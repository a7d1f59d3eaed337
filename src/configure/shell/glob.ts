import { charge } from './budget.js';
import { readdir, tryLstat } from './filesystem.js';
import { compilePattern, isPattern, unescapePattern } from './pattern.js';
import { PosixError } from './posix-error.js';
import type { World } from './resolve.js';
import type { Bytes } from './types.js';

/**
 * The paths that a pattern matches, in the order of their bytes; a leading period has to be written (POSIX.1-2017,
 * 2.13.3). None where the pattern has no wildcards.
 */
export function expandPath(world: World, pattern: Bytes): Bytes[] {
  if (!/[*?[]/.test(pattern)) return [];
  const parts = pattern.split(/(\/+)/);
  if (!parts.some(isPattern)) return [];
  let found: Bytes[] = [''];
  parts.forEach((part, index) => {
    if (part === '') return;
    const last = index === parts.length - 1;
    if (!isPattern(part)) {
      const text = unescapePattern(part);
      found = found.map((prefix) => prefix + text);
      return;
    }
    found = found.flatMap((prefix) => matchesIn(world, prefix, part, !last));
  });
  return found.filter((path) => tryLstat(world, path) !== undefined).sort();
}

function matchesIn(world: World, directory: Bytes, part: Bytes, onlyDirectories: boolean): Bytes[] {
  const names = namesIn(world, directory === '' ? '.' : directory);
  charge(world.system, 'steps', 1 + names.length);
  const pattern = compilePattern(part);
  const hidden = part.startsWith('.') || part.startsWith('\\.');
  return names
    .concat(hidden ? ['.', '..'] : [])
    .filter((name) => (hidden || !name.startsWith('.')) && pattern.matches(name))
    .map((name) => directory + name)
    .filter((path) => !onlyDirectories || tryLstat(world, `${path}/`) !== undefined);
}

function namesIn(world: World, directory: Bytes): Bytes[] {
  try {
    return readdir(world, directory);
  } catch (error) {
    if (error instanceof PosixError) return [];
    throw error;
  }
}
