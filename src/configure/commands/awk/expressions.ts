import { Lexer, type Token } from './lexer.js';
import { type Arithmetic, AwkSyntaxError, type Comparison, type Expression, type Target } from './syntax.js';

/** Where an expression stands, which says what ends it. */
interface Place {
  /** Behind `print`: `>` is a redirection, and `|` without `getline` a pipe. */
  readonly inPrint?: boolean;
  /** In the head of a `for`: `in` is not an operator. */
  readonly noIn?: boolean;
}

const ASSIGNMENTS: Readonly<Record<string, Arithmetic | undefined>> = {
  '+=': '+',
  '-=': '-',
  '*=': '*',
  '/=': '/',
  '%=': '%',
  '^=': '^',
};
const COMPARISONS = new Set<string>(['<', '<=', '==', '!=', '>', '>=']);
/** Builtins that take `$0`, or nothing, without brackets. */
const WITHOUT_BRACKETS = new Set(['length']);

/** A recursive descent over awk's expressions, from those that bind least to those that bind most. */
export class ExpressionParser {
  readonly #lexer: Lexer;
  #token: Token;

  constructor(text: string) {
    this.#lexer = new Lexer(text);
    this.#token = this.#lexer.next();
  }

  protected get token(): Token {
    return this.#token;
  }

  protected take(): Token {
    const token = this.#token;
    this.#token = this.#lexer.next();
    return token;
  }

