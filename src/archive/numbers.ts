/** A list of 32-bit numbers that grows, without an object for any of them. */
export class NumberList {
  #numbers: Uint32Array = new Uint32Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) this.#numbers = twiceAsLong(this.#numbers);
    this.#numbers[this.#length++] = number;
  }

  /** The list as it is now, not copied. */
  view(): Uint32Array {
    return this.#numbers.subarray(0, this.#length);
  }
}

export function twiceAsLong(numbers: Uint32Array): Uint32Array {
  const longer = new Uint32Array(numbers.length * 2);
  longer.set(numbers);
  return longer;
}

/** Numbers as the bytes that they are on this machine, not copied. */
export function bytesOf(numbers: Uint32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** Reads what was laid out one after another, as views. The bytes are at a multiple of 4 in their buffer. */
export class NumberReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  numbers(count: number): Uint32Array {
    const numbers = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, count);
    this.#at += numbers.byteLength;
    return numbers;
  }

  /** Bytes that are padded to a multiple of 4. */
  bytes(length: number): Buffer {
    const bytes = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, length);
    this.#at += (length + 3) & ~3;
    return bytes;
  }
}
