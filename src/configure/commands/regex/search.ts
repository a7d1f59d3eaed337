import type { Instruction } from './program.js';
import { type Assertion, isWordByte } from './syntax.js';

export function holds(assertion: Assertion, text: string, at: number): boolean {
  switch (assertion) {
    case 'text-start':
      return at === 0;
    case 'text-end':
      return at === text.length;
    case 'line-start':
      return at === 0 || text.charCodeAt(at - 1) === 10;
    case 'line-end':
      return at === text.length || text.charCodeAt(at) === 10;
  }
  const before = at > 0 && isWordByte(text.charCodeAt(at - 1));
  const after = at < text.length && isWordByte(text.charCodeAt(at));
  switch (assertion) {
    case 'word-boundary':
      return before !== after;
    case 'no-word-boundary':
      return before === after;
    case 'word-start':
      return !before && after;
    case 'word-end':
      return before && !after;
    case 'no-word-before':
      return !before;
    case 'no-word-after':
      return !after;
  }
}

/** The states that are alive at one position, each once, and where the match that each is in began. */
class Threads {
  readonly states: Int32Array;
  readonly starts: Int32Array;
  readonly #seen: Int32Array;
  #generation = 0;
  count = 0;

  constructor(size: number) {
    this.states = new Int32Array(size);
    this.starts = new Int32Array(size);
    this.#seen = new Int32Array(size);
  }

  clear(): void {
    this.count = 0;
    this.#generation += 1;
  }

  /** Says whether the state is new here. */
  mark(state: number): boolean {
    if (this.#seen[state] === this.#generation) return false;
    this.#seen[state] = this.#generation;
    return true;
  }

  push(state: number, start: number): void {
    this.states[this.count] = state;
    this.starts[this.count] = start;
    this.count += 1;
  }
}

/**
 * Finds the leftmost match and of those the longest, as POSIX asks, in time proportional to text times program, whatever
 * the expression: all alternatives are followed at once (Thompson, CACM 11:6). It knows no groups and no references.
 */
export class LongestSearch {
  readonly #program: readonly Instruction[];
  /** Bytes that a match can begin with; undefined where it may be empty or begin with an assertion. */
  readonly #first: Uint8Array | undefined;
  #now: Threads;
  #next: Threads;
  readonly #stack: number[] = [];

  constructor(program: readonly Instruction[]) {
    this.#program = program;
    this.#now = new Threads(program.length);
    this.#next = new Threads(program.length);
    this.#first = this.#firstBytes();
  }

  /** @param spend is told how many steps were made. */
  find(text: string, from: number, spend: (steps: number) => void): readonly [start: number, end: number] | undefined {
    let start = -1;
    let end = -1;
    let steps = 0;
    this.#now.clear();
    for (let at = from; ; at += 1) {
      if (start < 0) {
        if (this.#now.count === 0 && this.#first !== undefined) {
          while (at < text.length && this.#first[text.charCodeAt(at)] !== 1) at += 1;
          if (at >= text.length) break;
          this.#now.clear();
        }
        this.#follow(this.#now, 0, at, text, at);
      }
      if (this.#now.count === 0 && start >= 0) break;
      const byte = at < text.length ? text.charCodeAt(at) : -1;
      this.#next.clear();
      steps += this.#now.count + 1;
      for (let index = 0; index < this.#now.count; index += 1) {
        const begun = this.#now.starts[index] ?? 0;
        if (start >= 0 && begun > start) continue;
        const state = this.#now.states[index] ?? 0;
        const instruction = this.#program[state];
        if (instruction?.op === 'match') {
          if (start < 0 || begun < start || at > end) {
            start = begun;
            end = at;
          }
        } else if (instruction?.op === 'set' && byte >= 0 && instruction.set[byte] === 1) {
          this.#follow(this.#next, state + 1, begun, text, at + 1);
        }
      }
      [this.#now, this.#next] = [this.#next, this.#now];
      if (byte < 0) break;
    }
    spend(steps);
    return start < 0 ? undefined : [start, end];
  }

  /** Adds a state and all that it leads to without reading a byte. */
  #follow(threads: Threads, from: number, start: number, text: string, at: number): void {
    const stack = this.#stack;
    stack.push(from);
    for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
      if (!threads.mark(state)) continue;
      const instruction = this.#program[state];
      switch (instruction?.op) {
        case 'split':
          stack.push(instruction.second, instruction.first);
          break;
        case 'jump':
          stack.push(instruction.to);
          break;
        case 'save':
          stack.push(state + 1);
          break;
        case 'assert':
          if (holds(instruction.assertion, text, at)) stack.push(state + 1);
          break;
        default:
          threads.push(state, start);
      }
    }
  }

  #firstBytes(): Uint8Array | undefined {
    const first = new Uint8Array(256);
    const seen = new Set<number>();
    const stack = [0];
    for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
      if (seen.has(state)) continue;
      seen.add(state);
      const instruction = this.#program[state];
      if (instruction === undefined) continue;
      if (instruction.op === 'split') stack.push(instruction.first, instruction.second);
      else if (instruction.op === 'jump') stack.push(instruction.to);
      else if (instruction.op === 'save') stack.push(state + 1);
      else if (instruction.op === 'set') {
        for (const [byte, has] of instruction.set.entries()) if (has === 1) first[byte] = 1;
      } else return undefined;
    }
    return first;
  }
}
