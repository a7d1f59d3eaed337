import type { Shell } from '../shell.js';
import { isName } from '../syntax.js';
import type { Bytes } from '../types.js';
import { parseOptions, quote } from './arguments.js';

/** `export` and `readonly` */
export function declare(shell: Shell, args: readonly Bytes[]): number {
  const { options, rest } = parseOptions(shell, args, 'p');
  const attributes = args[0] === 'readonly' ? { readOnly: true } : { exported: true };
  if (options.length > 0 || rest.length === 0) {
    const lines = shell.variables
      .entries()
      .filter(([, variable]) => (args[0] === 'readonly' ? variable.readOnly : variable.exported))
      .map(([name, { value }]) => `${args[0]} ${name}${value === undefined ? '' : `=${quote(value)}`}\n`);
    shell.write(1, lines.join(''));
    return 0;
  }
  for (const operand of rest) {
    const { name, value } = splitAssignment(shell, operand);
    if (value === undefined) shell.variables.mark(name, attributes);
    else shell.setVariable(name, value, attributes);
  }
  return 0;
}

/** `local`, which dash has: a variable keeps its value until it is set. `local -` is for the options. */
export function local(shell: Shell, args: readonly Bytes[]): number {
  for (const operand of args.slice(1)) {
    if (operand === '-') {
      if (!shell.variables.saveOptions(shell.options)) shell.fail('not in a function');
      continue;
    }
    const { name, value } = splitAssignment(shell, operand);
    if (!shell.variables.makeLocal(name)) shell.fail('not in a function');
    if (value !== undefined) shell.setVariable(name, value);
  }
  return 0;
}

/** `unset [-fv] name …` */
export function unset(shell: Shell, args: readonly Bytes[]): number {
  const { options, rest } = parseOptions(shell, args, 'vf');
  for (const name of rest) {
    if (options.at(-1)?.[0] === 'f') shell.functions.delete(name);
    else shell.setVariable(splitAssignment(shell, name).name, undefined);
  }
  return 0;
}

function splitAssignment(shell: Shell, operand: Bytes): { name: Bytes; value: Bytes | undefined } {
  const end = operand.indexOf('=');
  const name = end < 0 ? operand : operand.slice(0, end);
  if (!isName(name)) shell.fail(`${name}: bad variable name`);
  return { name, value: end < 0 ? undefined : operand.slice(end + 1) };
}

/** `alias [name[=value] …]` */
export function alias(shell: Shell, args: readonly Bytes[]): number {
  const print = (name: Bytes, value: Bytes): void => shell.write(1, `${name}=${quote(value)}\n`);
  if (args.length === 1) for (const [name, value] of shell.aliases) print(name, value);
  let status = 0;
  for (const operand of args.slice(1)) {
    const end = operand.indexOf('=', 1);
    const value = shell.aliases.get(operand);
    if (end > 0) shell.aliases.set(operand.slice(0, end), operand.slice(end + 1));
    else if (value !== undefined) print(operand, value);
    else {
      shell.write(2, `alias: ${operand} not found\n`);
      status = 1;
    }
  }
  return status;
}

/** `unalias [-a] name …` */
export function unalias(shell: Shell, args: readonly Bytes[]): number {
  const { options, rest } = parseOptions(shell, args, 'a');
  if (options.length > 0) shell.aliases.clear();
  let status = 0;
  for (const name of rest) {
    if (shell.aliases.delete(name)) continue;
    shell.write(2, `unalias: ${name} not found\n`);
    status = 1;
  }
  return status;
}
