/** RFC 8878, 3.1.1 and 3.1.2. */
const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
/** Each block makes at most 128 KiB (RFC 8878, 3.1.1.2.4), so that a slice makes no more than 8 MiB. */
const BLOCKS_IN_A_SLICE = 64;

/** A piece of zstd data that is of one frame. */
export interface ZstdSlice {
  readonly bytes: Uint8Array;
  /** How many frames have ended before it. */
  readonly frame: number;
}

/**
 * Passes zstd data on unchanged, in slices of a few blocks each, and walks its frames (RFC 8878): the library's stream
 * decoder takes input that is cut off for complete. Further frames and skippable frames are allowed; at least one real
 * frame must be there.
 *
 * @throws Error where the input ends inside a frame, or where something else than a frame follows one.
 */
export async function* zstdFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<ZstdSlice> {
  const walker = new FrameWalker();
  for await (const chunk of source) {
    let start = 0;
    let blocks = 0;
    let { ended } = walker;
    for (let at = 0; at < chunk.byteLength; ) {
      const before = walker.blocks;
      at += walker.step(chunk, at);
      blocks += walker.blocks - before;
      if (blocks < BLOCKS_IN_A_SLICE && walker.ended === ended) continue;
      yield { bytes: chunk.subarray(start, at), frame: ended };
      start = at;
      blocks = 0;
      ended = walker.ended;
    }
    if (start < chunk.byteLength) yield { bytes: chunk.subarray(start), frame: ended };
  }
  walker.end();
}

type Part = 'magic' | 'descriptor' | 'header' | 'block-header' | 'content' | 'checksum' | 'skip-size' | 'skip';

/** A push parser of frame and block headers that skips what they hold. */
class FrameWalker {
  /** Block headers seen. */
  blocks = 0;
  /** Frames that have ended, skippable ones as well. */
  ended = 0;
  #frames = 0;
  #part: Part = 'magic';
  /** Bytes of this part that are still to come. */
  #left = 4;
  /** The bytes of a part that is read, little-endian. */
  #value = 0;
  #shift = 0;
  #checksum = false;
  #lastBlock = false;

  /** Takes at least one byte from `chunk` at `at`; says how many. */
  step(chunk: Uint8Array, at: number): number {
    if (this.#part === 'content' || this.#part === 'skip' || this.#part === 'header' || this.#part === 'checksum') {
      const count = Math.min(this.#left, chunk.byteLength - at);
      this.#left -= count;
      if (this.#left === 0) this.#next();
      return count;
    }
    this.#value += (chunk[at] ?? 0) * 2 ** this.#shift;
    this.#shift += 8;
    this.#left -= 1;
    if (this.#left === 0) this.#next();
    return 1;
  }

  end(): void {
    if (this.#part !== 'magic' || this.#left !== 4) throw new Error('it ends inside a frame');
    if (this.#frames === 0) throw new Error('it holds no frame');
  }

  /** Goes on to the part that follows the one that is complete; parts may be empty. */
  #next(): void {
    do {
      [this.#part, this.#left] = this.#following();
      this.#value = 0;
      this.#shift = 0;
    } while (this.#left === 0);
  }

  /** The part that follows the one that is complete, and its size. */
  #following(): readonly [Part, number] {
    const value = this.#value;
    switch (this.#part) {
      case 'magic':
        if (value === FRAME_MAGIC) return ['descriptor', 1];
        // The low four bits of a skippable frame's magic are free.
        if (value - (value % 16) === SKIPPABLE_MAGIC) return ['skip-size', 4];
        throw new Error('something that is not a frame begins there');
      case 'descriptor':
        this.#checksum = (value & 0x04) !== 0;
        return ['header', headerSize(value)];
      case 'block-header':
        this.blocks += 1;
        this.#lastBlock = (value & 1) === 1;
        // A run-length block (type 1) holds the one byte that it repeats.
        return ['content', ((value >> 1) & 3) === 1 ? 1 : value >> 3];
      case 'header':
        return ['block-header', 3];
      case 'content':
        if (!this.#lastBlock) return ['block-header', 3];
        return ['checksum', this.#checksum ? 4 : 0];
      case 'checksum':
        this.#frames += 1;
        this.ended += 1;
        return ['magic', 4];
      case 'skip-size':
        return ['skip', value];
      case 'skip':
        this.ended += 1;
        return ['magic', 4];
    }
  }
}

/** The bytes between the descriptor and the first block: window, dictionary id and content size (RFC 8878, 3.1.1.1). */
function headerSize(descriptor: number): number {
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryId = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const contentSize = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  return (singleSegment ? 0 : 1) + dictionaryId + contentSize;
}
