import { KoalaError } from '../../formats/errors.js';
import { budgetOf, OutOfBudget } from './budget.js';
import { setOptions } from './builtins/set.js';
import { runToEnd } from './execute.js';
import { readAll, readFile } from './filesystem.js';
import { openBytes, openSink } from './open-file.js';
import { PosixError } from './posix-error.js';
import { type Dialect, type Host, type NativeFunction, Shell, type ShellVariables } from './shell.js';
import { runSource } from './source.js';
import type { Bytes, Process, System } from './types.js';

export interface ScriptOptions {
  readonly script: Bytes;
  /** `$0` */
  readonly name: Bytes;
  /** `$1` and so on. */
  readonly args?: readonly Bytes[];
  readonly environment?: ReadonlyMap<Bytes, Bytes>;
  /** Canonical, in the tree; `/` unless it is given. */
  readonly cwd?: string;
  readonly stdin?: Bytes;
  /** Functions that the script finds defined. */
  readonly functions?: ReadonlyMap<Bytes, NativeFunction>;
  /** What takes the place of a file that is sourced, by its path. Scripts that are started by this one have them too. */
  readonly sources?: ReadonlyMap<Bytes, (shell: ShellVariables) => void>;
}

export interface ScriptResult {
  /** 0 to 255 */
  readonly status: number;
  readonly stdout: Bytes;
  readonly stderr: Bytes;
  /** The line of the script that it ended at. */
  readonly line: number;
  /** The message of the error that ended the script: of its syntax, an expansion, a special builtin. */
  readonly error?: Bytes;
}

/**
 * Runs a script as `sh`, which is dash here, runs a file, with the options of its first line. What differs is time:
 * nothing runs beside anything else, so that a pipeline's commands run from left to right, each to its end, and `&` runs
 * its command at once.
 *
 * @throws OutOfBudget where a budget is used up: steps, output, memory, nested calls, seconds.
 */
export function runScript(system: System, options: ScriptOptions): ScriptResult {
  const host: Host = { system, sources: options.sources ?? new Map(), depth: 0, lastPid: 1 };
  const stdout = openSink(system);
  const stderr = openSink(system);
  const descriptors = new Map([
    [0, openBytes(options.stdin ?? '')],
    [1, stdout],
    [2, stderr],
  ]);
  const shell = new Shell(host, { descriptors, cwd: options.cwd ?? '/', umask: 0o022 }, options.name);
  importEnvironment(shell, options.environment ?? new Map());
  shell.parameters = { list: options.args ?? [], index: 1, offset: -1 };
  for (const [name, native] of options.functions ?? []) shell.functions.set(name, native);
  const [, interpreter, argument] = /^#![ \t]*(\S+)(?:[ \t]+(\S+))?/.exec(options.script) ?? [];
  if (interpreter?.endsWith('bash') === true) shell.dialect = 'bash';
  try {
    const status = runToEnd(shell, () => {
      if (argument?.startsWith('-') === true) setOptions(shell, [argument]);
      runSource(shell, options.script, false);
    });
    const { error, line } = shell;
    const result = { status, line, stdout: stdout.bytes(), stderr: stderr.bytes() };
    return error === undefined ? result : { ...result, error };
  } catch (error) {
    const { packageName } = system;
    if (error instanceof OutOfBudget) throw new OutOfBudget(packageName, error.what, shell.line);
    // The interpreter nests with the script, and its texts grow with those of the script; the engine has limits of its own.
    if (error instanceof RangeError) throw new OutOfBudget(packageName, budgetOf(error), shell.line);
    throw error instanceof PosixError
      ? new KoalaError('configure', `cannot run ${options.name}: ${error.message}`)
      : error;
  }
}

/** Runs what a `sh` with these arguments would: `-c` and a text, a file, or standard input. */
export function runShell(host: Host, process: Process, dialect: Dialect): number {
  return shellAs(host, process, (shell) => {
    shell.dialect = dialect;
    const { rest, command, stdin } = setOptions(shell, process.args.slice(1), true);
    const operands = [...rest];
    const text = command ? operands.shift() : undefined;
    if (command && text === undefined) shell.fail('-c requires an argument');
    const file = command || stdin ? undefined : operands[0];
    const name = stdin && !command ? undefined : operands.shift();
    if (name !== undefined) shell.name = name;
    shell.parameters = { list: operands, index: 1, offset: -1 };
    return runSource(
      shell,
      text ?? (file === undefined ? readAll(standardInput(process)) : readScript(shell, file)),
      false,
    );
  });
}

function standardInput(process: Process) {
  return process.descriptors.get(0) ?? openBytes('');
}

function readScript(shell: Shell, file: Bytes): Bytes {
  try {
    return readFile(shell, file);
  } catch (error) {
    if (!(error instanceof PosixError)) throw error;
    shell.line = 0;
    return shell.fail(`cannot open ${file}: ${error.code === 'ENOENT' ? 'No such file' : error.message}`);
  }
}

/** A new shell in a process' place, until `run` is done. */
export function shellAs(host: Host, process: Process, run: (shell: Shell) => number): number {
  const shell = new Shell(host, process, process.args[0] ?? 'sh');
  importEnvironment(shell, process.environment);
  return shell.nested(() =>
    runToEnd(shell, () => {
      shell.status = run(shell);
    }),
  );
}

function importEnvironment(shell: Shell, environment: ReadonlyMap<Bytes, Bytes>): void {
  const defaults = { PS1: '# ', PS2: '> ', PS4: '+ ', OPTIND: '1', IFS: ' \t\n', PPID: '1' };
  for (const [name, value] of environment) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) shell.setVariable(name, value, { exported: true });
  }
  for (const [name, value] of Object.entries(defaults)) {
    if (name === 'IFS' || name === 'OPTIND' || shell.getVariable(name) === undefined) shell.setVariable(name, value);
  }
  if (shell.getVariable('PATH') === undefined) {
    shell.setVariable('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
  }
  shell.setVariable('PWD', shell.logicalCwd, { exported: true });
}
