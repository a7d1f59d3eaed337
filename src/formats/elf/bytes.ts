/** A file of which parts are read where they are asked for. */
export interface ByteSource {
  readonly size: number;
  /** What there is of `length` bytes at `offset`; the bytes hold until the next call. */
  read(offset: number, length: number): Buffer;
}

const NAME_BYTES = 256;
const MAX_NAME = 4096;

/** Numbers of a class and a byte order; what lies outside the bytes is 0. */
export class Words {
  readonly bytes: Buffer;
  readonly bits: 32 | 64;
  readonly bigEndian: boolean;
  // Node's own readers of numbers are JavaScript, and slow until they have been compiled.
  readonly #view: DataView;

  constructor(bytes: Buffer, bits: 32 | 64, bigEndian: boolean) {
    this.bytes = bytes;
    this.bits = bits;
    this.bigEndian = bigEndian;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  half(at: number): number {
    return at < 0 || at + 2 > this.#view.byteLength ? 0 : this.#view.getUint16(at, !this.bigEndian);
  }

  word(at: number): number {
    return at < 0 || at + 4 > this.#view.byteLength ? 0 : this.#view.getUint32(at, !this.bigEndian);
  }

  /** An address or offset. */
  address(at: number): number {
    if (this.bits === 32) return this.word(at);
    if (at < 0 || at + 8 > this.#view.byteLength) return 0;
    // Two words cost a tenth of a bigint; above 2^53 no file has anything.
    return this.word(this.bigEndian ? at : at + 4) * 0x1_0000_0000 + this.word(this.bigEndian ? at + 4 : at);
  }
}

/** The bytes up to a NUL as latin1; undefined where there are none, or none ends them within 4 KiB. */
export function stringAt(source: ByteSource, offset: number): string | undefined {
  for (const length of [NAME_BYTES, MAX_NAME]) {
    const bytes = source.read(offset, length);
    const end = bytes.indexOf(0);
    if (end > 0) return bytes.toString('latin1', 0, end);
    if (end === 0 || bytes.byteLength < length) return undefined;
  }
  return undefined;
}
