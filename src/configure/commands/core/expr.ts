import type { Bytes } from '../../shell/types.js';
import { CommandFailure, rawCommand } from '../kit/call.js';
import { Regex } from '../regex/regex.js';

const INTEGER = /^-?[0-9]+$/;

const COMPARES: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '=': (order) => order === 0,
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '>=': (order) => order >= 0,
  '>': (order) => order > 0,
};

/** expr(1): its status is 1 where the result is empty or zero. */
export const expr = rawCommand((call) => {
  const words = call.operands[0] === '--' ? call.operands.slice(1) : call.operands;
  if (words.length === 0) throw new CommandFailure('missing operand', 2);
  const expression = new Expression(words, call.spend);
  const value = expression.or();
  const rest = expression.next;
  if (rest !== undefined) throw new CommandFailure(`syntax error: unexpected argument '${rest}'`, 2);
  call.write(`${value}\n`);
  return isNull(value) ? 1 : 0;
});

function isNull(value: Bytes): boolean {
  return value === '' || /^-?0+$/.test(value);
}

/** A recursive descent over the words, from what binds least. */
class Expression {
  readonly #words: Bytes[];
  readonly #spend: (steps: number) => void;

  constructor(words: readonly Bytes[], spend: (steps: number) => void) {
    this.#words = [...words];
    this.#spend = spend;
  }

  get next(): Bytes | undefined {
    return this.#words[0];
  }

  or(): Bytes {
    let left = this.#and();
    while (this.#skip('|')) {
      const right = this.#and();
      if (isNull(left)) left = isNull(right) ? '0' : right;
    }
    return left;
  }

  #and(): Bytes {
    let left = this.#comparison();
    while (this.#skip('&')) {
      const right = this.#comparison();
      if (isNull(left) || isNull(right)) left = '0';
    }
    return left;
  }

  #comparison(): Bytes {
    let left = this.#sum();
    for (;;) {
      const holds = COMPARES[this.next ?? ''];
      if (holds === undefined) return left;
      this.#words.shift();
      const right = this.#sum();
      const asNumbers = INTEGER.test(left) && INTEGER.test(right);
      const [a, b] = asNumbers ? [BigInt(left), BigInt(right)] : [left, right];
      left = holds(a < b ? -1 : a > b ? 1 : 0) ? '1' : '0';
    }
  }

  #sum(): Bytes {
    let left = this.#product();
    for (;;) {
      if (this.#skip('+')) left = String(integer(left) + integer(this.#product()));
      else if (this.#skip('-')) left = String(integer(left) - integer(this.#product()));
      else return left;
    }
  }

  #product(): Bytes {
    let left = this.#match();
    for (;;) {
      const operator = ['*', '/', '%'].find((sign) => this.#skip(sign));
      if (operator === undefined) return left;
      const [a, b] = [integer(left), integer(this.#match())];
      if (operator !== '*' && b === 0n) throw new CommandFailure('division by zero', 2);
      left = String(operator === '*' ? a * b : operator === '/' ? a / b : a % b);
    }
  }

  #match(): Bytes {
    let left = this.#primary();
    while (this.#skip(':')) left = this.#matched(left, this.#primary());
    return left;
  }

  /** The first group where the expression has one, else the length of the match, which begins at the front. */
  #matched(text: Bytes, source: Bytes): Bytes {
    const regex = new Regex(source, { dialect: 'basic' }, this.#spend);
    const found = regex.exec(text);
    const match = found?.start === 0 ? found : undefined;
    if (regex.groups > 0) return match?.groups[1] ?? '';
    return String(match === undefined ? 0 : match.end);
  }

  #primary(): Bytes {
    const word = this.#words.shift();
    if (word === undefined) throw new CommandFailure('syntax error: missing argument', 2);
    const follows = this.next !== undefined;
    if (word === '(') {
      const value = this.or();
      if (!this.#skip(')')) throw new CommandFailure("syntax error: expecting ')'", 2);
      return value;
    }
    if (word === '+' && follows) return this.#words.shift() ?? '';
    if (word === 'length' && follows) return String(this.#primary().length);
    if (word === 'match' && follows) return this.#matched(this.#primary(), this.#primary());
    if (word === 'index' && follows) {
      const [text, characters] = [this.#primary(), this.#primary()];
      return String([...text].findIndex((character) => characters.includes(character)) + 1);
    }
    if (word === 'substr' && follows) {
      const [text, from, length] = [this.#primary(), Number(this.#primary()), Number(this.#primary())];
      return from > 0 && length > 0 ? text.slice(from - 1, from - 1 + length) : '';
    }
    return word;
  }

  #skip(word: Bytes): boolean {
    const found = this.next === word;
    if (found) this.#words.shift();
    return found;
  }
}

function integer(value: Bytes): bigint {
  if (!INTEGER.test(value)) throw new CommandFailure('non-integer argument', 2);
  return BigInt(value);
}
