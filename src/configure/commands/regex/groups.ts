import type { Instruction } from './program.js';
import { holds } from './search.js';
import { RegexSyntaxError } from './syntax.js';

/** The memo of the walk has a bit for each state at each position; glibc too gives up (REG_ESPACE) somewhere. */
const MAX_MEMO_BITS = 1 << 28;
/** For expressions with references, which no known way matches in bounded time: steps in one search. */
const MAX_STEPS = 1_000_000;

/**
 * Walks the alternatives in their order, the first of a choice and the longest of a repeat first, from `start`.
 *
 * @param end where the match has to end; undefined where any end will do.
 * @param remembers whether a state that failed at a position fails there always: not so with references.
 * @returns the slots: start and end of each group, -1 where it took no part.
 */
export function walkGroups(
  program: readonly Instruction[],
  slots: number,
  text: string,
  start: number,
  end: number | undefined,
  options: { readonly remembers: boolean; readonly ignoreCase: boolean; readonly spend: (steps: number) => void },
): Int32Array | undefined {
  const found = new Int32Array(slots).fill(-1);
  const width = (end ?? text.length) - start + 1;
  const memo = options.remembers ? newMemo(program.length * width) : undefined;
  // Pairs: a state and a position to try; or -1 - slot, and the value to give back to it.
  const stack: number[] = [0, start];
  let steps = 0;
  while (stack.length > 0) {
    let at = stack.pop() ?? 0;
    let state = stack.pop() ?? 0;
    if (state < 0) {
      found[-1 - state] = at;
      continue;
    }
    for (;;) {
      steps += 1;
      if (steps > MAX_STEPS && memo === undefined) {
        options.spend(steps);
        throw new RegexSyntaxError('Memory exhausted');
      }
      if (memo !== undefined) {
        const bit = state * width + (at - start);
        const mask = 1 << (bit & 7);
        const byte = memo[bit >> 3] ?? 0;
        if ((byte & mask) !== 0) break;
        memo[bit >> 3] = byte | mask;
      }
      const instruction = program[state];
      if (instruction === undefined) break;
      if (instruction.op === 'match') {
        if (end !== undefined && at !== end) break;
        found[0] = start;
        found[1] = at;
        options.spend(steps);
        return found;
      }
      if (instruction.op === 'set') {
        if (at >= text.length || instruction.set[text.charCodeAt(at)] !== 1) break;
        if (end !== undefined && at >= end) break;
        at += 1;
        state += 1;
      } else if (instruction.op === 'split') {
        stack.push(instruction.second, at);
        state = instruction.first;
      } else if (instruction.op === 'jump') {
        state = instruction.to;
      } else if (instruction.op === 'save') {
        stack.push(-1 - instruction.slot, found[instruction.slot] ?? -1);
        found[instruction.slot] = at;
        state += 1;
      } else if (instruction.op === 'assert') {
        if (!holds(instruction.assertion, text, at)) break;
        state += 1;
      } else {
        const from = found[2 * instruction.index] ?? -1;
        const to = found[2 * instruction.index + 1] ?? -1;
        if (from < 0 || to < from) break;
        const length = to - from;
        if (!equalText(text.slice(from, to), text.slice(at, at + length), options.ignoreCase)) break;
        at += length;
        state += 1;
      }
    }
  }
  options.spend(steps);
  return undefined;
}

function newMemo(bits: number): Uint8Array {
  if (bits > MAX_MEMO_BITS) throw new RegexSyntaxError('Memory exhausted');
  return new Uint8Array((bits >> 3) + 1);
}

function equalText(a: string, b: string, ignoreCase: boolean): boolean {
  return a === b || (ignoreCase && a.toLowerCase() === b.toLowerCase());
}
