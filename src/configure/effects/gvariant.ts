import { Failure } from './console.js';

/** A value in GVariant's serialised form, little endian (GVariant Specification 1.0). */
export interface Variant {
  /** A GVariant type string, for example `a{sv}`. */
  readonly type: string;
  readonly bytes: Buffer;
}

const FIXED_SIZES: Readonly<Record<string, number>> = { b: 1, y: 1, n: 2, q: 2, i: 4, u: 4, h: 4, x: 8, t: 8, d: 8 };

/**
 * The length of the one type that a string has at a position.
 *
 * @throws Failure where no type is there.
 */
function typeLength(types: string, at: number): number {
  const first = types[at] ?? '';
  if (first !== '' && 'bynqihuxtdsogv'.includes(first)) return 1;
  if (first === 'a' || first === 'm') return 1 + typeLength(types, at + 1);
  const closing = { '(': ')', '{': '}' }[first];
  if (closing === undefined) throw new Failure(`invalid GVariant type string '${types}'`);
  let length = 1;
  while (types[at + length] !== closing) length += typeLength(types, at + length);
  return length + 1;
}

/** Whether a string is one complete type. */
export function isVariantType(type: string): boolean {
  try {
    return typeLength(type, 0) === type.length;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** The types in a tuple or dictionary entry. */
export function memberTypes(type: string): string[] {
  const members: string[] = [];
  for (let at = 1; at < type.length - 1; at += members.at(-1)?.length ?? 1) {
    members.push(type.slice(at, at + typeLength(type, at)));
  }
  return members;
}

function alignmentOf(type: string): number {
  const first = type[0] ?? '';
  if (first === 'v') return 8;
  if (first === 'a' || first === 'm') return alignmentOf(type.slice(1));
  if (first === '(' || first === '{') return Math.max(1, ...memberTypes(type).map(alignmentOf));
  return FIXED_SIZES[first] ?? 1;
}

/** The size of all values of a type; undefined where they differ. */
function fixedSize(type: string): number | undefined {
  const first = type[0] ?? '';
  if (first !== '(' && first !== '{') return FIXED_SIZES[first];
  const members = memberTypes(type);
  if (members.length === 0) return 1;
  let size = 0;
  for (const member of members) {
    const memberSize = fixedSize(member);
    if (memberSize === undefined) return undefined;
    size = aligned(size, alignmentOf(member)) + memberSize;
  }
  return aligned(size, alignmentOf(type));
}

function aligned(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

/** A string, an object path or a signature. */
export function stringVariant(text: string, type = 's'): Variant {
  return { type, bytes: Buffer.from(`${text}\0`, 'latin1') };
}

export function byteVariant(value: number): Variant {
  return { type: 'y', bytes: Buffer.from([value]) };
}

/** A number or truth value of any type that has a fixed size. */
export function numberVariant(type: string, value: number | bigint): Variant {
  const bytes = Buffer.alloc(8);
  if (type === 'd') bytes.writeDoubleLE(Number(value));
  else bytes.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)));
  return { type, bytes: bytes.subarray(0, FIXED_SIZES[type]) };
}

/** A value with its type: GVariant's `v`. */
export function boxedVariant({ type, bytes }: Variant): Variant {
  return { type: 'v', bytes: Buffer.concat([bytes, Buffer.from(`\0${type}`, 'latin1')]) };
}

export function maybeVariant(type: string, value: Variant | undefined): Variant {
  if (value === undefined) return { type, bytes: Buffer.alloc(0) };
  const isFixed = fixedSize(value.type) !== undefined;
  return { type, bytes: isFixed ? value.bytes : Buffer.concat([value.bytes, Buffer.from([0])]) };
}

export function arrayVariant(elementType: string, elements: readonly Variant[]): Variant {
  const type = `a${elementType}`;
  if (fixedSize(elementType) !== undefined) return { type, bytes: Buffer.concat(elements.map(({ bytes }) => bytes)) };
  const { body, ends } = laidOut(elements);
  return { type, bytes: framed(body, ends) };
}

/** A tuple, or a dictionary entry. */
export function tupleVariant(members: readonly Variant[], brackets: '()' | '{}' = '()'): Variant {
  const type = `${brackets[0]}${members.map((member) => member.type).join('')}${brackets[1]}`;
  const { body, ends } = laidOut(members);
  const size = fixedSize(type);
  if (size !== undefined) return { type, bytes: Buffer.concat([body], size) };
  // All members that end where their type does not say; the last one ends where the offsets begin.
  const offsets = ends.filter(
    (_, index) => index < ends.length - 1 && fixedSize(members[index]?.type ?? '') === undefined,
  );
  return { type, bytes: framed(body, offsets.reverse()) };
}

function laidOut(values: readonly Variant[]): { body: Buffer; ends: number[] } {
  const parts: Buffer[] = [];
  const ends: number[] = [];
  let offset = 0;
  for (const { type, bytes } of values) {
    const start = aligned(offset, alignmentOf(type));
    parts.push(Buffer.alloc(start - offset), bytes);
    offset = start + bytes.length;
    ends.push(offset);
  }
  return { body: Buffer.concat(parts), ends };
}

/** Offsets have the fewest bytes that can hold the size of the whole. */
function framed(body: Buffer, offsets: readonly number[]): Buffer {
  const width = [1, 2, 4].find((bytes) => body.length + offsets.length * bytes < 256 ** bytes) ?? 8;
  const table = Buffer.alloc(offsets.length * width);
  for (const [index, offset] of offsets.entries()) table.writeUIntLE(offset, index * width, Math.min(width, 6));
  return Buffer.concat([body, table]);
}
