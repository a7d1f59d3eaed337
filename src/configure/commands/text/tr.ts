import { CommandFailure, command } from '../kit/call.js';
import { quote } from '../kit/text.js';
import { cEscape } from '../regex/escapes.js';
import { byteSet, characterClass } from '../regex/syntax.js';

/** One piece of a set: bytes, and what decides how it grows or pairs. */
type Piece =
  | { readonly type: 'bytes'; readonly bytes: readonly number[] }
  | { readonly type: 'class'; readonly name: string; readonly bytes: readonly number[] }
  /** `[x*n]`; a count of 0 fills up. */
  | { readonly type: 'fill'; readonly byte: number; readonly count: number };

/** tr(1), on bytes. */
export const tr = command(
  ['-c -C --complement', '-d --delete', '-s --squeeze-repeats', '-t --truncate-set1'],
  (call) => {
    const { options } = call;
    const [first, second] = call.operands;
    const deletes = options.has('delete');
    const squeezes = options.has('squeeze-repeats');
    if (first === undefined) throw new CommandFailure('missing operand');
    if (second === undefined && deletes === squeezes) throw new CommandFailure(`missing operand after ${quote(first)}`);
    if (call.operands.length > 2 || (deletes && !squeezes && second !== undefined)) {
      throw new CommandFailure(`extra operand ${quote(call.operands.at(-1) ?? '')}`);
    }
    const listed = expand(parseSet(first), 0);
    const source = options.has('complement') ? complement(listed) : listed;
    const inSource = byteSet((byte) => source.includes(byte));
    const translates = second !== undefined && !deletes;
    const goal = second === undefined ? [] : expand(parseSet(second), source.length);
    const map = translates ? translation(source, goal, options.has('truncate-set1')) : undefined;
    const squeezed = squeezes ? byteSet((byte) => (second === undefined ? source : goal).includes(byte)) : undefined;
    const output: number[] = [];
    for (const byte of Buffer.from(call.readStdin(), 'latin1')) {
      if (deletes && inSource[byte] === 1) continue;
      const value = map?.[byte] ?? byte;
      if (squeezed?.[value] === 1 && output.at(-1) === value) continue;
      output.push(value);
    }
    call.write(Buffer.from(output).toString('latin1'));
    return 0;
  },
);

function complement(bytes: readonly number[]): number[] {
  return Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !bytes.includes(byte));
}

/** The byte that each byte becomes; a short second set is filled up with its last byte. */
function translation(source: readonly number[], goal: readonly number[], truncates: boolean): number[] {
  const last = goal.at(-1);
  if (last === undefined && !truncates) {
    throw new CommandFailure('when not truncating set1, string2 must be non-empty');
  }
  const map = Array.from({ length: 256 }, (_, byte) => byte);
  source.forEach((byte, at) => {
    if (at < goal.length || !truncates) map[byte] = goal[at] ?? last ?? byte;
  });
  return map;
}

function parseSet(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const named = /^\[:([a-z]+):\]/.exec(rest);
    const same = /^\[=(.)=\]/s.exec(rest);
    if (named !== null) {
      pieces.push(classPiece(named[1] ?? ''));
      at += named[0].length;
      continue;
    }
    if (same !== null) {
      pieces.push({ type: 'bytes', bytes: [(same[1] ?? '').charCodeAt(0)] });
      at += same[0].length;
      continue;
    }
    if (rest.startsWith('[')) {
      const filled = readByte(text, at + 1);
      const count = /^\*(0?[0-9]*)\]/.exec(text.slice(filled.next));
      if (count !== null) {
        const digits = count[1] ?? '';
        pieces.push({
          type: 'fill',
          byte: filled.byte,
          count: Number.parseInt(digits || '0', digits.startsWith('0') ? 8 : 10),
        });
        at = filled.next + count[0].length;
        continue;
      }
    }
    const start = readByte(text, at);
    at = start.next;
    if (text[at] === '-' && at + 1 < text.length) {
      const end = readByte(text, at + 1);
      if (end.byte < start.byte) {
        throw new CommandFailure(
          `range-endpoints of '${text.slice(start.next - 1, end.next)}' are in reverse collating sequence order`,
        );
      }
      pieces.push({
        type: 'bytes',
        bytes: Array.from({ length: end.byte - start.byte + 1 }, (_, n) => start.byte + n),
      });
      at = end.next;
    } else {
      pieces.push({ type: 'bytes', bytes: [start.byte] });
    }
  }
  return pieces;
}

function classPiece(name: string): Piece {
  const has = characterClass(name);
  if (has === undefined) throw new CommandFailure(`invalid character class ${quote(name)}`);
  return { type: 'class', name, bytes: Array.from({ length: 256 }, (_, byte) => byte).filter(has) };
}

function readByte(text: string, at: number): { readonly byte: number; readonly next: number } {
  if (text[at] === '\\' && at + 1 < text.length) {
    const escaped = /[x"/]/.test(text[at + 1] ?? '') ? undefined : cEscape(text, at + 1);
    if (escaped !== undefined) return { byte: escaped.byte.charCodeAt(0), next: escaped.next };
    return { byte: text.charCodeAt(at + 1), next: at + 2 };
  }
  return { byte: text.charCodeAt(at), next: at + 1 };
}

/** The bytes of a set in their order; `[x*]` fills it up to `length`. */
function expand(pieces: readonly Piece[], length: number): number[] {
  const fixed = pieces.reduce((sum, piece) => sum + (piece.type === 'fill' ? piece.count : piece.bytes.length), 0);
  return pieces.flatMap((piece) => {
    if (piece.type !== 'fill') return piece.bytes;
    const count = piece.count === 0 ? Math.max(length - fixed, 0) : Math.min(piece.count, 65536);
    return Array.from({ length: count }, () => piece.byte);
  });
}
