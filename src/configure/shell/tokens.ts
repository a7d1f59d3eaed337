import type { Reader } from './reader.js';
import type { RedirectOperator, Word } from './syntax.js';
import type { Bytes } from './types.js';
import { readWord } from './word-parser.js';

export type Operator = '&&' | '||' | '|' | '&' | ';' | ';;' | '(' | ')';

export type Token =
  | { readonly type: 'word'; readonly word: Word; readonly line: number }
  | { readonly type: 'operator'; readonly operator: Operator; readonly line: number }
  | {
      readonly type: 'redirect';
      readonly operator: RedirectOperator | '<<-';
      readonly descriptor: number;
      readonly line: number;
    }
  | { readonly type: 'newline'; readonly line: number }
  | { readonly type: 'end'; readonly line: number };

const KEYWORDS = new Set([
  ...['!', '{', '}', 'case', 'do', 'done', 'elif', 'else', 'esac', 'fi', 'for', 'if', 'in', 'then', 'until', 'while'],
]);

export function isKeyword(text: Bytes): boolean {
  return KEYWORDS.has(text);
}

/** The text of a word that has no quotes and no expansions: only such a word can be a keyword or an alias. */
export function bareText(token: Token): Bytes | undefined {
  if (token.type !== 'word' || token.word.length !== 1) return undefined;
  const part = token.word[0];
  return part?.type === 'text' ? part.text : undefined;
}

/** How dash names a token in a message. */
export function describe(token: Token): string {
  switch (token.type) {
    case 'word': {
      const text = bareText(token);
      return text !== undefined && isKeyword(text) ? `"${text}"` : 'word';
    }
    case 'operator':
      return `"${token.operator}"`;
    case 'redirect':
      return 'redirection';
    case 'newline':
      return 'newline';
    case 'end':
      return 'end of file';
  }
}

/** Reads one token (POSIX.1-2017, 2.3). */
export function readToken(reader: Reader, aliases: ReadonlyMap<Bytes, Bytes>): Token {
  reader.skipBlanks();
  if (reader.peek() === '#') reader.skipComment();
  const line = reader.line;
  const next = reader.peek();
  switch (next) {
    case '':
      return { type: 'end', line };
    case '\n':
      reader.take();
      return { type: 'newline', line };
    case '&':
    case '|':
    case ';': {
      reader.take();
      const operator = reader.skip(next) ? (`${next}${next}` as '&&' | '||' | ';;') : next;
      return { type: 'operator', operator, line };
    }
    case '(':
    case ')':
      reader.take();
      return { type: 'operator', operator: next, line };
    case '<':
    case '>':
      return { type: 'redirect', ...readRedirect(reader), line };
  }
  const digit = next >= '0' && next <= '9' ? reader.match(/[0-9](?=[<>])/y) : '';
  if (digit !== '') return { type: 'redirect', ...readRedirect(reader), descriptor: Number(digit), line };
  return { type: 'word', word: readWord(reader, aliases), line };
}

function readRedirect(reader: Reader): { operator: RedirectOperator | '<<-'; descriptor: number } {
  if (reader.take() === '>') {
    const second = ['>', '|', '&'].find((sign) => reader.skip(sign)) ?? '';
    return { operator: `>${second}` as RedirectOperator, descriptor: 1 };
  }
  const second = ['<', '&', '>'].find((sign) => reader.skip(sign)) ?? '';
  if (second === '<' && reader.skip('-')) return { operator: '<<-', descriptor: 0 };
  return { operator: `<${second}` as RedirectOperator, descriptor: 0 };
}
