import { closeSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from '../formats/elf/bytes.js';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { contentSize } from './content.js';
import type { Content } from './types.js';

/** Files of a directory are one each, the spools and tars of a tree a few. */
const OPEN_FILES = 64;
const PAGE = 4096;
/** Of a file; its headers, tables and names lie in few places. */
const PAGES = 64;

/**
 * Reads small parts of many files: what was opened stays open for a while, and a page that was read is kept as long as its
 * file is looked at.
 */
export class ContentReader {
  readonly #open = new Map<string, number>();

  /** @throws KoalaError `tree` where a file cannot be opened, or ends early */
  source(content: Content): ByteSource {
    const size = contentSize(content);
    const pages = new Map<number, Buffer>();
    const page = (index: number): Buffer => {
      const known = pages.get(index);
      if (known !== undefined) return known;
      if (pages.size >= PAGES) pages.clear();
      const bytes = this.#read(content, index * PAGE, Math.min(PAGE, size - index * PAGE));
      pages.set(index, bytes);
      return bytes;
    };
    return {
      size,
      read: (offset, length) => {
        const count = Math.max(0, Math.min(length, size - offset));
        if (offset < 0 || count === 0) return Buffer.alloc(0);
        const first = Math.floor(offset / PAGE);
        const last = Math.floor((offset + count - 1) / PAGE);
        if (first === last) return page(first).subarray(offset - first * PAGE, offset - first * PAGE + count);
        return this.#read(content, offset, count);
      },
    };
  }

  close(): void {
    for (const descriptor of this.#open.values()) closeSync(descriptor);
    this.#open.clear();
  }

  #read(content: Content, offset: number, length: number): Buffer {
    if (content.type === 'bytes') {
      const { buffer, byteOffset } = content.bytes;
      return Buffer.from(buffer, byteOffset + offset, length);
    }
    const bytes = Buffer.allocUnsafe(length);
    const descriptor = this.#descriptor(content.file);
    for (let done = 0; done < length; ) {
      const count = readSync(descriptor, bytes, done, length - done, content.offset + offset + done);
      if (count === 0) throw new KoalaError('tree', `cannot read ${content.file}: it ends too early`);
      done += count;
    }
    return bytes;
  }

  #descriptor(file: string): number {
    const known = this.#open.get(file);
    if (known !== undefined) return known;
    const [oldest] = this.#open;
    if (oldest !== undefined && this.#open.size >= OPEN_FILES) {
      closeSync(oldest[1]);
      this.#open.delete(oldest[0]);
    }
    try {
      const descriptor = openSync(file, 'r');
      this.#open.set(file, descriptor);
      return descriptor;
    } catch (error) {
      throw new KoalaError('tree', `cannot read ${file}: ${reasonOf(error)}`, { cause: error });
    }
  }
}
