import { nameOf } from '../../formats/path.js';
import { tryStat } from './filesystem.js';
import type { World } from './resolve.js';
import type { Bytes } from './types.js';

/** A command's file. */
export type Found =
  | {
      readonly type: 'file' /** As it was found. */;
      readonly path: Bytes /** In the tree. */;
      readonly canonical: string;
    }
  /** Without a file: `System.alwaysThere` says so. */
  | { readonly type: 'virtual'; readonly path: Bytes }
  | { readonly type: 'missing' }
  /** There is something of that name, but it cannot be run. */
  | { readonly type: 'refused' };

/** Where `command -p` looks, and where there is no PATH. */
export const DEFAULT_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

const EXECUTABLE = 0o111;

/** Looks for a command as execvp(3) does: by its path, else in the directories of `PATH`. */
export function findCommand(world: World, name: Bytes, path: Bytes): Found {
  const candidates = name.includes('/')
    ? [name]
    : path.split(':').map((directory) => (directory === '' ? name : `${directory}/${name}`));
  let refused = false;
  for (const candidate of candidates) {
    const stat = tryStat(world, candidate);
    if (stat?.type === 'file' && (stat.mode & EXECUTABLE) !== 0) {
      return { type: 'file', path: candidate, canonical: stat.path };
    }
    refused ||= stat !== undefined;
  }
  const base = nameOf(name);
  const standard = name === base || /^\/(?:usr\/)?(?:local\/)?s?bin\/[^/]*$/.test(name);
  if (name !== '' && standard && world.system.alwaysThere?.(base) === true) {
    return { type: 'virtual', path: name === base ? `/usr/bin/${base}` : name };
  }
  return { type: refused ? 'refused' : 'missing' };
}
