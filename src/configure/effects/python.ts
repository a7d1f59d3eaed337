import type { Command } from '../shell/types.js';
import { commandName, complain, unsupported } from './console.js';

/** Python as packages of Python itself call it: to compile their modules, which is left out as for py3compile. */
const python: Command = (process) => {
  const { system, line } = process;
  if (process.args.some((arg) => /(?:^|\/)(?:py_compile|compileall)(?:\.py)?$/.test(arg))) {
    const why = 'Python byte code is not the same from one build to the next; it is made when it is needed';
    system.report({ type: 'left-out', command: commandName(process), why, line });
    return 0;
  }
  unsupported(process, 'a Python program');
  complain(process, `${commandName(process)}: programs are not interpreted`);
  return 2;
};

const NEWEST = 20;

/** By the names of all interpreters that there may be: `python3`, `python3.13`. */
export const PYTHON_COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['python3', python],
  ...Array.from({ length: NEWEST }, (_, minor) => [`python3.${minor}`, python] as const),
]);
