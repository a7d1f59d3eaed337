import { parseBracket } from './bracket.js';
import { cEscape, sedEscape } from './escapes.js';
import {
  type Assertion,
  byteSet,
  characterClass,
  foldCase,
  isWordByte,
  type RegexNode,
  type RegexOptions,
  RegexSyntaxError,
} from './syntax.js';

/** POSIX' RE_DUP_MAX, as glibc has it. */
const MAX_REPEAT = 32767;

const SHORTHANDS: Readonly<Record<string, (byte: number) => boolean>> = {
  w: isWordByte,
  W: (byte) => !isWordByte(byte),
  s: (byte) => characterClass('space')?.(byte) === true,
  S: (byte) => characterClass('space')?.(byte) !== true,
};

const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  b: 'word-boundary',
  B: 'no-word-boundary',
  '<': 'word-start',
  '>': 'word-end',
  '`': 'text-start',
  "'": 'text-end',
};

/** An expression, and how many groups it has. */
export interface ParsedRegex {
  readonly node: RegexNode;
  readonly groups: number;
}

/**
 * Parses a POSIX regular expression (XBD 9) with GNU's extensions (`\+ \? \| \w \s \b \< \> …`).
 *
 * @throws RegexSyntaxError with the message that regerror(3) has.
 */
export function parseRegex(source: string, options: RegexOptions): ParsedRegex {
  const { node, groups } = new Parser(source, options).parse();
  if (options.whole === undefined) return { node, groups };
  const [before, after]: readonly [Assertion, Assertion] =
    options.whole === 'word' ? ['no-word-before', 'no-word-after'] : ['text-start', 'text-end'];
  const nodes = [{ type: 'assertion', assertion: before }, node, { type: 'assertion', assertion: after }] as const;
  return { node: { type: 'sequence', nodes }, groups };
}

class Parser {
  readonly #source: string;
  readonly #options: RegexOptions;
  readonly #basic: boolean;
  #at = 0;
  #groups = 0;
  #depth = 0;
  readonly #closed = new Set<number>();

  constructor(source: string, options: RegexOptions) {
    this.#source = source;
    this.#options = options;
    this.#basic = options.dialect === 'basic';
  }

