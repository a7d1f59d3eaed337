import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A coder of liblzma, synchronous. */
export interface LzmaCoder {
  /** @returns lzma_ret, and how many bytes of the input and of the output are left. */
  codeSync(
    action: number,
    input: Buffer,
    offset: number,
    length: number,
    output: Buffer,
    outputOffset: number,
  ): [status: number, inputLeft: number, outputLeft: number];
  close(): void;
}

/** The native part of the package node-liblzma. */
export interface Liblzma {
  /** Of concatenated .xz streams with padding (LZMA_CONCATENATED). */
  decoder(): LzmaCoder;
  /** @param check lzma_check */
  encoder(preset: number, check: number): LzmaCoder;
}

/** What the native module has of what is used here; `mode` is STREAM_DECODE or STREAM_ENCODE. */
interface Binding {
  readonly LZMA: new (mode: number, options: CoderOptions) => LzmaCoder;
  readonly STREAM_DECODE: number;
  readonly STREAM_ENCODE: number;
  readonly LZMA_FILTER_LZMA2: number;
}

/** All of them are looked at, also for decoding. */
interface CoderOptions {
  readonly preset: number;
  readonly check: number;
  readonly threads: number;
  readonly filters: readonly number[];
}

let known: { readonly library: Liblzma | undefined } | undefined;

/**
 * liblzma 5.8 of node-liblzma: it decodes three times as fast as the liblzma 5.2 of lzma-native, which is compiled without
 * optimisation. The package has it compiled for some platforms only, and may not be there; undefined then.
 *
 * The package is asked for what its authors compiled before what npm may have compiled, which is linked to the system's liblzma:
 * the 5.4 of Debian 12 takes 1.6 times as long. Its own modules are not used: their streams take what is cut off for whole.
 */
export function liblzma(): Liblzma | undefined {
  known ??= { library: open() };
  return known.library;
}

function open(): Liblzma | undefined {
  const require = createRequire(import.meta.url);
  let directory: string;
  try {
    directory = join(dirname(require.resolve('node-liblzma')), '..');
  } catch {
    return undefined;
  }
  const compiled = [`prebuilds/${process.platform}-${process.arch}/node-liblzma.node`, 'build/Release/node_lzma.node'];
  for (const path of compiled) {
    try {
      return libraryOf(require(join(directory, path)) as Binding);
    } catch {
      // It is not there, or for another C library.
    }
  }
  return undefined;
}

function libraryOf({ LZMA, STREAM_DECODE, STREAM_ENCODE, LZMA_FILTER_LZMA2 }: Binding): Liblzma {
  const options = { preset: 6, check: 0, threads: 1, filters: [LZMA_FILTER_LZMA2] };
  return {
    decoder: () => new LZMA(STREAM_DECODE, options),
    encoder: (preset, check) => new LZMA(STREAM_ENCODE, { ...options, preset, check }),
  };
}
