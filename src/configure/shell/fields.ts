import { escapePattern } from './pattern.js';
import type { Bytes } from './types.js';

/** A piece of an expanded word. */
export type Piece =
  /** `quoted`: neither split nor a pattern. `split`: a result of an expansion outside of quotes. */
  | { readonly type: 'text'; readonly text: Bytes; readonly quoted: boolean; readonly split: boolean }
  /** One of `"$@"`: as if quoted, but it makes no field by being there. */
  | { readonly type: 'item'; readonly text: Bytes }
  /** Between two of `"$@"`. */
  | { readonly type: 'break' }
  /** Behind the last of `"$@"`, which is a field even if it is empty. */
  | { readonly type: 'end' }
  /** Between two of `$@` or `$*` without quotes: as if blank. */
  | { readonly type: 'blank' };

/** A field before pathname expansion: `pattern` has what was quoted behind backslashes. */
export interface Field {
  readonly text: Bytes;
  readonly pattern: Bytes;
}

const WHITESPACE = ' \t\n';

/** The text of pieces that are not split. */
export function plainText(pieces: readonly Piece[]): Bytes {
  return pieces.map(textOf).join('');
}

/** The same as a pattern. */
export function patternText(pieces: readonly Piece[]): Bytes {
  return pieces
    .map((piece) => (piece.type === 'text' && !piece.quoted ? piece.text : escapePattern(textOf(piece))))
    .join('');
}

function textOf(piece: Piece): Bytes {
  if (piece.type === 'text' || piece.type === 'item') return piece.text;
  return piece.type === 'end' ? '' : ' ';
}

/** Splits a word by `IFS` (POSIX.1-2017, 2.6.5). A word of nothing but empty expansions gives no field. */
export function splitFields(pieces: readonly Piece[], ifs: Bytes): Field[] {
  const fields: Field[] = [];
  let text = '';
  let pattern = '';
  let begun = false;
  let afterList = false;
  const add = (): void => {
    fields.push({ text, pattern });
    text = '';
    pattern = '';
    begun = false;
  };
  for (const piece of pieces) {
    if (piece.type === 'break') {
      add();
      continue;
    }
    if (piece.type === 'blank') {
      if (begun) add();
      continue;
    }
    if (piece.type === 'end') {
      afterList = true;
      continue;
    }
    if (piece.type === 'item' || !piece.split) {
      const quoted = piece.type === 'item' || piece.quoted;
      text += piece.text;
      pattern += quoted ? escapePattern(piece.text) : piece.text;
      begun ||= piece.text !== '' || piece.type === 'text';
      continue;
    }
    // White space right behind `"$@"` separates like any other character in dash.
    const blanks = afterList ? '' : WHITESPACE;
    afterList = false;
    // White space that ended a field takes the white space behind it along, and one other separator.
    let absorbing = false;
    let from = 0;
    const end = piece.text.length;
    const flush = (to: number): void => {
      const part = piece.text.slice(from, to);
      text += part;
      pattern += part;
      begun ||= part !== '';
    };
    for (let at = 0; at < end; at += 1) {
      const character = piece.text.charAt(at);
      const separates = ifs.includes(character);
      const blank = separates && blanks.includes(character);
      if (absorbing) {
        from = separates ? at + 1 : at;
        if (blank) continue;
        absorbing = false;
        if (separates) continue;
      }
      if (!separates) continue;
      flush(at);
      from = at + 1;
      if (blank && !begun) continue;
      add();
      absorbing = blank;
    }
    flush(end);
  }
  if (begun || afterList) add();
  return fields;
}
