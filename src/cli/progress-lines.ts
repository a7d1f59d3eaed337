import type { Step } from '../build-types.js';
import { bytesDone, type ProgressState, STEPS, secondsLeft } from './progress-state.js';
import { clip, counted, formatBytes, formatSeconds, type Look, styled } from './text.js';

const LABEL_COLUMNS = 10;
/** What is kept free of bars: room for `10 of 14 packages, 10.1 MB of 10.2 MB, 3 s left`. */
const DETAIL_COLUMNS = 47;
const MIN_BAR = 8;
const MAX_BAR = 30;
const GLYPHS = {
  unicode: { done: '✔', spinner: [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'], full: '█', empty: '░' },
  ascii: { done: '*', spinner: [...'|/-\\'], full: '#', empty: '.' },
};

/**
 * The live display: a line for each step that has begun, each at most `columns - 1` wide, so that no terminal wraps it.
 *
 * @param now in milliseconds, of the clock that the state was fed with
 */
export function renderProgress(state: ProgressState, look: Look, columns: number, now: number): string[] {
  return STEPS.flatMap((step) => {
    const progress = state.steps.get(step);
    if (progress === undefined) return [];
    const { seconds } = progress;
    const line =
      seconds === undefined
        ? runningLine(state, step, look, columns - 1, now)
        : doneLine(state, step, seconds, look, columns - 1);
    return [line];
  });
}

/** What a step did, as far as the events tell: `14 packages, 10.2 MB, 5 from the store`. */
export function outcomeOf(state: ProgressState, step: Step): string {
  switch (step) {
    case 'solve':
      if (state.packages === undefined) return '';
      return `${counted(state.packages, 'package')}, ${formatBytes(state.fetch.total)}`;
    case 'fetch': {
      const fromStore = state.fromStore === 0 ? '' : `, ${state.fromStore} from the store`;
      return `${counted(state.fetch.packages, 'package')}, ${formatBytes(bytesDone(state.fetch))}${fromStore}`;
    }
    case 'unpack':
      return `${counted(state.unpack.packages, 'package')}, ${formatBytes(state.unpack.bytes)}`;
    case 'write':
      return formatBytes(state.write.bytes);
    default:
      return '';
  }
}

function doneLine(state: ProgressState, step: Step, seconds: number, look: Look, columns: number): string {
  const glyph = look.unicode ? GLYPHS.unicode.done : GLYPHS.ascii.done;
  const outcome = outcomeOf(state, step);
  const time = formatSeconds(seconds);
  const rest = clip(outcome === '' ? time : `${outcome}, ${time}`, columns - LABEL_COLUMNS - 2, look);
  return compose(step, styled('green', glyph, look), rest, look, columns);
}

function runningLine(state: ProgressState, step: Step, look: Look, columns: number, now: number): string {
  const { spinner } = look.unicode ? GLYPHS.unicode : GLYPHS.ascii;
  const glyph = styled('cyan', spinner[Math.floor(now / 100) % spinner.length] ?? '', look);
  const room = columns - LABEL_COLUMNS - 2;
  const bar = barFor(state, step, look, room - DETAIL_COLUMNS);
  const left = room - bar.columns;
  const details = runningDetails(state, step, now);
  const detail = details.find((candidate) => candidate.length <= left) ?? details.at(-1) ?? '';
  return compose(step, glyph, bar.text + clip(detail, left, look), look, columns);
}

function compose(step: Step, glyph: string, rest: string, look: Look, columns: number): string {
  return `${glyph} ${clip(step.padEnd(LABEL_COLUMNS), columns - 2, look)}${rest}`.trimEnd();
}

/** The same facts, the longest form first. */
function runningDetails(state: ProgressState, step: Step, now: number): string[] {
  const amount = amountOf(state, step);
  if (amount === undefined || amount.total === 0) return [''];
  const left = secondsLeft(amount, now);
  const size = `${formatBytes(bytesDone(amount))} of ${formatBytes(amount.total)}`;
  const time = left === undefined ? '' : `, ${formatSeconds(Math.max(1, Math.round(left))).replace('.0', '')} left`;
  if (step === 'write') return [`${size}${time}`, size, formatBytes(bytesDone(amount))];
  const packages = `${amount.packages} of ${counted(state.packages ?? 0, 'package')}`;
  const short = `${amount.packages}/${state.packages ?? 0}`;
  return [`${packages}, ${size}${time}`, `${short}, ${size}${time}`, `${short}, ${size}`, short];
}

/** A bar with a blank after it, as wide as there is room, and as every other one; none where that is little. */
function barFor(state: ProgressState, step: Step, look: Look, room: number): { text: string; columns: number } {
  const amount = amountOf(state, step);
  if (amount === undefined || amount.total === 0 || room < MIN_BAR + 1) return { text: '', columns: 0 };
  const { full, empty } = look.unicode ? GLYPHS.unicode : GLYPHS.ascii;
  const width = Math.min(MAX_BAR, room - 1);
  const filled = Math.floor((width * bytesDone(amount)) / amount.total);
  const text = `${styled('cyan', full.repeat(filled), look)}${styled('dim', empty.repeat(width - filled), look)} `;
  return { text, columns: width + 1 };
}

function amountOf(state: ProgressState, step: Step): ProgressState['fetch'] | undefined {
  return step === 'fetch' || step === 'unpack' || step === 'write' ? state[step] : undefined;
}
