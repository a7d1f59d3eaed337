import { cEscape, sedEscape } from './escapes.js';
import { type ByteSet, byteSet, characterClass, type RegexOptions, RegexSyntaxError } from './syntax.js';

/**
 * Reads a bracket expression (POSIX XBD 9.3.5) in the C locale: ranges, `[:class:]`, `[=x=]`, `[.x.]`.
 *
 * @param at the index after the `[`.
 * @returns the set, and the index after the `]`.
 */
export function parseBracket(
  source: string,
  at: number,
  options: RegexOptions,
): { readonly set: ByteSet; readonly next: number } {
  const members = new Uint8Array(256);
  let next = at;
  const negated = source[next] === '^';
  if (negated) next += 1;
  for (let first = true; first || source[next] !== ']'; first = false) {
    const named = /^\[:([a-z]*):\]/.exec(source.slice(next, next + 16));
    if (named !== null) {
      const has = characterClass(named[1] ?? '');
      if (has === undefined) throw new RegexSyntaxError('Invalid character class name');
      for (let byte = 0; byte < 256; byte += 1) if (has(byte)) members[byte] = 1;
      next += named[0].length;
      continue;
    }
    const start = parseMember(source, next, options);
    next = start.next;
    if (source[next] === '-' && source[next + 1] !== ']' && next + 1 < source.length) {
      const end = parseMember(source, next + 1, options);
      if (end.byte < start.byte) throw new RegexSyntaxError('Invalid range end');
      members.fill(1, start.byte, end.byte + 1);
      next = end.next;
    } else {
      members[start.byte] = 1;
    }
  }
  return { set: negated ? byteSet((byte) => members[byte] === 0) : members, next: next + 1 };
}

interface Member {
  readonly byte: number;
  readonly next: number;
}

function parseMember(source: string, at: number, options: RegexOptions): Member {
  if (at >= source.length) throw new RegexSyntaxError('Unmatched [, [^, [:, [., or [=');
  if (source[at] === '[' && /[.=:]/.test(source[at + 1] ?? '')) {
    const element = /^\[([.=])(.)\1\]/s.exec(source.slice(at, at + 5));
    if (element !== null) return { byte: (element[2] ?? '').charCodeAt(0), next: at + 5 };
    if (source[at + 1] !== ':') throw new RegexSyntaxError('Invalid collation character');
  }
  if (source[at] === '\\') {
    if (options.dialect === 'awk') {
      const escaped = cEscape(source, at + 1);
      if (escaped !== undefined) return { byte: escaped.byte.charCodeAt(0), next: escaped.next };
      if (at + 1 < source.length) return { byte: source.charCodeAt(at + 1), next: at + 2 };
    } else if (options.escapes === true) {
      const escaped = sedEscape(source, at + 1);
      if (escaped !== undefined) return { byte: escaped.byte.charCodeAt(0), next: escaped.next };
    }
  }
  return { byte: source.charCodeAt(at) & 255, next: at + 1 };
}
