import { bytesOf } from '../bytes.js';
import { runExternal } from '../external.js';
import { readFile, tryStat } from '../filesystem.js';
import { PosixError } from '../posix-error.js';
import { ExitSignal, type Shell } from '../shell.js';
import { runSource } from '../source.js';
import type { Bytes } from '../types.js';
import { parseCount } from './arguments.js';

/** `break [n]` and `continue [n]`; outside of a loop they do nothing. */
export function leaveLoop(shell: Shell, args: readonly Bytes[]): number {
  const wanted = args[1] === undefined ? 1 : parseCount(shell, args[1]);
  if (wanted === 0) shell.fail(`Illegal number: ${args[1]}`);
  const levels = Math.min(wanted, shell.loops);
  if (levels > 0) shell.skip = { type: args[0] === 'break' ? 'break' : 'continue', levels };
  return 0;
}

/** `return [n]`; outside of a function it ends the file. */
export function returnFrom(shell: Shell, args: readonly Bytes[]): number {
  const status = args[1] === undefined ? shell.status : parseCount(shell, args[1]);
  shell.skip = { type: 'return' };
  return status;
}

/** `exit [n]`; in a trap without `n` the status is that from before the trap. */
export function exit(shell: Shell, args: readonly Bytes[]): number {
  const status = args[1] === undefined ? (shell.trapStatus ?? shell.status) : parseCount(shell, args[1]);
  throw new ExitSignal(status & 255);
}

/** `eval` */
export function evaluateText(shell: Shell, args: readonly Bytes[], tested: boolean): number {
  if (args.length < 2) return 0;
  return shell.nested(() => runSource(shell, args.slice(1).join(' '), tested));
}

/** `.`: as dash does, a failing command in the file ends a shell with `set -e` even left of `||`. */
export function source(shell: Shell, args: readonly Bytes[]): number {
  const name = args[1] === '--' ? args[2] : args[1];
  if (name === undefined) return 0;
  const path = name.includes('/') ? name : findSource(shell, name);
  const hook = shell.host.sources.get(path) ?? shell.host.sources.get(bytesOf(tryStat(shell, path)?.path ?? ''));
  if (hook !== undefined) {
    hook(shell.native());
    return 0;
  }
  let text: Bytes;
  try {
    text = readFile(shell, path);
  } catch (error) {
    if (!(error instanceof PosixError)) throw error;
    shell.fail(`cannot open ${path}: ${error.code === 'ENOENT' ? 'No such file' : error.message}`);
  }
  shell.commandName = path;
  const status = shell.nested(() => runSource(shell, text, false));
  if (shell.skip?.type === 'return') shell.skip = undefined;
  return status;
}

function findSource(shell: Shell, name: Bytes): Bytes {
  const directories = (shell.getVariable('PATH') ?? '').split(':');
  const found = directories
    .map((directory) => (directory === '' ? name : `${directory}/${name}`))
    .find((path) => tryStat(shell, path)?.type === 'file');
  return found ?? shell.fail(`${name}: not found`);
}

/** `exec`: without a command only its redirections count, which stay. */
export function execute(shell: Shell, args: readonly Bytes[]): number {
  const rest = args[1] === '--' ? args.slice(2) : args.slice(1);
  if (rest.length === 0) return 0;
  const status = runExternal(shell, rest, shell.getVariable('PATH') ?? '');
  // The command takes the shell's place: nobody is left to run its trap.
  shell.traps.clear();
  throw new ExitSignal(status);
}

/** `wait [pid …]`: everything in the background has ended. */
export function wait(shell: Shell, args: readonly Bytes[]): number {
  let status = 0;
  for (const operand of args.slice(1)) {
    status = shell.jobs.get(Number(operand)) ?? 127;
    shell.jobs.delete(Number(operand));
  }
  return status;
}

/** `times`: no time passes in here. */
export function times(shell: Shell): number {
  shell.write(1, '0m0.000000s 0m0.000000s\n0m0.000000s 0m0.000000s\n');
  return 0;
}
