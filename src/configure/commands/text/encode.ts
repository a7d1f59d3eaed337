import { bufferOf, bytesOfBuffer } from '../../shell/bytes.js';
import type { Bytes } from '../../shell/types.js';
import { CommandFailure, command } from '../kit/call.js';

/** base64(1) */
export const base64 = command(['-d --decode', '-i --ignore-garbage', '-w --wrap='], (call) => {
  const wrap = Number(call.options.value('wrap') ?? 76);
  for (const { text } of call.inputs(call.operands.slice(0, 1))) {
    if (call.options.has('decode')) {
      const letters = text.replace(call.options.has('ignore-garbage') ? /[^A-Za-z0-9+/=]/g : /\n/g, '');
      const whole = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(letters);
      const valid = /^[A-Za-z0-9+/]*/.exec(letters)?.[0] ?? '';
      call.write(bytesOfBuffer(Buffer.from(valid, 'base64')));
      if (!whole) throw new CommandFailure('invalid input');
      continue;
    }
    const encoded = bufferOf(text).toString('base64');
    if (wrap === 0) call.write(encoded);
    else for (let at = 0; at < encoded.length; at += wrap) call.write(`${encoded.slice(at, at + wrap)}\n`);
  }
  return undefined;
});

/** How `od` writes one item. */
interface Format {
  readonly letter: string;
  readonly size: number;
  readonly width: number;
  /** `z`: the printable characters behind each line. */
  readonly shows: boolean;
}

/** The old names of formats. */
const SHORTHANDS: Readonly<Record<string, string>> = {
  a: 'a',
  b: 'o1',
  c: 'c',
  d: 'u2',
  i: 'd4',
  l: 'd8',
  o: 'o2',
  s: 'd2',
  x: 'x2',
};
const SIZES: Readonly<Record<string, string>> = { C: '1', S: '2', I: '4', L: '8' };
const SUFFIXES: Readonly<Record<string, number>> = { '': 1, b: 512, k: 1024, K: 1024, m: 1048576, M: 1048576 };
const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0, '\\0'],
  ...Array.from('abtnvfr', (letter, index) => [7 + index, `\\${letter}`] as const),
]);

/** od(1) of whole numbers and characters, little endian. */
export const od = command(
  [
    '-A --address-radix=',
    '-j --skip-bytes=',
    '-N --read-bytes=',
    '-t --format=',
    '-v --output-duplicates',
    '-w --width=?',
    ...Object.keys(SHORTHANDS).map((letter) => `-${letter}`),
  ],
  (call) => {
    const { options } = call;
    const named = options.given.flatMap(({ name, value }) =>
      name === 'format' ? [value ?? ''] : SHORTHANDS[name] === undefined ? [] : [SHORTHANDS[name]],
    );
    const formats = (named.length === 0 ? ['o2'] : named).flatMap((text) =>
      formatsOf(text, call.unsupported.bind(call)),
    );
    const skip = sizeOf(options.value('skip-bytes') ?? '0');
    const limit = options.value('read-bytes');
    const all = [...call.inputs()].map(({ text }) => text).join('');
    const bytes = all.slice(skip, limit === undefined ? undefined : skip + sizeOf(limit));
    const perLine = Number(options.value('width') ?? (options.has('width') ? 32 : 16));
    const radix = options.value('address-radix') ?? 'o';
    const unit = Math.max(...formats.map(({ size, width }) => (width + 1) / size));
    let last: Bytes | undefined;
    let starred = false;
    for (let at = 0; at < bytes.length; at += perLine) {
      call.spend(1);
      const line = bytes.slice(at, at + perLine);
      if (line === last && line.length === perLine && !options.has('output-duplicates')) {
        if (!starred) call.write('*\n');
        starred = true;
        continue;
      }
      [last, starred] = [line, false];
      formats.forEach((format, index) => {
        const address = addressOf(radix, skip + at);
        call.write((index === 0 ? address : ' '.repeat(address.length)) + row(line, format, unit, perLine));
      });
    }
    if (radix !== 'n') call.write(`${addressOf(radix, skip + bytes.length)}\n`);
    return undefined;
  },
);

function formatsOf(text: Bytes, unsupported: (what: string) => never): Format[] {
  return Array.from(text.matchAll(/([acdoux])([0-9]+|[CSIL])?(z)?|./gs), ([token, letter, given, shows]) => {
    if (letter === undefined) return unsupported(`the format ${token}`);
    const size = 'ac'.includes(letter) ? 1 : Number(SIZES[given ?? ''] ?? given ?? 4);
    if (letter === 'a' || ![1, 2, 4, 8].includes(size)) return unsupported(`the format ${token}`);
    const digits = { c: 3, o: Math.ceil((size * 8) / 3), x: size * 2 }[letter];
    const decimal = (1n << BigInt(size * 8 - (letter === 'd' ? 1 : 0))).toString().length + (letter === 'd' ? 1 : 0);
    return { letter, size, width: digits ?? decimal, shows: shows !== undefined };
  });
}

function addressOf(radix: string, at: number): string {
  if (radix === 'n') return '';
  return at.toString({ d: 10, x: 16 }[radix] ?? 8).padStart(radix === 'x' ? 6 : 7, '0');
}

function row(line: Bytes, format: Format, unit: number, perLine: number): string {
  const { letter, size, shows } = format;
  let text = '';
  for (let at = 0; at < line.length; at += size) {
    const item = line.slice(at, at + size).padEnd(size, '\0');
    text += itemOf(item, letter, format.width).padStart(Math.round(unit * size));
  }
  const printable = line.replace(/[^ -~]/g, '.');
  return `${text}${shows ? `${' '.repeat(Math.round(unit * (perLine - line.length)))}  >${printable}<` : ''}\n`;
}

function itemOf(item: Bytes, letter: string, width: number): string {
  if (letter === 'c') {
    const code = item.charCodeAt(0);
    return ESCAPES.get(code) ?? (/[ -~]/.test(item) ? item : code.toString(8).padStart(3, '0'));
  }
  const value = [...item].reduceRight((sum, byte) => (sum << 8n) | BigInt(byte.charCodeAt(0)), 0n);
  if (letter === 'd') return BigInt.asIntN(item.length * 8, value).toString();
  if (letter === 'u') return value.toString();
  return value.toString(letter === 'x' ? 16 : 8).padStart(width, '0');
}

/** A number of bytes: octal, decimal or hexadecimal as in C, with a suffix. */
export function sizeOf(text: Bytes): number {
  const [, digits, suffix = ''] = /^(0[xX][0-9a-fA-F]+|[0-9]+)([bkKmM]?)$/.exec(text) ?? [];
  const factor = SUFFIXES[suffix];
  if (digits === undefined || factor === undefined) throw new CommandFailure(`invalid number: '${text}'`);
  return (/^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits)) * factor;
}
