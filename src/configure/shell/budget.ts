import { KoalaError } from '../../formats/errors.js';
import type { Budget, System } from './types.js';

const NAMES: Readonly<Record<keyof Budget, string>> = {
  steps: 'steps',
  outputBytes: 'output bytes',
  memoryBytes: 'memory bytes',
};

/**
 * Takes `amount` from a budget. Loops of commands call it, so that no script runs for ever.
 *
 * @throws KoalaError where nothing is left.
 */
export function charge(system: System, resource: keyof Budget, amount: number): void {
  system.budget[resource] -= amount;
  if (system.budget[resource] < 0) {
    throw new KoalaError(
      'configure',
      `cannot run a script of ${system.packageName}: it used up its budget of ${NAMES[resource]}`,
    );
  }
}
