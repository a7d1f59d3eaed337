import { performance } from 'node:perf_hooks';
import type { BuildEvent, Step } from '../build-types.js';

/** Tells when each step of a build starts and ends, and keeps the seconds that each took; steps may overlap. */
export interface StepClock {
  start(step: Step): void;
  finish(step: Step): void;
  run<T>(step: Step, work: () => Promise<T> | T): Promise<T>;
  /** A part of a step that comes in parts between those of others; it starts with the first and ends when `finish` says so. */
  part<T>(step: Step, work: () => T): T;
  /** Seconds so far, of each step and in all; a step that never finished took 0. */
  seconds(): Record<Step, number> & { readonly total: number };
}

export function createStepClock(onEvent: (event: BuildEvent) => void): StepClock {
  const begun = performance.now();
  const starts = new Map<Step, number>();
  const parts = new Map<Step, number>();
  const spent: Record<Step, number> = {
    archives: 0,
    solve: 0,
    fetch: 0,
    unpack: 0,
    tree: 0,
    configure: 0,
    check: 0,
    write: 0,
  };
  const clock: StepClock = {
    start(step) {
      starts.set(step, performance.now());
      onEvent({ type: 'step-started', step });
    },
    finish(step) {
      const since = performance.now() - (parts.get(step) ?? 0);
      spent[step] = secondsSince(parts.has(step) ? since : (starts.get(step) ?? since));
      onEvent({ type: 'step-finished', step, seconds: spent[step] });
    },
    async run(step, work) {
      clock.start(step);
      const result = await work();
      clock.finish(step);
      return result;
    },
    part(step, work) {
      if (!starts.has(step)) clock.start(step);
      const start = performance.now();
      const result = work();
      parts.set(step, (parts.get(step) ?? 0) + performance.now() - start);
      return result;
    },
    seconds: () => ({ ...spent, total: secondsSince(begun) }),
  };
  return clock;
}

function secondsSince(start: number): number {
  return Math.round(performance.now() - start) / 1000;
}
