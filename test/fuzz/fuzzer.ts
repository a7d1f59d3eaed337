import { performance } from 'node:perf_hooks';
import { KoalaError } from '../../src/formats/errors.js';
import { type Random, randomOf } from '../faults/random.js';

/** A decoder of bytes from outside, and what is known of its input. */
export interface Target {
  readonly name: string;
  /** Sound inputs to begin with. */
  readonly seeds: readonly Buffer[];
  /** Words of the format. */
  readonly tokens?: readonly string[];
  /** Puts right what hides the rest from the decoder when it is wrong, such as a checksum; applied to most inputs. */
  readonly mend?: (input: Buffer) => void;
  /**
   * Decodes, and holds the result against what must be true of it.
   *
   * @returns in a word what became of it: inputs that give new words are kept and changed further
   */
  run(input: Buffer): string | Promise<string>;
  /** Errors that are the decoder's own way to refuse, beside KoalaError. */
  readonly refusal?: (error: unknown) => boolean;
  /** Of a thousand iterations over all decoders. */
  readonly share: number;
  /** Bytes of an input; what is longer costs time and tells nothing more. */
  readonly longest?: number;
}

/** An input that a decoder neither took nor refused. */
export class Crash extends Error {
  readonly how: 'crash' | 'hang';
  readonly why: string;
  /** In base64. */
  readonly input: string;

  constructor(target: Target, input: Buffer, how: Crash['how'], why: string) {
    const text = input.toString('base64');
    super(`${target.name}: ${why}\ninput: ${text}`);
    this.how = how;
    this.why = why;
    this.input = text;
  }
}

/** The longest inputs, unless a target says otherwise. */
const MAX_INPUT = 16_384;
const MAX_KEPT = 400;
/** A decoder that takes so long for so little hangs; looked at a second time, since the machine may have been at something else. */
const MAX_MILLISECONDS = 2_000;
/** Where decimal and binary numbers break. */
const NUMBERS = [
  '0',
  '-1',
  '1',
  '7',
  '8',
  '255',
  '256',
  '511',
  '512',
  '4096',
  '65536',
  '2147483647',
  '2147483648',
  '4294967295',
  '4294967296',
  '9007199254740991',
  '9007199254740993',
  '18446744073709551616',
  '99999999999999999999',
];
const BYTES = [0, 1, 0x0a, 0x0d, 0x20, 0x22, 0x27, 0x2e, 0x2f, 0x30, 0x3a, 0x5c, 0x7f, 0x80, 0xc0, 0xff];

/**
 * Runs a decoder on so many inputs, after those that are known to have gone wrong.
 *
 * @param again in base64
 * @throws Crash
 */
export async function fuzz(
  target: Target,
  seed: number,
  iterations: number,
  again: readonly string[],
): Promise<{ readonly behaviours: number }> {
  for (const input of again) await attempt(target, Buffer.from(input, 'base64'));
  const random = randomOf(seed);
  const { longest = MAX_INPUT } = target;
  const kept: Buffer[] = target.seeds.map((input) => Buffer.from(input.subarray(0, longest)));
  const seen = new Set<string>();
  for (const input of kept) seen.add(await attempt(target, input));
  for (let done = kept.length; done < iterations; done++) {
    const input = mutated(random.pick(kept), kept, target.tokens ?? [], random).subarray(0, longest);
    if (target.mend !== undefined && random.below(8) > 0) target.mend(input);
    const behaviour = await attempt(target, input);
    if (seen.has(behaviour)) continue;
    seen.add(behaviour);
    if (kept.length < MAX_KEPT) kept.push(input);
    else kept[target.seeds.length + random.below(MAX_KEPT - target.seeds.length)] = input;
  }
  return { behaviours: seen.size };
}

/** One input: what became of it. @throws Crash */
async function attempt(target: Target, input: Buffer, isSecond = false): Promise<string> {
  const start = performance.now();
  let behaviour: string;
  try {
    behaviour = `ok ${await target.run(input)}`;
  } catch (error) {
    if (!(error instanceof KoalaError) && target.refusal?.(error) !== true)
      throw new Crash(target, input, 'crash', String((error as Error).stack ?? error));
    // Numbers and quoted input are not what tells two refusals apart.
    behaviour = String((error as Error).message)
      .replace(/"(?:[^"\\]|\\.)*"?|\d+|[^\x20-\x7e]+/g, '#')
      .slice(0, 100);
  }
  if (performance.now() - start < MAX_MILLISECONDS) return behaviour;
  if (isSecond) throw new Crash(target, input, 'hang', `it took ${Math.round(performance.now() - start)} milliseconds`);
  return attempt(target, input, true);
}

function mutated(parent: Buffer, kept: readonly Buffer[], tokens: readonly string[], random: Random): Buffer {
  let input: Buffer<ArrayBufferLike> = Buffer.from(parent);
  for (let count = 1 + random.below(random.below(4) === 0 ? 16 : 4); count > 0; count--)
    input = change(input, kept, tokens, random);
  return input;
}

function change(input: Buffer, kept: readonly Buffer[], tokens: readonly string[], random: Random): Buffer {
  const at = random.below(input.length + 1);
  const length = random.below(Math.min(input.length - at, random.pick([2, 16, 600])) + 1);
  const replaced = (piece: Buffer): Buffer =>
    Buffer.concat([input.subarray(0, at), piece, input.subarray(at + length)]);
  switch (random.below(12)) {
    case 0:
    case 1:
      if (at < input.length) input.writeUInt8((input[at] ?? 0) ^ (1 << random.below(8)), at);
      return input;
    case 2:
      if (at < input.length) input.writeUInt8(random.pick(BYTES), at);
      return input;
    case 3:
      return replaced(Buffer.alloc(0));
    case 4:
      return input.subarray(0, at);
    case 5:
      return Buffer.concat([input.subarray(0, at + length), input.subarray(at)]);
    case 6: {
      const other = random.pick(kept);
      const from = random.below(other.length + 1);
      return replaced(other.subarray(from, from + random.below(random.pick([8, 80, 2000]))));
    }
    case 7:
    case 8:
      return tokens.length === 0
        ? replaced(Buffer.of(random.pick(BYTES)))
        : replaced(Buffer.from(random.pick(tokens), 'latin1'));
    case 9: {
      // A number where there is one.
      const text = input.toString('latin1');
      const found = [...text.matchAll(/\d+/g)];
      if (found.length === 0) return input;
      const { index, 0: digits } = random.pick(found);
      const number = Buffer.from(random.pick(NUMBERS));
      // Of the same length as well, where the format has fields of a fixed width.
      const fitted =
        random.below(2) === 0
          ? number
          : Buffer.concat([number, Buffer.alloc(digits.length, ' ')]).subarray(0, digits.length);
      return Buffer.concat([input.subarray(0, index), fitted, input.subarray(index + digits.length)]);
    }
    case 10: {
      // Lines in another order, one of them twice.
      const lines = input.toString('latin1').split('\n');
      const line = random.pick(lines);
      lines.splice(random.below(lines.length + 1), random.below(2), line);
      return Buffer.from(lines.join('\n'), 'latin1');
    }
    default: {
      const field = Buffer.alloc(random.pick([1, 2, 4, 8]), random.pick([0, 0xff, 0x7f, 0x80]));
      if (at + field.length <= input.length) field.copy(input, at);
      return input;
    }
  }
}
