import type { Bytes } from './types.js';

/** One step of a pattern: a character that must be there, any, or one of a set; or `*`. */
type Step =
  | { readonly type: 'character'; readonly character: Bytes }
  | { readonly type: 'any' }
  | { readonly type: 'set'; readonly contains: (character: Bytes) => boolean }
  | { readonly type: 'star' };

/** A compiled pattern (POSIX.1-2017, 2.13). Each question takes at most the product of both lengths. */
interface Pattern {
  /** The number of its characters and wildcards. */
  readonly size: number;
  matches(text: Bytes): boolean;
  /** How much of the text's front it matches, at least or at most; undefined for none. */
  prefixLength(text: Bytes, longest: boolean): number | undefined;
  /** The same at the text's end. */
  suffixLength(text: Bytes, longest: boolean): number | undefined;
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[\x21-\x7e]/,
  lower: /[a-z]/,
  print: /[\x20-\x7e]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[A-Fa-f0-9]/,
};

/** `text` as a pattern that matches just it. */
export function escapePattern(text: Bytes): Bytes {
  return text.replace(/[\\*?[\]!^-]/g, '\\$&');
}

/** Whether a pattern can match more than one text. */
export function isPattern(pattern: Bytes): boolean {
  return stepsOf(pattern).some(({ type }) => type !== 'character');
}

/** The one text that a pattern without wildcards matches. */
export function unescapePattern(pattern: Bytes): Bytes {
  return pattern.replace(/\\(.)/gs, '$1');
}

/** A backslash takes the next character's meaning away. */
export function compilePattern(pattern: Bytes): Pattern {
  const steps = stepsOf(pattern);
  return {
    size: steps.length,
    matches: (text) => matchSteps(steps, text),
    prefixLength: (text, longest) => scan(steps, text.length, (at) => text.charAt(at), longest),
    suffixLength(text, longest) {
      return scan(steps.toReversed(), text.length, (at) => text.charAt(text.length - 1 - at), longest);
    },
  };
}

/** Follows all ways through the pattern at once, character by character, and notes where one of them is at its end. */
function scan(
  steps: readonly Step[],
  length: number,
  characterAt: (at: number) => Bytes,
  longest: boolean,
): number | undefined {
  let active = reachable(steps, [0]);
  let found = active.includes(steps.length) ? 0 : undefined;
  for (let at = 0; at < length && active.length > 0 && (longest || found === undefined); at += 1) {
    const character = characterAt(at);
    const next: number[] = [];
    for (const index of active) {
      const step = steps[index];
      if (step?.type === 'star') next.push(index);
      else if (step !== undefined && accepts(step, character)) next.push(index + 1);
    }
    active = reachable(steps, next);
    if (active.includes(steps.length)) found = at + 1;
  }
  return found;
}

/** The given places in the pattern, which ascend, and those behind stars that match nothing. */
function reachable(steps: readonly Step[], places: readonly number[]): number[] {
  const all: number[] = [];
  for (const place of places) {
    for (let at = place; (all.at(-1) ?? -1) < at; at += 1) {
      all.push(at);
      if (steps[at]?.type !== 'star') break;
    }
  }
  return all;
}

/** Goes back to the last `*` only: nothing before it can help. */
function matchSteps(steps: readonly Step[], text: Bytes): boolean {
  let step = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    const current = steps[step];
    if (current?.type === 'star') {
      star = step;
      starAt = at;
      step += 1;
    } else if (current !== undefined && accepts(current, text.charAt(at))) {
      step += 1;
      at += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      step = star + 1;
    } else {
      return false;
    }
  }
  while (steps[step]?.type === 'star') step += 1;
  return step === steps.length;
}

function accepts(step: Step, character: Bytes): boolean {
  if (step.type === 'set') return step.contains(character);
  return step.type === 'any' || (step.type === 'character' && step.character === character);
}

function stepsOf(pattern: Bytes): Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    if (character === '*') {
      if (steps.at(-1)?.type !== 'star') steps.push({ type: 'star' });
    } else if (character === '?') {
      steps.push({ type: 'any' });
    } else if (character === '[') {
      const set = readSet(pattern, at);
      steps.push(set?.step ?? { type: 'character', character });
      at = set?.last ?? at;
    } else if (character === '\\' && at + 1 < pattern.length) {
      at += 1;
      steps.push({ type: 'character', character: pattern.charAt(at) });
    } else {
      steps.push({ type: 'character', character });
    }
  }
  return steps;
}

/** Reads a bracket expression that begins at `start`; undefined where it does not end, and so is none. */
function readSet(pattern: Bytes, start: number): { step: Step; last: number } | undefined {
  let at = start + 1;
  const inverted = pattern.charAt(at) === '!' || pattern.charAt(at) === '^';
  if (inverted) at += 1;
  const tests: ((character: Bytes) => boolean)[] = [];
  for (let first = true; ; first = false) {
    if (at >= pattern.length) return undefined;
    if (pattern.charAt(at) === ']' && !first) break;
    const name = /^\[:([a-z]+):\]/.exec(pattern.slice(at, at + 12));
    const expression = name?.[1] === undefined ? undefined : CLASSES[name[1]];
    if (name !== null && expression !== undefined) {
      tests.push((character) => expression.test(character));
      at += name[0].length;
      continue;
    }
    const low = characterAt(pattern, at);
    at = low.next;
    if (pattern.charAt(at) === '-' && at + 1 < pattern.length && pattern.charAt(at + 1) !== ']') {
      const high = characterAt(pattern, at + 1);
      at = high.next;
      tests.push((character) => character >= low.character && character <= high.character);
    } else {
      tests.push((character) => character === low.character);
    }
  }
  const contains = (character: Bytes): boolean => tests.some((test) => test(character)) !== inverted;
  return { step: { type: 'set', contains }, last: at };
}

function characterAt(pattern: Bytes, at: number): { character: Bytes; next: number } {
  const escaped = pattern.charAt(at) === '\\' && at + 1 < pattern.length;
  return { character: pattern.charAt(escaped ? at + 1 : at), next: escaped ? at + 2 : at + 1 };
}
