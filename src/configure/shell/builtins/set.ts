import { isOptionName, listOptions, type OptionName, optionByLetter } from '../options.js';
import type { Shell } from '../shell.js';
import type { Bytes } from '../types.js';
import { quote } from './arguments.js';

interface SetResult {
  /** What is behind the options. */
  readonly rest: readonly Bytes[];
  /** `--` stood there: the parameters are set even to nothing. */
  readonly ended: boolean;
  /** `-c`, only where a shell is started. */
  readonly command: boolean;
  /** `-s`, only where a shell is started. */
  readonly stdin: boolean;
}

/** Reads options as `set` and a starting shell take them (POSIX.1-2017, set and sh), and sets them. */
export function setOptions(shell: Shell, args: readonly Bytes[], starting = false): SetResult {
  let at = 0;
  let command = false;
  let stdin = false;
  const switchOption = (name: OptionName | undefined, on: boolean, written: Bytes): void => {
    if (name === undefined) shell.fail(`Illegal option ${written}`);
    else if (on) shell.options.add(name);
    else shell.options.delete(name);
  };
  for (; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    const on = arg.startsWith('-');
    if (!on && !arg.startsWith('+')) break;
    if (arg === '-' || arg === '--') {
      if (arg === '-' && !starting) {
        shell.options.delete('xtrace');
        shell.options.delete('verbose');
      }
      return { rest: args.slice(at + 1), ended: arg === '--', command, stdin };
    }
    for (const letter of arg.slice(1)) {
      if (starting && letter === 'c') command = true;
      else if (starting && letter === 'l') continue;
      else if (starting && letter === 's') stdin = true;
      else if (letter === 'o') {
        at += 1;
        const name = args[at];
        if (name === undefined) shell.write(1, listOptions(shell.options, !on));
        else switchOption(isOptionName(name, shell.dialect) ? name : undefined, on, `-o ${name}`);
      } else switchOption(optionByLetter(letter), on, `-${letter}`);
    }
  }
  return { rest: args.slice(at), ended: false, command, stdin };
}

/** `set`: prints the variables, sets options and parameters. */
export function set(shell: Shell, args: readonly Bytes[]): number {
  if (args.length === 1) {
    const set = shell.variables.entries().filter(([, { value }]) => value !== undefined);
    shell.write(1, set.map(([name, { value = '' }]) => `${name}=${quote(value)}\n`).join(''));
    return 0;
  }
  const { rest, ended } = setOptions(shell, args.slice(1));
  if (ended || rest.length > 0) shell.parameters = { list: rest, index: 1, offset: -1 };
  return 0;
}

/** `shift [n]` */
export function shift(shell: Shell, args: readonly Bytes[]): number {
  const { list } = shell.parameters;
  const count = args[1] === undefined ? 1 : Number(args[1]);
  if (!Number.isInteger(count) || count < 0) shell.fail(`Illegal number: ${args[1]}`);
  if (count > list.length) shell.fail("can't shift that many");
  shell.parameters = { list: list.slice(count), index: 1, offset: -1 };
  return 0;
}
