import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { type ZstdSlice, zstdFrames } from './zstd-frames.js';

/** What can decode zst, the fastest first. */
export type ZstdLibrary = '@cloudpss/zstd' | 'zlib' | '@cloudpss/zstd/wasm';

/** Takes a chunk; the next one waits for what it promises. */
type Sink = (chunk: Uint8Array) => void | Promise<void>;
type Decode = (slices: AsyncIterable<ZstdSlice>, sink: Sink) => Promise<void>;

/**
 * Decodes zst. The package has its library compiled for some platforms only; elsewhere Node's own does it (from 22.15 on),
 * or else the same library as WebAssembly, which wants a whole frame in memory.
 *
 * @throws Error where the data is not whole
 */
export async function decodeZstd(source: AsyncIterable<Uint8Array>, sink: Sink, by?: ZstdLibrary): Promise<void> {
  const open = OPENERS[by ?? (await zstdLibrary())];
  const run = await open();
  if (run === undefined) throw new Error(`${by} is not there`);
  await run(zstdFrames(source), sink);
}

/** The one that is taken on this machine. */
export async function zstdLibrary(): Promise<ZstdLibrary> {
  for (const name of ['@cloudpss/zstd', 'zlib'] as const) if ((await OPENERS[name]()) !== undefined) return name;
  return '@cloudpss/zstd/wasm';
}

const OPENERS: Readonly<Record<ZstdLibrary, () => Promise<Decode | undefined>>> = {
  '@cloudpss/zstd': async () => {
    const native = await import('@cloudpss/zstd/napi').catch(() => undefined);
    if (native === undefined) return undefined;
    return async (slices, sink) => {
      const bytes = async function* (): AsyncGenerator<Uint8Array> {
        for await (const slice of slices) yield slice.bytes;
      };
      await pipeline(bytes(), new native.Decompressor(), (chunks: AsyncIterable<Uint8Array>) => drain(chunks, sink));
    };
  },
  zlib: async () => {
    const { createZstdDecompress } = zlib as { readonly createZstdDecompress?: () => Transform };
    if (createZstdDecompress === undefined) return undefined;
    // It stops in silence after a frame: each has one of its own.
    return async (slices, sink) => {
      for await (const frame of framesOf(slices)) {
        await pipeline(frame, createZstdDecompress(), (chunks: AsyncIterable<Uint8Array>) => drain(chunks, sink));
      }
    };
  },
  '@cloudpss/zstd/wasm': async () => {
    const { decompress } = await import('@cloudpss/zstd/wasm');
    return async (slices, sink) => {
      for await (const frame of framesOf(slices)) {
        const parts: Uint8Array[] = [];
        await drain(frame, (part) => void parts.push(part));
        await sink(decompress(Buffer.concat(parts)));
      }
    };
  },
};

async function drain(chunks: AsyncIterable<Uint8Array>, sink: Sink): Promise<void> {
  for await (const chunk of chunks) await sink(chunk);
}

/** The frames, each to be read to its end before the next is asked for. */
async function* framesOf(slices: AsyncIterable<ZstdSlice>): AsyncGenerator<AsyncGenerator<Uint8Array>> {
  const iterator = slices[Symbol.asyncIterator]();
  let next = await iterator.next();
  while (next.done !== true) {
    const { frame } = next.value;
    const bytes = async function* (): AsyncGenerator<Uint8Array> {
      while (next.done !== true && next.value.frame === frame) {
        yield next.value.bytes;
        next = await iterator.next();
      }
    };
    yield bytes();
  }
}