  protected is(text: string): boolean {
    return (this.#token.type === 'operator' || this.#token.type === 'keyword') && this.#token.text === text;
  }

  protected skip(text: string): boolean {
    const found = this.is(text);
    if (found) this.take();
    return found;
  }

  protected expect(text: string): void {
    if (!this.skip(text)) throw this.unexpected();
  }

  protected skipNewlines(): void {
    while (this.#token.type === 'newline') this.take();
  }

  protected unexpected(): AwkSyntaxError {
    const token = this.#token;
    const what = token.type === 'number' ? String(token.value) : token.text === '' ? `the ${token.type}` : token.text;
    return new AwkSyntaxError(this.#lexer.line, `syntax error at or near ${what}`);
  }

  protected name(): string {
    const token = this.take();
    if (token.type !== 'name') throw this.unexpected();
    return token.text;
  }

  protected expressions(end: string): Expression[] {
    const items: Expression[] = [];
    while (!this.is(end)) {
      items.push(this.expression());
      this.skipNewlines();
      if (!this.skip(',')) break;
      this.skipNewlines();
    }
    this.expect(end);
    return items;
  }

  protected expression(place: Place = {}): Expression {
    const test = this.#or(place);
    if (!this.skip('?')) return test;
    this.skipNewlines();
    const then = this.expression(place);
    this.skipNewlines();
    this.expect(':');
    this.skipNewlines();
    return { type: 'conditional', test, then, otherwise: this.expression(place) };
  }

  #or(place: Place): Expression {
    let left = this.#and(place);
    while (this.skip('||')) {
      this.skipNewlines();
      left = { type: 'or', left, right: this.#and(place) };
    }
    return left;
  }

  #and(place: Place): Expression {
    let left = this.#membership(place);
    while (this.skip('&&')) {
      this.skipNewlines();
      left = { type: 'and', left, right: this.#membership(place) };
    }
    return left;
  }

  #membership(place: Place): Expression {
    let left = this.#match(place);
    while (place.noIn !== true && this.skip('in')) {
      left = { type: 'in', array: this.name(), subscripts: left.type === 'list' ? left.items : [left] };
    }
    return left;
  }

  #match(place: Place): Expression {
    let text = this.#comparison(place);
    while (this.is('~') || this.is('!~')) {
      const negated = this.is('!~');
      this.take();
      text = { type: 'match', negated, text, pattern: this.#comparison(place) };
    }
    return text;
  }

  #comparison(place: Place): Expression {
    const left = this.concatenation(place);
    const token = this.#token;
    if (token.type !== 'operator' || !COMPARISONS.has(token.text)) return left;
    if (place.inPrint === true && token.text === '>') return left;
    this.take();
    return { type: 'comparison', operator: token.text as Comparison, left, right: this.concatenation(place) };
  }

  protected concatenation(place: Place = {}): Expression {
    let left = this.#sum(place);
    for (;;) {
      if (this.is('|') && place.inPrint !== true) {
        this.take();
        if (!this.skip('getline')) throw this.unexpected();
        left = { type: 'getline', from: { type: 'command', name: left }, target: this.#optionalTarget() };
      } else if (this.#startsOperand(place)) {
        left = { type: 'concatenation', left, right: this.#sum(place) };
      } else {
        return left;
      }
    }
  }

  #startsOperand(place: Place): boolean {
    const token = this.#token;
    switch (token.type) {
      case 'operator':
        return ['$', '!', '(', '++', '--'].includes(token.text);
      case 'keyword':
        return token.text === 'getline' && place.inPrint !== true;
      case 'newline':
      case 'end':
        return false;
      default:
        return true;
    }
  }

  #sum(place: Place): Expression {
    let left = this.#product(place);
    while (this.is('+') || this.is('-')) {
      const operator = this.is('+') ? '+' : '-';
      this.take();
      left = { type: 'arithmetic', operator, left, right: this.#product(place) };
    }
    return left;
  }

  #product(place: Place): Expression {
    let left = this.#sign(place);
    for (;;) {
      const operator = (['*', '/', '%'] as const).find((sign) => this.is(sign));
      if (operator === undefined) return left;
      this.take();
      left = { type: 'arithmetic', operator, left, right: this.#sign(place) };
    }
  }

  #sign(place: Place): Expression {
    const operator = (['!', '-', '+'] as const).find((sign) => this.is(sign));
    if (operator === undefined) return this.#power(place);
    this.take();
    return { type: 'sign', operator, operand: this.#sign(place) };
  }

  #power(place: Place): Expression {
    const left = this.#postfix(place);
    if (!this.skip('^')) return left;
    return { type: 'arithmetic', operator: '^', left, right: this.#sign(place) };
  }

  #postfix(place: Place): Expression {
    for (const sign of ['++', '--']) {
      if (!this.skip(sign)) continue;
      const target = targetOf(this.#primary());
      if (target === undefined) throw this.unexpected();
      return { type: 'increment', target, by: sign === '++' ? 1 : -1, before: true };
    }
    const primary = this.#primary();
    const target = targetOf(primary);
    if (target === undefined) return primary;
    for (const sign of ['++', '--']) {
      if (this.skip(sign)) return { type: 'increment', target, by: sign === '++' ? 1 : -1, before: false };
    }
    // An assignment binds least, but what stands left of it can only be a target: `a && b = c`.
    const token = this.#token;
    if (token.type !== 'operator' || (token.text !== '=' && !Object.hasOwn(ASSIGNMENTS, token.text))) return primary;
    this.take();
    this.skipNewlines();
    return { type: 'assign', target, operator: ASSIGNMENTS[token.text], value: this.expression(place) };
  }

  #primary(): Expression {
    const token = this.#token;
    switch (token.type) {
      case 'number':
        this.take();
        return { type: 'number', value: token.value };
      case 'string':
        this.take();
        return { type: 'string', text: token.text };
      case 'regex':
        this.take();
        return { type: 'regex', source: token.text };
      case 'builtin':
        this.take();
        return this.#builtin(token.text);
      case 'name':
        this.take();
        if (token.called) {
          this.expect('(');
          this.skipNewlines();
          return { type: 'call', name: token.text, args: this.expressions(')') };
        }
        if (this.skip('[')) return { type: 'element', array: token.text, subscripts: this.expressions(']') };
        return { type: 'variable', name: token.text };
    }
    if (this.skip('getline')) return this.#getline();
    if (this.skip('$')) return { type: 'field', index: this.#fieldIndex() };
    if (this.skip('-')) return { type: 'sign', operator: '-', operand: this.#primary() };
    if (!this.skip('(')) throw this.unexpected();
    this.skipNewlines();
    const items = this.expressions(')');
    const [only] = items;
    if (only === undefined) throw this.unexpected();
    return items.length === 1 ? only : { type: 'list', items };
  }

  #fieldIndex(): Expression {
    for (const sign of ['++', '--']) {
      if (!this.skip(sign)) continue;
      const target = targetOf(this.#primary());
      if (target === undefined) throw this.unexpected();
      return { type: 'increment', target, by: sign === '++' ? 1 : -1, before: true };
    }
    return this.#primary();
  }

  #builtin(name: string): Expression {
    if (!this.is('(')) {
      if (!WITHOUT_BRACKETS.has(name)) throw this.unexpected();
      return { type: 'builtin', name, args: [] };
    }
    this.take();
    this.skipNewlines();
    return { type: 'builtin', name, args: this.expressions(')') };
  }

  #getline(): Expression {
    const target = this.#optionalTarget();
    const from = this.skip('<') ? ({ type: 'file', name: this.#primary() } as const) : undefined;
    return { type: 'getline', from, target };
  }

  #optionalTarget(): Target | undefined {
    if (!this.is('$') && this.#token.type !== 'name') return undefined;
    return targetOf(this.#primary());
  }
}

function targetOf(expression: Expression): Target | undefined {
  const { type } = expression;
  return type === 'variable' || type === 'field' || type === 'element' ? expression : undefined;
}
