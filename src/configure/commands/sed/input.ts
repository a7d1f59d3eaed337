import type { Bytes } from '../../shell/types.js';
import { fullLinesOf } from '../kit/text.js';

/** The lines of several files, one after the other, each file read when it is its turn. */
export class SedInput {
  readonly #open: (name: Bytes) => Bytes | undefined;
  readonly #names: Bytes[];
  readonly #separator: string;
  #lines: Bytes[] = [];
  #at = 0;
  #file: Bytes = '-';
  #number = 0;

  /** @param open reads a file; undefined where that failed, which has been said then. */
  constructor(names: readonly Bytes[], separator: string, open: (name: Bytes) => Bytes | undefined) {
    this.#names = [...names];
    this.#separator = separator;
    this.#open = open;
  }

  /** The number of the line read last. */
  get number(): number {
    return this.#number;
  }

  /** The file of the line read last. */
  get file(): Bytes {
    return this.#file;
  }

  /** Whether the line read last is the last one of all. */
  get isLast(): boolean {
    return this.#at >= this.#lines.length && !this.#openNext();
  }

  /** The next line without its newline, and whether it had one. */
  read(): { readonly line: Bytes; readonly ended: boolean } | undefined {
    if (this.isLast) return undefined;
    const full = this.#lines[this.#at] ?? '';
    this.#at += 1;
    this.#number += 1;
    const ended = full.endsWith(this.#separator);
    return { line: ended ? full.slice(0, -1) : full, ended };
  }

  /** Opens the next file that has a line. */
  #openNext(): boolean {
    for (;;) {
      const name = this.#names.shift();
      if (name === undefined) return false;
      const lines = fullLinesOf(this.#open(name) ?? '', this.#separator);
      if (lines.length === 0) continue;
      this.#file = name;
      this.#lines = lines;
      this.#at = 0;
      return true;
    }
  }
}
