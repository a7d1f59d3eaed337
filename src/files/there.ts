import { type Stats, statSync } from 'node:fs';

/** What stands at a path, links followed; undefined where nothing does, nor can: where a file is in place of a directory on the way. */
export function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}
