import type { Bytes } from '../../shell/types.js';

type Argument = 'none' | 'required' | 'optional';

interface Option {
  /** The long name, or the letter where there is no long name. */
  readonly name: string;
  readonly argument: Argument;
  /** The tool has it and we do not. */
  readonly supported: boolean;
}

/** The options of one tool. */
export interface OptionTable {
  readonly short: ReadonlyMap<string, Option>;
  readonly long: ReadonlyMap<string, Option>;
  /** Options end at the first operand, as for commands that run another one (`env`, `xargs`). */
  readonly stopAtOperand: boolean;
}

/**
 * Writes down a tool's options, one a string: `-a --archive`, `-R -r --recursive`, `-m --mode=` (with an argument),
 * `-i --in-place=?` (with an optional one), `!-i --interactive` (the tool has it, we do not).
 */
export function optionTable(
  lines: readonly string[],
  { stopAtOperand = false }: { readonly stopAtOperand?: boolean } = {},
): OptionTable {
  const short = new Map<string, Option>();
  const long = new Map<string, Option>();
  for (const line of lines) {
    const argument: Argument = line.endsWith('=?') ? 'optional' : line.endsWith('=') ? 'required' : 'none';
    const spellings = line.replace(/^!|=\??$/g, '').split(' ');
    const name = (spellings.find((spelling) => spelling.startsWith('--')) ?? spellings[0] ?? '').replace(/^-+/, '');
    const option = { name, argument, supported: !line.startsWith('!') };
    for (const spelling of spellings) {
      if (spelling.startsWith('--')) long.set(spelling.slice(2), option);
      else short.set(spelling.slice(1), option);
    }
  }
  return { short, long, stopAtOperand };
}

/** What is wrong with a command line; `unsupported` where the tool would have taken it, as far as we know. */
export class OptionError extends Error {
  readonly option: string;

  constructor(message: string, option: string) {
    super(message);
    this.option = option;
  }
}

/** What a command line gave. */
export class ParsedOptions {
  readonly operands: readonly Bytes[];
  /** In their order, for tools to which that matters. */
  readonly given: readonly { readonly name: string; readonly value: Bytes | undefined }[];

  constructor(given: ParsedOptions['given'], operands: readonly Bytes[]) {
    this.given = given;
    this.operands = operands;
  }

  has(...names: readonly string[]): boolean {
    return this.given.some(({ name }) => names.includes(name));
  }

  /** The argument of the last one of this name. */
  value(name: string): Bytes | undefined {
    return this.given.findLast((option) => option.name === name)?.value;
  }

  values(name: string): Bytes[] {
    return this.given.flatMap((option) => (option.name === name ? [option.value ?? ''] : []));
  }

  /** Which of several options that override one another came last. */
  last(...names: readonly string[]): string | undefined {
    return this.given.findLast(({ name }) => names.includes(name))?.name;
  }
}

/**
 * Parses as getopt_long(3) does: bundled letters, `--name=value`, unambiguous abbreviations, `--`, operands anywhere.
 *
 * @param args without the command's name.
 * @throws OptionError with the message that getopt_long prints.
 */
export function parseOptions(table: OptionTable, args: readonly Bytes[]): ParsedOptions {
  const given: { name: string; value: Bytes | undefined }[] = [];
  const operands: Bytes[] = [];
  const rest = [...args];
  const take = (option: Option, value: Bytes | undefined, spelling: string): void => {
    if (!option.supported) throw new OptionError(`option '${spelling}' is not implemented`, spelling);
    given.push({ name: option.name, value });
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      operands.push(...rest);
      break;
    }
    if (word.startsWith('--')) {
      const [spelling = '', value] = splitOnce(word, '=');
      const option = longOption(table, spelling);
      if (option.argument === 'none' && value !== undefined) {
        throw new OptionError(`option '${spelling}' doesn't allow an argument`, spelling);
      }
      const needed = option.argument === 'required' && value === undefined;
      const argument = needed ? rest.shift() : value;
      if (needed && argument === undefined) {
        throw new OptionError(`option '${spelling}' requires an argument`, spelling);
      }
      take(option, argument, spelling);
    } else if (word.startsWith('-') && word.length > 1) {
      takeLetters(table, word, rest, take);
    } else {
      operands.push(word);
      if (table.stopAtOperand) {
        operands.push(...rest);
        break;
      }
    }
  }
  return new ParsedOptions(given, operands);
}

function takeLetters(
  table: OptionTable,
  word: Bytes,
  rest: Bytes[],
  take: (option: Option, value: Bytes | undefined, spelling: string) => void,
): void {
  for (let at = 1; at < word.length; at += 1) {
    const letter = word[at] ?? '';
    const option = table.short.get(letter);
    if (option === undefined) throw new OptionError(`invalid option -- '${letter}'`, `-${letter}`);
    if (option.argument === 'none') {
      take(option, undefined, `-${letter}`);
      continue;
    }
    const attached = word.slice(at + 1);
    if (attached === '' && option.argument === 'required') {
      const value = rest.shift();
      if (value === undefined) throw new OptionError(`option requires an argument -- '${letter}'`, `-${letter}`);
      take(option, value, `-${letter}`);
    } else {
      take(option, attached === '' ? undefined : attached, `-${letter}`);
    }
    return;
  }
}

function longOption(table: OptionTable, spelling: string): Option {
  const name = spelling.slice(2);
  const exact = table.long.get(name);
  if (exact !== undefined) return exact;
  const candidates = new Set([...table.long].flatMap(([full, option]) => (full.startsWith(name) ? [option] : [])));
  const [only] = candidates;
  if (only === undefined) throw new OptionError(`unrecognized option '${spelling}'`, spelling);
  if (candidates.size > 1) throw new OptionError(`option '${spelling}' is ambiguous`, spelling);
  return only;
}

/** `a=b=c` to `a` and `b=c`; the second is undefined where there is no separator. */
function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
