import { expandFile } from './expand.js';
import { open } from './filesystem.js';
import { openBytes } from './open-file.js';
import { PosixError } from './posix-error.js';
import type { Shell } from './shell.js';
import type { Redirect, RedirectOperator } from './syntax.js';
import type { Bytes, OpenFile } from './types.js';

/** A redirection that did not work; dash's message. */
export class RedirectError extends Error {}

const READ = { read: true };
const WRITE = { write: true, create: true, truncate: true };
const APPEND = { write: true, create: true, append: true };
const BOTH = { read: true, write: true, create: true };

/**
 * The descriptors of a command, after its redirections from left to right.
 *
 * @throws RedirectError
 */
export function redirect(shell: Shell, redirects: readonly Redirect[]): ReadonlyMap<number, OpenFile> {
  if (redirects.length === 0) return shell.descriptors;
  const targets = redirects.map(({ operator, target }) => expandFile(shell, target, operator));
  const descriptors = new Map(shell.descriptors);
  redirects.forEach(({ descriptor, operator }, index) => {
    const file = openTarget(shell, descriptors, operator, targets[index] ?? '');
    if (file === undefined) descriptors.delete(descriptor);
    else descriptors.set(descriptor, file);
  });
  return descriptors;
}

/** @returns undefined where the descriptor is to be closed. */
function openTarget(
  shell: Shell,
  descriptors: ReadonlyMap<number, OpenFile>,
  operator: RedirectOperator,
  target: Bytes,
): OpenFile | undefined {
  const world = { system: shell.system, cwd: shell.cwd, umask: shell.umask, identity: shell.identity, descriptors };
  switch (operator) {
    case '<<':
      return openBytes(target);
    case '<&':
    case '>&': {
      if (target === '-') return undefined;
      const file = descriptors.get(Number(target));
      if (file === undefined) throw new RedirectError(`${target}: Bad file descriptor`);
      return file;
    }
    case '<':
      return opened('open', target, () => open(world, target, READ));
    case '<>':
      return opened('create', target, () => open(world, target, BOTH));
    case '>>':
      return opened('create', target, () => open(world, target, APPEND));
    case '>':
    case '>|': {
      const exclusive = operator === '>' && shell.options.has('noclobber');
      return opened('create', target, () => {
        if (!exclusive) return open(world, target, WRITE);
        return openNew(world, target);
      });
    }
  }
}

/** `set -C`: devices may be written to, files only if they are new. */
function openNew(world: Parameters<typeof open>[0], target: Bytes): OpenFile {
  try {
    return open(world, target, { write: true, create: true, exclusive: true });
  } catch (error) {
    if (!(error instanceof PosixError) || error.code !== 'EEXIST') throw error;
    const file = open(world, target, { write: true });
    if (file.path !== undefined && world.system.tree.get(file.path)?.type === 'file') throw error;
    return file;
  }
}

function opened(action: 'open' | 'create', target: Bytes, call: () => OpenFile): OpenFile {
  try {
    return call();
  } catch (error) {
    if (error instanceof PosixError) throw new RedirectError(`cannot ${action} ${target}: ${reason(error, action)}`);
    throw error;
  }
}

function reason(error: PosixError, action: 'open' | 'create'): string {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') return error.message;
  return action === 'open' ? 'No such file' : 'Directory nonexistent';
}
