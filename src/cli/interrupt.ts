import type { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { KoalaError } from '../formats/errors.js';

/** Ctrl-C and its kin: the first one asks the build to stop and to clean up, the second one ends the process. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** The exit status that a shell expects, 128 and the signal's number; undefined while nothing happened. */
  status(): number | undefined;
  /** What to do at the first signal, beside the abort. */
  onFirst(action: () => void): void;
  /** Gives the signals back their usual meaning. */
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** @param exit ends the process at once */
export function watchSignals(signals: EventEmitter, exit: (status: number) => void): Interruption {
  const controller = new AbortController();
  let status: number | undefined;
  let action = (): void => {};
  const handlers = SIGNALS.map((name) => {
    const handler = (): void => {
      if (status !== undefined) {
        exit(status);
        return;
      }
      status = 128 + constants.signals[name];
      action();
      controller.abort(new KoalaError('cancelled', 'cannot finish: cancelled'));
    };
    signals.on(name, handler);
    return [name, handler] as const;
  });
  return {
    signal: controller.signal,
    status: () => status,
    onFirst: (wanted) => {
      action = wanted;
    },
    release: () => {
      for (const [name, handler] of handlers) signals.off(name, handler);
    },
  };
}
