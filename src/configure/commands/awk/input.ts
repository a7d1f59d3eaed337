import { unescapeText } from '../kit/printf.js';
import { RecordReader } from './record.js';
import type { State } from './state.js';
import { readOrFail } from './streams.js';
import { fromInput, toNumber } from './values.js';

/** The files that the command line names, one after the other, with the assignments between them. */
export class MainInput {
  readonly #state: State;
  #reader: RecordReader | undefined;
  #next = 1;
  #sawFile = false;

  constructor(state: State) {
    this.#state = state;
  }

  /** The next record of all; undefined at the end. Counts it. */
  next(): string | undefined {
    const state = this.#state;
    for (;;) {
      this.#reader ??= this.#open();
      if (this.#reader === undefined) return undefined;
      const record = this.#reader.next(state.text('RS'), state.compile);
      if (record !== undefined) {
        for (const name of ['NR', 'FNR']) state.set(name, toNumber(state.get(name)) + 1);
        return record;
      }
      this.skipFile();
    }
  }

  skipFile(): void {
    this.#reader = undefined;
  }

  #open(): RecordReader | undefined {
    const state = this.#state;
    const args = state.array('ARGV');
    while (this.#next < toNumber(state.get('ARGC'))) {
      const arg = state.textOf(args.get(String(this.#next)));
      this.#next += 1;
      if (arg === '' || assign(state, arg)) continue;
      this.#sawFile = true;
      return this.#begin(arg, readOrFail(state.call, arg));
    }
    if (this.#sawFile) return undefined;
    this.#sawFile = true;
    return this.#begin('', state.call.readStdin());
  }

  #begin(name: string, text: string): RecordReader {
    this.#state.set('FILENAME', name);
    this.#state.set('FNR', 0);
    return new RecordReader(text);
  }
}

/** Carries out `name=value` of the command line, its escapes resolved; says whether it was one. */
export function assign(state: State, text: string): boolean {
  const [, name, value = ''] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) return false;
  state.set(name, fromInput(unescapeText(value, 'nnn').bytes));
  return true;
}
