import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAbandoned, thisProcess } from './maker.js';

/** What follows the name of the target: the place of the process, its number, its start, and chance. */
const MARK = /^([0-9a-f]{8})-(\d+)-(\d*)-[0-9a-f]{8}\.part$/;

/**
 * A name beside a file or directory for what becomes it once it is whole. What killed processes of this user left there of the
 * same target is removed; nothing is where a process that still runs may be at it.
 *
 * @returns a path where nothing is
 */
export async function freshPart(target: string): Promise<string> {
  for (const path of abandonedParts(target)) {
    // Another process may remove it as well, and what cannot be removed is in nobody's way.
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
  const { place, pid, start } = thisProcess();
  const mark = [place, pid, start, randomBytes(4).toString('hex')].join('-');
  return join(dirname(target), `${prefixOf(target)}${mark}.part`);
}

function abandonedParts(target: string): string[] {
  const prefix = prefixOf(target);
  return namesIn(dirname(target))
    .filter((name) => name.startsWith(prefix))
    .flatMap((name) => {
      const path = join(dirname(target), name);
      const [, place, pid, start] = MARK.exec(name.slice(prefix.length)) ?? [];
      if (place === undefined || pid === undefined || start === undefined || !isOwn(path)) return [];
      return isAbandoned({ place, pid: Number(pid), start }, path) ? [path] : [];
    });
}

/** Hidden, and short enough for any name to have its mark behind it. */
function prefixOf(target: string): string {
  return `.${basename(target).slice(0, 60)}.`;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** In a directory that others write to, they could lay something there that is not ours to remove. */
function isOwn(path: string): boolean {
  const user = process.geteuid?.();
  return user === undefined || lstatSync(path, { throwIfNoEntry: false })?.uid === user;
}
