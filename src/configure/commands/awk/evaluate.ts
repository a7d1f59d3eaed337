import type { Bytes } from '../../shell/types.js';
import { CommandFailure } from '../kit/call.js';
import type { Regex } from '../regex/regex.js';
import { FUNCTIONS, match, split, substitute } from './functions.js';
import type { MainInput } from './input.js';
import type { State } from './state.js';
import type { Streams } from './streams.js';
import type { Arithmetic, Comparison, Expression, Target } from './syntax.js';
import { compareValues, fromInput, isTrue, toNumber, type Value } from './values.js';

type Typed<T extends Expression['type']> = Extract<Expression, { type: T }>;

const HOLDS: Readonly<Record<Comparison, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

const NOTHING: Expression = { type: 'number', value: 0 };

/** The values of expressions. */
export abstract class Evaluator {
  protected readonly state: State;
  protected readonly streams: Streams;
  protected readonly input: MainInput;

  constructor(state: State, streams: Streams, input: MainInput) {
    this.state = state;
    this.streams = streams;
    this.input = input;
  }

  /** Calls a function of the program. */
  protected abstract call(name: string, args: readonly Expression[]): Value;

  protected text(expression: Expression): Bytes {
    return this.state.textOf(this.value(expression));
  }

  protected number(expression: Expression): number {
    return toNumber(this.value(expression));
  }

  protected test(expression: Expression): boolean {
    return isTrue(this.value(expression));
  }

  protected key(subscripts: readonly Expression[]): Bytes {
    const [only] = subscripts;
    if (only !== undefined && subscripts.length === 1) return this.text(only);
    return subscripts.map((each) => this.text(each)).join(this.state.text('SUBSEP'));
  }

  protected value(expression: Expression): Value {
    this.state.spend();
    switch (expression.type) {
      case 'number':
        return expression.value;
      case 'string':
        return expression.text;
      case 'regex':
        return Number(this.state.compile(expression.source).test(this.state.record()));
      case 'variable':
      case 'field':
      case 'element':
        return this.#get(expression);
      case 'in':
        return Number(this.state.array(expression.array).has(this.key(expression.subscripts)));
      case 'assign':
        return this.#assign(expression);
      case 'increment': {
        const before = toNumber(this.#get(expression.target));
        this.#set(expression.target, before + expression.by);
        return expression.before ? before + expression.by : before;
      }
      case 'sign': {
        if (expression.operator === '!') return Number(!this.test(expression.operand));
        const number = this.number(expression.operand);
        // Zero has no sign.
        return expression.operator === '-' ? 0 - number : number;
      }
      case 'arithmetic':
        return this.#arithmetic(expression.operator, this.number(expression.left), this.number(expression.right));
      case 'comparison': {
        const [left, right] = [this.value(expression.left), this.value(expression.right)];
        return Number(HOLDS[expression.operator](compareValues(left, right, this.state.text('CONVFMT'))));
      }
      case 'concatenation': {
        const left = this.text(expression.left);
        const text = left + this.text(expression.right);
        this.state.call.grow(text.length);
        return text;
      }
      case 'and':
        return Number(this.test(expression.left) && this.test(expression.right));
      case 'or':
        return Number(this.test(expression.left) || this.test(expression.right));
      case 'match': {
        const text = this.text(expression.text);
        return Number(this.#regex(expression.pattern).test(text) !== expression.negated);
      }
      case 'conditional':
        return this.value(this.test(expression.test) ? expression.then : expression.otherwise);
      case 'call':
        return this.call(expression.name, expression.args);
      case 'builtin':
        return this.#builtin(expression.name, expression.args);
      case 'getline':
        return this.#getline(expression);
      case 'list':
        throw new CommandFailure('a list in brackets is not a value', 2);
    }
  }

  /** What stands where a regular expression is wanted: one, or a text that is one. */
  #regex(expression: Expression): Regex {
    return this.state.compile(expression.type === 'regex' ? expression.source : this.text(expression));
  }

  #get(target: Target): Value {
    switch (target.type) {
      case 'variable':
        return this.state.get(target.name);
      case 'field':
        return this.state.field(this.number(target.index));
      case 'element': {
        const array = this.state.array(target.array);
        const key = this.key(target.subscripts);
        // To look at an element makes it.
        if (!array.has(key)) this.state.setElement(array, key, undefined);
        return array.get(key);
      }
    }
  }

