import { charge, OutOfBudget } from './budget.js';
import type { OptionName } from './options.js';
import { PosixError } from './posix-error.js';
import type { World } from './resolve.js';
import type { FunctionDefinition } from './syntax.js';
import type { Bytes, Identity, OpenFile, Process, System } from './types.js';
import { ReadOnlyError, Variables } from './variables.js';

/** dash's own limit for calls of functions, here for everything that nests; the stack of the engine may end before. */
const MAX_DEPTH = 1000;

/** What a function in TypeScript and a hook of `.` see of the shell that runs them. */
export interface ShellVariables {
  get(name: Bytes): Bytes | undefined;
  set(name: Bytes, value: Bytes): void;
  /** Defines a function in TypeScript, in place of whatever had the name. */
  define(name: Bytes, native: NativeFunction): void;
}

/** A shell function in TypeScript; `args` begin with its name, the result is its exit status. */
export type NativeFunction = (shell: ShellVariables, args: readonly Bytes[], process: Process) => number;

/** What a script and all that it starts share. */
export interface Host {
  readonly system: System;
  /** Takes the place of the file where it is sourced, by its path as written. */
  readonly sources: ReadonlyMap<Bytes, (shell: ShellVariables) => void>;
  depth: number;
  lastPid: number;
}

export type ShellFunction = FunctionDefinition | NativeFunction;

/** Ends a shell or a subshell, with its status. */
export class ExitSignal extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

/** An error that ends a shell that is not interactive (POSIX.1-2017, 2.8.1). It has been printed. */
export class ShellError extends ExitSignal {
  readonly text: string;

  constructor(text: string, status = 2) {
    super(status);
    this.text = text;
  }
}

/** `break`, `continue` or `return` on its way: commands are passed over until it arrives. */
type Skip = { readonly type: 'break' | 'continue'; readonly levels: number } | { readonly type: 'return' };

/** What the script asks for in its first line. Ours is one shell: what only bash has is reported. */
export type Dialect = 'sh' | 'bash';

export interface Parameters {
  readonly list: readonly Bytes[];
  /** `getopts`: the next argument, from 1, and the next character in the one before; -1 where that is at its end. */
  index: number;
  offset: number;
}

/** The state of one shell environment (POSIX.1-2017, 2.12). */
export class Shell {
  readonly host: Host;
  readonly system: System;
  variables = new Variables();
  functions = new Map<Bytes, ShellFunction>();
  aliases = new Map<Bytes, Bytes>();
  options = new Set<OptionName>();
  traps = new Map<string, Bytes>();
  descriptors: ReadonlyMap<number, OpenFile>;
  parameters: Parameters = { list: [], index: 1, offset: -1 };
  /** `$0` */
  name: Bytes;
  /** Canonical, in the tree. */
  cwd: string;
  /** As `pwd` says it: with the links that led here. */
  logicalCwd: Bytes;
  umask: number;
  readonly identity: Identity | undefined;
  dialect: Dialect = 'sh';
  status = 0;
  line = 1;
  /** `$$`, which a subshell shares. */
  pid: number;
  lastBackground: number | undefined;
  /** Exit status by process id, for `wait`. */
  jobs = new Map<number, number>();
  skip: Skip | undefined;
  loops = 0;
  /** The status of the last command substitution in the command that is being run. */
  substitutionStatus = 0;
  /** The status that `exit` without an operand takes in a trap. */
  trapStatus: number | undefined;
  pendingSignals: string[] = [];
  /** The command whose message is printed. */
  commandName: Bytes | undefined;
  tracing = false;
  /** The message of the error that ended the shell. */
  error: Bytes | undefined;

  constructor(host: Host, world: Omit<World, 'system'>, name: Bytes) {
    this.host = host;
    this.system = host.system;
    this.descriptors = world.descriptors;
    this.cwd = world.cwd;
    this.logicalCwd = world.cwd;
    this.umask = world.umask;
    this.identity = world.identity;
    this.name = name;
    this.pid = nextPid(host);
  }

  /** A subshell: the same state, and no way back. Traps are reset, but for signals that are ignored. */
  fork(): Shell {
    const copy: Shell = Object.assign(Object.create(Shell.prototype), this);
    copy.variables = this.variables.copy();
    copy.functions = new Map(this.functions);
    copy.aliases = new Map(this.aliases);
    copy.options = new Set(this.options);
    copy.traps = new Map([...this.traps].filter(([, action]) => action === ''));
    copy.parameters = { ...this.parameters };
    copy.jobs = new Map();
    copy.trapStatus = undefined;
    return copy;
  }

  /** @throws OutOfBudget where the calls are too deep. */
  nested<T>(run: () => T): T {
    if (this.host.depth >= MAX_DEPTH) throw tooDeep(this.system);
    this.host.depth += 1;
    try {
      return run();
    } finally {
      this.host.depth -= 1;
    }
  }

  step(): void {
    charge(this.system, 'steps', 1);
  }

  getVariable(name: Bytes): Bytes | undefined {
    return this.variables.get(name);
  }

  /** Sets, or with undefined unsets, a variable, and does what depends on it. */
  setVariable(
    name: Bytes,
    value: Bytes | undefined,
    attributes: { exported?: boolean; readOnly?: boolean } = {},
  ): void {
    if (value !== undefined) charge(this.system, 'memoryBytes', value.length);
    const all = this.options.has('allexport') && value !== undefined ? { exported: true, ...attributes } : attributes;
    try {
      this.variables.set(name, value, all);
    } catch (error) {
      if (error instanceof ReadOnlyError) this.fail(error.message);
      throw error;
    }
    if (name === 'OPTIND') {
      this.parameters.index = Number.parseInt(value ?? '1', 10) || 1;
      this.parameters.offset = -1;
    }
  }

  write(descriptor: number, text: Bytes): void {
    const file = this.descriptors.get(descriptor);
    if (file === undefined) throw new PosixError('EBADF');
    file.write(text);
  }

  /** Prints a message as dash does; where standard error is closed or full it is lost. */
  warn(message: Bytes): Bytes {
    const command = this.commandName === undefined ? '' : `${this.commandName}: `;
    const text = `${this.name}: ${this.line}: ${command}${message}`;
    try {
      this.write(2, `${text}\n`);
    } catch (error) {
      if (!(error instanceof PosixError)) throw error;
    }
    return text;
  }

  /** Prints a message and ends the shell, unless a builtin utility that is not special fails. */
  fail(message: Bytes, status = 2): never {
    throw new ShellError(this.warn(message), status);
  }

  /** What native code may do with this shell. */
  native(): ShellVariables {
    return {
      get: (name) => this.getVariable(name),
      set: (name, value) => this.setVariable(name, value),
      define: (name, native) => this.functions.set(name, native),
    };
  }
}

export function nextPid(host: Host): number {
  host.lastPid += 1;
  return host.lastPid;
}

function tooDeep(system: System): OutOfBudget {
  return new OutOfBudget(system.packageName, 'nested calls');
}
