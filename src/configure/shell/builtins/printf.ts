import { parseInteger } from '../arithmetic.js';
import { charge } from '../budget.js';
import type { Shell } from '../shell.js';
import type { Bytes } from '../types.js';
import { parseOptions } from './arguments.js';
import { expandEscapes, readEscape } from './echo.js';

const CONVERSION = /([-+ #0]*)(\*|[0-9]*)(?:\.(\*|[0-9]*))?(.?)/sy;
/** Wider output is a mistake or an attack. */
const MAX_WIDTH = 1_000_000;

interface Conversion {
  readonly flags: Bytes;
  readonly width: number;
  readonly precision: number | undefined;
}

/** `printf format [argument …]`: the format is used again until no argument is left. */
export function printf(shell: Shell, args: readonly Bytes[]): number {
  const { rest } = parseOptions(shell, args, '');
  const [format, ...operands] = rest;
  if (format === undefined) shell.fail('usage: printf format [arg ...]');
  const printer = new Printer(shell, operands);
  let before: number;
  do {
    before = printer.used;
    if (!printer.print(format)) break;
  } while (printer.used > before && printer.used < operands.length);
  shell.write(1, printer.output);
  return printer.status;
}

class Printer {
  output = '';
  used = 0;
  status = 0;
  readonly #shell: Shell;
  readonly #operands: readonly Bytes[];

  constructor(shell: Shell, operands: readonly Bytes[]) {
    this.#shell = shell;
    this.#operands = operands;
  }

  /** Uses the format once. Says whether it may go on: `\c` in an argument ends all. */
  print(format: Bytes): boolean {
    this.#shell.step();
    for (let at = 0; at < format.length; ) {
      const character = format.charAt(at);
      at += 1;
      if (character === '\\') {
        const sequence = readEscape(format, at);
        this.#add(sequence.text);
        at = sequence.next;
      } else if (character !== '%') {
        this.#add(character);
      } else if (format.charAt(at) === '%') {
        this.#add('%');
        at += 1;
      } else {
        CONVERSION.lastIndex = at;
        const [all = '', flags = '', width = '', precision, letter = ''] = CONVERSION.exec(format) ?? [];
        at += all.length;
        if (!this.#convert(flags, width, precision, letter)) return false;
      }
    }
    return true;
  }

  #add(text: Bytes): void {
    charge(this.#shell.system, 'memoryBytes', text.length);
    this.output += text;
  }

  #fail(message: Bytes): never {
    this.#shell.write(1, this.output);
    return this.#shell.fail(message);
  }

  #convert(flags: Bytes, widthText: Bytes, precisionText: Bytes | undefined, letter: Bytes): boolean {
    const asked = widthText === '*' ? Number(this.#integer()) : Number(widthText);
    const given = precisionText === '*' ? Number(this.#integer()) : Number(precisionText);
    const precision = precisionText === undefined || given < 0 ? undefined : given;
    const width = Math.abs(asked);
    if (width > MAX_WIDTH || (precision ?? 0) > MAX_WIDTH) this.#fail('field too wide');
    const conversion = { flags: asked < 0 ? `${flags}-` : flags, width, precision };
    switch (letter) {
      case '':
        return this.#fail('missing format character');
      case 's':
        this.#add(formatText(this.#next(), conversion));
        return true;
      case 'b': {
        const { text, ended } = expandEscapes(this.#next());
        this.#add(formatText(text, conversion));
        return !ended;
      }
      case 'c':
        this.#add(formatText(this.#next().charAt(0) || '\0', { ...conversion, precision: undefined }));
        return true;
      case 'd':
      case 'i':
      case 'o':
      case 'u':
      case 'x':
      case 'X':
        this.#add(formatInteger(this.#integer(), letter, conversion));
        return true;
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G':
        this.#add(formatFloat(this.#float(), letter, conversion));
        return true;
      default:
        return this.#fail(`%${flags}${widthText}${letter}: invalid directive`);
    }
  }

  #next(): Bytes {
    const text = this.#operands[this.used] ?? '';
    if (this.used < this.#operands.length) this.used += 1;
    return text;
  }

  #warn(message: Bytes): void {
    this.#shell.warn(message);
    this.status = 1;
  }

  #integer(): bigint {
    if (this.used >= this.#operands.length) return 0n;
    const text = this.#next();
    if (/^['"]/.test(text)) return BigInt(text.charCodeAt(1) || 0);
    const prefix = /^\s*[-+]?(?:0[xX][0-9A-Fa-f]+|0[0-7]*|[1-9][0-9]*)/.exec(text)?.[0] ?? '';
    if (prefix === '' && text !== '') this.#warn(`${text}: expected numeric value`);
    else if (prefix !== text) this.#warn(`${text}: not completely converted`);
    return parseInteger(prefix) ?? 0n;
  }

  #float(): number {
    if (this.used >= this.#operands.length) return 0;
    const text = this.#next();
    if (/^['"]/.test(text)) return text.charCodeAt(1) || 0;
    const prefix = /^\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?/.exec(text)?.[0] ?? '';
    if (prefix === '' && text !== '') this.#warn(`${text}: expected numeric value`);
    else if (prefix !== text) this.#warn(`${text}: not completely converted`);
    return Number(prefix);
  }
}

function pad(text: Bytes, { flags, width }: Conversion): Bytes {
  return flags.includes('-') ? text.padEnd(width) : text.padStart(width);
}

function formatText(text: Bytes, conversion: Conversion): Bytes {
  return pad(conversion.precision === undefined ? text : text.slice(0, conversion.precision), conversion);
}

/** Puts sign and prefix before the digits, and zeros between them where the flag asks for them. */
function padNumber(sign: Bytes, digits: Bytes, conversion: Conversion, zeros: boolean): Bytes {
  const { flags, width } = conversion;
  const filled = zeros && flags.includes('0') && !flags.includes('-');
  return pad(sign + (filled ? digits.padStart(width - sign.length, '0') : digits), conversion);
}

function signOf(negative: boolean, flags: Bytes): Bytes {
  if (negative) return '-';
  if (flags.includes('+')) return '+';
  return flags.includes(' ') ? ' ' : '';
}

function formatInteger(value: bigint, letter: Bytes, conversion: Conversion): Bytes {
  const { flags, precision } = conversion;
  const signed = letter === 'd' || letter === 'i';
  const magnitude = signed ? (value < 0n ? -value : value) : BigInt.asUintN(64, value);
  const base = letter === 'o' ? 8 : letter.toLowerCase() === 'x' ? 16 : 10;
  let digits = magnitude.toString(base).padStart(precision ?? 1, '0');
  if (precision === 0 && magnitude === 0n) digits = '';
  let sign = signed ? signOf(value < 0n, flags) : '';
  if (flags.includes('#') && base === 8 && !digits.startsWith('0')) digits = `0${digits}`;
  if (flags.includes('#') && base === 16 && magnitude !== 0n) sign = '0x';
  const text = padNumber(sign, digits, conversion, precision === undefined);
  return letter === 'X' ? text.toUpperCase() : text;
}

function formatFloat(value: number, letter: Bytes, conversion: Conversion): Bytes {
  const { flags, precision = 6 } = conversion;
  const places = Math.min(precision, 100);
  const magnitude = Math.abs(value);
  const exponential = (text: string): string => text.replace(/e([-+])(\d)$/, 'e$10$2');
  let digits: string;
  switch (letter.toLowerCase()) {
    case 'f':
      digits = magnitude.toFixed(places);
      break;
    case 'e':
      digits = exponential(magnitude.toExponential(places));
      break;
    default: {
      const significant = Math.max(places, 1);
      const exponent = Number(magnitude.toExponential(significant - 1).split('e')[1]);
      const small = exponent < -4 || exponent >= significant;
      const full = small ? magnitude.toExponential(significant - 1) : magnitude.toFixed(significant - 1 - exponent);
      digits = exponential(
        flags.includes('#') ? full : full.replace(/\.?0+(?=e|$)/, (zeros) => (full.includes('.') ? '' : zeros)),
      );
    }
  }
  const text = padNumber(signOf(value < 0 || Object.is(value, -0), flags), digits, conversion, true);
  return /[EFG]/.test(letter) ? text.toUpperCase() : text;
}
