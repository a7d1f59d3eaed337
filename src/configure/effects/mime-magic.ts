import { Failure } from './console.js';
import { elementsOf, type XmlElement } from './xml.js';

/** One rule of a `<magic>` element, with those that must hold as well. */
export interface Match {
  readonly start: number;
  readonly length: number;
  readonly wordSize: number;
  readonly data: Buffer;
  readonly mask: Buffer | undefined;
  readonly matches: readonly Match[];
}

export interface TreeMatch {
  readonly path: string;
  readonly type: string;
  /** `match-case`, `executable`, `non-empty`, a MIME type. */
  readonly flags: readonly string[];
  readonly matches: readonly TreeMatch[];
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', b: '\b', t: '\t', f: '\f', v: '\v' };
const INTEGERS: Readonly<Record<string, readonly [bytes: number, word: number]>> = {
  byte: [1, 1],
  big16: [2, 1],
  little16: [2, 1],
  host16: [2, 2],
  big32: [4, 1],
  little32: [4, 1],
  host32: [4, 4],
};

/** @throws Failure where a rule is wrong. */
export function matchesOf(parent: XmlElement): Match[] {
  return elementsOf(parent).map((element) => {
    if (element.name !== 'match') throw new Failure(`Expected <match> element, but found <${element.name}> instead`);
    const attribute = (name: string): string | undefined => element.attributes.get(name);
    const [, first, last = first] = /^\s*(-?\d+)(?::(\d+))?$/.exec(attribute('offset') ?? '') ?? [];
    const [start, end] = [Number(first), Number(last)];
    if (first === undefined || end < start) throw new Failure("Missing or invalid 'offset' attribute");
    const type = attribute('type') ?? '';
    const value = attribute('value') ?? '';
    if (value === '') throw new Failure('No value specified');
    const integer = INTEGERS[type];
    if (integer === undefined && type !== 'string') throw new Failure(`Unknown magic type '${type}'`);
    const isBig = !type.startsWith('l');
    const data = integer === undefined ? stringValue(value) : integerValue(value, integer[0], isBig);
    const maskText = attribute('mask');
    const mask =
      maskText === undefined
        ? undefined
        : integer === undefined
          ? stringMask(maskText, data.length)
          : integerValue(maskText, integer[0], isBig);
    return { start, length: end - start + 1, wordSize: integer?.[1] ?? 1, data, mask, matches: matchesOf(element) };
  });
}

function stringValue(text: string): Buffer {
  const bytes = text.replace(
    /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([\s\S])|$)/g,
    (_, octal?: string, hex?: string, character = '') => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return ESCAPES[character] ?? character;
    },
  );
  return Buffer.from(bytes, 'latin1');
}

/** A number as strtoul(3) reads it. */
function integerValue(text: string, size: number, isBig: boolean): Buffer {
  const digits = /^\s*(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9]\d*))$/.exec(text);
  if (digits === null) throw new Failure('Value is not a number');
  const [, hex, octal, decimal] = digits;
  const number = BigInt(hex !== undefined ? `0x${hex}` : octal !== undefined ? `0o0${octal}` : (decimal ?? '0'));
  if (size < 4 && number >= 1n << BigInt(size * 8))
    throw new Failure(`Number out-of-range (${text} should fit in ${size} bytes)`);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(Number(BigInt.asUintN(32, number)));
  const little = bytes.subarray(0, size);
  return isBig && size > 1 ? Buffer.from(little).reverse() : little;
}

function stringMask(text: string, length: number): Buffer {
  const hex = /^0x([0-9a-fA-F]*)$/.exec(text)?.[1];
  if (hex === undefined || hex.length > length * 2)
    throw new Failure('String masks must be in base 16 (starting with 0x)');
  return Buffer.from(hex.padEnd(length * 2, '0'), 'hex');
}

/** @throws Failure where a rule is wrong. */
export function treeMatchesOf(parent: XmlElement): TreeMatch[] {
  return elementsOf(parent).map((element) => {
    const { name, attributes } = element;
    if (name !== 'treematch') throw new Failure(`Expected <treematch> element, but found <${name}> instead`);
    const path = attributes.get('path');
    if (path === undefined) throw new Failure("Missing 'path' attribute in <treematch>");
    const type = attributes.get('type') ?? 'any';
    if (!/^(?:any|file|directory|link)$/.test(type)) throw new Failure("Invalid 'type' attribute in <treematch>");
    const flags = ['match-case', 'executable', 'non-empty'].filter((flag) => attributes.get(flag) === 'true');
    const other = attributes.get('mimetype');
    return { path, type, flags: other === undefined ? flags : [...flags, other], matches: treeMatchesOf(element) };
  });
}

/** The lines of the file `magic`; the data in them is binary. */
export function magicLines(matches: readonly Match[], depth = 0): string {
  return matches
    .map(({ start, length, wordSize, data, mask, matches: inner }) => {
      const size = String.fromCharCode(data.length >> 8, data.length & 0xff);
      const masked = mask === undefined ? '' : `&${mask.toString('latin1')}`;
      const word = wordSize === 1 ? '' : `~${wordSize}`;
      const range = length === 1 ? '' : `+${length}`;
      const line = `${depth === 0 ? '' : depth}>${start}=${size}${data.toString('latin1')}${masked}${word}${range}\n`;
      return line + magicLines(inner, depth + 1);
    })
    .join('');
}

/** The lines of the file `treemagic`. */
export function treeMagicLines(matches: readonly TreeMatch[], depth = 0): string {
  return matches
    .map(({ path, type, flags, matches: inner }) => {
      const line = `${depth === 0 ? '' : depth}>"${path}"=${[type, ...flags].join(',')}\n`;
      return line + treeMagicLines(inner, depth + 1);
    })
    .join('');
}
