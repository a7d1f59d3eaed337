import { Parser } from './parser.js';
import { Reader } from './reader.js';
import { type Parameter, type ParameterOperator, type Part, ShellSyntaxError, type Word } from './syntax.js';
import type { Bytes } from './types.js';

const PLAIN = /[^\s\\'"$`&|;()<>}]+/y;
const PLAIN_QUOTED = /[^\\"$`}]+/y;
const NAME_OR_NUMBER = /[A-Za-z_][A-Za-z0-9_]*|[0-9]+/y;
const NAME_OR_DIGIT = /[A-Za-z_][A-Za-z0-9_]*|[0-9]/y;
const NAME_CHARACTER = /[A-Za-z0-9_]/;
const ENDS_WORD = new Set(['', ' ', '\t', '\n', '&', '|', ';', '(', ')', '<', '>']);
const SPECIAL = new Set(['@', '*', '#', '?', '$', '!', '-']);

/** Puts the pieces of a word together, neighbouring texts of one kind as one. */
class PartList {
  readonly parts: Part[] = [];

  add(part: Part): void {
    this.parts.push(part);
  }

  text(text: Bytes): void {
    const last = this.parts.at(-1);
    if (last?.type === 'text') this.parts[this.parts.length - 1] = { type: 'text', text: last.text + text };
    else this.parts.push({ type: 'text', text });
  }
}

/**
 * A word as it stands in a command, up to a blank or an operator.
 *
 * @throws ShellSyntaxError
 */
export function readWord(reader: Reader, aliases: ReadonlyMap<Bytes, Bytes>): Word {
  return new WordParser(reader, aliases).unquoted('word');
}

/** A here-document whose delimiter was not quoted. */
export function readHereDocument(text: Bytes, line: number, aliases: ReadonlyMap<Bytes, Bytes>): Word {
  return new WordParser(new Reader(text, line), aliases).doubleQuoted('document');
}

/** What `PS4` and the like hold: expanded as in double quotes. */
export function readQuotedText(text: Bytes): Word {
  return new WordParser(new Reader(text), new Map()).doubleQuoted('document');
}

class WordParser {
  readonly #reader: Reader;
  readonly #aliases: ReadonlyMap<Bytes, Bytes>;

  constructor(reader: Reader, aliases: ReadonlyMap<Bytes, Bytes>) {
    this.#reader = reader;
    this.#aliases = aliases;
  }

  /** A word, or what stands in `${x%…}`, where only a brace ends it. */
  unquoted(within: 'word' | 'braces'): Word {
    const reader = this.#reader;
    const list = new PartList();
    for (;;) {
      const plain = reader.match(PLAIN);
      if (plain !== '') list.text(plain);
      const next = reader.peek();
      if (within === 'word' ? ENDS_WORD.has(next) : next === '}') return list.parts;
      if (next === '') throw this.#error("Missing '}'");
      reader.take();
      switch (next) {
        case "'":
          list.add({ type: 'quoted', text: this.#singleQuoted() });
          break;
        case '"':
          list.add({ type: 'double', parts: this.doubleQuoted('quotes') });
          break;
        case '\\':
          list.add({ type: 'quoted', text: reader.takeRaw() || '\\' });
          break;
        case '$':
          this.#dollar(list, 'unquoted');
          break;
        case '`':
          list.add(this.#backquoted(false));
          break;
        default:
          list.text(next);
      }
    }
  }

  #singleQuoted(): Bytes {
    const text = this.#reader.takeThrough("'");
    if (text !== undefined) return text;
    while (this.#reader.takeLine() !== undefined);
    throw this.#error('Unterminated quoted string');
  }

  /**
   * Text in double quotes, in a here-document, or in the braces of an expansion that stands in one of these. In such
   * braces a double quote only switches whether `}` ends them.
   */
  doubleQuoted(within: 'quotes' | 'document' | 'braces'): Word {
    const reader = this.#reader;
    const list = new PartList();
    let inner = false;
    for (;;) {
      const plain = reader.match(PLAIN_QUOTED);
      if (plain !== '') list.text(plain);
      const next = reader.take();
      switch (next) {
        case '':
          if (within === 'document') return list.parts;
          throw this.#error(within === 'quotes' ? 'Unterminated quoted string' : "Missing '}'");
        case '"':
          if (within === 'quotes') return list.parts;
          if (within === 'document') list.text(next);
          else inner = !inner;
          break;
        case '}':
          if (within === 'braces' && !inner) return list.parts;
          list.text(next);
          break;
        case '\\':
          list.add({
            type: 'quoted',
            text: this.#escaped(within === 'document' ? '\\`$' : '\\`$"', within === 'braces'),
          });
          break;
        case '$':
          this.#dollar(list, inner ? 'inner' : 'double');
          break;
        case '`':
          list.add(this.#backquoted(within !== 'document'));
          break;
        default:
          list.text(next);
      }
    }
  }

  /** What a backslash before the next character means where only some characters can be escaped. */
  #escaped(special: string, inBraces: boolean): Bytes {
    const next = this.#reader.takeRaw();
    if (next === '') return '\\';
    return special.includes(next) || (inBraces && next === '}') ? next : `\\${next}`;
  }

  #dollar(list: PartList, within: 'unquoted' | 'double' | 'inner'): void {
    const reader = this.#reader;
    const next = reader.peek();
    if (next === '(') {
      reader.take();
      list.add(reader.skip('(') ? { type: 'arithmetic', parts: this.#arithmetic() } : this.#command());
    } else if (next === '{') {
      reader.take();
      list.add(this.#braces(within !== 'unquoted'));
    } else {
      const name = SPECIAL.has(next) ? reader.take() : this.#name(NAME_OR_DIGIT);
      if (name === '') list.text('$');
      else list.add(plainParameter(name));
    }
  }

  /** A name; a line may be continued in the midst of it. */
  #name(pattern: RegExp): Bytes {
    let name = this.#reader.match(pattern);
    if (/^[A-Za-z_]/.test(name)) {
      while (NAME_CHARACTER.test(this.#reader.peek())) name += this.#reader.take();
    }
    return name;
  }

  /** What follows `${`. */
  #braces(quoted: boolean): Parameter {
    const reader = this.#reader;
    let name = this.#name(NAME_OR_NUMBER);
    let length = false;
    if (name === '') {
      name = reader.take();
      if (name === '#') {
        const measured = this.#measured();
        length = measured !== undefined;
        name = measured ?? '#';
      }
      if (name === '}') return { ...plainParameter(''), operator: 'bad' };
      if (!length && !SPECIAL.has(name)) return this.#bad(name, quoted);
    }
    if (length) return reader.skip('}') ? { ...plainParameter(name), operator: 'length' } : this.#bad(name, quoted);
    if (reader.skip('}')) return plainParameter(name);
    const colon = reader.skip(':');
    const sign = reader.take();
    switch (sign) {
      case '}':
        return plainParameter(name);
      case '-':
      case '=':
      case '?':
      case '+':
        return this.#parameter(name, sign, colon, quoted);
      case '%':
        if (colon) return this.#bad(name, quoted);
        return this.#parameter(name, reader.skip('%') ? '%%' : '%', false, false);
      case '#':
        if (colon) return this.#bad(name, quoted);
        return this.#parameter(name, reader.skip('#') ? '##' : '#', false, false);
      default:
        return this.#bad(name, quoted);
    }
  }

  /** What `${#` is to measure; undefined where it is the parameter `#` itself. */
  #measured(): Bytes | undefined {
    const reader = this.#reader;
    const name = this.#name(NAME_OR_NUMBER);
    if (name !== '') return name;
    const special = reader.match(/[@*#?$!-](?=\})/y);
    return special === '' ? undefined : special;
  }

  #parameter(name: Bytes, operator: ParameterOperator, colon: boolean, quoted: boolean): Parameter {
    const word = quoted ? this.doubleQuoted('braces') : this.unquoted('braces');
    // `doubleQuoted` takes the brace that ends it.
    if (!quoted) this.#reader.take();
    return { type: 'parameter', name, operator, colon, word };
  }

  #bad(name: Bytes, quoted: boolean): Parameter {
    return this.#parameter(name, 'bad', false, quoted);
  }

  #arithmetic(): Word {
    const reader = this.#reader;
    const list = new PartList();
    let open = 0;
    for (;;) {
      const next = reader.take();
      switch (next) {
        case '':
          throw this.#error("Missing '))'");
        case '(':
          open += 1;
          list.text(next);
          break;
        case ')':
          if (open === 0 && reader.skip(')')) return list.parts;
          if (open > 0) open -= 1;
          list.text(next);
          break;
        case '\\':
          list.add({ type: 'quoted', text: this.#escaped('\\`$"', false) });
          break;
        case '$':
          this.#dollar(list, 'double');
          break;
        case '`':
          list.add(this.#backquoted(true));
          break;
        default:
          list.text(next);
      }
    }
  }

  #command(): Part {
    return { type: 'command', body: new Parser(this.#reader, this.#aliases).substitution(), above: 0 };
  }

  /** The old form: the text up to the next backquote, less one level of backslashes, is a script of its own. */
  #backquoted(quoted: boolean): Part {
    const reader = this.#reader;
    const above = reader.line - 1;
    let text = '';
    for (;;) {
      const next = reader.take();
      if (next === '') throw this.#error('EOF in backquote substitution');
      if (next === '`') break;
      text += next === '\\' ? this.#escaped(quoted ? '\\`$"' : '\\`$', false) : next;
    }
    const body = new Parser(new Reader(text, 1, reader.isBash), this.#aliases).whole();
    return { type: 'command', body, above };
  }

  #error(message: string): ShellSyntaxError {
    return new ShellSyntaxError(this.#reader.line, message);
  }
}

function plainParameter(name: Bytes): Parameter {
  return { type: 'parameter', name, operator: '', colon: false, word: [] };
}
