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

  at(index: number): number {
    return this.#numbers[index] ?? 0;
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

/**
 * A stretch of bytes that holds one thing after another, each at a multiple of 4. It hands out views of them in this order, to
 * be filled by who lays them out and to be read by who opens them; the numbers are in the machine's byte order.
 */
export class Layout {
  readonly #bytes: Uint8Array;
  #at = 0;

  /** @param bytes at a multiple of 4 in their buffer */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  numbers(count: number): Uint32Array {
    const numbers = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, count);
    this.#at += numbers.byteLength;
    return numbers;
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, length);
    this.#at += padded(length);
    return bytes;
  }
}

/** The next multiple of 4. */
export function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
