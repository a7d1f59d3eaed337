import { DEFAULT_PATH, findCommand } from '../lookup.js';
import type { Shell } from '../shell.js';
import { isSpecialBuiltin } from '../special.js';
import { isKeyword } from '../tokens.js';
import type { Bytes } from '../types.js';
import { parseOptions, quote } from './arguments.js';
import { builtins } from './index.js';

/** `type name …` */
export function type(shell: Shell, args: readonly Bytes[]): number {
  return describeAll(shell, args.slice(1), true, shell.getVariable('PATH') ?? '');
}

/** `command -v name` and `command -V name`; where it runs something, the shell has taken it off the front. */
export function command(shell: Shell, args: readonly Bytes[]): number {
  const { options, rest } = parseOptions(shell, args, 'pvV');
  const letters = options.map(([letter]) => letter);
  const path = letters.includes('p') ? DEFAULT_PATH : (shell.getVariable('PATH') ?? '');
  const verbose = letters.filter((letter) => letter !== 'p').at(-1) === 'V';
  return describeAll(shell, rest.slice(0, 1), verbose, path);
}

function describeAll(shell: Shell, names: readonly Bytes[], verbose: boolean, path: Bytes): number {
  let status = 0;
  for (const name of names) {
    const text = describe(shell, name, verbose, path);
    if (text !== undefined) shell.write(1, `${text}\n`);
    else {
      if (verbose) shell.write(1, `${name}: not found\n`);
      status = 127;
    }
  }
  return status;
}

function describe(shell: Shell, name: Bytes, verbose: boolean, path: Bytes): Bytes | undefined {
  if (isKeyword(name)) return verbose ? `${name} is a shell keyword` : name;
  const value = shell.aliases.get(name);
  if (value !== undefined) return verbose ? `${name} is an alias for ${value}` : `alias ${name}=${quote(value)}`;
  if (shell.functions.has(name)) return verbose ? `${name} is a shell function` : name;
  if (builtins.has(name)) {
    return verbose ? `${name} is a ${isSpecialBuiltin(name) ? 'special ' : ''}shell builtin` : name;
  }
  const found = findCommand(shell, name, path);
  if (found.type !== 'file' && found.type !== 'virtual') return undefined;
  return verbose ? `${name} is ${found.path}` : found.path;
}

/** `hash [-r] [name …]`: nothing is remembered, a name is only looked for. */
export function hash(shell: Shell, args: readonly Bytes[]): number {
  const { rest } = parseOptions(shell, args, 'r');
  let status = 0;
  for (const name of rest) {
    if (describe(shell, name, false, shell.getVariable('PATH') ?? '') !== undefined) continue;
    shell.warn(`${name}: not found`);
    status = 1;
  }
  return status;
}
