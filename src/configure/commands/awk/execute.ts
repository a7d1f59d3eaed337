import type { Bytes } from '../../shell/types.js';
import { CommandFailure } from '../kit/call.js';
import { Evaluator } from './evaluate.js';
import { printed, sprintf } from './functions.js';
import { MainInput } from './input.js';
import { Cell, type State } from './state.js';
import { Streams } from './streams.js';
import type { Expression, Program, Rule, Statement } from './syntax.js';
import { toNumber, type Value } from './values.js';

/** How a statement ended, if not at its end. */
type Flow = 'break' | 'continue' | 'return' | undefined;

/** `next` and `exit`, which leave functions as well. */
class Jump extends Error {
  readonly to: 'next' | 'nextfile' | 'exit';

  constructor(to: 'next' | 'nextfile' | 'exit') {
    super(to);
    this.to = to;
  }
}

/** Runs one program. */
export class Interpreter extends Evaluator {
  readonly #program: Program;
  /** The ranges that began and did not end yet. */
  readonly #open = new Set<Rule>();
  #returned: Value;
  #status = 0;

  constructor(program: Program, state: State) {
    super(state, new Streams(state.call), new MainInput(state));
    this.#program = program;
  }

  /** @returns the exit status. */
  run(): number {
    const { begin, rules, end } = this.#program;
    this.#toExit(() => {
      for (const action of begin) this.#execute(action);
      if (rules.length > 0 || end.length > 0) this.#records();
    });
    // `exit` goes on here, but not from here.
    this.#toExit(() => {
      for (const action of end) this.#execute(action);
    });
    this.streams.closeAll();
    return this.#status;
  }

  #toExit(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof Jump) || error.to !== 'exit') throw error;
    }
  }

  #records(): void {
    for (;;) {
      const record = this.input.next();
      if (record === undefined) return;
      this.state.setRecord(record);
      try {
        for (const rule of this.#program.rules) {
          if (this.#applies(rule)) this.#execute(rule.action);
        }
      } catch (error) {
        if (!(error instanceof Jump) || error.to === 'exit') throw error;
        if (error.to === 'nextfile') this.input.skipFile();
      }
    }
  }

  #applies(rule: Rule): boolean {
    const { from, to } = rule;
    if (from === undefined) return true;
    if (to === undefined) return this.test(from);
    if (!this.#open.has(rule)) {
      if (!this.test(from)) return false;
      this.#open.add(rule);
    }
    if (this.test(to)) this.#open.delete(rule);
    return true;
  }

  #execute(statement: Statement): Flow {
    this.state.spend();
    switch (statement.type) {
      case 'expression':
        this.value(statement.expression);
        return undefined;
      case 'print':
      case 'printf':
        this.#print(statement);
        return undefined;
      case 'block':
        for (const each of statement.body) {
          const flow = this.#execute(each);
          if (flow !== undefined) return flow;
        }
        return undefined;
      case 'if': {
        const branch = this.test(statement.test) ? statement.then : statement.otherwise;
        return branch === undefined ? undefined : this.#execute(branch);
      }
      case 'while':
        return this.#loop(statement.body, () => this.test(statement.test));
      case 'do': {
        const flow = this.#execute(statement.body);
        if (flow === 'return') return flow;
        return flow === 'break' ? undefined : this.#loop(statement.body, () => this.test(statement.test));
      }
      case 'for': {
        const { start, test, step, body } = statement;
        if (start !== undefined) this.#execute(start);
        return this.#loop(
          body,
          () => test === undefined || this.test(test),
          () => step !== undefined && this.#execute(step),
        );
      }
      case 'each': {
        const keys = [...this.state.array(statement.array).keys()];
        let next = 0;
        return this.#loop(statement.body, () => {
          const key = keys[next];
          next += 1;
          if (key !== undefined) this.state.set(statement.variable, key);
          return key !== undefined;
        });
      }
      case 'delete': {
        const array = this.state.array(statement.array);
        if (statement.subscripts === undefined) array.clear();
        else array.delete(this.key(statement.subscripts));
        return undefined;
      }
      case 'break':
      case 'continue':
        return statement.type;
      case 'next':
      case 'nextfile':
        throw new Jump(statement.type);
      case 'exit':
        if (statement.value !== undefined) this.#status = toNumber(this.value(statement.value)) & 255;
        throw new Jump('exit');
      case 'return':
        this.#returned = statement.value === undefined ? undefined : this.value(statement.value);
        return 'return';
    }
  }

  #loop(body: Statement, test: () => boolean, step: () => void = () => {}): Flow {
    while (test()) {
      const flow = this.#execute(body);
      if (flow === 'return') return flow;
      if (flow === 'break') break;
      step();
    }
    return undefined;
  }

  #print({ type, args, output }: Extract<Statement, { type: 'print' | 'printf' }>): void {
    const { state } = this;
    const values = args.map((arg) => this.value(arg));
    let text: Bytes;
    if (type === 'printf') text = sprintf(state, values);
    else if (args.length === 0) text = state.record() + state.text('ORS');
    else text = values.map((value) => printed(state, value)).join(state.text('OFS')) + state.text('ORS');
    if (output === undefined) state.call.write(text);
    else this.streams.write(output.type, this.text(output.name), text);
  }

  protected call(name: string, args: readonly Expression[]): Value {
    const called = this.#program.functions.get(name);
    if (called === undefined) throw new CommandFailure(`function ${name} never defined`, 2);
    const { state } = this;
    const locals = new Map(
      called.parameters.map((parameter, index) => [parameter, this.#argument(args[index])] as const),
    );
    const outer = state.locals;
    state.locals = locals;
    this.#returned = undefined;
    try {
      this.#execute(called.body);
    } finally {
      state.locals = outer;
    }
    const returned = this.#returned;
    this.#returned = undefined;
    return returned;
  }

  /** Arrays are handed over themselves, all else as values. */
  #argument(arg: Expression | undefined): Cell {
    if (arg === undefined) return new Cell(undefined);
    if (arg.type !== 'variable' || arg.name === 'NF') return new Cell(this.value(arg));
    const cell = this.state.cell(arg.name);
    return cell.content === undefined ? new Cell(undefined, cell) : new Cell(cell.content);
  }
}
