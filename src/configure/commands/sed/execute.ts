import type { Bytes } from '../../shell/types.js';
import { Addresses } from './addresses.js';
import type { SedInput } from './input.js';
import type { SedCommand, SedScript, Substitution } from './script.js';
import { orLast, substitute } from './substitute.js';

/** What a script does to the world. */
export interface SedWorld {
  /** Writes to the output; a text without a newline gets one before the next. */
  print(text: Bytes, ended: boolean): void;
  /** Writes to a file that `w` names. */
  printTo(file: Bytes, text: Bytes): void;
  /** The text of a file that `r` names, '' where there is none. */
  fileText(file: Bytes): Bytes;
  /** The next line of a file that `R` names. */
  fileLine(file: Bytes): Bytes | undefined;
  spend(steps: number): void;
  grow(bytes: number): void;
}

/** What comes after a command: the next one, another one, the end of the cycle, or the end of all. */
type Next =
  | { readonly type: 'next' }
  | { readonly type: 'jump'; readonly to: number }
  | { readonly type: 'cycle'; readonly prints: boolean; readonly keeps: boolean }
  | { readonly type: 'quit'; readonly prints: boolean; readonly status: number };

const NEXT: Next = { type: 'next' };

/** Runs a script over inputs; hold space and open ranges live on from one to the next. */
export class SedMachine {
  readonly #script: SedScript;
  readonly #world: SedWorld;
  readonly #quiet: boolean;
  readonly #addresses = new Addresses();
  #space = '';
  #hold = '';
  #ended = true;
  #substituted = false;
  /** What `a`, `r` and `R` leave for the end of the cycle. */
  #appended: (() => void)[] = [];

  constructor(script: SedScript, world: SedWorld, quiet: boolean) {
    this.#script = script;
    this.#world = world;
    this.#quiet = quiet || script.quiet;
  }

  /** @returns the exit status that `q` gave; undefined where the input came to its end. */
  run(input: SedInput): number | undefined {
    let keeps = false;
    for (;;) {
      if (!keeps && !this.#read(input, false)) return undefined;
      this.#substituted = keeps && this.#substituted;
      const end = this.#cycle(input);
      if (end.prints && !this.#quiet) this.#print();
      this.#flushAppended();
      if (end.type === 'quit') return end.status < 0 ? undefined : end.status;
      keeps = end.keeps;
    }
  }

  #cycle(input: SedInput): Extract<Next, { type: 'cycle' | 'quit' }> {
    const { commands } = this.#script;
    this.#world.spend(1);
    for (let at = 0; at < commands.length; ) {
      const command = commands[at];
      if (command === undefined) break;
      if (!this.#addresses.selects(command, input, this.#space)) {
        at = command.action.name === '{' ? command.action.target : at + 1;
        continue;
      }
      const next = this.#execute(command, input);
      if (next.type === 'cycle' || next.type === 'quit') return next;
      if (next.type === 'jump') this.#world.spend(1);
      at = next.type === 'jump' ? next.to : at + 1;
    }
    return { type: 'cycle', prints: true, keeps: false };
  }

  /** Reads the next line into the pattern space, or behind it. */
  #read(input: SedInput, append: boolean): boolean {
    const read = input.read();
    if (read === undefined) return false;
    this.#space = append ? `${this.#space}\n${read.line}` : read.line;
    this.#ended = read.ended;
    return true;
  }

