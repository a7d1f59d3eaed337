import { parseInteger } from '../arithmetic.js';
import { type Stat, tryLstat, tryStat } from '../filesystem.js';
import type { Shell } from '../shell.js';
import type { Bytes, Identity } from '../types.js';

type FileTest = (stat: Stat, identity: Identity | undefined) => boolean;

const FILE_TESTS: Readonly<Record<string, FileTest>> = {
  '-a': () => true,
  '-b': ({ type }) => type === 'block',
  '-c': ({ type }) => type === 'char',
  '-d': ({ type }) => type === 'directory',
  '-e': () => true,
  '-f': ({ type }) => type === 'file',
  '-G': ({ gid }, identity) => gid === (identity?.gid ?? 0),
  '-g': ({ mode }) => (mode & 0o2000) !== 0,
  '-k': ({ mode }) => (mode & 0o1000) !== 0,
  '-O': ({ uid }, identity) => uid === (identity?.uid ?? 0),
  '-p': ({ type }) => type === 'fifo',
  // Root reads and writes everything.
  '-r': () => true,
  '-S': () => false,
  '-s': ({ size }) => size > 0,
  '-u': ({ mode }) => (mode & 0o4000) !== 0,
  '-w': () => true,
  '-x': ({ type, mode }) => type === 'directory' || (mode & 0o111) !== 0,
};
const UNARY = new Set([...Object.keys(FILE_TESTS), '-h', '-L', '-n', '-t', '-z']);
const BINARY = new Set([...['=', '==', '!=', '<', '>', '-eq', '-ne', '-ge', '-gt', '-le', '-lt', '-nt', '-ot', '-ef']]);
UNARY.delete('-a');
BINARY.delete('==');

/** `test` and `[` (POSIX.1-2017, test), with dash's `-a`, `-o` and brackets. */
export function test(shell: Shell, args: readonly Bytes[]): number {
  let operands = args.slice(1);
  if (args[0] === '[') {
    if (operands.at(-1) !== ']') shell.fail('missing ]');
    operands = operands.slice(0, -1);
  }
  return new Expression(shell, operands).status();
}

class Expression {
  readonly #shell: Shell;
  readonly #operands: readonly Bytes[];
  #at = 0;

  constructor(shell: Shell, operands: readonly Bytes[]) {
    this.#shell = shell;
    this.#operands = operands;
  }

  /** What POSIX says of up to four operands goes before the grammar. */
  status(): number {
    let operands = this.#operands;
    let negated = false;
    for (;;) {
      const count = operands.length;
      if (count === 0) return negated ? 0 : 1;
      const [first, second = ''] = operands;
      if (count === 3 && BINARY.has(second)) {
        return this.#result(operands, negated, (inner) => inner.#binary());
      }
      if (count !== 3 && count !== 4) break;
      if (first === '(' && operands.at(-1) === ')') {
        operands = operands.slice(1, -1);
        break;
      }
      if (first !== '!') break;
      negated = !negated;
      operands = operands.slice(1);
    }
    return this.#result(operands, negated, (inner) => inner.#or());
  }

  #result(operands: readonly Bytes[], negated: boolean, evaluate: (inner: Expression) => boolean): number {
    const inner = new Expression(this.#shell, operands);
    const value = evaluate(inner);
    const left = inner.#operands[inner.#at];
    if (left !== undefined) this.#syntax(`${left}: unexpected operator`);
    return value === negated ? 1 : 0;
  }

  #syntax(message: Bytes): never {
    return this.#shell.fail(message);
  }

  #peek(offset = 0): Bytes | undefined {
    return this.#operands[this.#at + offset];
  }

  #or(): boolean {
    let value = this.#and();
    while (this.#peek() === '-o') {
      this.#at += 1;
      const right = this.#and();
      value ||= right;
    }
    return value;
  }

  #and(): boolean {
    let value = this.#not();
    while (this.#peek() === '-a') {
      this.#at += 1;
      const right = this.#not();
      value &&= right;
    }
    return value;
  }

  #not(): boolean {
    if (
      this.#peek() !== '!' ||
      (this.#peek(1) !== undefined && BINARY.has(this.#peek(1) ?? '') && this.#peek(2) !== undefined)
    ) {
      return this.#primary();
    }
    this.#at += 1;
    return !this.#not();
  }

  #primary(): boolean {
    const first = this.#peek();
    if (first === undefined) return false;
    const second = this.#peek(1);
    if (first === '(' && second !== undefined) {
      this.#at += 1;
      if (this.#peek() === ')') {
        this.#at += 1;
        return false;
      }
      const value = this.#or();
      if (this.#peek() !== ')') this.#syntax('closing paren expected');
      this.#at += 1;
      return value;
    }
    // `-f = x` compares: an operator before a binary one is an operand.
    const third = this.#peek(2);
    if (UNARY.has(first) && second !== undefined && (third === undefined || !BINARY.has(second))) {
      this.#at += 2;
      return this.#unary(first, second);
    }
    if (second !== undefined && BINARY.has(second)) return this.#binary();
    this.#at += 1;
    return first !== '';
  }

  #unary(operator: Bytes, operand: Bytes): boolean {
    switch (operator) {
      case '-n':
        return operand !== '';
      case '-z':
        return operand === '';
      case '-t':
        this.#number(operand);
        return false;
      case '-h':
      case '-L':
        return tryLstat(this.#shell, operand)?.type === 'symlink';
      default: {
        const stat = tryStat(this.#shell, operand);
        return stat !== undefined && FILE_TESTS[operator]?.(stat, this.#shell.identity) === true;
      }
    }
  }

  #binary(): boolean {
    const [left = '', operator = '', right] = this.#operands.slice(this.#at, this.#at + 3);
    if (right === undefined) this.#syntax(`${operator}: argument expected`);
    this.#at += 3;
    switch (operator) {
      case '=':
        return left === right;
      case '!=':
        return left !== right;
      case '<':
        return left < right;
      case '>':
        return left > right;
      case '-nt':
      case '-ot':
      case '-ef':
        return this.#compareFiles(left, operator, right);
    }
    const a = this.#number(left);
    const b = this.#number(right);
    switch (operator) {
      case '-eq':
        return a === b;
      case '-ne':
        return a !== b;
      case '-ge':
        return a >= b;
      case '-gt':
        return a > b;
      case '-le':
        return a <= b;
      default:
        return a < b;
    }
  }

  #compareFiles(left: Bytes, operator: Bytes, right: Bytes): boolean {
    const one = tryStat(this.#shell, left);
    const other = tryStat(this.#shell, right);
    if (one === undefined || other === undefined) return false;
    if (operator === '-ef') return one.node === other.node;
    return operator === '-nt' ? one.mtime > other.mtime : one.mtime < other.mtime;
  }

  /** Decimal only: here a zero at the front means nothing. */
  #number(text: Bytes): bigint {
    const trimmed = /^\s*([-+]?)0*([0-9]+)\s*$/.exec(text);
    const value = trimmed === null ? undefined : parseInteger(`${trimmed[1]}${trimmed[2]}`);
    return value ?? this.#syntax(`Illegal number: ${text}`);
  }
}
