import type { Bytes } from '../../shell/types.js';
import { type Call, CommandFailure, rawCommand } from '../kit/call.js';
import { convert, type FormatArguments, parseFormat, unescapeText } from '../kit/printf.js';
import { quote } from '../kit/text.js';

/** coreutils' echo(1), which is not dash's: escapes only with `-e`. */
export const echo = rawCommand((call) => {
  const words = [...call.operands];
  let newline = true;
  let escapes = false;
  while (/^-[neE]+$/.test(words[0] ?? '')) {
    for (const letter of (words.shift() ?? '').slice(1)) {
      if (letter === 'n') newline = false;
      else escapes = letter === 'e';
    }
  }
  const text = words.join(' ');
  const { bytes, stops } = escapes ? unescapeText(text, '0nnn') : { bytes: text, stops: false };
  call.write(bytes + (newline && !stops ? '\n' : ''));
  return 0;
});

/** coreutils' printf(1). The format is used again while arguments are left. */
export const printf = rawCommand((call) => {
  const [format, ...words] = call.operands[0] === '--' ? call.operands.slice(1) : call.operands;
  if (format === undefined) throw new CommandFailure('missing operand');
  const parts = parseFormat(format);
  if (parts === undefined) throw new CommandFailure(`%: invalid conversion specification`);
  const args = new Words(call, words);
  do {
    args.used = false;
    for (const part of parts) {
      if (part.type === 'text') {
        const { bytes, stops } = unescapeText(part.text, 'nnn');
        call.write(bytes);
        if (stops) return call.status;
        continue;
      }
      if (part.letter === 'b') {
        const { bytes, stops } = unescapeText(args.text(), '0nnn');
        const text = convert({ ...part, letter: 's' }, { ...NOTHING, text: () => bytes });
        call.write(text ?? '');
        if (stops) return call.status;
        continue;
      }
      if (part.letter === 'q') call.unsupported('%q');
      const text = convert(part, args);
      if (text === undefined) throw new CommandFailure(`%${part.letter}: invalid conversion specification`);
      call.write(text);
    }
    call.spend(1);
  } while (args.used && args.left > 0);
  return call.status;
});

const NOTHING: FormatArguments = { text: () => '', integer: () => 0n, number: () => 0 };

/** The words after the format, as what its conversions need. */
class Words implements FormatArguments {
  used = false;
  readonly #call: Call;
  readonly #words: Bytes[];

  constructor(call: Call, words: readonly Bytes[]) {
    this.#call = call;
    this.#words = [...words];
  }

  get left(): number {
    return this.#words.length;
  }

  text(): Bytes {
    this.used = true;
    return this.#words.shift() ?? '';
  }

  integer(): bigint {
    const word = this.text();
    if (word === '') return 0n;
    if (/^["']/.test(word)) return BigInt(word.charCodeAt(1) || 0);
    const [whole = '', sign = '', digits = ''] = /^[ \t]*([-+]?)(0[xX][0-9a-fA-F]+|[0-9]+)/.exec(word) ?? [];
    if (whole === '') {
      this.#call.warn(`${quote(word)}: expected a numeric value`);
      return 0n;
    }
    if (whole.length < word.length) this.#call.warn(`${quote(word)}: value not completely converted`);
    const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits.replace(/^0+(?=[0-9])/, '');
    return sign === '-' ? -BigInt(octal) : BigInt(octal);
  }

  number(): number {
    const word = this.text();
    if (/^["']/.test(word)) return word.charCodeAt(1) || 0;
    const value = Number(word);
    if (!Number.isNaN(value)) return value;
    this.#call.warn(`${quote(word)}: expected a numeric value`);
    return Number.parseFloat(word) || 0;
  }
}
