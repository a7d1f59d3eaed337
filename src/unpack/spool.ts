import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { KoalaError, reasonOf } from '../formats/errors.js';

const BUFFER_SIZE = 1024 * 1024;

/** Writes a new file, 1 MiB at a time. */
export class SpoolWriter {
  readonly #path: string;
  readonly #descriptor: number;
  #buffer: Buffer | undefined;
  #filled = 0;
  #written = 0;

  /** @throws KoalaError where the file is there already or cannot be made. */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#descriptor = openSync(path, 'wx', 0o600);
    } catch (error) {
      throw this.#refused(error);
    }
  }

  /** Bytes taken so far. */
  get size(): number {
    return this.#written + this.#filled;
  }

  write(chunk: Uint8Array): void {
    // What fills a buffer needs none.
    let at = this.#filled === 0 && chunk.byteLength >= BUFFER_SIZE ? chunk.byteLength : 0;
    if (at > 0) this.#put(chunk, at);
    while (at < chunk.byteLength) {
      this.#buffer ??= Buffer.allocUnsafeSlow(BUFFER_SIZE);
      const count = Math.min(chunk.byteLength - at, BUFFER_SIZE - this.#filled);
      this.#buffer.set(chunk.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled === BUFFER_SIZE) this.#flush();
    }
  }

  /** Completes the file. */
  finish(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  /** Closes and removes the file. */
  discard(): void {
    closeSync(this.#descriptor);
    unlinkSync(this.#path);
  }

  #flush(): void {
    if (this.#buffer !== undefined) this.#put(this.#buffer, this.#filled);
    this.#filled = 0;
  }

  #put(bytes: Uint8Array, length: number): void {
    try {
      for (let at = 0; at < length; ) at += writeSync(this.#descriptor, bytes, at, length - at);
    } catch (error) {
      throw this.#refused(error);
    }
    this.#written += length;
  }

  #refused(error: unknown): KoalaError {
    return new KoalaError('unpack', `cannot write ${this.#path}: ${reasonOf(error)}`, { cause: error });
  }
}
