import { compareStrings, linesOf } from '../../shell/bytes.js';
import { writeFile } from '../../shell/filesystem.js';
import type { Bytes } from '../../shell/types.js';
import { type Call, CommandFailure, command } from '../kit/call.js';
import type { ParsedOptions } from '../kit/options.js';
import { quote } from '../kit/text.js';
import { compareVersionTexts } from '../kit/version-texts.js';

type Order = 'bytes' | 'numeric' | 'general' | 'human' | 'version' | 'month';

interface Ordering {
  readonly order: Order;
  readonly reverse: boolean;
  readonly fold: boolean;
  readonly dictionary: boolean;
  readonly printable: boolean;
  readonly blanksAtStart: boolean;
  readonly blanksAtEnd: boolean;
}

/** One `-k`: from a field's character to another's, both counted from one; 0 characters mean a field's end. */
interface Key extends Ordering {
  readonly field: number;
  readonly character: number;
  readonly endField: number | undefined;
  readonly endCharacter: number;
}

const ORDER_LETTERS: Readonly<Record<string, Order>> = {
  n: 'numeric',
  g: 'general',
  h: 'human',
  V: 'version',
  M: 'month',
};
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** sort(1). Without a key that says otherwise, bytes decide, as with LC_ALL=C. */
export const sort = command(
  [
    '-b --ignore-leading-blanks',
    '-d --dictionary-order',
    '-f --ignore-case',
    '-i --ignore-nonprinting',
    '-g --general-numeric-sort',
    '-h --human-numeric-sort',
    '-M --month-sort',
    '-n --numeric-sort',
    '-V --version-sort',
    '-r --reverse',
    '-c --check=?',
    '-C',
    '-m --merge',
    '-o --output=',
    '-s --stable',
    '-t --field-separator=',
    '-k --key=',
    '-u --unique',
    '-z --zero-terminated',
    '-T --temporary-directory=',
    '-S --buffer-size=',
    '--parallel=',
    '!-R --random-sort',
    '!--sort=',
    '!--files0-from=',
  ],
  (call) => {
    const { options } = call;
    const separator = options.has('zero-terminated') ? '\0' : '\n';
    const texts: Bytes[] = [];
    for (const name of call.operands.length === 0 ? ['-'] : call.operands) {
      const text = call.readInput(name, 2);
      if (text === undefined) return 2;
      texts.push(text);
    }
    const lines = texts.flatMap((text) => linesOf(text, separator));
    const byKeys = keyComparison(options);
    const isUnique = options.has('unique');
    const stable = options.has('stable') || isUnique;
    const reverse = options.has('reverse') ? -1 : 1;
    const order = (a: Bytes, b: Bytes): number => byKeys(a, b) || (stable ? 0 : reverse * compareStrings(a, b));
    if (options.has('check', 'C')) return check(call, lines, isUnique ? (a, b) => byKeys(a, b) || 1 : order);
    call.spend(lines.length);
    const sorted = lines.sort(order);
    const kept = isUnique ? sorted.filter((line, at) => at === 0 || byKeys(sorted[at - 1] ?? '', line) !== 0) : sorted;
    const result = kept.map((line) => line + separator).join('');
    const output = options.value('output');
    if (output === undefined) call.write(result);
    else writeFile(call.process, output, result);
    return 0;
  },
  { usageStatus: 2 },
);

function check(call: Call, lines: readonly Bytes[], order: (a: Bytes, b: Bytes) => number): number {
  const at = lines.findIndex((line, index) => index > 0 && order(lines[index - 1] ?? '', line) > 0);
  if (at < 0) return 0;
  const isQuiet = call.options.has('C') || /^(quiet|silent)$/.test(call.options.value('check') ?? '');
  if (!isQuiet) call.warn(`${call.operands[0] ?? '-'}:${at + 1}: disorder: ${lines[at]}`);
  return 1;
}

function keyComparison(options: ParsedOptions): (a: Bytes, b: Bytes) => number {
  const general = orderingOf(letters(options));
  const separator = fieldSeparator(options.value('field-separator'));
  const specs = options.values('key');
  const keys = (specs.length === 0 ? ['1'] : specs).map((spec) => parseKey(spec, general));
  const wholeLine = specs.length === 0;
  return (a, b) => {
    for (const key of keys) {
      const [left, right] = wholeLine ? [a, b] : [keyText(a, key, separator), keyText(b, key, separator)];
      const result = compareKey(left, right, key);
      if (result !== 0) return key.reverse ? -result : result;
    }
    return 0;
  };
}

function letters(options: ParsedOptions): string {
  const names: Readonly<Record<string, string>> = {
    'ignore-leading-blanks': 'b',
    'dictionary-order': 'd',
    'ignore-case': 'f',
    'ignore-nonprinting': 'i',
    'general-numeric-sort': 'g',
    'human-numeric-sort': 'h',
    'month-sort': 'M',
    'numeric-sort': 'n',
    'version-sort': 'V',
    reverse: 'r',
  };
  return options.given.map(({ name }) => names[name] ?? '').join('');
}

