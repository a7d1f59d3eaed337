import { CommandFailure } from '../kit/call.js';
import type { Regex, RegexMatch } from '../regex/regex.js';
import type { ReplacementPart, Substitution } from './script.js';

/**
 * Replaces what `s` names in a text.
 *
 * @param regex the expression, the one used last where the command has none.
 * @param spend is called for each match.
 * @returns undefined where nothing was replaced.
 */
export function substitute(
  text: string,
  regex: Regex,
  substitution: Substitution,
  spend: () => void,
): string | undefined {
  let result = '';
  let copied = 0;
  let count = 0;
  let replaced = false;
  let lastEnd = -1;
  for (let at = 0; at <= text.length; ) {
    const match = regex.exec(text, at);
    if (match === undefined) break;
    // An empty match right behind a match is none (POSIX: `echo abc | sed 's/b*/x/g'` gives xaxcx).
    if (match.start === match.end && match.start === lastEnd) {
      at = match.end + 1;
      continue;
    }
    spend();
    count += 1;
    lastEnd = match.end;
    if (count >= substitution.number) {
      result += text.slice(copied, match.start) + expand(substitution.replacement, match);
      copied = match.end;
      replaced = true;
      if (!substitution.global) break;
    }
    at = match.end === match.start ? match.end + 1 : match.end;
  }
  return replaced ? result + text.slice(copied) : undefined;
}

function expand(parts: readonly ReplacementPart[], match: RegexMatch): string {
  let result = '';
  let mode: 'upper' | 'lower' | 'none' = 'none';
  let next: 'upper-next' | 'lower-next' | undefined;
  for (const part of parts) {
    if (part.type === 'case') {
      if (part.change === 'upper-next' || part.change === 'lower-next') {
        next = part.change;
      } else {
        mode = part.change;
        next = undefined;
      }
      continue;
    }
    const text = part.type === 'text' ? part.text : (match.groups[part.index] ?? '');
    let changed = mode === 'upper' ? upper(text) : mode === 'lower' ? lower(text) : text;
    if (next !== undefined && changed !== '') {
      changed = (next === 'upper-next' ? upper(changed.slice(0, 1)) : lower(changed.slice(0, 1))) + changed.slice(1);
      next = undefined;
    }
    result += changed;
  }
  return result;
}

/** ASCII only: the text is bytes. */
function upper(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The expression of a command, or the one used last. */
export function orLast(regex: Regex | undefined, last: Regex | undefined): Regex {
  const chosen = regex ?? last;
  if (chosen === undefined) throw new CommandFailure('no previous regular expression');
  return chosen;
}
