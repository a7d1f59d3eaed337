import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../formats/errors.js';
import { compareBytes } from '../formats/path.js';
import { type AptSource, parseDeb822Sources, parseOneLineSources } from './apt-sources.js';

/** What the machine's apt is told to read. */
export interface MachineSources {
  readonly sources: readonly AptSource[];
  /** Files that could not be read; no error, since a build may not need them. */
  readonly notes: readonly string[];
}

/**
 * Reads `/etc/apt/sources.list` and `/etc/apt/sources.list.d/*.{list,sources}` below a root, in apt's order. A machine
 * without apt has no sources.
 */
export async function readMachineSources(root: string): Promise<MachineSources> {
  const directory = '/etc/apt/sources.list.d';
  const sources: AptSource[] = [];
  const notes: string[] = [];
  for (const file of ['/etc/apt/sources.list', ...(await fragments(root, directory, notes))]) {
    try {
      const text = await readFile(join(root, file), 'utf8');
      sources.push(...(file.endsWith('.sources') ? parseDeb822Sources(text, file) : parseOneLineSources(text, file)));
    } catch (error) {
      if (!isAbsent(error)) notes.push(`${file} is not used: ${reasonOf(error)}`);
    }
  }
  return { sources, notes };
}

/** apt reads only names of these characters, in the order of their bytes (sources.list(5)). */
async function fragments(root: string, directory: string, notes: string[]): Promise<string[]> {
  try {
    const names = await readdir(join(root, directory));
    return names
      .filter((name) => /^[A-Za-z0-9_.-]+\.(?:list|sources)$/.test(name))
      .sort(compareBytes)
      .map((name) => `${directory}/${name}`);
  } catch (error) {
    if (!isAbsent(error)) notes.push(`${directory} is not used: ${reasonOf(error)}`);
    return [];
  }
}

function isAbsent(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
