import { nameOf } from '../../formats/path.js';
import { charge } from './budget.js';
import { utilities } from './builtins/index.js';
import { bytesOfBuffer, pathOf } from './bytes.js';
import { readBuffer } from './filesystem.js';
import { DEFAULT_PATH, type Found, findCommand } from './lookup.js';
import { PosixError } from './posix-error.js';
import { runShell, shellAs } from './script.js';
import type { Host, Shell } from './shell.js';
import type { Bytes, Command, Process } from './types.js';

const SHELLS = new Set(['sh', 'dash', 'bash']);
/** What a script for bash may use and dash does not have. */
const BASH_WORDS = new Set(['[[', 'declare', 'let', 'mapfile', 'readarray', 'shopt', 'source', 'typeset']);
/** Linux looks no further for the end of a `#!` line (execve(2)). */
const INTERPRETER_LINE = 256;

/** How a command ended, or why it did not begin. */
interface Outcome {
  readonly status: number;
  readonly failure?: string;
}

const NOT_FOUND: Outcome = { status: 127, failure: 'not found' };
const REFUSED: Outcome = { status: 126, failure: 'Permission denied' };

/** Runs a command that is no part of the shell, and waits for it. */
export function runExternal(shell: Shell, args: readonly Bytes[], path: Bytes): number {
  const name = args[0] ?? '';
  const { system, line, host } = shell;
  if (shell.dialect === 'bash' && BASH_WORDS.has(name)) {
    system.report({ type: 'unsupported', command: 'bash', what: name, line });
  }
  const process = shellProcess(shell, args);
  const { status, failure } = start(host, process, findCommand(shell, name, path));
  if (failure !== undefined) shell.warn(`${name}: ${failure}`);
  return status;
}

/** The process that a command of this shell would be. */
export function shellProcess(shell: Shell, args: readonly Bytes[]): Process {
  const { system, cwd, umask, identity, descriptors, line } = shell;
  const environment = shell.variables.environment();
  return processOf(shell.host, { system, args, environment, cwd, umask, identity, descriptors, line });
}

function processOf(host: Host, self: Omit<Process, 'spawn'>): Process {
  return {
    ...self,
    spawn(args, changes = {}) {
      charge(host.system, 'steps', 1);
      const process = processOf(host, { ...self, ...changes, args });
      const path = process.environment.get('PATH') ?? DEFAULT_PATH;
      return start(host, process, findCommand(process, args[0] ?? '', path)).status;
    },
  };
}

function start(host: Host, process: Process, found: Found): Outcome {
  const { system, args } = process;
  const name = nameOf(args[0] ?? '');
  switch (found.type) {
    case 'missing':
      return unknown(process, args[0] ?? '', false);
    case 'refused':
      return REFUSED;
  }
  const names = found.type === 'file' ? [name, nameOf(found.canonical)] : [name];
  const command = names.map((each) => system.commands.get(each)).find((each) => each !== undefined);
  if (command !== undefined) return runCommand(command, process);
  const shellName = names.find((each) => SHELLS.has(each));
  if (shellName !== undefined) {
    const program = programOf(process);
    if (program !== undefined) return runCommand(program, { ...process, args: args.slice(1) });
    return { status: runShell(host, process, shellName === 'bash' ? 'bash' : 'sh') };
  }
  const utility = utilities.get(name);
  if (utility !== undefined) return { status: shellAs(host, process, (shell) => utility(shell, args, false)) };
  return found.type === 'file' ? startFile(host, process, found.path) : unknown(process, name, false);
}

/** Ours for the program that a shell is told to read (`bash /usr/bin/some-tool`): it stands for it however it is started. */
function programOf({ system, args }: Process): Command | undefined {
  const [, name] = /^\/(?:usr\/)?s?bin\/([^/]+)$/.exec(args[1] ?? '') ?? [];
  return name === undefined ? undefined : system.commands.get(name);
}

/** A file that is a script, for whatever interpreter its first line names; without one it is a script for the shell. */
function startFile(host: Host, process: Process, path: Bytes): Outcome {
  const head = bytesOfBuffer(readBuffer(process, path).subarray(0, INTERPRETER_LINE));
  const [, interpreter, argument] = /^#![ \t]*([^ \t\n]+)(?:[ \t]+([^\n]*?))?[ \t]*(?:\n|$)/.exec(head) ?? [];
  if (interpreter === undefined) {
    if (/^\x7fELF|\0/.test(head)) return unknown(process, process.args[0] ?? '', true);
    return { status: runShell(host, { ...process, args: ['sh', path, ...process.args.slice(1)] }, 'sh') };
  }
  const found = findCommand(process, interpreter, '');
  if (found.type !== 'file' && found.type !== 'virtual') return NOT_FOUND;
  const name = nameOf(interpreter);
  if (!SHELLS.has(name) && !process.system.commands.has(name)) return unknown(process, process.args[0] ?? '', true);
  const rest = argument === undefined || argument === '' ? [] : [argument];
  return start(host, { ...process, args: [interpreter, ...rest, path, ...process.args.slice(1)] }, found);
}

function unknown({ system, line }: Process, command: Bytes, inTree: boolean): Outcome {
  system.report({ type: 'unknown-command', command: pathOf(command), line, inTree });
  return NOT_FOUND;
}

/** A command that leaves an error of the file system to others gets what perror(3) would have said. */
function runCommand(command: Command, process: Process): Outcome {
  try {
    return { status: command(process) & 255 };
  } catch (error) {
    if (!(error instanceof PosixError)) throw error;
    try {
      process.descriptors.get(2)?.write(`${nameOf(process.args[0] ?? '')}: ${error.message}\n`);
    } catch (nested) {
      if (!(nested instanceof PosixError)) throw nested;
    }
    return { status: 1 };
  }
}
