import { type Builtin, builtins } from './builtins/index.js';
import { evaluate } from './execute.js';
import { expandAssignment, expandFields, expandQuoted } from './expand.js';
import { runExternal, shellProcess } from './external.js';
import { DEFAULT_PATH } from './lookup.js';
import { PosixError } from './posix-error.js';
import { RedirectError, redirect } from './redirect.js';
import { type Shell, ShellError, type ShellFunction } from './shell.js';
import { isSpecialBuiltin } from './special.js';
import type { Assignment, Simple, Word } from './syntax.js';
import type { Bytes, OpenFile } from './types.js';
import { readQuotedText } from './word-parser.js';

/** Builtins whose arguments are expanded like assignments where they look like ones. */
const ASSIGNING = new Set(['alias', 'export', 'local', 'readonly']);

type Target =
  | { readonly type: 'builtin'; readonly builtin: Builtin }
  | { readonly type: 'function'; readonly definition: ShellFunction };

/** What a simple command turned out to run. */
interface Invocation {
  readonly args: readonly Bytes[];
  /** What the first of `args` is in the shell; undefined for a command outside of it. */
  readonly target: Target | undefined;
  /** A special builtin: assignments before it stay, its errors end the shell. */
  readonly special: boolean;
  /** `command -p` */
  readonly path: Bytes | undefined;
}

/** Runs a simple command (POSIX.1-2017, 2.9.1): expansions, redirections, assignments, in this order, as dash does. */
export function evaluateSimple(shell: Shell, command: Simple, tested: boolean): number {
  shell.line = command.line;
  shell.substitutionStatus = 0;
  const invocation = expandCommand(shell, command.words);
  const { args, special, target } = invocation;
  const isExec = target?.type === 'builtin' && args[0] === 'exec';
  const scope = args.length > 0 && !special ? shell.variables.openScope() : undefined;
  const before = shell.descriptors;
  try {
    try {
      shell.descriptors = redirect(shell, command.redirects);
    } catch (error) {
      if (!(error instanceof RedirectError)) throw error;
      const text = shell.warn(error.message);
      if (special) throw new ShellError(text);
      return 2;
    }
    const values = assign(shell, command.assignments, scope !== undefined, isExec && args.length > 1);
    if (shell.options.has('xtrace')) trace(shell, before, values, args);
    return invoke(shell, invocation, tested);
  } finally {
    if (!isExec) shell.descriptors = before;
    const options = scope === undefined ? undefined : shell.variables.closeScope(scope);
    if (options !== undefined) shell.options = new Set(options);
  }
}

function assign(shell: Shell, assignments: readonly Assignment[], local: boolean, exported: boolean): Bytes[] {
  return assignments.map(({ name, value }) => {
    const text = expandAssignment(shell, value);
    if (local) shell.variables.makeLocal(name);
    shell.setVariable(name, text, local || exported ? { exported: true } : {});
    return `${name}=${text}`;
  });
}

/** Expands a command's words from left to right, and finds out behind which of them the command is. */
function expandCommand(shell: Shell, words: readonly Word[]): Invocation {
  const fields: Bytes[] = [];
  let next = 0;
  const need = (count: number): boolean => {
    while (fields.length < count && next < words.length) {
      for (const field of expandFields(shell, words[next] ?? [])) fields.push(field);
      next += 1;
    }
    return fields.length >= count;
  };
  let at = 0;
  let path: Bytes | undefined;
  if (need(1)) {
    while (fields[at] === 'command' && builtinAt(shell, fields, at) !== undefined) {
      const prefix = commandPrefix(fields, at, need);
      if (prefix === undefined) break;
      at = prefix.at;
      if (prefix.standardPath) path = DEFAULT_PATH;
    }
  }
  const builtin = builtinAt(shell, fields, at);
  const assigning = builtin !== undefined && ASSIGNING.has(fields[at] ?? '');
  for (; next < words.length; next += 1) {
    const word = words[next] ?? [];
    const first = word[0];
    const isAssignment = assigning && first?.type === 'text' && /^[A-Za-z_][A-Za-z0-9_]*=/.test(first.text);
    if (isAssignment) fields.push(expandDeclaration(shell, first.text, word.slice(1)));
    else for (const field of expandFields(shell, word)) fields.push(field);
  }
  const args = fields.slice(at);
  const definition = at === 0 ? shell.functions.get(args[0] ?? '') : undefined;
  const special = isSpecialBuiltin(fields[0] ?? '');
  if (builtin !== undefined) return { args, target: { type: 'builtin', builtin }, special, path };
  return { args, target: definition && { type: 'function', definition }, special, path };
}

