import type { Bytes } from '../../shell/types.js';
import { cEscape } from '../regex/escapes.js';
import { AwkSyntaxError } from './syntax.js';

export type Token =
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'string' | 'regex'; readonly text: Bytes }
  /** `called`: a bracket follows without a blank, so that it is a function's name. */
  | { readonly type: 'name'; readonly text: string; readonly called: boolean }
  | { readonly type: 'builtin' | 'keyword' | 'operator'; readonly text: string }
  | { readonly type: 'newline' | 'end'; readonly text: '' };

const KEYWORDS = new Set([
  ...['BEGIN', 'END', 'break', 'continue', 'delete', 'do', 'else', 'exit', 'for', 'func', 'function', 'getline'],
  ...['if', 'in', 'next', 'nextfile', 'print', 'printf', 'return', 'while'],
]);

const BUILTINS = new Set([
  ...['atan2', 'close', 'cos', 'exp', 'fflush', 'gensub', 'gsub', 'index', 'int', 'length', 'log', 'match', 'rand'],
  ...['sin', 'split', 'sprintf', 'sqrt', 'srand', 'sub', 'substr', 'system', 'systime', 'tolower', 'toupper'],
]);

const OPERATOR = /\*\*=?|[-+*/%^=!<>]=|\+\+|--|&&|\|\||>>|!~|[-+*/%^=!<>~?:,;|(){}[\]$]/y;
const NUMBER = /(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const BLANK = /(?:[ \t\r]|\\\r?\n)*(?:#[^\n]*)?/y;
const ALIASES: Readonly<Record<string, string>> = { '**': '^', '**=': '^=' };

/** Splits a program into tokens. A slash is a division where a value stands before it, else it begins a regular expression. */
export class Lexer {
  readonly #text: Bytes;
  #at = 0;
  #afterValue = false;
  line = 1;

  constructor(text: Bytes) {
    this.#text = text;
  }

  /** @throws AwkSyntaxError */
  next(): Token {
    const token = this.#read();
    this.#afterValue =
      token.type === 'operator'
        ? [')', ']', '$', '++', '--'].includes(token.text)
        : ['number', 'string', 'name', 'builtin'].includes(token.type);
    return token;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    for (const character of found) if (character === '\n') this.line += 1;
    return found;
  }

  #read(): Token {
    this.#match(BLANK);
    const first = this.#text[this.#at];
    if (first === undefined) return { type: 'end', text: '' };
    if (first === '\n') {
      this.#at += 1;
      this.line += 1;
      return { type: 'newline', text: '' };
    }
    if (first === '"') return { type: 'string', text: this.#string() };
    if (first === '/' && !this.#afterValue) return { type: 'regex', text: this.#regex() };
    const number = this.#match(NUMBER);
    if (number !== '') return { type: 'number', value: Number(number) };
    const name = this.#match(NAME);
    if (name !== '') {
      if (KEYWORDS.has(name)) return { type: 'keyword', text: name === 'func' ? 'function' : name };
      if (BUILTINS.has(name)) return { type: 'builtin', text: name };
      return { type: 'name', text: name, called: this.#text[this.#at] === '(' };
    }
    const operator = this.#match(OPERATOR);
    if (operator === '') throw new AwkSyntaxError(this.line, `unexpected character ${first}`);
    return { type: 'operator', text: ALIASES[operator] ?? operator };
  }

  #string(): Bytes {
    let text = '';
    for (let at = this.#at + 1; ; ) {
      const character = this.#text[at];
      if (character === undefined || character === '\n') throw new AwkSyntaxError(this.line, 'a string has no end');
      if (character === '"') {
        this.#at = at + 1;
        return text;
      }
      if (character !== '\\') {
        text += character;
        at += 1;
        continue;
      }
      const letter = this.#text[at + 1] ?? '';
      const escaped = cEscape(this.#text, at + 1);
      if (letter === '\n') this.line += 1;
      else text += escaped?.byte ?? `\\${letter}`;
      at = escaped?.next ?? at + 2;
    }
  }

  #regex(): Bytes {
    let text = '';
    let inBracket = false;
    for (let at = this.#at + 1; ; at += 1) {
      const character = this.#text[at];
      if (character === undefined || character === '\n') {
        throw new AwkSyntaxError(this.line, 'a regular expression has no end');
      }
      if (character === '\\') {
        at += 1;
        const next = this.#text[at] ?? '';
        text += next === '/' ? '/' : `\\${next}`;
        continue;
      }
      if (character === '[' && !inBracket) {
        inBracket = true;
        // A bracket that comes first in the list does not end it.
        const open = /^\[\^?\]?/.exec(this.#text.slice(at, at + 3))?.[0] ?? '[';
        text += open;
        at += open.length - 1;
        continue;
      }
      if (character === ']') inBracket = false;
      if (character === '/' && !inBracket) {
        this.#at = at + 1;
        return text;
      }
      text += character;
    }
  }
}
