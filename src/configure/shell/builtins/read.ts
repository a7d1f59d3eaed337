import { ifsOf } from '../expand.js';
import type { Shell } from '../shell.js';
import type { Bytes } from '../types.js';
import { parseOptions } from './arguments.js';

/** A line's characters; those behind a backslash separate nothing. */
interface Line {
  readonly characters: readonly { readonly character: Bytes; readonly escaped: boolean }[];
  /** The line ended in a newline, not at the end of the input. */
  readonly complete: boolean;
}

/** `read [-r] [-p prompt] name …` */
export function read(shell: Shell, args: readonly Bytes[]): number {
  const { options, rest: names } = parseOptions(shell, args, 'p:r');
  if (names.length === 0) shell.fail('arg count');
  const line = readLine(
    shell,
    options.some(([letter]) => letter === 'r'),
  );
  const fields = splitLine(line, ifsOf(shell) ?? ' \t\n', names.length);
  for (const [index, name] of names.entries()) shell.setVariable(name, fields[index] ?? '');
  return line.complete ? 0 : 1;
}

/** Byte by byte, so that the next command finds the rest of the input. */
function readLine(shell: Shell, raw: boolean): Line {
  const input = shell.descriptors.get(0);
  const characters: { character: Bytes; escaped: boolean }[] = [];
  let escaped = false;
  for (let count = 1; ; count += 1) {
    if (count % 8 === 0) shell.step();
    const character = input?.read(1) ?? '';
    if (character === '') return { characters, complete: false };
    if (character === '\0') continue;
    if (escaped) {
      if (character !== '\n') characters.push({ character, escaped });
      escaped = false;
    } else if (character === '\\' && !raw) {
      escaped = true;
    } else if (character === '\n') {
      return { characters, complete: true };
    } else {
      characters.push({ character, escaped });
    }
  }
}

/** At most `count` fields; the last one takes the rest of the line, without the white space at its end. */
function splitLine({ characters }: Line, ifs: Bytes, count: number): Bytes[] {
  const separates = (at: number): boolean => {
    const one = characters[at];
    return one !== undefined && !one.escaped && ifs.includes(one.character);
  };
  const blank = (at: number): boolean => separates(at) && ' \t\n'.includes(characters[at]?.character ?? '');
  const text = (from: number, to: number): Bytes =>
    characters
      .slice(from, to)
      .map(({ character }) => character)
      .join('');
  const fields: Bytes[] = [];
  let at = 0;
  while (blank(at)) at += 1;
  while (at < characters.length && fields.length < count - 1) {
    const from = at;
    while (at < characters.length && !separates(at)) at += 1;
    fields.push(text(from, at));
    at = afterSeparator(at, separates, blank);
  }
  if (at < characters.length) fields.push(lastField(characters.length, at, separates, blank, text));
  return fields;
}

/** A separator is white space, or one other character with white space around it. */
function afterSeparator(start: number, separates: (at: number) => boolean, blank: (at: number) => boolean): number {
  let at = start;
  while (blank(at)) at += 1;
  if (!separates(at)) return at;
  at += 1;
  while (blank(at)) at += 1;
  return at;
}

function lastField(
  length: number,
  from: number,
  separates: (at: number) => boolean,
  blank: (at: number) => boolean,
  text: (from: number, to: number) => Bytes,
): Bytes {
  let end = from;
  while (end < length && !separates(end)) end += 1;
  // A single field loses its terminator; where there are more, all separators stay.
  if (afterSeparator(end, separates, blank) >= length) return text(from, end);
  let last = length;
  while (last > from && blank(last - 1)) last -= 1;
  return text(from, last);
}
