import type { Shell } from '../shell.js';
import type { Bytes } from '../types.js';

const LETTERS: Readonly<Record<string, Bytes>> = {
  '\\': '\\',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** One escape, `at` being behind the backslash: what it stands for, and where the text goes on. */
export function readEscape(text: Bytes, at: number): { text: Bytes; next: number } {
  const letter = LETTERS[text.charAt(at)];
  if (letter !== undefined) return { text: letter, next: at + 1 };
  const octal = /^[0-7]{1,3}/.exec(text.slice(at, at + 3))?.[0];
  if (octal === undefined) return { text: '\\', next: at };
  return { text: String.fromCharCode(Number.parseInt(octal, 8) & 255), next: at + octal.length };
}

/** Replaces escapes as dash's `echo` and `%b` do. `\c` ends everything. */
export function expandEscapes(text: Bytes): { text: Bytes; ended: boolean } {
  let result = '';
  for (let at = 0; at < text.length; ) {
    const backslash = text.indexOf('\\', at);
    if (backslash < 0) return { text: result + text.slice(at), ended: false };
    result += text.slice(at, backslash);
    at = backslash + 1;
    if (text.charAt(at) === 'c') return { text: result, ended: true };
    if (text.charAt(at) === '0' && /[0-7]/.test(text.charAt(at + 1))) at += 1;
    const sequence = readEscape(text, at);
    result += sequence.text;
    at = sequence.next;
  }
  return { text: result, ended: false };
}

/** `echo [-n] [text …]` */
export function echo(shell: Shell, args: readonly Bytes[]): number {
  const silent = args[1] === '-n';
  const { text, ended } = expandEscapes(args.slice(silent ? 2 : 1).join(' '));
  shell.write(1, silent || ended ? text : `${text}\n`);
  return 0;
}
