import { Failure } from './console.js';
import {
  arrayVariant,
  boxedVariant,
  byteVariant,
  isVariantType,
  maybeVariant,
  memberTypes,
  numberVariant,
  stringVariant,
  tupleVariant,
  type Variant,
} from './gvariant.js';

/** A value of the text format whose type is not settled yet. */
type Expression =
  | { readonly type: 'number'; readonly text: string }
  | { readonly type: 'string'; readonly text: string }
  | { readonly type: 'bytes'; readonly text: string }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'array' | 'tuple'; readonly items: readonly Expression[] }
  | {
      readonly type: 'dictionary';
      readonly entries: readonly (readonly [Expression, Expression])[];
      readonly single: boolean;
    }
  | { readonly type: 'boxed'; readonly value: Expression }
  | { readonly type: 'just'; readonly value: Expression }
  | { readonly type: 'nothing' }
  | { readonly type: 'typed'; readonly as: string; readonly value: Expression };

const TYPE_WORDS: Readonly<Record<string, string>> = {
  boolean: 'b',
  byte: 'y',
  int16: 'n',
  uint16: 'q',
  int32: 'i',
  handle: 'h',
  uint32: 'u',
  int64: 'x',
  uint64: 't',
  double: 'd',
  string: 's',
  objectpath: 'o',
  signature: 'g',
};
const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  y: [0n, 255n],
  n: [-32_768n, 32_767n],
  q: [0n, 65_535n],
  i: [-(2n ** 31n), 2n ** 31n - 1n],
  h: [-(2n ** 31n), 2n ** 31n - 1n],
  u: [0n, 2n ** 32n - 1n],
  x: [-(2n ** 63n), 2n ** 63n - 1n],
  t: [0n, 2n ** 64n - 1n],
};
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\n': '',
};
const TOKEN =
  /\s*(b?'(?:[^'\\]|\\[\s\S])*'|b?"(?:[^"\\]|\\[\s\S])*"|@[^\s'"]+?(?=[\s'"[({<]|\d|$)|[-+]?[\w.][\w.+-]*|[[\](){}<>,:])/y;
const NUMBER = /^[-+]?(?:0[xX][0-9a-fA-F]+|\d+)$/;
const FLOAT = /^[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|inf(?:inity)?|nan)$/;

/**
 * Reads a value of a type from GVariant's text format (g_variant_parse()).
 *
 * @throws Failure where the text is no value of the type.
 */
export function parseVariant(type: string, text: string): Variant {
  const tokens = tokensOf(text);
  const reader = new Reader(tokens);
  const value = reader.value();
  reader.end();
  return settle(value, type);
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const end = text.trimEnd().length;
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < end; ) {
    const match = TOKEN.exec(text);
    if (match === null) throw new Failure(`expected value in '${text.trim()}'`);
    tokens.push(match[1] ?? '');
  }
  return tokens;
}

