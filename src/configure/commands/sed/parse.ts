import { CommandFailure } from '../kit/call.js';
import { sedEscape } from '../regex/escapes.js';
import { Regex } from '../regex/regex.js';
import { type RegexOptions, RegexSyntaxError } from '../regex/syntax.js';
import { ScriptReader } from './reader.js';
import type { Action, Address, RangeEnd, ReplacementPart, SedCommand, SedScript, Substitution } from './script.js';

interface ParseOptions {
  readonly extended: boolean;
  readonly spend: (steps: number) => void;
  /** Says that something of GNU sed is not implemented. */
  readonly unsupported: (what: string) => never;
}

/**
 * Parses a sed script (POSIX sed with GNU's additions).
 *
 * @throws CommandFailure as sed does, with the place in the script.
 */
export function parseScript(text: string, options: ParseOptions): SedScript {
  return new Parser(text, options).script();
}

class Parser {
  readonly #reader: ScriptReader;
  readonly #options: ParseOptions;
  readonly #commands: SedCommand[] = [];
  readonly #labels = new Map<string, number>();
  readonly #jumps: { readonly action: { target: number }; readonly label: string }[] = [];
  readonly #blocks: { target: number }[] = [];

  constructor(text: string, options: ParseOptions) {
    this.#reader = new ScriptReader(text);
    this.#options = options;
  }

  script(): SedScript {
    const reader: ScriptReader = this.#reader;
    const quiet = /^#n(\n|$)/.test(reader.text);
    for (;;) {
      reader.skip(/[\s;]*/);
      if (reader.isAtEnd) break;
      if (reader.next === '#') reader.restOfLine();
      else this.#command();
    }
    if (this.#blocks.length > 0) throw new CommandFailure("-e expression #1, char 0: unmatched `{'", 1);
    for (const { action, label } of this.#jumps) {
      const target = label === '' ? this.#commands.length : this.#labels.get(label);
      if (target === undefined)
        throw new CommandFailure(`-e expression #1, char ${reader.at}: can't find label for jump to \`${label}'`);
      action.target = target;
    }
    return { commands: this.#commands, quiet };
  }

  #command(): void {
    const reader: ScriptReader = this.#reader;
    const from = this.#address();
    let to: RangeEnd | undefined;
    reader.skip(/[ \t]*/);
    if (from !== undefined && reader.next === ',') {
      reader.take();
      reader.skip(/[ \t]*/);
      to = this.#rangeEnd();
    }
    const negated = reader.skip(/[ \t]*(?:![! \t]*)?/).includes('!');
    if (from?.type === 'line' && from.line === 0 && to?.type !== 'regex')
      reader.fail('invalid usage of line address 0');
    const name = reader.take();
    if (name === ':') {
      if (from !== undefined) reader.fail(": doesn't want any addresses");
      const label = reader.skip(/[ \t]*[^\s;]*/).trim();
      if (label === '') reader.fail('":" lacks a label');
      this.#labels.set(label, this.#commands.length);
      return;
    }
    const action = this.#action(name);
    this.#commands.push({ from, to, negated, action });
    if (action.name === '}') {
      const block = this.#blocks.pop();
      if (block === undefined) reader.fail("unexpected `}'");
      block.target = this.#commands.length;
    }
    if (action.name === '{') this.#blocks.push(action);
    else this.#endOfCommand(action);
  }

  #endOfCommand(action: Action): void {
    const reader: ScriptReader = this.#reader;
    if ('aicrRwW'.includes(action.name) || (action.name === 's' && action.substitution.file !== undefined)) return;
    reader.skip(/[ \t]*/);
    if (reader.isAtEnd || '\n;}#'.includes(reader.next)) return;
    reader.at += 1;
    reader.fail('extra characters after command');
  }

  #address(): Address | undefined {
    const reader: ScriptReader = this.#reader;
    const line = reader.number();
    if (line !== undefined) {
      if (reader.skip(/[ \t]*~/) === '') return { type: 'line', line };
      return { type: 'step', first: line, step: reader.number() ?? 0 };
    }
    if (reader.next === '$') {
      reader.take();
      return { type: 'last' };
    }
    if (reader.next !== '/' && reader.next !== '\\') return undefined;
    const delimiter = reader.take() === '/' ? '/' : reader.take();
    const source = reader.delimited(delimiter, 'unterminated address regex');
    const flags = reader.skip(/[IM]*/);
    return { type: 'regex', regex: this.#regex(source, flags.includes('I'), flags.includes('M')) };
  }

