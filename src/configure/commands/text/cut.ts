import { linesOf } from '../../shell/bytes.js';
import { type Call, CommandFailure, command } from '../kit/call.js';
import { quote } from '../kit/text.js';

/** Positions from one, both ends included. */
type Ranges = readonly (readonly [first: number, last: number])[];

/** cut(1). */
export const cut = command(
  [
    '-b --bytes=',
    '-c --characters=',
    '-f --fields=',
    '-d --delimiter=',
    '-s --only-delimited',
    '-n',
    '-z --zero-terminated',
    '--complement',
    '--output-delimiter=',
  ],
  (call) => {
    const { options } = call;
    const kind = options.last('bytes', 'characters', 'fields');
    if (kind === undefined) throw new CommandFailure('you must specify a list of bytes, characters, or fields');
    const ranges = parseRanges(options.value(kind) ?? '');
    const chosen = (at: number): boolean => {
      return ranges.some(([first, last]) => at >= first && at <= last) !== options.has('complement');
    };
    const delimiter = options.value('delimiter') ?? '\t';
    if (delimiter.length > 1) throw new CommandFailure('the delimiter must be a single character');
    const byDelimiter = delimiter === '' ? '\0' : delimiter;
    const joiner = options.value('output-delimiter') ?? (kind === 'fields' ? byDelimiter : '');
    const separator = options.has('zero-terminated') ? '\0' : '\n';
    for (const { text } of call.inputs()) {
      for (const line of linesOf(text, separator)) {
        const isWhole = kind === 'fields' && !line.includes(byDelimiter);
        if (isWhole && options.has('only-delimited')) continue;
        const parts = kind === 'fields' ? line.split(byDelimiter) : [...line];
        const kept = kind === 'fields' ? parts.filter((_, at) => chosen(at + 1)) : runs(parts, chosen, joiner !== '');
        call.write((isWhole ? line : kept.join(joiner)) + separator);
      }
    }
    return undefined;
  },
);

/** The chosen bytes, those that stand together in one piece where pieces are to be told apart. */
function runs(bytes: readonly string[], chosen: (at: number) => boolean, apart: boolean): string[] {
  const pieces: string[] = [];
  bytes.forEach((byte, index) => {
    if (!chosen(index + 1)) return;
    if (apart && index > 0 && chosen(index)) pieces.push((pieces.pop() ?? '') + byte);
    else pieces.push(byte);
  });
  return pieces;
}

function parseRanges(list: string): Ranges {
  return list.split(/[, \t]/).map((part) => {
    const [, first = '', dash = '', last = ''] = /^([0-9]*)(-?)([0-9]*)$/.exec(part) ?? [];
    if ((first === '' && last === '') || Number(first || 1) === 0) {
      throw new CommandFailure(`invalid field value ${quote(part)}`);
    }
    const start = Number(first || 1);
    const end = dash === '' ? start : last === '' ? Number.POSITIVE_INFINITY : Number(last);
    if (end < start) throw new CommandFailure('invalid decreasing range');
    return [start, end] as const;
  });
}

/** paste(1). */
export const paste = command(['-d --delimiters=', '-s --serial', '-z --zero-terminated'], (call) => {
  const separator = call.options.has('zero-terminated') ? '\0' : '\n';
  const list = (call.options.value('delimiters') ?? '\t').replaceAll('\\n', '\n').replaceAll('\\t', '\t');
  const delimiters = [...list.replaceAll('\\\\', '\\')];
  const names = call.operands.length === 0 ? ['-'] : call.operands;
  const columns = columnsOf(call, names, separator);
  if (columns === undefined) return 1;
  const rows = call.options.has('serial')
    ? columns
    : Array.from({ length: Math.max(...columns.map((column) => column.length)) }, (_, row) => {
        return columns.map((column) => column[row] ?? '');
      });
  for (const row of rows) {
    const text = row.map((cell, at) => (at === 0 ? '' : (delimiters[(at - 1) % delimiters.length] ?? '')) + cell);
    call.write(text.join('') + separator);
  }
  return 0;
});

/** Several `-` take their lines from the one input in turn. */
function columnsOf(call: Call, names: readonly string[], separator: string): string[][] | undefined {
  const shares = names.filter((name) => name === '-').length;
  const shared = shares === 0 ? [] : linesOf(call.readStdin(), separator);
  let share = -1;
  const columns: string[][] = [];
  for (const name of names) {
    if (name === '-') {
      share += 1;
      const mine = share;
      const isSerial = call.options.has('serial');
      columns.push(shared.filter((_, at) => (isSerial ? mine === 0 : at % shares === mine)));
      continue;
    }
    const text = call.readInput(name);
    if (text === undefined) return undefined;
    columns.push(linesOf(text, separator));
  }
  return columns;
}
