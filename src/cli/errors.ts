import { KoalaError } from '../formats/errors.js';
import type { Io } from './io.js';
import { lookOf, printable, styled } from './text.js';

/** More levels than any real chain of causes. */
const MAX_CAUSES = 10;

/** 2 for what the user can put right on the command line, 1 for a build that failed. */
export function exitStatusOf(error: unknown): 1 | 2 {
  return error instanceof KoalaError && error.code === 'usage' ? 2 : 1;
}

/**
 * Shows an error on standard error: its message, its details indented, what to do; the chain of causes with `verbose`, and
 * the stack only where `KOALA_DEBUG` asks for it.
 */
export function reportError(error: unknown, io: Io, verbose: boolean): void {
  const look = lookOf(io.stderr, io.environment);
  const show = (label: string, text: string): string => `${label}${printable(text, look)}\n`;
  const known = error instanceof KoalaError;
  const message = error instanceof Error ? error.message : String(error);
  const text = known ? message : `cannot go on: ${message}`;
  let out = show(styled('red', 'koala-bootstrap: ', look), text);
  for (const detail of known ? error.details : []) out += show('  ', detail);
  if (verbose) for (const cause of causesOf(error)) out += show('  caused by: ', cause);
  const hint = known ? error.hint : hintOf(error);
  if (hint !== undefined) out += show(styled('cyan', 'hint: ', look), hint);
  if (io.environment['KOALA_DEBUG'] === '1' && error instanceof Error) {
    for (const line of (error.stack ?? '').split('\n')) out += show('  ', line);
  }
  io.stderr.write(out);
}

/** What the system refused, such as one more open file, is no mistake of the program. */
function hintOf(error: unknown): string | undefined {
  const isSystem = typeof (error as NodeJS.ErrnoException | null)?.syscall === 'string';
  return isSystem ? undefined : 'this should not happen; KOALA_DEBUG=1 shows where it did';
}

function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  let cause = (error as { cause?: unknown } | undefined)?.cause;
  while (cause !== undefined && cause !== null && causes.length < MAX_CAUSES) {
    causes.push(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause));
    cause = (cause as { cause?: unknown }).cause;
  }
  return causes;
}
