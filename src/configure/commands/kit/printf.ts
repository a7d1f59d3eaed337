import type { Bytes } from '../../shell/types.js';
import { cEscape } from '../regex/escapes.js';

/** One conversion of a format: `%-08.3d`. */
interface Conversion {
  readonly flags: string;
  /** A number, `*` (taken from the arguments), or nothing. */
  readonly width: string;
  readonly precision: string | undefined;
  readonly letter: string;
}

type Part = { readonly type: 'text'; readonly text: Bytes } | ({ readonly type: 'conversion' } & Conversion);

/** Splits a format into text and conversions; `%%` is text. Undefined where a conversion is not one. */
export function parseFormat(format: Bytes): Part[] | undefined {
  const parts: Part[] = [];
  const pattern = /%%|%([-+ #0']*)(\*|[0-9]*)(?:\.(\*|-?[0-9]*))?[hlLjzt]*([a-zA-Z])|[^%]+|%/gs;
  for (const [token, flags = '', width = '', precision, letter] of format.matchAll(pattern)) {
    if (letter !== undefined) parts.push({ type: 'conversion', flags, width, precision, letter });
    else if (token === '%') return undefined;
    else parts.push({ type: 'text', text: token === '%%' ? '%' : token });
  }
  return parts;
}

/** Where conversions find their arguments: the next one as what the conversion needs. */
export interface FormatArguments {
  text(): Bytes;
  integer(): bigint;
  number(): number;
}

/** Formats as printf(3) does for d i o u x X c s e E f F g G; other letters give undefined. */
export function convert(conversion: Conversion, args: FormatArguments): Bytes | undefined {
  let { flags } = conversion;
  let width = conversion.width === '*' ? Number(args.integer()) : Number(conversion.width);
  if (width < 0) {
    flags += '-';
    width = -width;
  }
  const given = conversion.precision === '*' ? Number(args.integer()) : conversion.precision;
  const precision = given === undefined || Number(given) < 0 ? undefined : Number(given);
  const body = bodyOf(conversion.letter, flags, precision, args);
  if (body === undefined) return undefined;
  return pad(body, flags, width, 'diouxX'.includes(conversion.letter) && precision !== undefined);
}

function bodyOf(
  letter: string,
  flags: string,
  precision: number | undefined,
  args: FormatArguments,
): Bytes | undefined {
  switch (letter) {
    case 's':
      return args.text().slice(0, precision);
    case 'c':
      return args.text().slice(0, 1);
    case 'd':
    case 'i': {
      const value = args.integer();
      const digits = digitsOf(value < 0n ? -value : value, 10, precision);
      return signOf(value < 0n, flags) + digits;
    }
    case 'u':
      return digitsOf(BigInt.asUintN(64, args.integer()), 10, precision);
    case 'o': {
      const digits = digitsOf(BigInt.asUintN(64, args.integer()), 8, precision);
      return flags.includes('#') && !digits.startsWith('0') ? `0${digits}` : digits;
    }
    case 'x':
    case 'X': {
      const value = BigInt.asUintN(64, args.integer());
      const digits = (flags.includes('#') && value !== 0n ? '0x' : '') + digitsOf(value, 16, precision);
      return letter === 'X' ? digits.toUpperCase() : digits;
    }
  }
  if (!'eEfFgG'.includes(letter)) return undefined;
  return floatOf(args.number(), letter, flags, precision ?? 6);
}

function digitsOf(value: bigint, base: number, precision: number | undefined): string {
  if (value === 0n && precision === 0) return '';
  return value.toString(base).padStart(precision ?? 0, '0');
}

function signOf(negative: boolean, flags: string): string {
  if (negative) return '-';
  return flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
}

function floatOf(value: number, letter: string, flags: string, precision: number): string {
  const sign = signOf(value < 0 || Object.is(value, -0), flags);
  const size = Math.abs(value);
  const lower = letter.toLowerCase();
  let text: string;
  if (Number.isNaN(size)) text = 'nan';
  else if (size === Number.POSITIVE_INFINITY) text = 'inf';
  else if (lower === 'f') text = fixed(size, precision);
  else if (lower === 'e') text = exponent(size, precision);
  else text = shortest(size, precision === 0 ? 1 : precision, flags.includes('#'));
  return sign + (letter === lower ? text : text.toUpperCase());
}

/** `toFixed` goes to exponents from 1e21 on; the value is a whole number there. */
function fixed(size: number, precision: number): string {
  if (size < 1e21) return size.toFixed(Math.min(precision, 100));
  const whole = BigInt(size).toString();
  return precision > 0 ? `${whole}.${'0'.repeat(precision)}` : whole;
}

function exponent(size: number, precision: number): string {
  const [mantissa = '', power = ''] = size.toExponential(Math.min(precision, 100)).split('e');
  return `${mantissa}e${power[0]}${power.slice(1).padStart(2, '0')}`;
}

function shortest(size: number, precision: number, keepsZeros: boolean): string {
  const power = size === 0 ? 0 : Number(size.toExponential(Math.min(precision, 100) - 1).split('e')[1]);
  const usesExponent = power < -4 || power >= precision;
  const text = usesExponent ? exponent(size, precision - 1) : fixed(size, Math.max(precision - 1 - power, 0));
  if (keepsZeros || !text.includes('.')) return text;
  return text.replace(/\.?0+(e|$)/, '$1');
}

function pad(body: Bytes, flags: string, width: number, hasPrecision: boolean): Bytes {
  if (body.length >= width) return body;
  if (flags.includes('-')) return body.padEnd(width);
  if (!flags.includes('0') || hasPrecision) return body.padStart(width);
  const prefix = /^[-+ ]?(0[xX])?/.exec(body)?.[0] ?? '';
  return prefix + body.slice(prefix.length).padStart(width - prefix.length, '0');
}

/** Resolves `\n`, `\0NNN`, `\xHH` and the like in a text; `stops` where it held a `\c`. */
export function unescapeText(text: Bytes, octal: 'nnn' | '0nnn'): { readonly bytes: Bytes; readonly stops: boolean } {
  let bytes = '';
  for (let at = 0; at < text.length; ) {
    const character = text[at] ?? '';
    const letter = text[at + 1] ?? '';
    if (character !== '\\' || letter === '') {
      bytes += character;
      at += 1;
      continue;
    }
    if (letter === 'c') return { bytes, stops: true };
    if (letter === 'e') {
      bytes += '\x1b';
      at += 2;
      continue;
    }
    const zero = octal === '0nnn' ? /^0[0-7]{0,3}/.exec(text.slice(at + 1, at + 5))?.[0] : undefined;
    const escaped =
      zero !== undefined
        ? { byte: String.fromCharCode(Number.parseInt(zero, 8) & 255), next: at + 1 + zero.length }
        : /["/]/.test(letter) || (octal === '0nnn' && /[1-7]/.test(letter))
          ? undefined
          : cEscape(text, at + 1);
    bytes += escaped?.byte ?? `\\${letter}`;
    at = escaped?.next ?? at + 2;
  }
  return { bytes, stops: false };
}