function orderingOf(flags: string, endFlags = flags): Ordering {
  const letter = [...flags, ...endFlags].find((flag) => Object.hasOwn(ORDER_LETTERS, flag)) ?? '';
  const has = (flag: string): boolean => flags.includes(flag) || endFlags.includes(flag);
  return {
    order: ORDER_LETTERS[letter] ?? 'bytes',
    reverse: has('r'),
    fold: has('f'),
    dictionary: has('d'),
    printable: has('i'),
    blanksAtStart: flags.includes('b'),
    blanksAtEnd: endFlags.includes('b'),
  };
}

function fieldSeparator(text: Bytes | undefined): Bytes | undefined {
  if (text === '\\0') return '\0';
  if (text !== undefined && text.length !== 1) throw new CommandFailure(`multi-character tab ${quote(text)}`, 2);
  return text;
}

function parseKey(spec: Bytes, general: Ordering): Key {
  const found = /^([0-9]+)(?:\.([0-9]+))?([bdfgiMhnrRV]*)(?:,([0-9]+)(?:\.([0-9]+))?([bdfgiMhnrRV]*))?$/.exec(spec);
  if (found === null || Number(found[1]) === 0)
    throw new CommandFailure(`invalid number at field start: ${quote(spec)}`, 2);
  const [, field, character, startFlags = '', endField, endCharacter, endFlags = ''] = found;
  const ordering = startFlags + endFlags === '' ? general : orderingOf(startFlags, endFlags);
  return {
    ...ordering,
    field: Number(field),
    character: Number(character ?? 1),
    endField: endField === undefined ? undefined : Number(endField),
    endCharacter: Number(endCharacter ?? 0),
  };
}

/** Where field `number` begins; without a separator, a field holds the blanks before it. */
function fieldStart(line: Bytes, number: number, separator: Bytes | undefined): number {
  let at = 0;
  for (let field = 1; field < number && at < line.length; field += 1) {
    if (separator === undefined) {
      while (isBlank(line[at])) at += 1;
      while (at < line.length && !isBlank(line[at])) at += 1;
    } else {
      const next = line.indexOf(separator, at);
      at = next < 0 ? line.length : next + 1;
    }
  }
  return at;
}

function fieldEnd(line: Bytes, start: number, separator: Bytes | undefined): number {
  let at = start;
  if (separator !== undefined) {
    const next = line.indexOf(separator, start);
    return next < 0 ? line.length : next;
  }
  while (isBlank(line[at])) at += 1;
  while (at < line.length && !isBlank(line[at])) at += 1;
  return at;
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\n';
}

function keyText(line: Bytes, key: Key, separator: Bytes | undefined): Bytes {
  let start = fieldStart(line, key.field, separator);
  if (key.blanksAtStart) while (isBlank(line[start])) start += 1;
  start = Math.min(start + key.character - 1, line.length);
  if (key.endField === undefined) return line.slice(start);
  const last = fieldStart(line, key.endField, separator);
  if (key.endCharacter === 0) return line.slice(start, fieldEnd(line, last, separator));
  let end = last;
  if (key.blanksAtEnd) while (isBlank(line[end])) end += 1;
  return line.slice(start, end + key.endCharacter);
}

function compareKey(a: Bytes, b: Bytes, ordering: Ordering): number {
  switch (ordering.order) {
    case 'numeric':
      return compareNumbers(a, b);
    case 'general':
      return generalNumber(a) - generalNumber(b);
    case 'human':
      return humanRank(a) - humanRank(b) || compareNumbers(a, b);
    case 'version':
      return compareVersionTexts(a, b);
    case 'month':
      return monthOf(a) - monthOf(b);
    default:
      return compareStrings(prepared(a, ordering), prepared(b, ordering));
  }
}

function prepared(text: Bytes, ordering: Ordering): Bytes {
  let result = text;
  if (ordering.dictionary) result = result.replace(/[^A-Za-z0-9 \t\n]/g, '');
  if (ordering.printable) result = result.replace(/[^ -~]/g, '');
  return ordering.fold ? result.replace(/[a-z]+/g, (word) => word.toUpperCase()) : result;
}

/** `-n` compares decimal texts of any length; what is no number is zero. */
function compareNumbers(a: Bytes, b: Bytes): number {
  const left = Number(/^[ \t]*(-?[0-9]*(?:\.[0-9]*)?)/.exec(a)?.[1] || 0) || 0;
  const right = Number(/^[ \t]*(-?[0-9]*(?:\.[0-9]*)?)/.exec(b)?.[1] || 0) || 0;
  return left - right;
}

function generalNumber(text: Bytes): number {
  const value = Number.parseFloat(text);
  return Number.isNaN(value) ? -Number.MAX_VALUE : value;
}

function humanRank(text: Bytes): number {
  const [, number = '', unit = ''] = /^[ \t]*(-?[0-9.]*)([kKMGTPEZY]?)/.exec(text) ?? [];
  const rank = 'KMGTPEZY'.indexOf(unit.toUpperCase() || '-') + 1;
  return Number(number) < 0 ? -rank : Number(number) === 0 ? 0 : rank;
}

function monthOf(text: Bytes): number {
  return MONTHS.indexOf(text.trim().slice(0, 3).toUpperCase());
}
