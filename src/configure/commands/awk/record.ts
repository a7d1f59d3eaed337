import type { Bytes } from '../../shell/types.js';
import type { Regex } from '../regex/regex.js';

/** Splits a text at a regular expression; a match that is empty splits nothing. */
function splitAt(text: Bytes, separator: Regex): Bytes[] {
  const parts: Bytes[] = [];
  let start = 0;
  for (let from = 0; from <= text.length; ) {
    const found = separator.exec(text, from);
    if (found === undefined) break;
    if (found.end === found.start) {
      from = found.end + 1;
      continue;
    }
    parts.push(text.slice(start, found.start));
    start = found.end;
    from = found.end;
  }
  parts.push(text.slice(start));
  return parts;
}

/**
 * Splits as `FS` says: a blank is runs of white space, '' each byte, one other character itself, more a regular expression.
 *
 * @param byLine the newline separates as well (`RS` is '').
 */
export function splitFields(text: Bytes, separator: Bytes, compile: (source: Bytes) => Regex, byLine = false): Bytes[] {
  if (separator === ' ') return text.split(/[ \t\n]+/).filter((part) => part !== '');
  if (text === '') return [];
  if (separator === '') return [...text];
  if (byLine) return text.split('\n').flatMap((line) => splitFields(line, separator, compile));
  if (separator.length === 1 && separator !== '\\') return text.split(separator);
  return splitAt(text, compile(separator));
}

/** The records of one input, as `RS` says at the time when each is read. */
export class RecordReader {
  readonly #text: Bytes;
  #at = 0;

  constructor(text: Bytes) {
    this.#text = text;
  }

  /** The next record without its separator; undefined at the end. */
  next(separator: Bytes, compile: (source: Bytes) => Regex): Bytes | undefined {
    if (separator === '') {
      while (this.#text[this.#at] === '\n') this.#at += 1;
    }
    if (this.#at >= this.#text.length) return undefined;
    const [start, end] = this.#separator(separator, compile);
    const record = this.#text.slice(this.#at, start);
    this.#at = end;
    return record;
  }

  #separator(separator: Bytes, compile: (source: Bytes) => Regex): readonly [start: number, end: number] {
    const text = this.#text;
    const { length } = text;
    if (separator.length > 1) {
      const found = compile(separator).exec(text, this.#at);
      if (found !== undefined && found.end > found.start) return [found.start, found.end];
      return [text.endsWith('\n') ? length - 1 : length, length];
    }
    if (separator === '') {
      const start = text.indexOf('\n\n', this.#at);
      if (start < 0) return [text.endsWith('\n') ? length - 1 : length, length];
      let end = start;
      while (text[end] === '\n') end += 1;
      return [start, end];
    }
    const start = text.indexOf(separator, this.#at);
    return start < 0 ? [length, length] : [start, start + 1];
  }
}
