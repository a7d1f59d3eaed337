import { ExitSignal, type Shell } from '../shell.js';
import type { Bytes } from '../types.js';
import { quote } from './arguments.js';

/** Linux' signals by number (signal(7)); 0 is what `trap` calls EXIT. */
const SIGNALS = [
  ...['EXIT', 'HUP', 'INT', 'QUIT', 'ILL', 'TRAP', 'ABRT', 'BUS', 'FPE', 'KILL', 'USR1', 'SEGV', 'USR2', 'PIPE'],
  ...['ALRM', 'TERM', 'STKFLT', 'CHLD', 'CONT', 'STOP', 'TSTP', 'TTIN', 'TTOU', 'URG', 'XCPU', 'XFSZ', 'VTALRM'],
  ...['PROF', 'WINCH', 'IO', 'PWR', 'SYS'],
];
/** Signals that do nothing to a process that does not ask for them. */
const HARMLESS = new Set(['CHLD', 'CONT', 'URG', 'WINCH']);

function signalName(text: Bytes): string | undefined {
  if (/^[0-9]+$/.test(text)) return SIGNALS[Number(text)];
  const name = text.toUpperCase();
  return SIGNALS.includes(name) ? name : undefined;
}

/** `trap [action] [condition …]` */
export function trap(shell: Shell, args: readonly Bytes[]): number {
  const operands = args[1] === '--' ? args.slice(2) : args.slice(1);
  const [first] = operands;
  if (first === undefined) {
    for (const name of SIGNALS) {
      const action = shell.traps.get(name);
      if (action !== undefined) shell.write(1, `trap -- ${quote(action)} ${name}\n`);
    }
    return 0;
  }
  const reset = operands.length === 1 || /^[0-9]+$/.test(first) || first === '-';
  const conditions = operands.length === 1 || /^[0-9]+$/.test(first) ? operands : operands.slice(1);
  for (const condition of conditions) {
    const name = signalName(condition);
    if (name === undefined) {
      shell.write(2, `trap: ${condition}: bad trap\n`);
      return 1;
    }
    if (reset) shell.traps.delete(name);
    else shell.traps.set(name, first);
  }
  return 0;
}

/** `kill`: there is no process but the shell itself, and what ran in the background has ended. */
export function kill(shell: Shell, args: readonly Bytes[]): number {
  const operands = args.slice(1);
  let signal = 'TERM';
  const first = operands[0] ?? '';
  if (first === '-l') {
    const number = Number(operands[1] ?? Number.NaN);
    const names = Number.isNaN(number) ? SIGNALS.slice(1) : [SIGNALS[number > 128 ? number - 128 : number] ?? ''];
    shell.write(1, names.map((name) => `${name}\n`).join(''));
    return 0;
  }
  if (first.startsWith('-') && first !== '--') {
    operands.shift();
    const text = first === '-s' ? (operands.shift() ?? '') : first.slice(1);
    signal = signalName(text) ?? shell.fail(`invalid signal number or name: ${text}`);
  }
  if (operands[0] === '--') operands.shift();
  let status = 0;
  for (const operand of operands) {
    if (Number(operand) !== shell.pid) {
      shell.warn('No such process');
      status = 1;
    } else if (signal !== 'EXIT') {
      deliver(shell, signal);
    }
  }
  return status;
}

function deliver(shell: Shell, signal: string): void {
  const action = shell.traps.get(signal);
  if (action !== undefined && signal !== 'KILL') {
    if (action !== '') shell.pendingSignals.push(signal);
  } else if (!HARMLESS.has(signal)) {
    shell.traps.clear();
    throw new ExitSignal(128 + SIGNALS.indexOf(signal));
  }
}
