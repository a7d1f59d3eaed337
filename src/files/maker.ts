import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

const DAY = 86_400_000;

/** The process that made something, as the name of what it made tells: so nothing has to be locked and nothing stays locked. */
export interface Maker {
  /** Where process numbers mean the same: a digest, 8 hexadecimal digits. */
  readonly place: string;
  readonly pid: number;
  /** When it was started, in ticks since the machine was; empty where the system does not tell. */
  readonly start: string;
}

export function thisProcess(): Maker {
  return { place: here(), pid: process.pid, start: startOf(process.pid) ?? '' };
}

/**
 * Whether the process has ended that made what lies at `path`. Of one on another machine, or in another container, nobody can
 * tell: what it made counts as its own for a day.
 */
export function isAbandoned({ place, pid, start }: Maker, path: string): boolean {
  return place === here() ? !isRunning(pid, start) : !isOfToday(path);
}

/** Containers may share a host's name, and count their processes from 1. */
function here(): string {
  return createHash('sha256').update(`${hostname()}\n${processNamespace()}`).digest('hex').slice(0, 8);
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function isRunning(pid: number, start: string): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  // The number may be somebody else's by now.
  return (startOf(pid) ?? start) === start;
}

/** Field 22 of proc_pid_stat(5). */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is in parentheses and may hold anything.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function isOfToday(path: string): boolean {
  const mtimeMs = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  return Date.now() - mtimeMs < DAY;
}