  #set(target: Target, value: Value): void {
    switch (target.type) {
      case 'variable':
        this.state.set(target.name, value);
        break;
      case 'field':
        this.state.setField(this.number(target.index), value);
        break;
      case 'element':
        this.state.setElement(this.state.array(target.array), this.key(target.subscripts), value);
        break;
    }
  }

  #assign({ target, operator, value }: Typed<'assign'>): Value {
    const given = this.value(value);
    const result =
      operator === undefined ? given : this.#arithmetic(operator, toNumber(this.#get(target)), toNumber(given));
    this.#set(target, result);
    return result;
  }

  #arithmetic(operator: Arithmetic, left: number, right: number): number {
    switch (operator) {
      case '+':
        return left + right;
      case '-':
        return left - right;
      case '*':
        return left * right;
      case '^':
        return left ** right;
      case '/':
      case '%':
        if (right === 0) throw new CommandFailure('division by zero', 2);
        return operator === '/' ? left / right : left % right;
    }
  }

  #getline({ from, target }: Typed<'getline'>): number {
    const { state } = this;
    let record: Bytes | undefined;
    if (from === undefined) record = this.input.next();
    else {
      const reader = this.streams.reader(from.type, this.text(from.name));
      if (reader === undefined) return -1;
      record = reader.next(state.text('RS'), state.compile);
      if (record !== undefined && from.type === 'command') state.set('NR', toNumber(state.get('NR')) + 1);
    }
    if (record === undefined) return 0;
    if (target === undefined) state.setRecord(record);
    else this.#set(target, fromInput(record));
    return 1;
  }

  #builtin(name: string, args: readonly Expression[]): Value {
    const { state, streams } = this;
    const [first = NOTHING, second = NOTHING, third] = args;
    switch (name) {
      case 'length': {
        if (args.length === 0) return state.record().length;
        const cell = first.type === 'variable' && first.name !== 'NF' ? state.cell(first.name) : undefined;
        return cell?.content instanceof Map ? cell.content.size : this.text(first).length;
      }
      case 'split': {
        if (second.type !== 'variable') throw new CommandFailure('split needs an array', 2);
        const text = this.text(first);
        const separator =
          third === undefined ? state.text('FS') : third.type === 'regex' ? this.#regex(third) : this.text(third);
        return split(state, text, second.name, separator);
      }
      case 'match': {
        const text = this.text(first);
        return match(state, text, this.#regex(second));
      }
      case 'sub':
      case 'gsub':
      case 'gensub':
        return this.#substitute(name, args);
      case 'close':
        return streams.close(this.text(first));
      case 'system': {
        const line = this.text(first);
        state.call.flush();
        return streams.run(line);
      }
      case 'fflush':
        state.call.flush();
        return 0;
      case 'rand':
      case 'srand':
        // Builds are the same each time, so that nothing is left to chance.
        return 0;
    }
    const known = FUNCTIONS[name];
    if (known === undefined) return state.call.unsupported(`the function ${name}`);
    return known(
      state,
      args.map((arg) => this.value(arg)),
    );
  }

  #substitute(name: string, args: readonly Expression[]): Value {
    const { state } = this;
    const [pattern = NOTHING, replacement = NOTHING, third, fourth] = args;
    const regex = this.#regex(pattern);
    const filled = this.text(replacement);
    if (name === 'gensub') {
      const how = third === undefined ? 'g' : this.text(third);
      const which = /^[gG]/.test(how) ? 'all' : Math.max(Number.parseInt(how, 10) || 1, 1);
      const text = fourth === undefined ? state.record() : this.text(fourth);
      return substitute(state, regex, filled, text, which, true).text;
    }
    const target: Expression = third ?? { type: 'field', index: NOTHING };
    const { text, count } = substitute(state, regex, filled, this.text(target), name === 'sub' ? 1 : 'all');
    const settable = target.type === 'variable' || target.type === 'field' || target.type === 'element';
    if (count > 0 && settable) this.#set(target, text);
    return count;
  }
}