  #print(): void {
    this.#world.print(this.#space, this.#ended);
  }

  #flushAppended(): void {
    const appended = this.#appended;
    this.#appended = [];
    for (const write of appended) write();
  }

  #execute(command: SedCommand, input: SedInput): Next {
    const { action } = command;
    const world = this.#world;
    switch (action.name) {
      case '{':
      case '}':
        return NEXT;
      case 's':
        this.#substitute(action.substitution);
        return NEXT;
      case 'y':
        this.#space = Array.from(this.#space, (byte) => action.map.get(byte) ?? byte).join('');
        return NEXT;
      case 'a':
        this.#appended.push(() => world.print(action.text.slice(0, -1), true));
        return NEXT;
      case 'i':
        world.print(action.text.slice(0, -1), true);
        return NEXT;
      case 'c':
        if (command.negated || !this.#addresses.isRangeOpen(command)) world.print(action.text.slice(0, -1), true);
        return { type: 'cycle', prints: false, keeps: false };
      case 'r':
        this.#appended.push(() => {
          const text = world.fileText(action.file);
          if (text !== '') world.print(text.replace(/\n$/, ''), text.endsWith('\n'));
        });
        return NEXT;
      case 'R':
        this.#appended.push(() => {
          const line = world.fileLine(action.file);
          if (line !== undefined) world.print(line, true);
        });
        return NEXT;
      case 'w':
        world.printTo(action.file, this.#space);
        return NEXT;
      case 'W':
        world.printTo(action.file, firstLine(this.#space));
        return NEXT;
      case '=':
        world.print(String(input.number), true);
        return NEXT;
      case 'F':
        world.print(input.file, true);
        return NEXT;
      case 'l':
        world.print(visible(this.#space, action.number ?? 70), true);
        return NEXT;
      case 'b':
        return { type: 'jump', to: action.target };
      case 't':
      case 'T': {
        const jumps = this.#substituted === (action.name === 't');
        this.#substituted = false;
        return jumps ? { type: 'jump', to: action.target } : NEXT;
      }
      case 'q':
      case 'Q':
        return { type: 'quit', prints: action.name === 'q', status: action.number ?? 0 };
      default:
        return this.#move(action.name, input);
    }
  }

  /** The commands that move text between the pattern space, the hold space, the input and the output. */
  #move(name: 'd' | 'D' | 'g' | 'G' | 'h' | 'H' | 'n' | 'N' | 'p' | 'P' | 'x' | 'z', input: SedInput): Next {
    switch (name) {
      case 'd':
        return { type: 'cycle', prints: false, keeps: false };
      case 'D': {
        const at = this.#space.indexOf('\n');
        if (at < 0) return { type: 'cycle', prints: false, keeps: false };
        this.#space = this.#space.slice(at + 1);
        return { type: 'cycle', prints: false, keeps: true };
      }
      case 'g':
        this.#space = this.#hold;
        return NEXT;
      case 'G':
        this.#space += `\n${this.#hold}`;
        this.#world.grow(this.#space.length);
        return NEXT;
      case 'h':
        this.#hold = this.#space;
        return NEXT;
      case 'H':
        this.#hold += `\n${this.#space}`;
        this.#world.grow(this.#space.length);
        return NEXT;
      case 'x':
        [this.#space, this.#hold] = [this.#hold, this.#space];
        return NEXT;
      case 'n':
        if (input.isLast) return { type: 'quit', prints: true, status: -1 };
        if (!this.#quiet) this.#print();
        this.#flushAppended();
        this.#read(input, false);
        return NEXT;
      case 'N':
        if (input.isLast) return { type: 'quit', prints: true, status: -1 };
        this.#flushAppended();
        this.#read(input, true);
        return NEXT;
      case 'p':
        this.#print();
        return NEXT;
      case 'P':
        this.#world.print(firstLine(this.#space), true);
        return NEXT;
      case 'z':
        this.#space = '';
        return NEXT;
    }
  }

  #substitute(substitution: Substitution): void {
    const regex = orLast(substitution.regex, this.#addresses.lastRegex);
    this.#addresses.lastRegex = regex;
    const result = substitute(this.#space, regex, substitution, () => this.#world.spend(1));
    if (result === undefined) return;
    this.#world.grow(result.length);
    this.#space = result;
    this.#substituted = true;
    if (substitution.print) this.#print();
    if (substitution.file !== undefined) this.#world.printTo(substitution.file, result);
  }
}

function firstLine(text: string): string {
  const at = text.indexOf('\n');
  return at < 0 ? text : text.slice(0, at);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** A text as `l` shows it, in lines of at most `width` bytes. */
function visible(text: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const byte of text) {
    const isPrintable = byte >= ' ' && byte <= '~';
    const shown = ESCAPES[byte] ?? (isPrintable ? byte : `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`);
    if (width > 1 && line.length + shown.length > width - 1) {
      lines.push(`${line}\\`);
      line = '';
    }
    line += shown;
  }
  return [...lines, `${line}$`].join('\n');
}
