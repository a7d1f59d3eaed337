import type { Bytes } from '../../shell/types.js';
import { CommandFailure } from '../kit/call.js';
import type { Regex } from '../regex/regex.js';
import { splitFields } from './record.js';
import type { State } from './state.js';
import { formatValues, fromInput, toNumber, toText, type Value } from './values.js';

const UPPER = /[a-z]+/g;
const LOWER = /[A-Z]+/g;

/** The builtin functions of values only. */
export const FUNCTIONS: Readonly<Record<string, (state: State, args: readonly Value[]) => Value>> = {
  atan2: (_, [y, x]) => Math.atan2(toNumber(y), toNumber(x)),
  cos: (_, [x]) => Math.cos(toNumber(x)),
  sin: (_, [x]) => Math.sin(toNumber(x)),
  exp: (_, [x]) => Math.exp(toNumber(x)),
  log: (_, [x]) => Math.log(toNumber(x)),
  sqrt: (_, [x]) => Math.sqrt(toNumber(x)),
  int: (_, [x]) => Math.trunc(toNumber(x)) + 0,
  index: (state, [text, part]) => state.textOf(text).indexOf(state.textOf(part)) + 1,
  systime: ({ call }) => call.system.epoch,
  tolower: (state, [text]) => state.textOf(text).replace(LOWER, (part) => part.toLowerCase()),
  toupper: (state, [text]) => state.textOf(text).replace(UPPER, (part) => part.toUpperCase()),
  substr: (state, [text, from, length]) => substr(state.textOf(text), toNumber(from), length),
  sprintf,
};

/** @throws CommandFailure where the format has a conversion that does not exist. */
export function sprintf(state: State, [format, ...values]: readonly Value[]): Bytes {
  const text = formatValues(state.textOf(format), values, state.text('CONVFMT'), state.call.grow);
  if (text === undefined) throw new CommandFailure(`cannot format with ${state.textOf(format)}`, 2);
  return text;
}

/** The characters whose numbers, from 1, are at least `from` and less than `from + length`, both rounded. */
function substr(text: Bytes, from: number, length: Value): Bytes {
  const first = Math.round(from);
  const last = length === undefined ? Number.POSITIVE_INFINITY : first + Math.round(toNumber(length));
  const start = Math.max(first, 1);
  return last > start ? text.slice(start - 1, Number.isFinite(last) ? last - 1 : undefined) : '';
}

/** `split`: fills the array and gives the number of its elements. */
export function split(state: State, text: Bytes, name: string, separator: Bytes | Regex): number {
  const parts =
    typeof separator === 'string' ? splitFields(text, separator, state.compile) : splitAtRegex(text, separator);
  const array = state.array(name);
  array.clear();
  parts.forEach((part, index) => {
    state.setElement(array, String(index + 1), fromInput(part));
  });
  return parts.length;
}

function splitAtRegex(text: Bytes, regex: Regex): Bytes[] {
  return splitFields(text, '  ', () => regex);
}

/** `match`: where the expression matches, also in `RSTART` and `RLENGTH`. */
export function match(state: State, text: Bytes, regex: Regex): number {
  const found = regex.exec(text);
  const start = found === undefined ? 0 : found.start + 1;
  state.set('RSTART', start);
  state.set('RLENGTH', found === undefined ? -1 : found.end - found.start);
  return start;
}

interface Substitution {
  readonly text: Bytes;
  readonly count: number;
}

/**
 * `sub`, `gsub` and gawk's `gensub`.
 *
 * @param which the match that is replaced, from 1, or all of them.
 * @param withGroups `\1` and so on stand for groups.
 */
export function substitute(
  state: State,
  regex: Regex,
  replacement: Bytes,
  text: Bytes,
  which: number | 'all',
  withGroups = false,
): Substitution {
  const parts: Bytes[] = [];
  let copied = 0;
  let seen = 0;
  let count = 0;
  let before = -1;
  for (let from = 0; from <= text.length; ) {
    const found = regex.exec(text, from);
    if (found === undefined) break;
    state.spend();
    const { start, end } = found;
    // An empty match right behind the one before is none.
    if (start === end && start === before) {
      from = end + 1;
      continue;
    }
    before = end;
    seen += 1;
    if (which === 'all' || seen === which) {
      count += 1;
      const filled = fill(replacement, found.groups, withGroups);
      state.call.grow(filled.length);
      parts.push(text.slice(copied, start), filled);
      copied = end;
      if (which !== 'all') break;
    }
    from = Math.max(end, start + 1);
  }
  parts.push(text.slice(copied));
  const result = parts.join('');
  state.call.grow(result.length);
  return { text: result, count };
}

/** `&` stands for the match; behind a backslash it is itself, as a backslash is. */
function fill(replacement: Bytes, groups: readonly (Bytes | undefined)[], withGroups: boolean): Bytes {
  if (!/[&\\]/.test(replacement)) return replacement;
  return replacement.replace(/\\([\\&0-9])|&/g, (token, escaped: string | undefined) => {
    if (escaped === undefined) return groups[0] ?? '';
    if (escaped === '&' || escaped === '\\') return escaped;
    return withGroups ? (groups[Number(escaped)] ?? '') : token;
  });
}

/** A number as `print` writes it. */
export function printed(state: State, value: Value): Bytes {
  return typeof value === 'number' ? toText(value, state.text('OFMT')) : toText(value, '%.6g');
}