  parse(): ParsedRegex {
    if (this.#options.dialect === 'fixed') return this.#fixed();
    const node = this.#choice();
    if (this.#at < this.#source.length) {
      throw new RegexSyntaxError('Unmatched ) or \\)');
    }
    return { node, groups: this.#groups };
  }

  #fixed(): ParsedRegex {
    return {
      node: { type: 'sequence', nodes: [...this.#source].map((byte) => this.#byte(byte.charCodeAt(0))) },
      groups: 0,
    };
  }

  /** Whether an operator stands here: `(` in extended expressions, `\(` in basic ones. */
  #sees(operator: string): boolean {
    const token = this.#basic ? `\\${operator}` : operator;
    return this.#source.startsWith(token, this.#at);
  }

  #take(operator: string): boolean {
    if (!this.#sees(operator)) return false;
    this.#at += this.#basic ? 2 : 1;
    return true;
  }

  #choice(): RegexNode {
    const nodes = [this.#sequence()];
    while (this.#take('|')) nodes.push(this.#sequence());
    const [only] = nodes;
    return nodes.length === 1 && only !== undefined ? only : { type: 'choice', nodes };
  }

  #sequence(): RegexNode {
    const nodes: RegexNode[] = [];
    const start = this.#at;
    while (this.#at < this.#source.length && !this.#sees('|')) {
      if (this.#sees(')') && (this.#depth > 0 || this.#basic)) break;
      nodes.push(this.#repeated(this.#at === start || this.#isAfterAnchor(nodes, start)));
    }
    return { type: 'sequence', nodes };
  }

  /** In a basic expression `*` is itself after a leading `^`. */
  #isAfterAnchor(nodes: readonly RegexNode[], start: number): boolean {
    return this.#basic && nodes.length === 1 && this.#source[start] === '^' && this.#at === start + 1;
  }

  #repeated(isFirst: boolean): RegexNode {
    let node = this.#atom(isFirst);
    for (;;) {
      const count = this.#repetition();
      if (count === undefined) return node;
      node = repeat(node, count.min, count.max);
    }
  }

  #repetition(): { min: number; max: number } | undefined {
    if (this.#source[this.#at] === '*') {
      this.#at += 1;
      return { min: 0, max: Number.POSITIVE_INFINITY };
    }
    if (this.#take('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#take('?')) return { min: 0, max: 1 };
    return this.#sees('{') ? this.#interval() : undefined;
  }

  /** `{n}`, `{n,}`, `{n,m}`, `{,m}`; in an extended expression what is none of them is text. */
  #interval(): { min: number; max: number } | undefined {
    const pattern = this.#basic ? /\\\{(\d*)(,?)(\d*)\\\}/y : /\{(\d*)(,?)(\d*)\}/y;
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found === null || (found[1] === '' && found[2] === '')) {
      if (!this.#basic) return undefined;
      throw new RegexSyntaxError(
        this.#source.includes('\\}', this.#at) ? 'Invalid content of \\{\\}' : 'Unmatched \\{',
      );
    }
    const min = Number(found[1]);
    const max = found[2] === '' ? min : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (max < min) throw new RegexSyntaxError('Invalid content of \\{\\}');
    if (min > MAX_REPEAT || (max > MAX_REPEAT && max !== Number.POSITIVE_INFINITY)) {
      throw new RegexSyntaxError('Regular expression too big');
    }
    this.#at += found[0].length;
    return { min, max };
  }

  #atom(isFirst: boolean): RegexNode {
    const character = this.#source[this.#at] ?? '';
    if (this.#take('(')) return this.#group();
    if (isFirst && !this.#basic && this.#isRepetition()) return this.#leadingRepetition();
    switch (character) {
      case '\\':
        return this.#escape();
      case '.':
        this.#at += 1;
        return { type: 'set', set: byteSet(() => true) };
      case '[': {
        const { set, next } = parseBracket(this.#source, this.#at + 1, this.#options);
        this.#at = next;
        return this.#set(set);
      }
      case '^':
        if (this.#basic && !isFirst) break;
        this.#at += 1;
        return this.#anchor('line-start', 'text-start');
      case '$':
        if (this.#basic && !this.#endsHere(this.#at + 1)) break;
        this.#at += 1;
        return this.#anchor('line-end', 'text-end');
    }
    this.#at += 1;
    return this.#byte(character.charCodeAt(0));
  }

  #isRepetition(): boolean {
    const character = this.#source[this.#at] ?? '';
    return character !== '' && '*+?'.includes(character);
  }

  /** glibc takes a leading `*` as itself in grep and sed; awk's is an error in most, so it is text there as well. */
  #leadingRepetition(): RegexNode {
    const character = this.#source.charCodeAt(this.#at);
    this.#at += 1;
    return character === 42 ? this.#byte(character) : { type: 'sequence', nodes: [] };
  }

  #endsHere(at: number): boolean {
    return at >= this.#source.length || this.#source.startsWith('\\)', at) || this.#source.startsWith('\\|', at);
  }

  #anchor(line: Assertion, text: Assertion): RegexNode {
    return { type: 'assertion', assertion: this.#options.multiline === true ? line : text };
  }

  #group(): RegexNode {
    this.#groups += 1;
    const index = this.#groups;
    this.#depth += 1;
    if (this.#depth > 250) throw new RegexSyntaxError('Regular expression too big');
    const node = this.#choice();
    if (!this.#take(')')) throw new RegexSyntaxError('Unmatched ( or \\(');
    this.#depth -= 1;
    this.#closed.add(index);
    return { type: 'group', index, node };
  }

  #escape(): RegexNode {
    const letter = this.#source[this.#at + 1];
    if (letter === undefined) throw new RegexSyntaxError('Trailing backslash');
    const isAwk = this.#options.dialect === 'awk';
    if (!isAwk && letter >= '1' && letter <= '9') return this.#reference(Number(letter));
    const escaped = isAwk
      ? cEscape(this.#source, this.#at + 1)
      : this.#options.escapes === true
        ? sedEscape(this.#source, this.#at + 1)
        : undefined;
    if (escaped !== undefined) {
      this.#at = escaped.next;
      return this.#byte(escaped.byte.charCodeAt(0));
    }
    this.#at += 2;
    const assertion = Object.hasOwn(ASSERTIONS, letter) ? ASSERTIONS[letter] : undefined;
    if (assertion !== undefined && !isAwk) return { type: 'assertion', assertion };
    const shorthand = Object.hasOwn(SHORTHANDS, letter) ? SHORTHANDS[letter] : undefined;
    if (shorthand !== undefined && !isAwk) return { type: 'set', set: byteSet(shorthand) };
    return this.#byte(letter.charCodeAt(0));
  }

  #reference(index: number): RegexNode {
    if (!this.#closed.has(index)) throw new RegexSyntaxError('Invalid back reference');
    this.#at += 2;
    return { type: 'reference', index };
  }

  #byte(code: number): RegexNode {
    const set = new Uint8Array(256);
    set[code & 255] = 1;
    return this.#set(set);
  }

  #set(set: Uint8Array): RegexNode {
    return { type: 'set', set: this.#options.ignoreCase === true ? foldCase(set) : set };
  }
}

/** Repeats of repeats that say nothing new (`(x*)*` without its group, `x**`) become one. */
function repeat(node: RegexNode, min: number, max: number): RegexNode {
  if (node.type === 'repeat' && node.max === Number.POSITIVE_INFINITY && node.min <= 1 && min <= 1 && max > 1) {
    return { type: 'repeat', node: node.node, min: Math.min(node.min, min), max: Number.POSITIVE_INFINITY };
  }
  return { type: 'repeat', node, min, max };
}
