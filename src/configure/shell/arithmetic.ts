import type { Bytes } from './types.js';

/** The shell's variables, as an expression sees them. */
interface ArithmeticVariables {
  get(name: Bytes): Bytes | undefined;
  set(name: Bytes, value: Bytes): void;
}

/** An expression that is not one; `message` is dash's. */
export class ArithmeticError extends Error {}

const TOKEN =
  /[ \t\n]*(?:([A-Za-z_][A-Za-z0-9_]*)|([0-9][A-Za-z0-9]*)|(<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&^|]=|[-+*/%&^|<>=!~?:()])|$)/y;
const ASSIGNMENTS = new Set(['=', '+=', '-=', '*=', '/=', '%=', '&=', '^=', '|=', '<<=', '>>=']);
/** Binary operators by how tightly they bind, the tightest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['*', '/', '%'],
  ['+', '-'],
  ['<<', '>>'],
  ['<', '<=', '>', '>='],
  ['==', '!='],
  ['&'],
  ['^'],
  ['|'],
];
const LEVEL_OF = new Map(LEVELS.flatMap((operators, level) => operators.map((operator) => [operator, level] as const)));

type Token =
  | { readonly type: 'name' | 'operator'; readonly text: Bytes }
  | { readonly type: 'number'; readonly value: bigint }
  | { readonly type: 'end' };

/**
 * The value of an arithmetic expression (POSIX.1-2017, 2.6.4): C's operators over 64-bit integers, less `++`, `--` and
 * the comma, as in dash.
 *
 * @throws ArithmeticError
 */
export function evaluateArithmetic(text: Bytes, variables: ArithmeticVariables): bigint {
  return new Expression(text, variables).value();
}

/**
 * A number as strtoimax(3) with base 0 reads it: decimal, 0x hexadecimal, 0 octal; too large ones become the largest.
 *
 * @returns undefined where that is not all of the text.
 */
export function parseInteger(text: Bytes): bigint | undefined {
  const found = /^[ \t\n\v\f\r]*([-+]?)(0[xX][0-9A-Fa-f]+|0[0-7]*|[1-9][0-9]*)$/.exec(text);
  const digits = found?.[2];
  if (digits === undefined) return undefined;
  const octal = digits.length > 1 && /^0[0-7]/.test(digits);
  const magnitude = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  const value = found?.[1] === '-' ? -magnitude : magnitude;
  const limit = 2n ** 63n;
  if (value >= limit) return limit - 1n;
  return value < -limit ? -limit : value;
}

class Expression {
  readonly #text: Bytes;
  readonly #variables: ArithmeticVariables;
  #position = 0;
  #token: Token = { type: 'end' };

  constructor(text: Bytes, variables: ArithmeticVariables) {
    this.#text = text;
    this.#variables = variables;
  }

  value(): bigint {
    this.#advance();
    const value = this.#assignment(true);
    if (this.#token.type !== 'end') throw this.#error('expecting EOF');
    return value;
  }

  #error(message: string): ArithmeticError {
    return new ArithmeticError(`arithmetic expression: ${message}: "${this.#text}"`);
  }

  #advance(): void {
    TOKEN.lastIndex = this.#position;
    const found = TOKEN.exec(this.#text);
    if (found === null) throw this.#error('expecting primary');
    this.#position = TOKEN.lastIndex;
    const [, name, number, operator] = found;
    if (name !== undefined) this.#token = { type: 'name', text: name };
    else if (operator !== undefined) this.#token = { type: 'operator', text: operator };
    else if (number === undefined) this.#token = { type: 'end' };
    else {
      const value = parseInteger(number);
      if (value === undefined) throw this.#error('expecting EOF');
      this.#token = { type: 'number', value };
    }
  }

  #skip(operator: Bytes): boolean {
    if (this.#token.type !== 'operator' || this.#token.text !== operator) return false;
    this.#advance();
    return true;
  }

