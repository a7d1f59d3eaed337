/** A set of bytes: 256 flags. */
export type ByteSet = Uint8Array;

export type Assertion =
  | 'line-start'
  | 'line-end'
  | 'text-start'
  | 'text-end'
  | 'word-boundary'
  | 'no-word-boundary'
  | 'word-start'
  | 'word-end'
  | 'no-word-before'
  | 'no-word-after';

/** What a regular expression says, whatever its dialect. */
export type RegexNode =
  | { readonly type: 'set'; readonly set: ByteSet }
  | { readonly type: 'assertion'; readonly assertion: Assertion }
  | { readonly type: 'group'; readonly index: number; readonly node: RegexNode }
  | { readonly type: 'reference'; readonly index: number }
  | { readonly type: 'sequence'; readonly nodes: readonly RegexNode[] }
  | { readonly type: 'choice'; readonly nodes: readonly RegexNode[] }
  | { readonly type: 'repeat'; readonly node: RegexNode; readonly min: number; readonly max: number };

/**
 * `basic` and `extended` as POSIX XBD 9 with GNU's additions; `awk` is extended with C escapes, inside brackets too; `fixed`
 * is a plain string.
 */
export type Dialect = 'basic' | 'extended' | 'awk' | 'fixed';

export interface RegexOptions {
  readonly dialect: Dialect;
  readonly ignoreCase?: boolean;
  /** `\n`, `\t`, `\x41` … stand for bytes, as in sed; awk has them always. */
  readonly escapes?: boolean;
  /** `^` and `$` also match beside newlines (sed's `M`). */
  readonly multiline?: boolean;
  /** The match must be a whole word (no word characters beside it), or all of the text: grep's `-w` and `-x`. */
  readonly whole?: 'word' | 'text';
}

/** What is wrong with an expression, in the words of regerror(3). */
export class RegexSyntaxError extends Error {}

const CLASSES: Readonly<Record<string, (byte: number) => boolean>> = {
  alpha: (byte) => within(byte | 32, 'a', 'z') && byte < 128,
  digit: (byte) => within(byte, '0', '9'),
  alnum: (byte) => isAlphanumeric(byte),
  upper: (byte) => within(byte, 'A', 'Z'),
  lower: (byte) => within(byte, 'a', 'z'),
  space: (byte) => byte === 32 || (byte >= 9 && byte <= 13),
  blank: (byte) => byte === 32 || byte === 9,
  punct: (byte) => byte > 32 && byte < 127 && !isAlphanumeric(byte),
  print: (byte) => byte >= 32 && byte < 127,
  graph: (byte) => byte > 32 && byte < 127,
  cntrl: (byte) => byte < 32 || byte === 127,
  xdigit: (byte) => within(byte, '0', '9') || within(byte, 'a', 'f') || within(byte, 'A', 'F'),
};

function within(byte: number, first: string, last: string): boolean {
  return byte >= first.charCodeAt(0) && byte <= last.charCodeAt(0);
}

function isAlphanumeric(byte: number): boolean {
  return within(byte, '0', '9') || within(byte, 'a', 'z') || within(byte, 'A', 'Z');
}

/** Whether a byte is of a class such as `alpha`, in the C locale; undefined where there is no such class. */
export function characterClass(name: string): ((byte: number) => boolean) | undefined {
  return Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
}

export function isWordByte(byte: number): boolean {
  return byte === 95 || isAlphanumeric(byte);
}

export function byteSet(has: (byte: number) => boolean): ByteSet {
  return Uint8Array.from({ length: 256 }, (_, byte) => (has(byte) ? 1 : 0));
}

/** Adds the other case of each ASCII letter. */
export function foldCase(set: ByteSet): ByteSet {
  return byteSet((byte) => {
    const isLetter = byte < 128 && CLASSES['alpha']?.(byte) === true;
    return set[byte] === 1 || (isLetter && set[byte ^ 32] === 1);
  });
}
