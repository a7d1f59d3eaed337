import type { Bytes } from '../../shell/types.js';
import { type Call, CommandFailure, command } from '../kit/call.js';
import { fullLinesOf, quote } from '../kit/text.js';

const OPTIONS = ['-n --lines=', '-c --bytes=', '-q --quiet --silent', '-v --verbose', '-z --zero-terminated'];
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 512,
  K: 1024,
  k: 1024,
  kB: 1000,
  M: 1024 ** 2,
  G: 1024 ** 3,
};

/** How much of an input: the count, its sign, and whether it counts bytes or lines. */
interface Amount {
  readonly sign: string;
  readonly count: number;
  readonly ofBytes: boolean;
}

function amountOf(call: Call): Amount {
  const ofBytes = call.options.last('lines', 'bytes') === 'bytes';
  const text = call.options.value(ofBytes ? 'bytes' : 'lines') ?? '10';
  const [, sign = '', digits = '', unit = ''] = /^([-+]?)([0-9]+)(b|kB?|K|M|G)?$/.exec(text) ?? [];
  if (digits === '') {
    throw new CommandFailure(`invalid number of ${ofBytes ? 'bytes' : 'lines'}: ${quote(text)}`);
  }
  return { sign, count: Number(digits) * (UNITS[unit] ?? 1), ofBytes };
}

/** `-5` and `-5c` as the old forms have them, `+5` for tail too. */
function oldForm(args: readonly Bytes[], pattern: RegExp): readonly Bytes[] {
  const [first = '', ...rest] = args;
  const [, count = '', unit = ''] = pattern.exec(first) ?? [];
  return count === '' ? args : [unit === 'c' ? '-c' : '-n', count.replace(/^-/, ''), ...rest];
}

/** Writes the chosen part of each input, under a `==> name <==` where there are several. */
function parts(call: Call, choose: (text: Bytes) => Bytes): undefined {
  const names = call.operands.length === 0 ? ['-'] : call.operands;
  const headers = call.options.has('verbose') || (names.length > 1 && !call.options.has('quiet'));
  let isFirst = true;
  for (const name of names) {
    const text = call.readInput(name);
    if (text === undefined) continue;
    if (headers) call.write(`${isFirst ? '' : '\n'}==> ${name === '-' ? 'standard input' : name} <==\n`);
    isFirst = false;
    call.write(choose(text));
  }
  return undefined;
}

/** Reads no more than it needs from the standard input, so that the next command finds the rest. */
function takeFromStdin(call: Call, { count, ofBytes }: Amount, separator: string): undefined {
  const file = call.process.descriptors.get(0);
  if (file === undefined) return undefined;
  if (ofBytes) {
    for (let left = count; left > 0; ) {
      const bytes = file.read(Math.min(left, 65536));
      if (bytes === '') break;
      call.write(bytes);
      left -= bytes.length;
    }
    return undefined;
  }
  for (let left = count; left > 0; ) {
    const byte = file.read(1);
    if (byte === '') break;
    call.write(byte);
    if (byte === separator) left -= 1;
  }
  return undefined;
}

/** head(1). */
export const head = command(
  OPTIONS,
  (call) => {
    const amount = amountOf(call);
    const separator = call.options.has('zero-terminated') ? '\0' : '\n';
    const plain = amount.sign !== '-' && !call.options.has('verbose');
    if (plain && (call.operands.length === 0 || (call.operands.length === 1 && call.operands[0] === '-'))) {
      return takeFromStdin(call, amount, separator);
    }
    const end = amount.sign === '-' ? -amount.count || Number.POSITIVE_INFINITY : amount.count;
    return parts(call, (text) => {
      return amount.ofBytes ? text.slice(0, end) : fullLinesOf(text, separator).slice(0, end).join('');
    });
  },
  { rewrite: (args) => oldForm(args, /^(-[0-9]+)([cl]?)$/) },
);

/** tail(1), without `-f`. */
export const tail = command(
  [...OPTIONS, '!-f --follow=?', '!-F', '!--retry', '!--pid=', '!-s --sleep-interval='],
  (call) => {
    const amount = amountOf(call);
    const separator = call.options.has('zero-terminated') ? '\0' : '\n';
    const { sign, count, ofBytes } = amount;
    const startIn = (length: number): number => Math.max(sign === '+' ? count - 1 : length - count, 0);
    return parts(call, (text) => {
      if (ofBytes) return text.slice(startIn(text.length));
      const lines = fullLinesOf(text, separator);
      return lines.slice(startIn(lines.length)).join('');
    });
  },
  { rewrite: (args) => oldForm(args, /^([-+][0-9]+)([cl]?)$/) },
);