function builtinAt(shell: Shell, fields: readonly Bytes[], at: number): Builtin | undefined {
  const name = fields[at];
  if (name === undefined) return undefined;
  const hidden = at === 0 && shell.functions.has(name) && !isSpecialBuiltin(name);
  return hidden ? undefined : builtins.get(name);
}

/** `command [-p] [--] name`: where the name is. Other options are the builtin's own. */
function commandPrefix(
  fields: readonly Bytes[],
  start: number,
  need: (count: number) => boolean,
): { at: number; standardPath: boolean } | undefined {
  let standardPath = false;
  for (let at = start + 1; need(at + 1); at += 1) {
    const field = fields[at] ?? '';
    if (field === '--') return need(at + 2) ? { at: at + 1, standardPath } : undefined;
    if (!field.startsWith('-') || field === '-') return { at, standardPath };
    if (!/^-p+$/.test(field)) return undefined;
    standardPath = true;
  }
  return undefined;
}

function expandDeclaration(shell: Shell, first: Bytes, rest: Word): Bytes {
  const end = first.indexOf('=') + 1;
  const text = first.slice(end);
  const value: Word = text === '' ? rest : [{ type: 'text', text }, ...rest];
  return first.slice(0, end) + expandAssignment(shell, value);
}

function trace(
  shell: Shell,
  descriptors: ReadonlyMap<number, OpenFile>,
  assignments: readonly Bytes[],
  args: readonly Bytes[],
): void {
  if (shell.tracing) return;
  shell.tracing = true;
  const prompt = expandQuoted(shell, readQuotedText(shell.getVariable('PS4') ?? ''));
  shell.tracing = false;
  descriptors.get(2)?.write(`${prompt}${[...assignments, ...args].join(' ')}\n`);
}

function invoke(shell: Shell, { args, target, special, path }: Invocation, tested: boolean): number {
  if (args.length === 0) return shell.substitutionStatus;
  switch (target?.type) {
    case 'builtin':
      return runBuiltin(shell, target.builtin, args, special, tested);
    case 'function':
      return callFunction(shell, target.definition, args, tested);
    default:
      return runExternal(shell, args, path ?? shell.getVariable('PATH') ?? '');
  }
}

function runBuiltin(shell: Shell, builtin: Builtin, args: readonly Bytes[], special: boolean, tested: boolean): number {
  const before = shell.commandName;
  shell.commandName = args[0];
  try {
    const status = builtin(shell, args, tested);
    shell.status = status;
    return status;
  } catch (error) {
    if (error instanceof PosixError) {
      shell.warn('I/O error');
      return 1;
    }
    // An error ends the shell only where a special builtin makes it.
    if (error instanceof ShellError && !special) return error.status;
    throw error;
  } finally {
    shell.commandName = before;
  }
}

function callFunction(shell: Shell, target: ShellFunction, args: readonly Bytes[], tested: boolean): number {
  return shell.nested(() => {
    if (typeof target === 'function') {
      return target(shell.native(), args, shellProcess(shell, args)) & 255;
    }
    const { parameters, loops } = shell;
    shell.parameters = { list: args.slice(1), index: 1, offset: -1 };
    shell.loops = 0;
    try {
      evaluate(shell, target.body, tested);
    } finally {
      shell.parameters = parameters;
      shell.loops = loops;
    }
    if (shell.skip?.type === 'return') shell.skip = undefined;
    return shell.status;
  });
}
