import type { Bytes } from '../../shell/types.js';
import { convert, type FormatArguments, parseFormat } from '../kit/printf.js';

/** A text from outside that looks like a number: it is compared as one (POSIX.1-2017, awk, "numeric string"). */
interface Numeric {
  readonly text: Bytes;
  readonly number: number;
}

/** A value; undefined is that of a variable that was never set, which is both '' and 0. */
export type Value = number | Bytes | Numeric | undefined;

const NUMBER = /^[ \t\n\r\f\v]*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?/;
/** Above, not each whole number can be told from the next. */
const LARGEST_WHOLE = 1e16;

/** A text that came from outside: a field, a line, an argument. */
export function fromInput(text: Bytes): Value {
  const found = NUMBER.exec(text)?.[0];
  if (found === undefined || text.slice(found.length).trim() !== '') return text;
  return { text, number: Number(found) };
}

export function toNumber(value: Value): number {
  if (typeof value === 'number') return value;
  if (value === undefined) return 0;
  if (typeof value !== 'string') return value.number;
  return Number(NUMBER.exec(value)?.[0] ?? 0);
}

/** @param format `CONVFMT` or `OFMT`, for numbers that are not whole. */
export function toText(value: Value, format: Bytes): Bytes {
  if (typeof value === 'string') return value;
  if (value === undefined) return '';
  if (typeof value !== 'number') return value.text;
  if (Number.isInteger(value) && Math.abs(value) < LARGEST_WHOLE) return String(value);
  return formatValues(format, [value], '%.6g') ?? String(value);
}

export function isTrue(value: Value): boolean {
  if (typeof value === 'string') return value !== '';
  return toNumber(value) !== 0;
}

/** Compares as numbers where both look like ones, else as texts: negative, zero or positive; NaN is equal to nothing. */
export function compareValues(left: Value, right: Value, format: Bytes): number {
  if (typeof left !== 'string' && typeof right !== 'string') return toNumber(left) - toNumber(right);
  const [a, b] = [toText(left, format), toText(right, format)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * awk's sprintf. What the arguments do not suffice for is '' or 0.
 *
 * @param grow is told of wide fields before they are made.
 * @returns undefined where the format has a conversion that does not exist.
 */
export function formatValues(
  format: Bytes,
  values: readonly Value[],
  numbers: Bytes,
  grow: (bytes: number) => void = () => {},
): Bytes | undefined {
  const parts = parseFormat(format);
  let next = 0;
  let letter = '';
  const take = (): Value => {
    next += 1;
    return values[next - 1];
  };
  const args: FormatArguments = {
    number: () => toNumber(take()),
    integer: () => wholeOf(toNumber(take())),
    text: () => {
      const value = take();
      if (letter !== 'c' || typeof value === 'string' || value === undefined) return toText(value, numbers);
      return String.fromCharCode(toNumber(value) & 255);
    },
  };
  let text = '';
  for (const part of parts ?? [{ type: 'text', text: format } as const]) {
    if (part.type === 'text') {
      text += part.text;
      continue;
    }
    letter = part.letter;
    const star = toNumber(values[next]);
    for (const size of [part.width, part.precision ?? '']) grow(Math.abs(size === '*' ? star : Number(size)));
    const converted = convert(part, args);
    if (converted === undefined) return undefined;
    text += converted;
  }
  return text;
}

function wholeOf(number: number): bigint {
  return Number.isFinite(number) ? BigInt(Math.trunc(number)) : 0n;
}
