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
  readonly blocks: readonly Uint8Array[];
  /** Paths. */
  readonly files: readonly string[];
  /** For each piece in which file or block it lies (blocks count from -1 down), from which offset, and how many bytes. */
  readonly pieces: Float64Array;
}

/** Numbers that a piece has. */
const STRIDE = 3;
/** Small, as the last one is half empty. */
const BLOCK_SIZE = 256 * 1024;

/** What the chunks measure, but for the last one, unless something else is asked for. */
export const CHUNK_SIZE = 1024 * 1024;

/** Makes a recipe of contents, in their order. */
export class RecipeMaker {
  readonly #files = new Map<string, number>();
  readonly #pieces: number[] = [];
  readonly #blocks: Uint8Array[] = [];
  /** In the last block, how many bytes there are, and where those begin that are in no piece yet. */
  #filled = BLOCK_SIZE;
  #pending = BLOCK_SIZE;
  #size = 0;
  /** Of what was taken, how many numbers of pieces and bytes. */
  #taken = { pieces: 0, size: 0 };

  /** Bytes are copied. */
  add(content: Content): void {
    this.#size += contentSize(content);
    if (content.type === 'bytes') this.#addBytes(content.bytes);
    else this.#addSlice(content);
  }

  /** What was added so far, in memory that threads share. */
  finish(): Recipe {
    this.#endBytes();
    const blocks = this.#blocks.map((block, at) =>
      at === this.#blocks.length - 1 ? block.subarray(0, this.#filled) : block,
    );
    return { size: this.#size, blocks, files: [...this.#files.keys()], pieces: Float64Array.from(this.#pieces) };
  }

  /** What was added since this was asked for last, in memory that threads share; its blocks go on being filled. */
  take(): Recipe {
    this.#endBytes();
    const pieces = Float64Array.from(this.#pieces.slice(this.#taken.pieces));
    const size = this.#size - this.#taken.size;
    this.#taken = { pieces: this.#pieces.length, size: this.#size };
    return { size, blocks: this.#blocks, files: [...this.#files.keys()], pieces };
  }

  #addBytes(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.byteLength; ) {
      if (this.#filled === BLOCK_SIZE) this.#startBlock();
      const part = bytes.subarray(done, done + BLOCK_SIZE - this.#filled);
      this.#blocks.at(-1)?.set(part, this.#filled);
      this.#filled += part.byteLength;
      done += part.byteLength;
    }
  }

  #startBlock(): void {
    this.#endBytes();
    this.#blocks.push(new Uint8Array(new SharedArrayBuffer(BLOCK_SIZE)));
    this.#filled = 0;
    this.#pending = 0;
  }

  #addSlice({ file, offset, size }: Content & { readonly type: 'slice' }): void {
    this.#endBytes();
    const number = this.#files.get(file) ?? this.#files.size;
    this.#files.set(file, number);
    this.#pieces.push(number, offset, size);
  }

  #endBytes(): void {
    const size = this.#filled - this.#pending;
    if (size > 0) this.#pieces.push(-this.#blocks.length, this.#pending, size);
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
  { blocks, files, pieces }: Recipe,
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
      const [place, offset, size] = [pieces[at] ?? 0, pieces[at + 1] ?? 0, pieces[at + 2] ?? 0];
      const block = blocks[-1 - place];
      for (let done = 0; done < size; ) {
        const count = Math.min(size - done, chunkSize - filled);
        const target = chunk.subarray(filled, filled + count);
        const from = offset + done;
        if (block === undefined) reader.read(files[place] ?? '', from, target);
        else target.set(block.subarray(from, from + count));
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
