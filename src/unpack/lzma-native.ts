import lzma from 'lzma-native';

/** What is called of the class inside of lzma-native, which its types do not tell of. */
interface Binding {
  /** Called with a buffer of output; with null where the stream is at its end, and then an error unless all is well. */
  bufferHandler: (buffer: Buffer | null | undefined, chunks: unknown, error: Error | null | undefined) => void;
  streamDecoder(options: DecoderOptions): void;
  autoDecoder(options: DecoderOptions): void;
  easyEncoder(options: EncoderOptions): void;
  /** Null is the end of the input. */
  code(input: Uint8Array | null, onThreadPool: boolean): void;
  resetUnderlying(): void;
}

interface DecoderOptions {
  /** liblzma's LZMA_… flags. */
  readonly flags: number;
  /** Bytes. */
  readonly memlimit: number;
}

interface EncoderOptions {
  readonly preset: number;
  /** lzma_check. */
  readonly check: number;
}

/**
 * A coder of lzma-native, called as what it is: a function of bytes. The package's own stream waits for the event loop
 * with each piece of output, and never ends where its source is a stream.
 */
export interface NativeStream {
  streamDecoder(options: DecoderOptions): void;
  autoDecoder(options: DecoderOptions): void;
  easyEncoder(options: EncoderOptions): void;
  /**
   * @param input null for the end
   * @returns the output so far, the caller's own
   * @throws Error liblzma's
   */
  run(input: Uint8Array | null): Buffer[];
  close(): void;
}

export function openNativeStream(): NativeStream {
  const { Stream } = lzma as unknown as { readonly Stream: new () => Binding };
  const binding = new Stream();
  let parts: Buffer[] = [];
  let failure: Error | undefined;
  // It must not throw: between it and the caller is C++.
  binding.bufferHandler = (buffer, _, error) => {
    if (buffer) parts.push(buffer);
    if (error) failure ??= error;
  };
  return {
    streamDecoder: (options) => binding.streamDecoder(options),
    autoDecoder: (options) => binding.autoDecoder(options),
    easyEncoder: (options) => binding.easyEncoder(options),
    run: (input) => {
      parts = [];
      binding.code(input, false);
      if (failure !== undefined) throw failure;
      return parts;
    },
    close: () => binding.resetUnderlying(),
  };
}
