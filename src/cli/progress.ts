import { performance } from 'node:perf_hooks';
import { stripVTControlCharacters } from 'node:util';
import type { BuildEvent, PlanOptions } from '../build-types.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { outcomeOf, renderProgress } from './progress-lines.js';
import { ProgressState } from './progress-state.js';
import { formatBytes, formatSeconds, type Look, lookOf, printable, styled, tableColumns } from './text.js';

/** Shows the events of a build on standard error while it runs. */
export interface Progress {
  onEvent(event: BuildEvent): void;
  /** Shows a line that stays. */
  say(text: string): void;
  /** Leaves the terminal as it shall stay. */
  stop(): void;
}

/** How much a command says, as the parser gives it. */
export interface TalkArguments {
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** What the pipeline is given of who runs it. */
type Watch = Pick<PlanOptions, 'signal' | 'onEvent'>;

const REDRAW_MS = 100;

/** Live on a terminal, lines in a pipe or on a dumb terminal, nothing where it shall be quiet. */
async function createProgress(io: Io, { quiet, verbose }: TalkArguments): Promise<Progress> {
  if (quiet) return { onEvent: () => {}, say: () => {}, stop: () => {} };
  const look = lookOf(io.stderr, io.environment);
  const live = io.stderr.isTTY === true && io.environment['TERM'] !== 'dumb';
  return live ? await liveProgress(io, look, verbose) : plainProgress(io, look, verbose);
}

/**
 * Runs something that shows what it does; the first signal stops it, which is said too.
 *
 * @param run is given what shows its events, and what the signal aborts
 */
export async function withProgress<T>(
  io: Io,
  given: TalkArguments,
  interruption: Interruption,
  run: (progress: Progress, watch: Watch) => Promise<T>,
): Promise<T> {
  const progress = await createProgress(io, given);
  interruption.onFirst(() => progress.say('cancelling; once more stops at once'));
  const watch: Watch = { signal: interruption.signal, onEvent: (event) => progress.onEvent(event) };
  return run(progress, watch).finally(() => progress.stop());
}

/** Only what is said beside the steps, for commands that are soon done. */
export function noticesTo(io: Io, { quiet, verbose }: TalkArguments): (event: BuildEvent) => void {
  const look = lookOf(io.stderr, io.environment);
  return (event) => {
    const line = quiet ? undefined : lineFor(event, look, verbose);
    if (line !== undefined) io.stderr.write(`${line}\n`);
  };
}

function plainProgress(io: Io, look: Look, verbose: boolean): Progress {
  const state = new ProgressState();
  const say = (text: string): void => void io.stderr.write(`${text}\n`);
  return {
    onEvent: (event) => {
      state.apply(event, performance.now());
      const line = lineFor(event, look, verbose);
      if (line !== undefined) say(line);
      if (event.type === 'planned') say(`plan: ${outcomeOf(state, 'solve')}`);
      if (event.type !== 'step-finished') return;
      // The plan has a line of its own.
      const outcome = event.step === 'solve' ? '' : outcomeOf(state, event.step);
      say(`${event.step}: ${outcome}${outcome === '' ? '' : ', '}${formatSeconds(event.seconds)}`);
    },
    say: (text) => say(printable(text, look)),
    stop: () => {},
  };
}

async function liveProgress(io: Io, look: Look, verbose: boolean): Promise<Progress> {
  const { createLogUpdate } = await import('log-update');
  const { stderr } = io;
  // Node's WriteStream is what it is made for; it uses write, columns and rows of it.
  const log = createLogUpdate(stderr as NodeJS.WriteStream);
  const state = new ProgressState();
  let drawn: readonly string[] = [];
  let said: string[] = [];
  const draw = (): void => {
    const columns = tableColumns(stderr);
    eraseWrapped(stderr, drawn, columns);
    if (said.length > 0) {
      log.clear();
      stderr.write(`${said.join('\n')}\n`);
      said = [];
    }
    drawn = renderProgress(state, look, columns, performance.now());
    if (drawn.length > 0) log(drawn.join('\n'));
  };
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  return {
    onEvent: (event) => {
      if (event.type === 'image-started' && state.steps.size > 0) {
        // What the one before took stays.
        draw();
        log.done();
        drawn = [];
      }
      state.apply(event, performance.now());
      const line = lineFor(event, look, verbose);
      if (line !== undefined) said.push(line);
      // A step may keep the thread busy from its first moment on.
      if (event.type === 'step-started') draw();
    },
    say: (text) => void said.push(printable(text, look)),
    stop: () => {
      clearInterval(timer);
      draw();
      log.done();
    },
  };
}

/**
 * Makes good for a terminal that got narrower: it wrapped the lines that are there, so there are more of them than
 * log-update is going to erase.
 */
function eraseWrapped(stderr: Io['stderr'], drawn: readonly string[], columns: number): void {
  const rows = drawn.map((line) => Math.ceil([...stripVTControlCharacters(line)].length / columns));
  const extra = rows.reduce((sum, count) => sum + Math.max(0, count - 1), 0);
  if (extra > 0) stderr.write('\x1b[2K\x1b[1A'.repeat(extra));
}

/** The line that an event is worth beside the steps; undefined for most. */
function lineFor(event: BuildEvent, look: Look, verbose: boolean): string | undefined {
  if (event.type === 'warning') return `${styled('yellow', 'warning:', look)} ${printable(event.text, look)}`;
  if (event.type === 'image-started') return styled('bold', event.architecture, look);
  if (!verbose) return undefined;
  switch (event.type) {
    case 'note':
      return styled('dim', `note: ${printable(event.text, look)}`, look);
    case 'package-fetched': {
      const verb = event.fromStore ? 'found in the store' : 'fetched';
      return styled('dim', `${verb}: ${printable(event.name, look)}`, look);
    }
    case 'package-unpacked':
      return styled('dim', `unpacked: ${printable(event.name, look)}, ${formatBytes(event.bytes)}`, look);
    default:
      return undefined;
  }
}
