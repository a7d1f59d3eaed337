import { closeSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from '../formats/elf/bytes.js';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { contentSize } from './content.js';
import type { Content } from './types.js';

/** Files of a directory are one each, the spools and tars of a tree a few. */
const OPEN_FILES = 64;
/** Small files lie beside each other in a spool or tar: one part of it has the beginnings of several. */
const PART = 8 * 1024;
/** Headers, tables and names of a file lie in few places. */
const PARTS = 8;
const NOTHING = Buffer.alloc(0);

type Slice = Extract<Content, { readonly type: 'slice' }>;

/** What was read of a file, in memory that another part will lie in. */
interface Part {
  file: string;
  start: number;
  length: number;
  readonly bytes: Buffer;
}

/** Reads small parts of many files: what was opened stays open for a while, and the last parts that were read are kept. */
export class ContentReader {
  readonly #open = new Map<string, number>();
  readonly #parts: readonly Part[] = Array.from({ length: PARTS }, () => {
    return { file: '', start: 0, length: 0, bytes: Buffer.allocUnsafeSlow(PART) };
  });
  #oldest = 0;

  /** @throws KoalaError `tree`, when it is read, where a file cannot be opened, or ends early */
  source(content: Content): ByteSource {
    return { size: contentSize(content), read: (offset, length) => this.read(content, offset, length) };
  }

  /** As a source's `read`. */
  read(content: Content, offset: number, length: number): Buffer {
    const count = Math.min(length, contentSize(content) - offset);
    if (offset < 0 || count <= 0) return NOTHING;
    if (content.type === 'bytes') return Buffer.from(content.bytes.buffer, content.bytes.byteOffset + offset, count);
    const start = content.offset + offset;
    const within = start % PART;
    if (within + count > PART) return this.#whole(content, start, count);
    const part = this.#part(content.file, start - within);
    if (within + count > part.length) throw endsEarly(content);
    return part.bytes.subarray(within, within + count);
  }

  close(): void {
    for (const descriptor of this.#open.values()) closeSync(descriptor);
    this.#open.clear();
  }

  #part(file: string, start: number): Part {
    for (const part of this.#parts) if (part.start === start && part.file === file) return part;
    const part = this.#parts[this.#oldest] as Part;
    this.#oldest = (this.#oldest + 1) % PARTS;
    part.file = '';
    part.length = readSync(this.#descriptor(file), part.bytes, 0, PART, start);
    part.start = start;
    part.file = file;
    return part;
  }

  #whole(content: Slice, start: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    const descriptor = this.#descriptor(content.file);
    for (let done = 0; done < length; ) {
      const count = readSync(descriptor, bytes, done, length - done, start + done);
      if (count === 0) throw endsEarly(content);
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

function endsEarly({ file }: Slice): KoalaError {
  return new KoalaError('tree', `cannot read ${file}: it ends too early`);
}
