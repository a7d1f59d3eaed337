import type { Bytes, Process } from '../shell/types.js';

/** Writes a line to the standard output. */
export function say(process: Process, line: Bytes): void {
  process.descriptors.get(1)?.write(`${line}\n`);
}

/** Writes a line to the standard error. */
export function complain(process: Process, line: Bytes): void {
  process.descriptors.get(2)?.write(`${line}\n`);
}

/** All of the standard input. */
export function readInput(process: Process): Bytes {
  const input = process.descriptors.get(0);
  const parts: Bytes[] = [];
  for (;;) {
    const part = input?.read(65_536) ?? '';
    if (part === '') return parts.join('');
    parts.push(part);
  }
}

/** Ends a command with a message on the standard error, from however deep inside it. */
export class Failure extends Error {
  readonly status: number;

  constructor(message: Bytes, status = 1) {
    super(message);
    this.name = 'Failure';
    this.status = status;
  }
}

/** Runs a command's body; a `Failure` in it is said as `<prefix><message>` and becomes the exit status. */
export function withFailures(process: Process, prefix: Bytes, body: () => number): number {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.message !== '') complain(process, prefix + error.message);
    return error.status;
  }
}

/** Reports an option or form that a command of ours does not implement, and says so to the script as well. */
export function unsupported(process: Process, what: Bytes): void {
  const command = commandName(process);
  process.system.report({ type: 'unsupported', command, what, line: process.line });
}

/** The name by which a command was called, without its directory. */
export function commandName(process: Process): Bytes {
  return (process.args[0] ?? '').replace(/^.*\//, '');
}
