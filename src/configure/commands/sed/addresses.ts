import type { Regex } from '../regex/regex.js';
import type { SedInput } from './input.js';
import type { Address, SedCommand } from './script.js';
import { orLast } from './substitute.js';

/** Knows which ranges are open, and which expression was used last. */
export class Addresses {
  /** Commands whose range is open, with the line where it ends if that is known. */
  readonly #open = new Map<SedCommand, number | undefined>();
  lastRegex: Regex | undefined;

  selects(command: SedCommand, input: SedInput, text: string): boolean {
    if (command.from === undefined) return true;
    return this.#inRange(command, command.from, input, text) !== command.negated;
  }

  /** Whether this is the last line of the command's range: where `c` prints its text. */
  isRangeOpen(command: SedCommand): boolean {
    return this.#open.has(command);
  }

  #inRange(command: SedCommand, from: Address, input: SedInput, text: string): boolean {
    const { to } = command;
    if (to === undefined) return this.#matches(from, input, text);
    const { number } = input;
    if (this.#open.has(command)) {
      const end = this.#open.get(command);
      if (end !== undefined) {
        if (number >= end) this.#open.delete(command);
        return number <= end || this.#matches(from, input, text);
      }
      if (to.type !== 'after' && to.type !== 'multiple' && this.#matches(to, input, text)) this.#open.delete(command);
      return true;
    }
    const startsAtZero = from.type === 'line' && from.line === 0;
    if (startsAtZero ? number !== 1 : !this.#matches(from, input, text)) return false;
    switch (to.type) {
      case 'after':
        if (to.count > 0) this.#open.set(command, number + to.count);
        break;
      case 'multiple':
        if (to.of > 0 && number % to.of !== 0) this.#open.set(command, Math.ceil(number / to.of) * to.of);
        break;
      case 'line':
        if (to.line > number) this.#open.set(command, to.line);
        break;
      case 'regex':
        if (!startsAtZero || !this.#matches(to, input, text)) this.#open.set(command, undefined);
        break;
      case 'last':
        if (!input.isLast) this.#open.set(command, undefined);
        break;
      case 'step':
        this.#open.set(command, undefined);
        break;
    }
    return true;
  }

  #matches(address: Address, input: SedInput, text: string): boolean {
    switch (address.type) {
      case 'line':
        return input.number === address.line;
      case 'step':
        return address.step <= 0
          ? input.number === address.first
          : input.number >= address.first && (input.number - address.first) % address.step === 0;
      case 'last':
        return input.isLast;
      case 'regex':
        this.lastRegex = orLast(address.regex, this.lastRegex);
        return this.lastRegex.test(text);
    }
  }
}
