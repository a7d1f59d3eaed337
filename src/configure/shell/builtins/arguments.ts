import type { Shell } from '../shell.js';
import type { Bytes } from '../types.js';

export type Builtin = (shell: Shell, args: readonly Bytes[], tested: boolean) => number;

export interface ParsedOptions {
  /** In the order given, each with its argument, '' for those that take none. */
  readonly options: readonly (readonly [letter: Bytes, argument: Bytes])[];
  readonly rest: readonly Bytes[];
}

/** Reads a builtin's options as getopt(3) would; in `letters` a colon follows those that take an argument. */
export function parseOptions(shell: Shell, args: readonly Bytes[], letters: Bytes): ParsedOptions {
  const options: [Bytes, Bytes][] = [];
  let at = 1;
  for (; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (!arg.startsWith('-') || arg === '-') break;
    if (arg === '--') {
      at += 1;
      break;
    }
    for (let index = 1; index < arg.length; index += 1) {
      const letter = arg.charAt(index);
      const known = letter === ':' ? -1 : letters.indexOf(letter);
      if (known < 0) shell.fail(`Illegal option -${letter}`);
      if (letters.charAt(known + 1) !== ':') {
        options.push([letter, '']);
        continue;
      }
      if (index + 1 < arg.length) options.push([letter, arg.slice(index + 1)]);
      else {
        at += 1;
        options.push([letter, args[at] ?? shell.fail(`No arg for -${letter} option`)]);
      }
      break;
    }
  }
  return { options, rest: args.slice(at) };
}

/** A number without a sign, as `shift` and `exit` take it. */
export function parseCount(shell: Shell, text: Bytes): number {
  if (!/^[0-9]+$/.test(text) || Number(text) > 0x7fffffff) shell.fail(`Illegal number: ${text}`);
  return Number(text);
}

/** `text` so that the shell reads it as one word again, the way dash prints it. */
export function quote(text: Bytes): Bytes {
  const parts = text.split(/('+)/).map((part) => {
    if (part === '') return '';
    return part.startsWith("'") ? `"${part}"` : `'${part}'`;
  });
  return parts.join('') || "''";
}