class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw new Failure(`expected end of input at '${this.#tokens[this.#at]}'`);
  }

  value(): Expression {
    const token = this.#tokens[this.#at] ?? '';
    this.#at += 1;
    if (token === '[') return { type: 'array', items: this.#list(']') };
    if (token === '(') return { type: 'tuple', items: this.#list(')') };
    if (token === '{') return this.#dictionary();
    if (token === '<') {
      const value = this.value();
      this.#expect('>');
      return { type: 'boxed', value };
    }
    if (/^b['"]/.test(token)) return { type: 'bytes', text: unquote(token.slice(1), false) };
    if (/^['"]/.test(token)) return { type: 'string', text: unquote(token, true) };
    if (token.startsWith('@')) return { type: 'typed', as: token.slice(1), value: this.value() };
    if (token === 'true' || token === 'false') return { type: 'boolean', value: token === 'true' };
    if (token === 'nothing') return { type: 'nothing' };
    if (token === 'just') return { type: 'just', value: this.value() };
    const as = TYPE_WORDS[token];
    if (as !== undefined) return { type: 'typed', as, value: this.value() };
    if (NUMBER.test(token) || FLOAT.test(token)) return { type: 'number', text: token };
    throw new Failure(`unknown keyword '${token}'`);
  }

  #list(closing: string): Expression[] {
    const items: Expression[] = [];
    while (this.#tokens[this.#at] !== closing) {
      if (items.length > 0) this.#expect(',');
      // A comma may follow the only member of a tuple.
      if (closing === ')' && items.length === 1 && this.#tokens[this.#at] === closing) break;
      items.push(this.value());
    }
    this.#at += 1;
    return items;
  }

  #dictionary(): Expression {
    const entries: [Expression, Expression][] = [];
    let single = false;
    while (this.#tokens[this.#at] !== '}') {
      if (entries.length > 0) this.#expect(',');
      const key = this.value();
      single = entries.length === 0 && this.#tokens[this.#at] === ',';
      this.#expect(single ? ',' : ':');
      entries.push([key, this.value()]);
    }
    this.#at += 1;
    return { type: 'dictionary', entries, single };
  }

  #expect(token: string): void {
    if (this.#tokens[this.#at] !== token) throw new Failure(`expected '${token}'`);
    this.#at += 1;
  }
}

/** The text in quotes; `\u` and `\U` name characters, and in byte strings octal digits name bytes. */
function unquote(token: string, isText: boolean): string {
  const pattern = isText ? /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g : /\\(?:([0-7]{1,3})()|([\s\S]))/g;
  return token.slice(1, -1).replace(pattern, (_, short?: string, long?: string, character = '') => {
    const digits = long === undefined || long === '' ? short : long;
    if (digits === undefined) return ESCAPES[character] ?? character;
    if (!isText) return String.fromCharCode(Number.parseInt(digits, 8) & 0xff);
    return Buffer.from(String.fromCodePoint(Number.parseInt(digits, 16))).toString('latin1');
  });
}

function settle(value: Expression, type: string): Variant {
  const mismatch = (): Failure => new Failure(`can not parse as value of type '${type}'`);
  if (value.type === 'typed') {
    if (!isVariantType(value.as) || (value.as !== type && type[0] !== 'm')) throw mismatch();
    if (value.as === type) return settle(value.value, type);
  }
  switch (type[0]) {
    case 'm':
      if (value.type === 'nothing') return maybeVariant(type, undefined);
      return maybeVariant(type, settle(value.type === 'just' ? value.value : value, type.slice(1)));
    case 'v':
      if (value.type !== 'boxed') throw mismatch();
      return boxedVariant(settle(value.value, typeOf(value.value)));
    case 'b':
      if (value.type !== 'boolean') throw mismatch();
      return byteVariantAs('b', value.value ? 1 : 0);
    case 's':
    case 'o':
    case 'g':
      if (value.type !== 'string') throw mismatch();
      return stringVariant(value.text, type);
    case 'a':
      return settleArray(value, type, mismatch);
    case '(': {
      const types = memberTypes(type);
      if (value.type !== 'tuple' || value.items.length !== types.length) throw mismatch();
      return tupleVariant(value.items.map((item, index) => settle(item, types[index] ?? '')));
    }
    case '{': {
      const entry = value.type === 'dictionary' && value.single ? value.entries[0] : undefined;
      if (entry === undefined) throw mismatch();
      return settleEntry(entry, type);
    }
    default:
      if (value.type !== 'number') throw mismatch();
      return settleNumber(value.text, type, mismatch);
  }
}

function byteVariantAs(type: string, value: number): Variant {
  return { ...byteVariant(value), type };
}

function settleArray(value: Expression, type: string, mismatch: () => Failure): Variant {
  const element = type.slice(1);
  if (value.type === 'array')
    return arrayVariant(
      element,
      value.items.map((item) => settle(item, element)),
    );
  if (value.type === 'dictionary' && element[0] === '{' && !value.single) {
    return arrayVariant(
      element,
      value.entries.map((entry) => settleEntry(entry, element)),
    );
  }
  if (value.type === 'bytes' && element === 'y') {
    return arrayVariant(element, [...Buffer.from(`${value.text}\0`, 'latin1')].map(byteVariant));
  }
  throw mismatch();
}

function settleEntry([key, value]: readonly [Expression, Expression], type: string): Variant {
  const [keyType = '', valueType = ''] = memberTypes(type);
  return tupleVariant([settle(key, keyType), settle(value, valueType)], '{}');
}

function settleNumber(text: string, type: string, mismatch: () => Failure): Variant {
  if (type === 'd') {
    const number = /inf/.test(text)
      ? text.startsWith('-')
        ? -Infinity
        : Infinity
      : Number(text.replace('nan', 'NaN'));
    return numberVariant(type, number);
  }
  const [low, high] = RANGES[type] ?? [1n, 0n];
  if (!NUMBER.test(text)) throw mismatch();
  const digits = text.replace(/^[-+]/, '');
  // As strtoull(3) reads them: a leading zero means octal.
  const magnitude = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const number = text.startsWith('-') ? -magnitude : magnitude;
  if (number < low || number > high) throw new Failure(`number out of range for type '${type}'`);
  return numberVariant(type, number);
}

/** The type of a value that nothing else says the type of. */
function typeOf(value: Expression): string {
  switch (value.type) {
    case 'typed':
      return value.as;
    case 'boolean':
      return 'b';
    case 'string':
      return 's';
    case 'bytes':
      return 'ay';
    case 'number':
      return NUMBER.test(value.text) ? 'i' : 'd';
    case 'boxed':
      return 'v';
    case 'tuple':
      return `(${value.items.map(typeOf).join('')})`;
    case 'just':
      return `m${typeOf(value.value)}`;
    case 'array':
      if (value.items[0] === undefined) break;
      return `a${typeOf(value.items[0])}`;
    case 'dictionary':
      if (value.entries[0] === undefined) break;
      return `${value.single ? '' : 'a'}{${value.entries[0].map(typeOf).join('')}}`;
  }
  throw new Failure('unable to infer type');
}
