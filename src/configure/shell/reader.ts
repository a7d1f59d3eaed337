import type { Bytes } from './types.js';

/** A script's characters from the front to the back, with the number of the line and the aliases that were put in. */
export class Reader {
  line: number;
  /** The script is for bash: `function` is a keyword. */
  readonly isBash: boolean;
  #text: Bytes;
  #position = 0;
  /** Aliases that are being read, and how much text lies behind each. */
  #aliases: { readonly name: Bytes; readonly behind: number }[] = [];

  constructor(text: Bytes, line = 1, isBash = false) {
    // dash's input has no NUL bytes: it passes over them.
    this.#text = text.includes('\0') ? text.replaceAll('\0', '') : text;
    this.line = line;
    this.isBash = isBash;
  }

  /** The next character, '' at the end; a backslash and a newline together are no characters. */
  peek(): Bytes {
    while (this.#text[this.#position] === '\\' && this.#text[this.#position + 1] === '\n') {
      this.#position += 2;
      this.line += 1;
    }
    return this.#text[this.#position] ?? '';
  }

  take(): Bytes {
    this.peek();
    return this.takeRaw();
  }

  /** As `take`, where a backslash has no meaning. */
  takeRaw(): Bytes {
    const character = this.#text[this.#position] ?? '';
    this.#position += character.length;
    if (character === '\n') this.line += 1;
    return character;
  }

  /** Takes `expected` if it is next. */
  skip(expected: Bytes): boolean {
    if (this.peek() !== expected) return false;
    this.take();
    return true;
  }

  /** Takes what `pattern`, a sticky expression, finds here. It may not find backslashes. */
  match(pattern: RegExp): Bytes {
    pattern.lastIndex = this.#position;
    if (!pattern.test(this.#text)) return '';
    const found = this.#text.slice(this.#position, pattern.lastIndex);
    this.#pass(found);
    return found;
  }

  /** Takes the text up to `end`, and `end` itself; undefined where it does not follow. */
  takeThrough(end: Bytes): Bytes | undefined {
    const at = this.#text.indexOf(end, this.#position);
    if (at < 0) return undefined;
    const text = this.#text.slice(this.#position, at);
    this.#pass(text + end);
    return text;
  }

  #pass(text: Bytes): void {
    this.#position += text.length;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.line += 1;
  }

  /** Takes the rest of the line without its newline; undefined at the end of the text. */
  takeLine(): Bytes | undefined {
    if (this.#position >= this.#text.length) return undefined;
    const end = this.#text.indexOf('\n', this.#position);
    const line = this.#text.slice(this.#position, end < 0 ? undefined : end);
    this.#position = end < 0 ? this.#text.length : end + 1;
    if (end >= 0) this.line += 1;
    return line;
  }

  /** Passes over spaces and tabs. */
  skipBlanks(): void {
    for (let next = this.peek(); next === ' ' || next === '\t'; next = this.peek()) this.#position += 1;
  }

  /** Passes over a comment, up to its newline. */
  skipComment(): void {
    const end = this.#text.indexOf('\n', this.#position);
    this.#position = end < 0 ? this.#text.length : end;
  }

  /** Puts an alias' value before what is still to be read. Refused while that alias is being read. */
  insert(name: Bytes, value: Bytes): boolean {
    const left = this.#text.length - this.#position;
    this.#aliases = this.#aliases.filter(({ behind }) => behind < left);
    if (this.#aliases.some((alias) => alias.name === name)) return false;
    this.#aliases.push({ name, behind: left });
    this.#text = value + this.#text.slice(this.#position);
    this.#position = 0;
    return true;
  }
}
