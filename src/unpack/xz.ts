import { type LzmaCoder, liblzma } from '../formats/liblzma.js';
import type { NativeStream } from './lzma-native.js';

/** A decoder of one file that is fed in order, synchronous. What it hands to `sink` is valid until the sink returns. */
export interface XzDecoder {
  /** @throws Error where the data is damaged */
  write(chunk: Uint8Array, sink: (chunk: Uint8Array) => void): void;
  /** @throws Error where the data is not whole */
  end(sink: (chunk: Uint8Array) => void): void;
  close(): void;
}

/** Large enough for a chunk to go straight to disk, small enough for the processor's cache. */
const OUTPUT_SIZE = 1024 * 1024;

/** lzma_action and lzma_ret (liblzma's api/lzma/base.h). */
const RUN = 0;
const FINISH = 3;
const OK = 0;
const STREAM_END = 1;
const BUFFER_ERROR = 10;
const REASONS: Readonly<Record<number, string>> = {
  5: 'there is not enough memory',
  7: 'it is not in the xz format',
  8: 'it needs a feature that xz does not have',
  9: 'its data is damaged',
  10: 'it is cut off',
};

let output: Buffer | undefined;

/** The faster liblzma, where it is there. Concatenated streams and padding are decoded. */
export function openLiblzma(): (() => XzDecoder) | undefined {
  const library = liblzma();
  return library === undefined ? undefined : () => new LiblzmaDecoder(library.decoder());
}

class LiblzmaDecoder implements XzDecoder {
  readonly #coder: LzmaCoder;
  readonly #output: Buffer;
  #filled = 0;

  constructor(coder: LzmaCoder) {
    this.#coder = coder;
    // One for a thread, which decodes one file at a time.
    output ??= Buffer.allocUnsafeSlow(OUTPUT_SIZE);
    this.#output = output;
  }

  write(chunk: Uint8Array, sink: (chunk: Uint8Array) => void): void {
    if (chunk.byteLength > 0) this.#code(RUN, Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength), sink);
  }

  end(sink: (chunk: Uint8Array) => void): void {
    this.#code(FINISH, Buffer.alloc(0), sink);
    if (this.#filled > 0) sink(this.#output.subarray(0, this.#filled));
  }

  close(): void {
    this.#coder.close();
  }

  #code(action: number, input: Buffer, sink: (chunk: Uint8Array) => void): void {
    for (let at = 0; ; ) {
      const given = input.length - at;
      const [status, left, room] = this.#coder.codeSync(action, input, at, given, this.#output, this.#filled);
      at = input.length - left;
      this.#filled = OUTPUT_SIZE - room;
      if (room === 0) {
        sink(this.#output);
        this.#filled = 0;
      }
      if (status === STREAM_END) return;
      const wantsInput = action === RUN && left === 0 && room > 0;
      if (status !== OK && !(wantsInput && status === BUFFER_ERROR))
        throw new Error(REASONS[status] ?? `liblzma's error ${status}`);
      if (wantsInput) return;
    }
  }
}

/** LZMA expands at most about 7,000 times, so that what a slice makes is no more than some 60 MB. */
const SLICE = 8 * 1024;
/** Further streams and stream padding are decoded, and anything else after the end is refused, also after an .lzma. */
const LZMA_CONCATENATED = 0x08;

/**
 * The liblzma 5.2 of lzma-native, which is on every platform, or is compiled when it is installed.
 *
 * @param coder `autoDecoder` knows the older .lzma as well
 * @param memlimit the most bytes that it may take
 */
export async function openLzmaNative(
  coder: 'streamDecoder' | 'autoDecoder',
  memlimit: number,
): Promise<() => XzDecoder> {
  const { openNativeStream } = await import('./lzma-native.js');
  return () => {
    const stream = openNativeStream();
    stream[coder]({ flags: LZMA_CONCATENATED, memlimit });
    return new LzmaNative(stream);
  };
}

class LzmaNative implements XzDecoder {
  readonly #stream: NativeStream;

  constructor(stream: NativeStream) {
    this.#stream = stream;
  }

  write(chunk: Uint8Array, sink: (chunk: Uint8Array) => void): void {
    for (let at = 0; at < chunk.byteLength; at += SLICE) {
      for (const part of this.#stream.run(chunk.subarray(at, at + SLICE))) sink(part);
    }
  }

  end(sink: (chunk: Uint8Array) => void): void {
    for (const part of this.#stream.run(null)) sink(part);
  }

  close(): void {
    this.#stream.close();
  }
}