  #rangeEnd(): RangeEnd {
    const reader: ScriptReader = this.#reader;
    if (reader.next === '+') {
      reader.take();
      return { type: 'after', count: reader.number() ?? reader.fail('expected a number') };
    }
    if (reader.next === '~') {
      reader.take();
      return { type: 'multiple', of: reader.number() ?? reader.fail('expected a number') };
    }
    return this.#address() ?? reader.fail("unexpected `,'");
  }

  #regex(source: string, ignoreCase: boolean, multiline: boolean): Regex | undefined {
    if (source === '') return undefined;
    const dialect = this.#options.extended ? 'extended' : 'basic';
    const options: RegexOptions = { dialect, ignoreCase, multiline, escapes: true };
    try {
      return new Regex(source, options, this.#options.spend);
    } catch (error) {
      if (error instanceof RegexSyntaxError) return this.#reader.fail(error.message);
      throw error;
    }
  }

  #action(name: string): Action {
    const reader: ScriptReader = this.#reader;
    switch (name) {
      case 's':
        return { name, substitution: this.#substitution() };
      case 'y':
        return { name, map: this.#transliteration() };
      case 'a':
      case 'i':
      case 'c':
        return { name, text: reader.insertedText() };
      case 'r':
      case 'R':
      case 'w':
      case 'W': {
        reader.skip(/[ \t]*/);
        const file = reader.restOfLine();
        if (file === '') reader.fail('missing filename in r/R/w/W commands');
        return { name, file };
      }
      case 'q':
      case 'Q':
      case 'l':
        reader.skip(/[ \t]*/);
        return { name, number: reader.number() };
      case 'b':
      case 't':
      case 'T': {
        const action = { name, target: 0 };
        this.#jumps.push({ action, label: reader.skip(/[ \t]*[^\s;}]*/).trim() });
        return action;
      }
      case '{':
        return { name, target: 0 };
      case '}':
      case '=':
      case 'd':
      case 'D':
      case 'F':
      case 'g':
      case 'G':
      case 'h':
      case 'H':
      case 'n':
      case 'N':
      case 'p':
      case 'P':
      case 'x':
      case 'z':
        return { name };
      case 'e':
        return this.#options.unsupported('the command e');
      case '':
      case '\n':
      case ';':
        return reader.fail('missing command');
      default:
        return reader.fail(`unknown command: \`${name}'`);
    }
  }

  #substitution(): Substitution {
    const reader: ScriptReader = this.#reader;
    const delimiter = this.#delimiter("unterminated `s' command");
    const source = reader.delimited(delimiter, "unterminated `s' command");
    const replacement = parseReplacement(reader.delimited(delimiter, "unterminated `s' command"));
    const flags = reader.skip(/(?:[gpiIm0-9e]|M)*/);
    const file = reader.next === 'w' ? this.#fileFlag() : undefined;
    if (flags.includes('e')) this.#options.unsupported('the flag e of s');
    const regex = this.#regex(source, /[iI]/.test(flags), /[mM]/.test(flags));
    const highest = Math.max(0, ...replacement.map((part) => (part.type === 'group' ? part.index : 0)));
    if (regex !== undefined && highest > regex.groups) {
      reader.fail(`invalid reference \\${highest} on \`s' command's RHS`);
    }
    if (!reader.isAtEnd && !/[\s;}#]/.test(reader.next) && file === undefined) {
      reader.at += 1;
      reader.fail("unknown option to `s'");
    }
    const number = Number(/[0-9]+/.exec(flags)?.[0] ?? 1);
    return { regex, replacement, global: flags.includes('g'), number, print: flags.includes('p'), file };
  }

  #delimiter(unfinished: string): string {
    const delimiter = this.#reader.take();
    if (delimiter === '' || delimiter === '\n' || delimiter === '\\') this.#reader.fail(unfinished);
    return delimiter;
  }

  #fileFlag(): string {
    this.#reader.take();
    this.#reader.skip(/[ \t]*/);
    return this.#reader.restOfLine();
  }

  #transliteration(): ReadonlyMap<string, string> {
    const reader: ScriptReader = this.#reader;
    const unfinished = "unterminated `y' command";
    const delimiter = this.#delimiter(unfinished);
    const from = bytesOfList(reader.delimited(delimiter, unfinished));
    const to = bytesOfList(reader.delimited(delimiter, unfinished));
    if (from.length !== to.length) reader.fail("strings for `y' command are different lengths");
    const map = new Map<string, string>();
    from.forEach((byte, at) => {
      if (!map.has(byte)) map.set(byte, to[at] ?? byte);
    });
    return map;
  }
}

function bytesOfList(text: string): string[] {
  const bytes: string[] = [];
  for (let at = 0; at < text.length; ) {
    const escaped = text[at] === '\\' ? sedEscape(text, at + 1) : undefined;
    if (escaped !== undefined) {
      bytes.push(escaped.byte);
      at = escaped.next;
      continue;
    }
    if (text[at] === '\\') at += 1;
    bytes.push(text[at] ?? '\\');
    at += 1;
  }
  return bytes;
}

const CASES = { U: 'upper', L: 'lower', E: 'none', u: 'upper-next', l: 'lower-next' } as const;

function parseReplacement(text: string): ReplacementPart[] {
  const parts: ReplacementPart[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') parts.push({ type: 'text', text: literal });
    literal = '';
  };
  for (let at = 0; at < text.length; ) {
    const character = text[at] ?? '';
    const letter = text[at + 1] ?? '';
    if (character === '&') {
      flush();
      parts.push({ type: 'group', index: 0 });
      at += 1;
    } else if (character !== '\\') {
      literal += character;
      at += 1;
    } else if (letter >= '0' && letter <= '9') {
      flush();
      parts.push({ type: 'group', index: Number(letter) });
      at += 2;
    } else if (Object.hasOwn(CASES, letter)) {
      flush();
      parts.push({ type: 'case', change: CASES[letter as keyof typeof CASES] });
      at += 2;
    } else {
      const escaped = sedEscape(text, at + 1);
      literal += escaped?.byte ?? letter;
      at = escaped?.next ?? at + 2;
    }
  }
  flush();
  return parts;
}
