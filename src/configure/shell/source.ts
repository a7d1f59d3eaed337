import { evaluate } from './execute.js';
import { Parser } from './parser.js';
import { Reader } from './reader.js';
import { ExitSignal, type Shell } from './shell.js';
import { type Node, ShellSyntaxError } from './syntax.js';
import type { Bytes } from './types.js';

/**
 * Parses and runs a text line by line: a script, what `.` reads, an argument of `eval`, the action of a trap.
 *
 * @throws ExitSignal where the shell ends, a syntax error included.
 */
export function runSource(shell: Shell, text: Bytes, tested: boolean): number {
  const parser = new Parser(new Reader(text, 1, shell.dialect === 'bash'), shell.aliases);
  let status = 0;
  for (;;) {
    const node = nextLine(shell, parser);
    if (node === 'end') return status;
    if (node !== undefined) status = evaluate(shell, node, tested);
    if (shell.skip !== undefined) return status;
  }
}

function nextLine(shell: Shell, parser: Parser): Node | undefined | 'end' {
  try {
    return parser.line();
  } catch (error) {
    if (!(error instanceof ShellSyntaxError)) throw error;
    shell.line = error.line;
    if (shell.dialect === 'bash') {
      shell.system.report({ type: 'unsupported', command: 'bash', what: error.message, line: error.line });
    }
    return shell.fail(error.message);
  }
}

/** Runs the actions of signals that came in; `$?` is afterwards what it was. */
export function runPendingTraps(shell: Shell): void {
  if (shell.skip !== undefined) return;
  for (;;) {
    const signal = shell.pendingSignals.shift();
    if (signal === undefined) return;
    const action = shell.traps.get(signal);
    if (action === undefined) continue;
    const { status, trapStatus } = shell;
    shell.trapStatus = status;
    runSource(shell, action, false);
    shell.trapStatus = trapStatus;
    if (!isReturning(shell)) shell.status = status;
  }
}

function isReturning({ skip }: Shell): boolean {
  return skip?.type === 'return';
}

/** Runs the trap on EXIT, once. The result is the shell's last status: the trap changes it only by ending the shell. */
export function runExitTrap(shell: Shell): number {
  const action = shell.traps.get('EXIT');
  if (action === undefined) return shell.status;
  const { status } = shell;
  shell.traps.delete('EXIT');
  shell.skip = undefined;
  shell.trapStatus = status;
  try {
    runSource(shell, action, false);
    shell.status = status;
  } catch (error) {
    if (!(error instanceof ExitSignal)) throw error;
    shell.status = error.status;
  }
  return shell.status;
}
