import type { RegistryEvent } from '../registry/types.js';
import type { Io } from './io.js';
import { clip, formatBytes, lookOf, printable, styled, tableColumns } from './text.js';

const REDRAW_MS = 100;
const DIGEST_COLUMNS = 'sha256:'.length + 12;
const WORDS = { sent: 'sent', mounted: 'taken over from another repository', present: 'there already' } as const;

/**
 * Shows on standard error what goes to a registry: a line for each blob that is done, and on a terminal those on their way
 * below.
 */
export async function createPushProgress(io: Io, { quiet, verbose }: { quiet: boolean; verbose: boolean }) {
  if (quiet) return { onEvent: () => {}, stop: () => {} };
  const { stderr } = io;
  const look = lookOf(stderr, io.environment);
  const isLive = stderr.isTTY === true && io.environment['TERM'] !== 'dumb';
  const live = isLive ? (await import('log-update')).createLogUpdate(stderr as NodeJS.WriteStream) : undefined;
  const going = new Map<string, string>();
  const nameOf = (digest: string): string => digest.slice(0, DIGEST_COLUMNS);
  const say = (line: string): void => {
    live?.clear();
    stderr.write(`${line}\n`);
  };
  const draw = (): void => {
    const columns = tableColumns(stderr) - 1;
    if (going.size > 0) live?.([...going.values()].map((line) => clip(line, columns, look)).join('\n'));
    else live?.clear();
  };
  const timer = live === undefined ? undefined : setInterval(draw, REDRAW_MS);
  timer?.unref();
  const onEvent = (event: RegistryEvent): void => {
    switch (event.type) {
      case 'blob-progress':
        going.set(event.digest, `${nameOf(event.digest)}  ${formatBytes(event.done)} of ${formatBytes(event.size)}`);
        break;
      case 'blob-finished':
        going.delete(event.digest);
        say(`${nameOf(event.digest)}  ${formatBytes(event.size).padStart(8)}  ${WORDS[event.outcome]}`);
        break;
      case 'manifest-finished':
        if (verbose || !event.reference.includes('@')) say(`${event.reference}  ${WORDS[event.outcome]}`);
        break;
      case 'retried': {
        const text = `${event.what}: ${event.reason}, trying again`;
        say(`${styled('yellow', 'warning:', look)} ${printable(text, look)}`);
      }
    }
  };
  return {
    onEvent,
    stop: () => {
      clearInterval(timer);
      live?.clear();
    },
  };
}
