import { walkGroups } from './groups.js';
import { parseRegex } from './parse.js';
import { compileProgram, type Instruction } from './program.js';
import { LongestSearch } from './search.js';
import type { RegexOptions } from './syntax.js';

/** Where an expression matched. `groups[0]` is the whole; a group that took no part is undefined. */
export interface RegexMatch {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | undefined)[];
}

/** The engine counts its steps in thousands, so that they weigh about as much as a command of a script. */
const STEPS_PER_UNIT = 1000;

/**
 * A POSIX regular expression over byte strings, in the C locale. Matches are leftmost-longest, and the time is bounded by
 * text times expression, so a hostile script cannot hang the build with `(a+)+b`; only expressions with back-references
 * are walked by trial, with a limit of steps and the first match instead of the longest.
 *
 * Groups are those of the greedy walk among the ways that give the longest match; POSIX' rule for them differs only where
 * a choice inside a repeat can be split in several ways.
 */
export class Regex {
  readonly #program: readonly Instruction[];
  readonly #search: LongestSearch;
  readonly #groups: number;
  readonly #hasReferences: boolean;
  readonly #ignoreCase: boolean;
  readonly #spend: (steps: number) => void;
  #steps = 0;

  /**
   * @param spend is told of the work, in units of about a thousand steps; it throws where the budget is used up.
   * @throws RegexSyntaxError with the message of regerror(3).
   */
  constructor(source: string, options: RegexOptions, spend: (units: number) => void = () => {}) {
    const { node, groups } = parseRegex(source, options);
    this.#program = compileProgram(node);
    this.#groups = groups;
    this.#hasReferences = this.#program.some(({ op }) => op === 'reference');
    this.#search = new LongestSearch(this.#program);
    this.#ignoreCase = options.ignoreCase === true;
    this.#spend = (steps) => {
      this.#steps += steps;
      if (this.#steps < STEPS_PER_UNIT) return;
      const units = Math.floor(this.#steps / STEPS_PER_UNIT);
      this.#steps -= units * STEPS_PER_UNIT;
      spend(units);
    };
  }

  /** How many groups the expression has. */
  get groups(): number {
    return this.#groups;
  }

  test(text: string): boolean {
    return this.#extent(text, 0) !== undefined;
  }

  /** The first match at or after `from`; what stands before it still counts for `^` and `\<`. */
  exec(text: string, from = 0): RegexMatch | undefined {
    const extent = this.#extent(text, from);
    if (extent === undefined) return undefined;
    const [start, end] = extent;
    const whole = text.slice(start, end);
    if (this.#groups === 0) return { start, end, groups: [whole] };
    const slots = this.#walk(text, start, end);
    const groups: (string | undefined)[] = [whole];
    for (let index = 1; index <= this.#groups; index += 1) {
      const from = slots?.[2 * index] ?? -1;
      groups.push(from < 0 ? undefined : text.slice(from, slots?.[2 * index + 1]));
    }
    return { start, end, groups };
  }

  #extent(text: string, from: number): readonly [start: number, end: number] | undefined {
    if (!this.#hasReferences) return this.#search.find(text, from, this.#spend);
    for (let start = from; start <= text.length; start += 1) {
      const slots = this.#walk(text, start, undefined);
      if (slots !== undefined) return [start, slots[1] ?? start];
    }
    return undefined;
  }

  #walk(text: string, start: number, end: number | undefined): Int32Array | undefined {
    return walkGroups(this.#program, 2 * this.#groups + 2, text, start, end, {
      remembers: !this.#hasReferences,
      ignoreCase: this.#ignoreCase,
      spend: this.#spend,
    });
  }
}
