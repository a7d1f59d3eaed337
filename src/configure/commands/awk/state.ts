import { charge } from '../../shell/budget.js';
import type { Bytes } from '../../shell/types.js';
import { type Call, CommandFailure } from '../kit/call.js';
import { Regex } from '../regex/regex.js';
import { splitFields } from './record.js';
import { fromInput, toNumber, toText, type Value } from './values.js';

export type AwkArray = Map<Bytes, Value>;

/** What a variable holds. One that was handed to a function unset becomes an array in both places, or in none. */
export class Cell {
  content: Value | AwkArray;
  readonly #origin: Cell | undefined;

  constructor(content: Value | AwkArray, origin?: Cell) {
    this.content = content;
    this.#origin = origin;
  }

  /** The value; an array has none. */
  value(name: string): Value {
    if (this.content instanceof Map) throw new CommandFailure(`${name} is an array`, 2);
    return this.content;
  }

  array(name: string): AwkArray {
    if (this.content === undefined) this.content = this.#origin?.array(name) ?? new Map();
    if (!(this.content instanceof Map)) throw new CommandFailure(`${name} is not an array`, 2);
    return this.content;
  }
}

const DEFAULTS: Readonly<Record<string, Value>> = {
  ...{ CONVFMT: '%.6g', OFMT: '%.6g', FS: ' ', OFS: ' ', ORS: '\n', RS: '\n', SUBSEP: '\x1c' },
  ...{ NR: 0, FNR: 0, RSTART: 0, RLENGTH: -1, FILENAME: '' },
};
const MAX_FIELDS = 100_000;
/** What an entry of an array costs beside its text, roughly. */
const ENTRY_BYTES = 64;
const MAX_REGEXES = 200;
/** So many evaluations weigh about as much as a command of a script. */
const EVALUATIONS_PER_STEP = 20;

/** The variables, the record and its fields. */
export class State {
  readonly call: Call;
  readonly #globals = new Map<string, Cell>();
  readonly #regexes = new Map<Bytes, Regex>();
  /** The innermost function's parameters. */
  locals: ReadonlyMap<string, Cell> = new Map();
  #record: Bytes = '';
  /** The fields, once they are asked for; `#record` is made of them again where they were changed. */
  #fields: Value[] | undefined;
  #isStale = false;
  #evaluations = 0;

  constructor(call: Call) {
    this.call = call;
    for (const [name, value] of Object.entries(DEFAULTS)) this.#globals.set(name, new Cell(value));
  }

  /** Each evaluation, and each round of a loop of ours, calls it. */
  spend(): void {
    this.#evaluations += 1;
    if (this.#evaluations < EVALUATIONS_PER_STEP) return;
    this.#evaluations = 0;
    this.call.spend(1);
  }

  cell(name: string): Cell {
    const cell = this.locals.get(name) ?? this.#globals.get(name);
    if (cell !== undefined) return cell;
    const made = new Cell(undefined);
    this.#globals.set(name, made);
    return made;
  }

  get(name: string): Value {
    if (name === 'NF') return this.#split().length;
    return this.cell(name).value(name);
  }

  set(name: string, value: Value): void {
    const cell = this.cell(name);
    if (cell.content instanceof Map) throw new CommandFailure(`${name} is an array`, 2);
    // The record that was read before is split as was said then.
    if (name === 'FS' || name === 'RS') this.#split();
    if (name === 'NF') this.#setCount(toNumber(value));
    else cell.content = value;
  }

  text(name: string): Bytes {
    return toText(this.get(name), '%.6g');
  }

  array(name: string): AwkArray {
    return this.cell(name).array(name);
  }

  setElement(array: AwkArray, key: Bytes, value: Value): void {
    if (!array.has(key)) charge(this.call.system, 'memoryBytes', ENTRY_BYTES + key.length);
    array.set(key, value);
  }

  /** A number or another value as text, as concatenation and subscripts need it. */
  textOf(value: Value): Bytes {
    return typeof value === 'string' ? value : toText(value, this.text('CONVFMT'));
  }

  readonly compile = (source: Bytes): Regex => {
    const known = this.#regexes.get(source);
    if (known !== undefined) return known;
    const regex = new Regex(source, { dialect: 'awk' }, this.call.spend);
    if (this.#regexes.size >= MAX_REGEXES) this.#regexes.clear();
    this.#regexes.set(source, regex);
    return regex;
  };

  setRecord(text: Bytes): void {
    this.#record = text;
    this.#fields = undefined;
    this.#isStale = false;
  }

  /** @param index 0 for the whole record. */
  field(index: number): Value {
    if (!(index >= 0)) throw new CommandFailure(`negative field index $${index}`, 2);
    if (index === 0) return fromInput(this.record());
    return this.#split()[Math.trunc(index) - 1];
  }

  record(): Bytes {
    if (this.#isStale) {
      this.#record = this.#split()
        .map((field) => this.textOf(field))
        .join(this.text('OFS'));
      this.call.grow(this.#record.length);
      this.#isStale = false;
    }
    return this.#record;
  }

  setField(index: number, value: Value): void {
    if (index === 0) {
      this.setRecord(this.textOf(value));
      return;
    }
    if (!(index > 0) || index > MAX_FIELDS) throw new CommandFailure(`field index ${index} is out of range`, 2);
    const fields = this.#split();
    while (fields.length < index) fields.push('');
    fields[Math.trunc(index) - 1] = value;
    this.#isStale = true;
  }

  #setCount(count: number): void {
    if (!(count >= 0) || count > MAX_FIELDS) throw new CommandFailure(`NF set to ${count}`, 2);
    const fields = this.#split();
    fields.length = Math.min(fields.length, Math.trunc(count));
    while (fields.length < count) fields.push('');
    this.#isStale = true;
  }

  #split(): Value[] {
    this.#fields ??= splitFields(this.#record, this.text('FS'), this.compile, this.text('RS') === '').map(fromInput);
    return this.#fields;
  }
}
