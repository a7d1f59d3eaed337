import { charge } from '../../shell/budget.js';
import { readAll, readFile } from '../../shell/filesystem.js';
import { PosixError } from '../../shell/posix-error.js';
import type { Bytes, Command, Process, System } from '../../shell/types.js';
import { RegexSyntaxError } from '../regex/syntax.js';
import { OptionError, type OptionTable, optionTable, ParsedOptions, parseOptions } from './options.js';

/** Output is gathered up to this many bytes, as stdio does. */
const BUFFER_BYTES = 65536;

/** Ends a command with a message, `tool: message`, and a status. */
export class CommandFailure extends Error {
  readonly status: number;

  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

/** One run of a command: its parsed command line, its streams, its errors so far. */
export class Call {
  readonly process: Process;
  readonly options: ParsedOptions;
  /** The exit status, where the body gives none. */
  status = 0;
  #output: Bytes[] = [];
  #pending = 0;

  constructor(process: Process, options: ParsedOptions) {
    this.process = process;
    this.options = options;
  }

  get system(): System {
    return this.process.system;
  }

  /** The name that it was called by. */
  get name(): Bytes {
    return this.process.args[0] ?? '';
  }

  get operands(): readonly Bytes[] {
    return this.options.operands;
  }

  /** Writes to the standard output. */
  write(bytes: Bytes): void {
    this.#output.push(bytes);
    this.#pending += bytes.length;
    if (this.#pending >= BUFFER_BYTES) this.flush();
  }

  flush(): void {
    const bytes = this.#output.join('');
    this.#output = [];
    this.#pending = 0;
    if (bytes === '') return;
    const file = this.process.descriptors.get(1);
    if (file === undefined) throw new CommandFailure('write error: Bad file descriptor');
    try {
      file.write(bytes);
    } catch (error) {
      if (error instanceof PosixError) throw new CommandFailure(`write error: ${error.message}`);
      throw error;
    }
  }

  /** Writes to the standard error as it is. */
  complain(bytes: Bytes): void {
    this.flush();
    this.process.descriptors.get(2)?.write(bytes);
  }

  /** Says what went wrong and goes on; the command will fail. */
  warn(message: string, status = 1): void {
    this.complain(`${this.name}: ${message}\n`);
    this.status = Math.max(this.status, status);
  }

  /** Reports what we do not implement, and ends the command with status 2. */
  unsupported(what: string, message = `${what} is not implemented`): never {
    this.report('unsupported', what);
    throw new CommandFailure(message, 2);
  }

  /** Reports for the audit: what is not implemented, or what was left out on purpose. */
  report(type: 'unsupported' | 'left-out', what: string): void {
    const { name: command } = this;
    const { line } = this.process;
    this.system.report(type === 'unsupported' ? { type, command, what, line } : { type, command, why: what, line });
  }

  /** Takes steps from the script's budget: a command that loops calls it. */
  readonly spend = (steps: number): void => charge(this.system, 'steps', steps);

  /** Takes a long text that a command builds up from the script's budget of memory. */
  readonly grow = (bytes: number): void => {
    if (bytes > BUFFER_BYTES) charge(this.system, 'memoryBytes', bytes);
  };

  /** What the standard input still holds. */
  readStdin(): Bytes {
    const file = this.process.descriptors.get(0);
    return file === undefined ? '' : readAll(file);
  }

  /** A file's bytes, `-` being the standard input; undefined, with a warning, where it cannot be read. */
  readInput(name: Bytes, status = 1): Bytes | undefined {
    return this.attempt(name, () => (name === '-' ? this.readStdin() : readFile(this.process, name)), status);
  }

  /** The inputs that the operands name, or the standard input where there is none. */
  *inputs(operands: readonly Bytes[] = this.operands): Generator<{ readonly name: Bytes; readonly text: Bytes }> {
    for (const name of operands.length === 0 ? ['-'] : operands) {
      const text = this.readInput(name);
      if (text !== undefined) yield { name, text };
    }
  }

  /** Runs a system call; where it fails, warns `tool: prefix: why` and gives undefined. */
  attempt<T>(prefix: string, action: () => T, status = 1): T | undefined {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof PosixError)) throw error;
      this.warn(`${prefix}: ${error.message}`, status);
      return undefined;
    }
  }

  spawn(args: readonly Bytes[], changes?: Parameters<Process['spawn']>[1]): number {
    this.flush();
    this.spend(1);
    return this.process.spawn(args, changes);
  }
}

/** What a command does; the result is the exit status, else `call.status` is. */
export type Body = (call: Call) => number | undefined;

interface CommandOptions {
  /** The status for a wrong command line: most tools have 1. */
  readonly usageStatus?: number;
  /** Rewrites old forms such as `head -5` before the options are parsed. */
  readonly rewrite?: (args: readonly Bytes[]) => readonly Bytes[];
  readonly stopAtOperand?: boolean;
}

/** Makes a command of its options (see `optionTable`) and its body. */
export function command(options: readonly string[], body: Body, settings: CommandOptions = {}): Command {
  const table = optionTable(options, { stopAtOperand: settings.stopAtOperand === true });
  return (process) => {
    const args = process.args.slice(1);
    return run(process, body, () => parse(process, table, settings.rewrite?.(args) ?? args));
  };
}

/** Makes a command that reads its arguments itself: they all are operands. */
export function rawCommand(body: Body): Command {
  return (process) => run(process, body, () => new ParsedOptions([], process.args.slice(1)));
}

function parse(process: Process, table: OptionTable, args: readonly Bytes[]): ParsedOptions {
  try {
    return parseOptions(table, args);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    const { line } = process;
    process.system.report({ type: 'unsupported', command: process.args[0] ?? '', what: error.option, line });
    throw new CommandFailure(error.message, 2);
  }
}

function run(process: Process, body: Body, options: () => ParsedOptions): number {
  let call: Call | undefined;
  try {
    call = new Call(process, options());
    const status = body(call) ?? call.status;
    call.flush();
    return status;
  } catch (error) {
    const [message, status] = failureOf(error);
    const bytes = `${process.args[0] ?? ''}: ${message}\n`;
    if (call === undefined) process.descriptors.get(2)?.write(bytes);
    else complainLast(call, bytes);
    return status;
  }
}

function complainLast(call: Call, bytes: Bytes): void {
  try {
    call.complain(bytes);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
  }
}

function failureOf(error: unknown): [message: string, status: number] {
  if (error instanceof CommandFailure) return [error.message, error.status];
  if (error instanceof PosixError) return [error.message, 1];
  if (error instanceof RegexSyntaxError) return [error.message, 2];
  throw error;
}
