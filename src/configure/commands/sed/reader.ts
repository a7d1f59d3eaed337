import { CommandFailure } from '../kit/call.js';

/** Reads a sed script piece by piece. */
export class ScriptReader {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get next(): string {
    return this.text[this.at] ?? '';
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  take(): string {
    const character = this.next;
    this.at += 1;
    return character;
  }

  skip(pattern: RegExp): string {
    const sticky = new RegExp(pattern.source, 'y');
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  number(): number | undefined {
    const digits = this.skip(/[0-9]+/);
    return digits === '' ? undefined : Number(digits);
  }

  restOfLine(): string {
    return this.skip(/[^\n]*/);
  }

  fail(what: string): never {
    throw new CommandFailure(`-e expression #1, char ${this.at}: ${what}`, 1);
  }

  /** Reads up to a delimiter that no backslash precedes. `\` and the delimiter are the delimiter; other escapes stay. */
  delimited(delimiter: string, unfinished: string): string {
    let text = '';
    for (;;) {
      if (this.isAtEnd) this.fail(unfinished);
      const character = this.take();
      if (character === delimiter) return text;
      if (character !== '\\') {
        text += character;
        continue;
      }
      const escaped = this.take();
      if (escaped === delimiter && delimiter !== '\\') text += delimiter === '&' ? '\\&' : delimiter;
      else text += `\\${escaped}`;
    }
  }

  /** The text of `a`, `i` and `c`: both `a\`, newline, text, and GNU's one-line form. */
  insertedText(): string {
    this.skip(/[ \t]*/);
    if (this.isAtEnd) this.fail("expected \\ after `a', `c' or `i'");
    if (this.next === '\\') {
      this.take();
      const blanks = this.skip(/[ \t]*/);
      if (this.skip(/\n/) === '') this.at -= blanks.length;
    }
    let text = '';
    while (!this.isAtEnd) {
      const character = this.take();
      if (character === '\n') break;
      if (character === '\\') text += this.take();
      else text += character;
    }
    return `${text}\n`;
  }
}
