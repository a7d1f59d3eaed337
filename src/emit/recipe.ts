import { contentSize } from '../rootfs/content.js';
import type { Content } from '../rootfs/types.js';
import { SpoolReader } from './spool-reader.js';

/**
 * How a file is put together, as plain data: another thread can do it, and so can a later build, where what it is made of is
 * still there.
 */
export interface Recipe {
  /** Of what is put together. */
  readonly size: number;
  /** What lies in no file: headers, padding and what was made in memory. */
  readonly bytes: Uint8Array;
  /** Paths. */
  readonly files: readonly string[];
  /** For each piece which of the files (`IN_BYTES`: none of them), from which offset, and how many bytes. */
  readonly pieces: Float64Array;
}

/** In place of the number of a file. */
const IN_BYTES = -1;
/** Numbers that a piece has. */
const STRIDE = 3;
const FIRST_CAPACITY = 1024 * 1024;

/** What the chunks measure, but for the last one, unless something else is asked for. */
export const CHUNK_SIZE = 1024 * 1024;

/** Makes a recipe of contents, in their order. */
export class RecipeMaker {
  readonly #files = new Map<string, number>();
  readonly #pieces: number[] = [];
  #bytes = new Uint8Array(FIRST_CAPACITY);
  /** Of `#bytes`, how many there are, and where those begin that are in no piece yet. */
  #filled = 0;
  #pending = 0;
  #size = 0;

  /** Bytes are copied. */
  add(content: Content): void {
    this.#size += contentSize(content);
    if (content.type === 'bytes') this.#addBytes(content.bytes);
    else this.#addSlice(content);
  }

  /** What was added so far, in memory that threads share. */
  finish(): Recipe {
    this.#endBytes();
    const bytes = new Uint8Array(new SharedArrayBuffer(this.#filled));
    bytes.set(this.#bytes.subarray(0, this.#filled));
    return { size: this.#size, bytes, files: [...this.#files.keys()], pieces: Float64Array.from(this.#pieces) };
  }

  #addBytes(bytes: Uint8Array): void {
    const end = this.#filled + bytes.byteLength;
    if (end > this.#bytes.byteLength) {
      const grown = new Uint8Array(2 * end);
      grown.set(this.#bytes.subarray(0, this.#filled));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#filled);
    this.#filled = end;
  }

  #addSlice({ file, offset, size }: Content & { readonly type: 'slice' }): void {
    this.#endBytes();
    const number = this.#files.get(file) ?? this.#files.size;
    this.#files.set(file, number);
    this.#pieces.push(number, offset, size);
  }

  #endBytes(): void {
    if (this.#filled > this.#pending) this.#pieces.push(IN_BYTES, this.#pending, this.#filled - this.#pending);
    this.#pending = this.#filled;
  }
}

/** The recipe of one content. */
export function recipeOf(content: Content): Recipe {
  const maker = new RecipeMaker();
  maker.add(content);
  return maker.finish();
}

/**
 * What a recipe makes, in chunks of `chunkSize` bytes.
 *
 * @param buffers how many there are to take turns, so that a chunk is the caller's until he has asked for as many more;
 * none: each chunk is his for good.
 * @throws KoalaError where a file cannot be read
 */
export function* recipeChunks(
  { bytes, files, pieces }: Recipe,
  buffers = 0,
  chunkSize = CHUNK_SIZE,
): Generator<Uint8Array> {
  const reader = new SpoolReader();
  const turns: Uint8Array[] = [];
  const nextChunk = (): Uint8Array => {
    const chunk = (turns.length < buffers ? undefined : turns.shift()) ?? new Uint8Array(chunkSize);
    if (buffers > 0) turns.push(chunk);
    return chunk;
  };
  try {
    let chunk = nextChunk();
    let filled = 0;
    for (let at = 0; at < pieces.length; at += STRIDE) {
      const [file, offset, size] = [pieces[at] ?? IN_BYTES, pieces[at + 1] ?? 0, pieces[at + 2] ?? 0];
      const path = files[file] ?? '';
      for (let done = 0; done < size; ) {
        const count = Math.min(size - done, chunkSize - filled);
        const target = chunk.subarray(filled, filled + count);
        const from = offset + done;
        if (file === IN_BYTES) target.set(bytes.subarray(from, from + count));
        else reader.read(path, from, target);
        done += count;
        filled += count;
        if (filled < chunkSize) continue;
        yield chunk;
        chunk = nextChunk();
        filled = 0;
      }
    }
    if (filled > 0) yield chunk.subarray(0, filled);
  } finally {
    reader.close();
  }
}
