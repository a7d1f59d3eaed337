import { linesOf } from '../../shell/bytes.js';
import { tryStat } from '../../shell/filesystem.js';
import { type Call, CommandFailure, command } from '../kit/call.js';
import { fullLinesOf } from '../kit/text.js';

/** wc(1). */
export const wc = command(['-l --lines', '-w --words', '-c --bytes', '-m --chars', '-L --max-line-length'], (call) => {
  const wanted = ['lines', 'words', 'chars', 'bytes', 'max-line-length'].filter((name) => call.options.has(name));
  const columns = wanted.length === 0 ? ['lines', 'words', 'bytes'] : wanted;
  const rows: { readonly counts: readonly number[]; readonly name: string }[] = [];
  const names = call.operands.length === 0 ? [''] : call.operands;
  for (const name of names) {
    const text = call.readInput(name === '' ? '-' : name);
    if (text === undefined) continue;
    rows.push({ counts: columns.map((column) => count(text, column)), name });
  }
  if (names.length > 1) {
    const totals = columns.map((column, index) => {
      const values = rows.map(({ counts }) => counts[index] ?? 0);
      return column === 'max-line-length' ? Math.max(0, ...values) : values.reduce((sum, value) => sum + value, 0);
    });
    rows.push({ counts: totals, name: 'total' });
  }
  const width = widthOf(call, names, columns.length, rows);
  for (const { counts, name } of rows) {
    const cells = counts.map((value) => String(value).padStart(width)).join(' ');
    call.write(`${cells}${name === '' ? '' : ` ${name}`}\n`);
  }
  return undefined;
});

/** One number alone is not padded; without a file's size to go by, columns are seven wide. */
function widthOf(
  call: Call,
  names: readonly string[],
  columns: number,
  rows: readonly { readonly counts: readonly number[] }[],
): number {
  if (names.length === 1 && columns === 1) return 1;
  if (names.some((name) => name === '' || name === '-')) return 7;
  const bytes = names.reduce((sum, name) => sum + (tryStat(call.process, name)?.size ?? 0), 0);
  return Math.max(String(bytes).length, ...rows.flatMap(({ counts }) => counts.map((value) => String(value).length)));
}

function count(text: string, column: string): number {
  switch (column) {
    case 'lines':
      return text.split('\n').length - 1;
    case 'words':
      return text.match(/[^\t-\r ]+/g)?.length ?? 0;
    case 'max-line-length':
      return Math.max(0, ...linesOf(text).map((line) => line.length));
    default:
      return text.length;
  }
}

/** uniq(1). */
export const uniq = command(
  [
    '-c --count',
    '-d --repeated',
    '-D',
    '-u --unique',
    '-i --ignore-case',
    '-f --skip-fields=',
    '-s --skip-chars=',
    '-w --check-chars=',
    '-z --zero-terminated',
    '!--all-repeated=?',
    '!--group=?',
  ],
  (call) => {
    const { options } = call;
    const [input = '-', output] = call.operands;
    if (output !== undefined) call.unsupported('an output file');
    const fields = numberOf(call, 'skip-fields', 0);
    const characters = numberOf(call, 'skip-chars', 0);
    const width = options.has('check-chars') ? numberOf(call, 'check-chars', 0) : undefined;
    const keyOf = (line: string): string => {
      const rest = line.replace(new RegExp(`^(?:[ \\t]*[^ \\t]*){${fields}}`), '').slice(characters);
      const key = rest.slice(0, width);
      return options.has('ignore-case') ? key.toUpperCase() : key;
    };
    const text = call.readInput(input);
    if (text === undefined) return 1;
    const separator = options.has('zero-terminated') ? '\0' : '\n';
    const groups: string[][] = [];
    let lastKey: string | undefined;
    for (const line of linesOf(text, separator)) {
      const key = keyOf(line);
      if (key === lastKey) groups.at(-1)?.push(line);
      else groups.push([line]);
      lastKey = key;
    }
    for (const group of groups) {
      if (options.has('repeated', 'D') && group.length === 1) continue;
      if (options.has('unique') && group.length > 1) continue;
      const shown = options.has('D') ? group : group.slice(0, 1);
      const prefix = options.has('count') ? `${String(group.length).padStart(7)} ` : '';
      for (const line of shown) call.write(`${prefix}${line}${separator}`);
    }
    return undefined;
  },
);

function numberOf(call: Call, name: string, fallback: number): number {
  const text = call.options.value(name);
  if (text === undefined) return fallback;
  if (!/^[0-9]+$/.test(text)) throw new CommandFailure(`invalid number: '${text}'`);
  return Number(text);
}

/** nl(1) with its usual way of numbering. */
export const nl = command(
  [
    '-b --body-numbering=',
    '-w --number-width=',
    '-s --number-separator=',
    '-v --starting-line-number=',
    '-i --line-increment=',
  ],
  (call) => {
    const style = call.options.value('body-numbering') ?? 't';
    if (style !== 't' && style !== 'a' && style !== 'n') call.unsupported(`-b ${style}`);
    const width = numberOf(call, 'number-width', 6);
    const separator = call.options.value('number-separator') ?? '\t';
    let number = numberOf(call, 'starting-line-number', 1);
    for (const { text } of call.inputs()) {
      for (const full of fullLinesOf(text)) {
        const line = full.replace(/\n$/, '');
        if (style === 'a' || (style === 't' && line !== '')) {
          call.write(`${String(number).padStart(width)}${separator}${line}\n`);
          number += numberOf(call, 'line-increment', 1);
        } else {
          call.write(`${' '.repeat(width + separator.length)}${line}\n`);
        }
      }
    }
    return undefined;
  },
);
