/** A tar archive is a sequence of blocks of 512 bytes (POSIX.1-2017, pax, "ustar Interchange Format"). */
export const BLOCK_SIZE = 512;

/** A field of the header block: where it starts, and where the next one does. */
export type HeaderField = readonly [start: number, end: number];

export const FIELD = {
  name: [0, 100],
  mode: [100, 108],
  uid: [108, 116],
  gid: [116, 124],
  size: [124, 136],
  mtime: [136, 148],
  checksum: [148, 156],
  link: [157, 257],
  major: [329, 337],
  minor: [337, 345],
  prefix: [345, 500],
} as const satisfies Record<string, HeaderField>;

export const TYPE_OFFSET = 156;
export const MAGIC_OFFSET = 257;
/** Magic and version of POSIX. */
export const USTAR_MAGIC = 'ustar\x0000';

const SPACE = 0x20;
const DIGIT_0 = 0x30;
const DIGIT_7 = 0x37;

/**
 * A number as any tar writes it: octal digits, which spaces may precede and spaces or NULs follow, or GNU's base-256, a
 * big-endian two's complement with the topmost bit set as a mark. An empty field is 0.
 *
 * @param at where the header block starts in `bytes`
 * @returns undefined where the field holds neither, or a number that is not a safe integer
 */
export function readNumber(bytes: Uint8Array, at: number, [start, end]: HeaderField): number | undefined {
  let i = at + start;
  const stop = at + end;
  const first = bytes[i] ?? 0;
  if (first >= 0x80) return readBase256(bytes, i, stop);
  while (i < stop && bytes[i] === SPACE) i++;
  let value = 0;
  for (; i < stop; i++) {
    const byte = bytes[i] ?? 0;
    if (byte < DIGIT_0 || byte > DIGIT_7) break;
    value = value * 8 + (byte - DIGIT_0);
  }
  for (; i < stop; i++) {
    if (bytes[i] !== 0 && bytes[i] !== SPACE) return undefined;
  }
  return value;
}

function readBase256(bytes: Uint8Array, i: number, stop: number): number | undefined {
  const first = bytes[i] ?? 0;
  const negative = (first & 0x40) !== 0;
  // The mark is no part of the number; below it, the sign goes on.
  let value = negative ? first - 0x100 : first & 0x7f;
  for (i++; i < stop; i++) {
    value = value * 256 + (bytes[i] ?? 0);
    if (!Number.isSafeInteger(value)) return undefined;
  }
  return value;
}

/** Writes `value` in octal digits with a NUL after them; whether it fits is for the caller to see to. */
export function writeNumber(block: Uint8Array, [start, end]: HeaderField, value: number): void {
  for (let i = end - 2; i >= start; i--) {
    block[i] = DIGIT_0 + (value % 8);
    value = value < 0x80000000 ? value >>> 3 : Math.floor(value / 8);
  }
}

/** The greatest number that `writeNumber` can write to a field, which is 8 or 12 bytes long. */
export function maxNumber([start, end]: HeaderField): number {
  return end - start === 8 ? 0o7777777 : 0o77777777777;
}

/** Whether the block is one of POSIX: GNU tar's magic is `ustar  \0`, and its prefix field holds other things. */
export function isUstar(block: Buffer, at: number): boolean {
  // The NUL after the name tells the two apart; writers disagree on the version.
  return block.toString('latin1', at + MAGIC_OFFSET, at + MAGIC_OFFSET + 6) === 'ustar\0';
}

/** Whether the checksum is the sum of the block's bytes, unsigned as POSIX has it or signed as some old writers had it. */
export function checksumMatches(block: Uint8Array, at: number): boolean {
  const stored = readNumber(block, at, FIELD.checksum);
  return stored === checksumOf(block, at) || stored === signedChecksumOf(block, at);
}

/** The sum of the block's bytes, those of the checksum itself taken as spaces. */
export function checksumOf(block: Uint8Array, at: number): number {
  const [checksum, type] = [at + FIELD.checksum[0], at + TYPE_OFFSET];
  const end = at + BLOCK_SIZE;
  let sum = 8 * SPACE;
  for (let i = at; i < checksum; i++) sum += block[i] as number;
  for (let i = type; i < end; i++) sum += block[i] as number;
  return sum;
}

function signedChecksumOf(block: Uint8Array, at: number): number {
  let negative = 0;
  for (let i = at; i < at + BLOCK_SIZE; i++) {
    const inChecksum = i >= at + FIELD.checksum[0] && i < at + FIELD.checksum[1];
    if (!inChecksum && (block[i] ?? 0) >= 0x80) negative++;
  }
  return checksumOf(block, at) - 256 * negative;
}

export function isZeroBlock(block: Uint8Array, at: number): boolean {
  for (let i = at; i < at + BLOCK_SIZE; i++) {
    if (block[i] !== 0) return false;
  }
  return true;
}

/** Bytes from the end of a content of `size` bytes to the next block. */
export function paddingOf(size: number): number {
  return (BLOCK_SIZE - (size % BLOCK_SIZE)) % BLOCK_SIZE;
}
