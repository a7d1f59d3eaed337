import { charge } from './budget.js';
import { expandFields, expandPattern, expandWord } from './expand.js';
import { openBytes, openDevice, openSink } from './open-file.js';
import { compilePattern } from './pattern.js';
import { RedirectError, redirect } from './redirect.js';
import { ExitSignal, nextPid, type Shell, ShellError } from './shell.js';
import { evaluateSimple } from './simple.js';
import { runExitTrap, runPendingTraps } from './source.js';
import type { Node, Redirect } from './syntax.js';
import type { Bytes, OpenFile } from './types.js';

/**
 * Runs a command.
 *
 * @param tested whether its status is looked at (a condition, left of `&&`, behind `!`), so that `set -e` does not count.
 * @throws ExitSignal where the shell ends.
 */
export function evaluate(shell: Shell, node: Node, tested: boolean): number {
  if (shell.options.has('noexec')) return shell.status;
  shell.step();
  if (shell.pendingSignals.length > 0) runPendingTraps(shell);
  switch (node.type) {
    case 'sequence': {
      let status = 0;
      for (const command of node.commands) {
        status = evaluate(shell, command, tested);
        if (shell.skip !== undefined) break;
      }
      return status;
    }
    case 'conditions': {
      const last = node.rest.length - 1;
      let status = evaluate(shell, node.first, true);
      for (const [index, { operator, command }] of node.rest.entries()) {
        if (shell.skip !== undefined) break;
        if ((status === 0) === (operator === '&&')) status = evaluate(shell, command, tested || index < last);
      }
      return status;
    }
    case 'not': {
      const status = evaluate(shell, node.command, true);
      // What `return` and `break` give is not negated.
      if (shell.skip !== undefined) return setStatus(shell, status);
      return setStatus(shell, status === 0 ? 1 : 0);
    }
    case 'if': {
      const test = evaluate(shell, node.test, true);
      if (shell.skip !== undefined) return test;
      const branch = test === 0 ? node.then : node.otherwise;
      return setStatus(shell, branch === undefined ? 0 : evaluate(shell, branch, tested));
    }
    case 'while':
      return setStatus(shell, evaluateWhile(shell, node, tested));
    case 'for':
      return setStatus(shell, evaluateFor(shell, node, tested));
    case 'case':
      return setStatus(shell, evaluateCase(shell, node, tested));
    case 'function':
      shell.functions.set(node.name, node);
      return setStatus(shell, 0);
    case 'redirected': {
      shell.line = node.line;
      return setStatus(shell, evaluateRedirected(shell, node.body, node.redirects, tested));
    }
    case 'simple':
      return checked(shell, evaluateSimple(shell, node, tested), tested);
    case 'subshell': {
      shell.line = node.line;
      const run = (sub: Shell) => {
        sub.descriptors = redirectOrFail(sub, node.redirects);
        evaluate(sub, node.body, tested);
      };
      return checked(shell, inSubshell(shell, shell.descriptors, run), tested);
    }
    case 'pipeline':
      shell.line = node.line;
      return checked(shell, evaluatePipeline(shell, node.commands, tested), tested);
    case 'background':
      shell.line = node.line;
      return setStatus(shell, evaluateBackground(shell, node.command));
  }
}

function setStatus(shell: Shell, status: number): number {
  shell.status = status;
  return status;
}

/** `set -e` (POSIX.1-2017, 2.14.1 set): what counts is whether anyone looks at the status. */
function checked(shell: Shell, status: number, tested: boolean): number {
  shell.status = status;
  if (status !== 0 && !tested && shell.options.has('errexit')) throw new ExitSignal(status);
  return status;
}

type Typed<T extends Node['type']> = Extract<Node, { type: T }>;

/** What is left of `break` and `continue` when they arrive at a loop: whether the loop ends. */
function endsLoop(shell: Shell): boolean {
  const { skip } = shell;
  if (skip === undefined) return false;
  if (skip.type === 'return') return true;
  if (skip.levels > 1) {
    shell.skip = { type: skip.type, levels: skip.levels - 1 };
    return true;
  }
  shell.skip = undefined;
  return skip.type === 'break';
}

function evaluateWhile(shell: Shell, { until, test, body }: Typed<'while'>, tested: boolean): number {
  let status = 0;
  shell.loops += 1;
  for (;;) {
    const condition = evaluate(shell, test, true);
    if (shell.skip !== undefined) {
      if (shell.skip.type === 'return') status = condition;
      if (endsLoop(shell)) break;
      continue;
    }
    if ((condition === 0) === until) break;
    status = evaluate(shell, body, tested);
    if (endsLoop(shell)) break;
  }
  shell.loops -= 1;
  return status;
}

