import { compareStrings, linesOf } from '../../shell/bytes.js';
import { CommandFailure, command } from '../kit/call.js';
import { fullLinesOf } from '../kit/text.js';

/** tac(1) with newlines. */
export const tac = command(['!-b --before', '!-r --regex', '!-s --separator='], (call) => {
  for (const { text } of call.inputs()) call.write(fullLinesOf(text).reverse().join(''));
  return undefined;
});

/** rev(1). */
export const rev = command([], (call) => {
  for (const { text } of call.inputs()) {
    for (const line of fullLinesOf(text)) {
      const body = line.replace(/\n$/, '');
      call.write([...body].reverse().join('') + line.slice(body.length));
    }
  }
  return undefined;
});

/** fold(1). */
export const fold = command(['-b --bytes', '-s --spaces', '-w --width='], (call) => {
  const width = Number(call.options.value('width') ?? 80);
  if (!Number.isInteger(width) || width < 1) throw new CommandFailure('invalid number of columns');
  for (const { text } of call.inputs()) {
    for (const full of fullLinesOf(text)) {
      let line = full.replace(/\n$/, '');
      while (line.length > width) {
        const space = call.options.has('spaces') ? line.lastIndexOf(' ', width - 1) : -1;
        const at = space < 0 ? width : space + 1;
        call.write(`${line.slice(0, at)}\n`);
        line = line.slice(at);
      }
      call.write(line + (full.endsWith('\n') ? '\n' : ''));
    }
  }
  return undefined;
});

/** expand(1) with one tab size. */
export const expand = command(['-t --tabs=', '!-i --initial'], (call) => {
  const size = Number(call.options.value('tabs') ?? 8);
  if (!Number.isInteger(size) || size < 1) call.unsupported(`-t ${call.options.value('tabs')}`);
  for (const { text } of call.inputs()) {
    for (const line of fullLinesOf(text)) {
      let column = '';
      for (const byte of line) column += byte === '\t' ? ' '.repeat(size - (column.length % size)) : byte;
      call.write(column);
    }
  }
  return undefined;
});

/** comm(1). */
export const comm = command(
  ['-1', '-2', '-3', '-z --zero-terminated', '--nocheck-order', '--check-order', '--output-delimiter='],
  (call) => {
    const [first, second] = call.operands;
    if (first === undefined || second === undefined) throw new CommandFailure('missing operand');
    const texts = [call.readInput(first), call.readInput(second)];
    const separator = call.options.has('zero-terminated') ? '\0' : '\n';
    const [left, right] = texts.map((text) => (text === undefined ? undefined : linesOf(text, separator)));
    if (left === undefined || right === undefined) return 1;
    const delimiter = call.options.value('output-delimiter') ?? '\t';
    const shown = ['1', '2', '3'].filter((column) => !call.options.has(column));
    const print = (column: string, line: string): void => {
      const at = shown.indexOf(column);
      if (at >= 0) call.write(delimiter.repeat(at) + line + separator);
    };
    let at = 0;
    let other = 0;
    while (at < left.length || other < right.length) {
      const a = left[at];
      const b = right[other];
      const order = a === undefined ? 1 : b === undefined ? -1 : compareStrings(a, b);
      print(order < 0 ? '1' : order > 0 ? '2' : '3', (order > 0 ? b : a) ?? '');
      if (order <= 0) at += 1;
      if (order >= 0) other += 1;
    }
    return 0;
  },
);
