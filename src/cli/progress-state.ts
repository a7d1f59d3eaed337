import type { BuildEvent, Step } from '../build-types.js';

/** The steps in the order in which they are shown. */
export const STEPS: readonly Step[] = ['archives', 'solve', 'fetch', 'unpack', 'tree', 'configure', 'check', 'write'];

/** Rates are of the last few seconds, so that the time left follows the network; shorter ones would jump. */
const WINDOW_MS = 5000;
const SAMPLE_MS = 250;
/** Before that, a rate says nothing. */
const MIN_SPAN_MS = 1000;

interface StepState {
  readonly startedAt: number;
  /** Undefined while it runs. */
  readonly seconds: number | undefined;
}

/** Something that is counted in bytes up to a known total. */
interface Amount {
  bytes: number;
  total: number;
  packages: number;
  samples: { readonly at: number; readonly bytes: number }[];
}

/** What the events of a build add up to. */
export class ProgressState {
  readonly steps = new Map<Step, StepState>();
  fetch: Amount = newAmount();
  unpack: Amount = newAmount();
  write: Amount = newAmount();
  /** Undefined until the plan is known. */
  packages: number | undefined;
  fromStore = 0;

  /** @param now in milliseconds, of any clock that only goes forward */
  apply(event: BuildEvent, now: number): void {
    switch (event.type) {
      case 'image-started':
        this.steps.clear();
        this.fetch = newAmount();
        this.unpack = newAmount();
        this.write = newAmount();
        this.packages = undefined;
        this.fromStore = 0;
        break;
      case 'step-started':
        this.steps.set(event.step, { startedAt: now, seconds: undefined });
        break;
      case 'step-finished':
        this.steps.set(event.step, { startedAt: this.steps.get(event.step)?.startedAt ?? now, seconds: event.seconds });
        break;
      case 'planned':
        this.packages = event.packages;
        // What came before were indices.
        this.fetch.bytes = 0;
        this.fetch.samples = [];
        this.fetch.total = event.fetchBytes;
        this.unpack.total = event.unpackBytes;
        break;
      case 'fetched':
        add(this.fetch, event.bytes, now);
        break;
      case 'package-fetched':
        this.fetch.packages++;
        if (event.fromStore) this.fromStore++;
        break;
      case 'package-unpacked':
        this.unpack.packages++;
        add(this.unpack, event.bytes, now);
        break;
      case 'written':
        this.write.total = event.total;
        add(this.write, event.bytes, now);
        break;
      case 'note':
      case 'warning':
        break;
    }
  }
}

function newAmount(): Amount {
  return { bytes: 0, total: 0, packages: 0, samples: [] };
}

function add(amount: Amount, bytes: number, now: number): void {
  amount.bytes += bytes;
  const { samples } = amount;
  const last = samples.at(-1);
  if (last === undefined || now - last.at >= SAMPLE_MS) samples.push({ at: now, bytes: amount.bytes });
  while (samples[1] !== undefined && now - samples[1].at >= WINDOW_MS) samples.shift();
}

/** What is done of an amount, as its total counts: a transfer that begins again counts twice in the events. */
export function bytesDone({ bytes, total }: Amount): number {
  return total > 0 ? Math.min(bytes, total) : bytes;
}

/** Seconds until an amount is complete at its present rate; undefined where nobody can tell. */
export function secondsLeft(amount: Amount, now: number): number | undefined {
  const oldest = amount.samples[0];
  if (oldest === undefined || now - oldest.at < MIN_SPAN_MS) return undefined;
  const rate = (amount.bytes - oldest.bytes) / (now - oldest.at);
  const remaining = amount.total - amount.bytes;
  return rate > 0 && remaining > 0 ? remaining / rate / 1000 : undefined;
}
