import { ExpressionParser } from './expressions.js';
import type { AwkFunction, Expression, Program, Rule, Statement } from './syntax.js';

/** What a pattern without an action does. */
const PRINT: Statement = { type: 'print', args: [], output: undefined };

/**
 * Parses an awk program.
 *
 * @throws AwkSyntaxError
 */
export function parseAwk(text: string): Program {
  return new ProgramParser(text).program();
}

class ProgramParser extends ExpressionParser {
  program(): Program {
    const begin: Statement[] = [];
    const end: Statement[] = [];
    const rules: Rule[] = [];
    const functions = new Map<string, AwkFunction>();
    for (;;) {
      while (this.token.type === 'newline' || this.is(';')) this.take();
      if (this.token.type === 'end') return { begin, rules, end, functions };
      if (this.skip('BEGIN')) begin.push(this.#action());
      else if (this.skip('END')) end.push(this.#action());
      else if (this.skip('function')) functions.set(this.name(), this.#function());
      else rules.push(this.#rule());
    }
  }

  #action(): Statement {
    if (!this.is('{')) throw this.unexpected();
    return this.#block();
  }

  #function(): AwkFunction {
    this.expect('(');
    const parameters: string[] = [];
    while (!this.is(')')) {
      parameters.push(this.name());
      if (!this.skip(',')) break;
      this.skipNewlines();
    }
    this.expect(')');
    this.skipNewlines();
    return { parameters, body: this.#block() };
  }

  #rule(): Rule {
    const from = this.is('{') ? undefined : this.expression();
    let to: Expression | undefined;
    if (from !== undefined && this.skip(',')) {
      this.skipNewlines();
      to = this.expression();
    }
    return { from, to, action: this.is('{') ? this.#block() : PRINT };
  }

  #block(): Statement {
    this.expect('{');
    const body: Statement[] = [];
    for (;;) {
      while (this.token.type === 'newline' || this.is(';')) this.take();
      if (this.skip('}')) return { type: 'block', body };
      body.push(this.#statement());
    }
  }

  /** The statement that a condition or a loop governs; `;` is an empty one. */
  #body(): Statement {
    this.skipNewlines();
    if (this.skip(';')) return { type: 'block', body: [] };
    return this.#statement();
  }

  #statement(): Statement {
    if (this.is('{')) return this.#block();
    if (this.skip('if')) return this.#if();
    if (this.skip('while')) {
      const test = this.#condition();
      return { type: 'while', test, body: this.#body() };
    }
    if (this.skip('for')) return this.#for();
    if (this.skip('do')) {
      const body = this.#body();
      this.#skipEnds();
      this.expect('while');
      const test = this.#condition();
      this.#end();
      return { type: 'do', test, body };
    }
    const statement = this.#simple();
    this.#end();
    return statement;
  }

  #condition(): Expression {
    this.expect('(');
    this.skipNewlines();
    const test = this.expression();
    this.skipNewlines();
    this.expect(')');
    return test;
  }

  #if(): Statement {
    const test = this.#condition();
    const then = this.#body();
    this.#skipEnds();
    if (!this.skip('else')) return { type: 'if', test, then, otherwise: undefined };
    return { type: 'if', test, then, otherwise: this.#body() };
  }

  #for(): Statement {
    this.expect('(');
    const start = this.is(';') ? undefined : this.#simple(true);
    const first = start?.type === 'expression' ? start.expression : undefined;
    if (first?.type === 'variable' && this.skip('in')) {
      const array = this.name();
      this.expect(')');
      return { type: 'each', variable: first.name, array, body: this.#body() };
    }
    this.expect(';');
    this.skipNewlines();
    const test = this.is(';') ? undefined : this.expression();
    this.expect(';');
    this.skipNewlines();
    const step = this.is(')') ? undefined : this.#simple();
    this.expect(')');
    return { type: 'for', start, test, step, body: this.#body() };
  }

  /** What ends a simple statement; a closing brace and `else` stay for those who wait for them. */
  #end(): void {
    if (this.token.type === 'newline' || this.is(';')) this.take();
    else if (!this.is('}') && this.token.type !== 'end') throw this.unexpected();
  }

  #skipEnds(): void {
    while (this.token.type === 'newline' || this.is(';')) this.take();
  }

  #simple(noIn = false): Statement {
    const { token } = this;
    if (token.type === 'keyword') {
      switch (token.text) {
        case 'break':
        case 'continue':
        case 'next':
        case 'nextfile':
          this.take();
          return { type: token.text };
        case 'exit':
        case 'return':
          this.take();
          return { type: token.text, value: this.#endsHere() ? undefined : this.expression() };
        case 'delete': {
          this.take();
          const array = this.name();
          return { type: 'delete', array, subscripts: this.skip('[') ? this.expressions(']') : undefined };
        }
        case 'print':
        case 'printf':
          this.take();
          return this.#print(token.text);
      }
    }
    return { type: 'expression', expression: this.expression({ noIn }) };
  }

  #endsHere(): boolean {
    return this.token.type === 'newline' || this.token.type === 'end' || this.is(';') || this.is('}');
  }

  #print(type: 'print' | 'printf'): Statement {
    const args: Expression[] = [];
    while (!this.#endsHere() && !['>', '>>', '|'].some((sign) => this.is(sign))) {
      args.push(this.expression({ inPrint: true }));
      if (!this.skip(',')) break;
      this.skipNewlines();
    }
    const [only] = args;
    const items = args.length === 1 && only?.type === 'list' ? only.items : args;
    const sign = (['>', '>>', '|'] as const).find((each) => this.skip(each));
    const output = sign === undefined ? undefined : { type: sign, name: this.concatenation({ inPrint: true }) };
    return { type, args: items, output };
  }
}