function evaluateFor(shell: Shell, { variable, words, body, line }: Typed<'for'>, tested: boolean): number {
  shell.line = line;
  const values = words.flatMap((word) => expandFields(shell, word));
  let status = 0;
  shell.loops += 1;
  for (const value of values) {
    shell.setVariable(variable, value);
    status = evaluate(shell, body, tested);
    if (endsLoop(shell)) break;
  }
  shell.loops -= 1;
  return status;
}

function evaluateCase(shell: Shell, { word, items, line }: Typed<'case'>, tested: boolean): number {
  shell.line = line;
  const subject = expandWord(shell, word);
  for (const { patterns, body } of items) {
    for (const pattern of patterns) {
      shell.step();
      if (compilePattern(expandPattern(shell, pattern)).matches(subject)) {
        return body === undefined ? 0 : evaluate(shell, body, tested);
      }
    }
  }
  return 0;
}

function evaluateRedirected(shell: Shell, body: Node, redirects: readonly Redirect[], tested: boolean): number {
  const before = shell.descriptors;
  try {
    shell.descriptors = redirect(shell, redirects);
  } catch (error) {
    if (!(error instanceof RedirectError)) throw error;
    shell.warn(error.message);
    return checked(shell, 2, tested);
  }
  try {
    return evaluate(shell, body, tested);
  } finally {
    shell.descriptors = before;
  }
}

function redirectOrFail(shell: Shell, redirects: readonly Redirect[]): ReadonlyMap<number, OpenFile> {
  try {
    return redirect(shell, redirects);
  } catch (error) {
    if (error instanceof RedirectError) shell.fail(error.message);
    throw error;
  }
}

/** Runs in a copy of the shell, to its end. */
function inSubshell(shell: Shell, descriptors: ReadonlyMap<number, OpenFile>, run: (sub: Shell) => void): number {
  return shell.nested(() => {
    const sub = shell.fork();
    sub.descriptors = descriptors;
    return runToEnd(sub, () => run(sub));
  });
}

/** Runs a shell until it ends or is ended, then its trap on EXIT. The result is its status. */
export function runToEnd(shell: Shell, run: () => void): number {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ExitSignal)) throw error;
    shell.status = error.status;
    if (error instanceof ShellError) shell.error = error.text;
  }
  return runExitTrap(shell);
}

/**
 * All commands of a pipeline run one after the other, each with the whole output of the one before. The status is the last
 * one's; with bash's `pipefail` that of the last one that failed.
 */
function evaluatePipeline(shell: Shell, commands: readonly Node[], tested: boolean): number {
  let input = shell.descriptors.get(0);
  let status = 0;
  let failed = 0;
  for (const [index, command] of commands.entries()) {
    const descriptors = new Map(shell.descriptors);
    if (input === undefined) descriptors.delete(0);
    else descriptors.set(0, input);
    const output = index < commands.length - 1 ? openSink(shell.system) : undefined;
    if (output !== undefined) descriptors.set(1, output);
    status = inSubshell(shell, descriptors, (sub) => evaluate(sub, command, tested));
    if (status !== 0) failed = status;
    input = output === undefined ? undefined : openBytes(output.bytes());
  }
  return shell.options.has('pipefail') ? failed : status;
}

/** There is nothing to wait for: the command runs to its end, and its status is kept for `wait`. */
function evaluateBackground(shell: Shell, command: Node): number {
  const descriptors = new Map(shell.descriptors);
  const nothing = openDevice(shell.system, 3);
  if (nothing !== undefined) descriptors.set(0, nothing);
  const status = inSubshell(shell, descriptors, (sub) => evaluate(sub, command, false));
  const pid = nextPid(shell.host);
  shell.lastBackground = pid;
  shell.jobs.set(pid, status);
  return 0;
}

/** The output of a command substitution, without its last newlines. */
export function substituteCommand(shell: Shell, body: Node | undefined): Bytes {
  if (body === undefined) return '';
  const output = openSink(shell.system);
  const descriptors = new Map(shell.descriptors).set(1, output);
  shell.substitutionStatus = inSubshell(shell, descriptors, (sub) => evaluate(sub, body, false));
  const text = output.bytes();
  charge(shell.system, 'memoryBytes', text.length);
  let end = text.length;
  while (text.charAt(end - 1) === '\n') end -= 1;
  return text.slice(0, end).replaceAll('\0', '');
}
