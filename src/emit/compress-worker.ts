import { type Answer, serve } from '../threads/serve.js';
import { deflatePart } from './deflate.js';
import { encodeXzBlock } from './xz.js';

export type CompressRequest =
  | { readonly type: 'gz'; readonly chunk: Uint8Array; readonly dictionary: Uint8Array }
  | { readonly type: 'xz' | 'zst'; readonly chunk: Uint8Array }
  /** Loads what compresses, and has V8 compile it: that takes as long as two units. */
  | { readonly type: 'warm'; readonly compression: 'gz' | 'xz' | 'zst' };

export interface CompressedUnit {
  readonly bytes: Uint8Array;
  /** Of an xz block, without its padding; else of the bytes. */
  readonly unpaddedSize: number;
}

/** zstd's own default: 5 makes 4 % less of a rootfs in twice the time, 9 makes 10 % less in four times the time. */
const ZSTD_LEVEL = 3;

/**
 * As WebAssembly, which takes one and a half times as long as what is compiled: of that, the one function that makes these
 * bytes keeps its state for the whole process, so that two threads crash it, and inside of a Node that has a zstd of its
 * own (22.15 on) it is that one's code that runs, and makes other bytes.
 */
function zstd(): Promise<typeof import('@cloudpss/zstd/wasm')> {
  return import('@cloudpss/zstd/wasm');
}

serve<CompressRequest, CompressedUnit>(async (request) => {
  switch (request.type) {
    case 'gz':
      return handedOver(deflatePart(request.chunk, request.dictionary));
    case 'xz': {
      const { bytes, unpaddedSize } = encodeXzBlock(request.chunk);
      return handedOver(bytes, unpaddedSize);
    }
    case 'zst':
      return handedOver((await zstd()).compress(request.chunk, ZSTD_LEVEL));
    case 'warm':
      if (request.compression === 'zst') (await zstd()).compress(sample(), ZSTD_LEVEL);
      return handedOver(new Uint8Array(0));
  }
});

/** Bytes that repeat here and there, so that most of an encoder is run. */
function sample(): Uint8Array {
  return Uint8Array.from({ length: 64 * 1024 }, (_, at) => (at * at) >> (at % 13));
}

/** Small buffers lie in a pool that cannot be handed over, and others are much larger than what is in them. */
function handedOver(bytes: Uint8Array, unpaddedSize = bytes.byteLength): Answer<CompressedUnit> {
  const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
  return { result: { bytes: own, unpaddedSize }, transfer: own.buffer instanceof ArrayBuffer ? [own.buffer] : [] };
}