  /** @param live whether the value counts: what `&&`, `||` and `?` pass over is only read. */
  #assignment(live: boolean): bigint {
    const { type } = this.#token;
    if (type !== 'name') return this.#conditional(live);
    const name = this.#token.text;
    const before = this.#position;
    const target = this.#token;
    this.#advance();
    const operator = this.#token.type === 'operator' ? this.#token.text : '';
    if (!ASSIGNMENTS.has(operator)) {
      this.#position = before;
      this.#token = target;
      return this.#conditional(live);
    }
    this.#advance();
    const right = this.#assignment(live);
    if (!live) return right;
    const value = operator === '=' ? right : this.#apply(operator.slice(0, -1), this.#variable(name), right);
    this.#variables.set(name, String(value));
    return value;
  }

  #conditional(live: boolean): bigint {
    const test = this.#or(live);
    if (!this.#skip('?')) return test;
    const yes = this.#assignment(live && test !== 0n);
    if (!this.#skip(':')) throw this.#error("expecting ':'");
    const no = this.#conditional(live && test === 0n);
    return test === 0n ? no : yes;
  }

  #or(live: boolean): bigint {
    const left = this.#and(live);
    if (!this.#skip('||')) return left;
    const right = this.#or(live && left === 0n);
    return left !== 0n || right !== 0n ? 1n : 0n;
  }

  #and(live: boolean): bigint {
    const left = this.#binary(LEVELS.length - 1, live);
    if (!this.#skip('&&')) return left;
    const right = this.#and(live && left !== 0n);
    return left !== 0n && right !== 0n ? 1n : 0n;
  }

  /** Operators that bind at least as tightly as `level`, from left to right. */
  #binary(level: number, live: boolean): bigint {
    let left = this.#unary(live);
    for (;;) {
      const operator = this.#token.type === 'operator' ? this.#token.text : '';
      const own = LEVEL_OF.get(operator);
      if (own === undefined || own > level) return left;
      this.#advance();
      const right = this.#binary(own - 1, live);
      left = live ? this.#apply(operator, left, right) : right;
    }
  }

  #unary(live: boolean): bigint {
    const token = this.#token;
    if (token.type === 'number') {
      this.#advance();
      return token.value;
    }
    if (token.type === 'name') {
      this.#advance();
      return live ? this.#variable(token.text) : 0n;
    }
    if (this.#skip('(')) {
      const value = this.#assignment(live);
      if (!this.#skip(')')) throw this.#error("expecting ')'");
      return value;
    }
    if (this.#skip('+')) return this.#unary(live);
    if (this.#skip('-')) return BigInt.asIntN(64, -this.#unary(live));
    if (this.#skip('!')) return this.#unary(live) === 0n ? 1n : 0n;
    if (this.#skip('~')) return ~this.#unary(live);
    throw this.#error('expecting primary');
  }

  #variable(name: Bytes): bigint {
    const text = this.#variables.get(name) ?? '';
    if (/^[ \t\n\v\f\r]*$/.test(text)) return 0n;
    const value = parseInteger(text.replace(/[ \t\n\v\f\r]+$/, ''));
    if (value === undefined) throw new ArithmeticError(`Illegal number: ${text}`);
    return value;
  }

  #apply(operator: string, a: bigint, b: bigint): bigint {
    switch (operator) {
      case '*':
        return BigInt.asIntN(64, a * b);
      case '/':
      case '%':
        if (b === 0n) throw this.#error('division by zero');
        return BigInt.asIntN(64, operator === '/' ? a / b : a % b);
      case '+':
        return BigInt.asIntN(64, a + b);
      case '-':
        return BigInt.asIntN(64, a - b);
      // A shift counts modulo the width, as the processors do.
      case '<<':
        return BigInt.asIntN(64, a << BigInt.asUintN(6, b));
      case '>>':
        return a >> BigInt.asUintN(6, b);
      case '<':
        return a < b ? 1n : 0n;
      case '<=':
        return a <= b ? 1n : 0n;
      case '>':
        return a > b ? 1n : 0n;
      case '>=':
        return a >= b ? 1n : 0n;
      case '==':
        return a === b ? 1n : 0n;
      case '!=':
        return a === b ? 0n : 1n;
      case '&':
        return a & b;
      case '^':
        return a ^ b;
      default:
        return a | b;
    }
  }
}
