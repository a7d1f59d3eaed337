import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { KoalaError, reasonOf } from '../formats/errors.js';

const CHUNK_SIZE = 256 * 1024;

/** What the verified index says about a file. */
export interface Promised {
  /** Bytes. */
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/**
 * A .deb that is read once, from its start to its end, and hashed on the way: the bytes that are unpacked are the bytes
 * that `verify` vouches for.
 */
export class DebFile {
  readonly path: string;
  readonly size: number;
  readonly #promised: Promised;
  readonly #descriptor: number;
  readonly #hash: Hash = createHash('sha256');
  #position = 0;

  /** @throws KoalaError where the file cannot be opened, is not a plain file, or has another size than promised. */
  constructor(path: string, promised: Promised) {
    this.path = path;
    this.#promised = promised;
    try {
      this.#descriptor = openSync(path, 'r');
    } catch (error) {
      throw new KoalaError('unpack', `cannot open ${path}: ${reasonOf(error)}`, { cause: error });
    }
    const status = fstatSync(this.#descriptor);
    this.size = status.size;
    if (status.isFile() && this.size === promised.size) return;
    this.close();
    throw new KoalaError(
      'verify',
      status.isFile()
        ? `cannot accept ${path}: it has ${this.size} bytes, the index says ${promised.size}`
        : `cannot accept ${path}: it is not a plain file`,
    );
  }

  /** Reads without moving on and without hashing: for the archive's headers, which `verify` sees later. */
  peek(offset: number, length: number): Uint8Array {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(this.#descriptor, bytes, 0, length, offset));
  }

  /** The bytes from `offset` on, in chunks that are the caller's. What is before `offset` is read and hashed too. */
  *read(offset: number, length: number): Generator<Uint8Array> {
    if (offset < this.#position) throw new RangeError('a .deb is read forward only');
    for (const _ of this.#forward(offset));
    yield* this.#forward(offset + length);
  }

  /** @throws KoalaError('verify') where the file is not the one that the index promised. */
  verify(): void {
    for (const _ of this.#forward(this.size));
    const sha256 = this.#hash.digest('hex');
    if (sha256 === this.#promised.sha256) return;
    throw new KoalaError(
      'verify',
      `cannot accept ${this.path}: its SHA-256 is ${sha256}, the index says ${this.#promised.sha256}`,
    );
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  *#forward(end: number): Generator<Uint8Array> {
    while (this.#position < end) {
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK_SIZE, end - this.#position));
      const count = readSync(this.#descriptor, buffer, 0, buffer.length, this.#position);
      if (count === 0) throw new KoalaError('unpack', `cannot read ${this.path}: it became shorter`);
      const chunk = buffer.subarray(0, count);
      this.#position += count;
      this.#hash.update(chunk);
      yield chunk;
    }
  }
}
