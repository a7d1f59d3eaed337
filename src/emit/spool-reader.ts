import { closeSync, openSync, readSync } from 'node:fs';
import { KoalaError, reasonOf } from '../formats/errors.js';

/** Far below the 1,024 that a process may have open on most systems. */
const MAX_OPEN = 64;

/** Reads slices of spool files; keeps the files open that were read last. */
export class SpoolReader {
  /** In the order of use, the latest last. */
  readonly #open = new Map<string, number>();

  /**
   * Fills `target` from `offset` of `file` on.
   *
   * @throws KoalaError where the file cannot be opened, or ends before `target` is full.
   */
  read(file: string, offset: number, target: Uint8Array): void {
    const refuse = (why: string): KoalaError => new KoalaError('emit', `cannot read ${file}: ${why}`);
    try {
      const descriptor = this.#descriptor(file);
      for (let done = 0; done < target.byteLength; ) {
        const count = readSync(descriptor, target, done, target.byteLength - done, offset + done);
        if (count === 0) throw refuse(`it ends before byte ${offset + target.byteLength}`);
        done += count;
      }
    } catch (error) {
      throw error instanceof KoalaError ? error : refuse(reasonOf(error));
    }
  }

  close(): void {
    for (const descriptor of this.#open.values()) closeSync(descriptor);
    this.#open.clear();
  }

  #descriptor(file: string): number {
    const open = this.#open.get(file);
    const descriptor = open ?? openSync(file, 'r');
    this.#open.delete(file);
    this.#open.set(file, descriptor);
    const [oldest] = this.#open;
    if (this.#open.size > MAX_OPEN && oldest !== undefined) {
      closeSync(oldest[1]);
      this.#open.delete(oldest[0]);
    }
    return descriptor;
  }
}
