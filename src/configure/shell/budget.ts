import { performance } from 'node:perf_hooks';
import { KoalaError } from '../../formats/errors.js';
import type { Budget, System } from './types.js';

type Resource = 'steps' | 'outputBytes' | 'memoryBytes';

const NAMES: Readonly<Record<Resource, string>> = {
  steps: 'steps',
  outputBytes: 'output bytes',
  memoryBytes: 'memory bytes',
};

/** The clock is looked at once in so many steps; a power of two. */
const STEPS_PER_LOOK = 1024;

/** A script has used up what it was given. */
export class OutOfBudget extends KoalaError {
  /** `steps`, `seconds` and so on. */
  readonly what: string;
  /** Of the script, where it is known. */
  readonly line: number | undefined;

  constructor(packageName: string, what: string, line?: number) {
    const place = line === undefined ? '' : ` at line ${line}`;
    super('configure', `cannot run a script of ${packageName}: it used up its budget of ${what}${place}`);
    this.what = what;
    this.line = line;
  }
}

/**
 * Takes `amount` from a budget. Loops of commands call it, so that no script runs for ever.
 *
 * @throws OutOfBudget where nothing is left.
 */
export function charge(system: System, resource: Resource, amount: number): void {
  const { budget } = system;
  const before = budget[resource];
  budget[resource] = before - amount;
  if (budget[resource] < 0) throw new OutOfBudget(system.packageName, NAMES[resource]);
  if (resource === 'steps' && budget.deadline !== undefined && crossed(before, budget.steps)) {
    checkTime(system, budget.deadline);
  }
}

/** Takes what reading so many bytes costs: a step for each 256 of them. */
export function chargeReading(system: System, bytes: number): void {
  charge(system, 'steps', Math.floor(bytes / 256));
}

/** The message of the engine where a text or an array is to be larger than it can be, or its stack is at its end. */
export function budgetOf(error: RangeError): string {
  return /call stack/.test(error.message) ? 'nested calls' : NAMES.memoryBytes;
}

function crossed(before: number, after: number): boolean {
  return Math.floor(before / STEPS_PER_LOOK) !== Math.floor(after / STEPS_PER_LOOK);
}

function checkTime({ packageName }: System, deadline: NonNullable<Budget['deadline']>): void {
  if (performance.now() > deadline) throw new OutOfBudget(packageName, 'seconds');
}
