/** A block of an .xz file. */
export interface XzBlock {
  /** Of its header, in bytes from the start of the file. */
  readonly offset: number;
  /** Of the block with its header, data and check, without the padding to a multiple of four. */
  readonly unpaddedSize: number;
  readonly uncompressedSize: number;
  /** Of the LZMA2 dictionary, in bytes. */
  readonly dictionarySize: number;
}

/** Reads `length` bytes from `offset` on; fewer where the file ends. */
type Read = (offset: number, length: number) => Uint8Array;

const STREAM_MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const FOOTER_MAGIC = [0x59, 0x5a];
/** Stream header, and stream footer, each. */
const FRAME_SIZE = 12;
const LZMA2 = 0x21;

/**
 * The blocks of an .xz file, from the indices at the end of each stream (The .xz File Format 1.2.1, sections 2.1, 3.1 and
 * 4): how much comes out and how much memory it takes is known before anything is decoded. Check sums are left to the
 * decoder, which reads all of it once more.
 *
 * @throws Error where the file is not made of whole streams
 */
export function readXzLayout(read: Read, size: number): XzBlock[] {
  const streams: XzBlock[][] = [];
  let end = size;
  do {
    end = withoutPadding(read, end);
    const { start, blocks } = readStream(read, end);
    streams.unshift(blocks);
    end = start;
  } while (end > 0);
  return streams.flat();
}

/** Zero bytes may stand between and after streams, four at a time (section 2.2). */
function withoutPadding(read: Read, end: number): number {
  let at = end;
  while (at >= 4 && equals(read(at - 4, 4), [0, 0, 0, 0])) at -= 4;
  return at;
}

function readStream(read: Read, end: number): { readonly start: number; readonly blocks: XzBlock[] } {
  const footer = read(end - FRAME_SIZE, FRAME_SIZE);
  if (end < 2 * FRAME_SIZE || !equals(footer.subarray(10), FOOTER_MAGIC)) throw new Error('it does not end as an .xz');
  const indexSize = (view(footer).getUint32(4, true) + 1) * 4;
  const indexStart = end - FRAME_SIZE - indexSize;
  if (indexStart < FRAME_SIZE) throw new Error('its index is larger than the file');
  const records = readIndex(read(indexStart, indexSize));
  const dataSize = records.reduce((sum, { unpaddedSize }) => sum + padded(unpaddedSize), 0);
  const start = indexStart - dataSize - FRAME_SIZE;
  if (start < 0 || !equals(read(start, STREAM_MAGIC.length), STREAM_MAGIC)) throw new Error('its index is wrong');
  let offset = start + FRAME_SIZE;
  const blocks = records.map((record) => {
    const block = { ...record, offset, dictionarySize: dictionarySize(read(offset, 1024)) };
    offset += padded(record.unpaddedSize);
    return block;
  });
  return { start, blocks };
}

function readIndex(bytes: Uint8Array): { readonly unpaddedSize: number; readonly uncompressedSize: number }[] {
  const integers = new Integers(bytes);
  if (integers.next() !== 0) throw new Error('it has no index');
  const count = integers.next();
  if (count * 2 > bytes.length) throw new Error('its index is wrong');
  return Array.from({ length: count }, () => ({ unpaddedSize: integers.next(), uncompressedSize: integers.next() }));
}

/** Of the last filter of a block header (sections 3.1 and 5.3.1). */
function dictionarySize(header: Uint8Array): number {
  const flags = header[1] ?? 0;
  const integers = new Integers(header, 2);
  if ((flags & 0x40) !== 0) integers.next();
  if ((flags & 0x80) !== 0) integers.next();
  for (let filter = 0; filter <= (flags & 3); filter += 1) {
    const id = integers.next();
    const properties = integers.take(integers.next());
    const bits = properties[0];
    if (id === LZMA2 && bits !== undefined) return bits >= 40 ? 0xffffffff : (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11);
  }
  throw new Error('it has a block that is not LZMA2');
}

/** Variable-length integers of seven bits a byte (section 1.2). */
class Integers {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  next(): number {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined || scale > 2 ** 49) throw new Error('it has a number that is cut off or too large');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  take(length: number): Uint8Array {
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}

function equals(bytes: Uint8Array, expected: readonly number[]): boolean {
  return bytes.length === expected.length && expected.every((byte, at) => bytes[at] === byte);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
