import { crc32 } from 'node:zlib';
import { KoalaError } from '../formats/errors.js';
import { liblzma } from '../formats/liblzma.js';
import { throwIfStopped } from '../threads/serve.js';
import { openNativeStream } from '../unpack/lzma-native.js';
import { readXzLayout } from '../unpack/xz-layout.js';
import { fingerprint } from './fingerprint.js';

/** A block of an .xz file, with its padding. */
export interface EncodedXzBlock {
  readonly bytes: Uint8Array;
  /** Without the padding. */
  readonly unpaddedSize: number;
}

/** What the index says of a block. */
export interface XzRecord {
  readonly unpaddedSize: number;
  readonly uncompressedSize: number;
}

/** Gives an .xz stream of one block, whose header does not tell the sizes. */
type Encoder = (bytes: Uint8Array) => Uint8Array;

const PRESET = 6;
/** lzma_check of CRC64, what xz uses. */
const CHECK = 4;
const CHECK_SIZE = 8;
const STREAM_FLAGS = Uint8Array.of(0, CHECK);
/** Enough for sizes of four bytes each, which 16 MiB need: what xz takes for blocks of that size. */
const BLOCK_HEADER_SIZE = 20;

/**
 * Encodes as `xz -6` does, as one block whose header tells its sizes, so that decoders can work at several blocks at once.
 *
 * @param bytes at least one, less than 256 MiB
 * @throws KoalaError 'cancelled' where the pool of this thread is closing.
 */
export function encodeXzBlock(bytes: Uint8Array): EncodedXzBlock {
  encoder ??= choose();
  const stream = encoder(bytes);
  const [block, ...more] = readXzLayout((at, length) => stream.subarray(at, at + length), stream.byteLength);
  if (block === undefined || more.length > 0)
    throw new KoalaError('emit', 'cannot compress as xz: it is not one block');
  const { offset, unpaddedSize } = block;
  const oldHeaderSize = headerSize(stream[offset] ?? 0);
  const dictionary = stream[offset + 4] ?? 0;
  const data = stream.subarray(offset + oldHeaderSize, offset + padded(unpaddedSize));
  const compressedSize = unpaddedSize - oldHeaderSize - CHECK_SIZE;
  const header = blockHeader(compressedSize, bytes.byteLength, dictionary);
  return {
    bytes: joined([header, data]),
    unpaddedSize: BLOCK_HEADER_SIZE + compressedSize + CHECK_SIZE,
  };
}

/** What is before the first block (The .xz File Format 1.2.1, 2.1.1). */
export function xzStart(): Uint8Array {
  return joined([Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), STREAM_FLAGS, checksum(STREAM_FLAGS)]);
}

/** The index and the footer (4 and 2.1.2). */
export function xzEnd(records: readonly XzRecord[]): Uint8Array {
  const sizes = records.flatMap(({ unpaddedSize, uncompressedSize }) => [
    ...integer(unpaddedSize),
    ...integer(uncompressedSize),
  ]);
  const index = toFour([0, ...integer(records.length), ...sizes]);
  const backward = Buffer.alloc(6);
  backward.writeUInt32LE(index.length / 4, 0);
  backward.set(STREAM_FLAGS, 4);
  return joined([index, checksum(index), checksum(backward), backward, Buffer.from('YZ')]);
}

let encoder: Encoder | undefined;

/** Of what liblzma makes of the sample; 5.2, 5.4 and 5.8 make the same. */
export const XZ_FINGERPRINT = 'c3d9a2114249c8f814b379719a343bbea199091d28e8698db949debefa865c3b';

/** As for decoding: node-liblzma is faster, and not there on every platform. */
function choose(): Encoder {
  const fast = byNodeLiblzma();
  return fast !== undefined && fingerprint(fast) === XZ_FINGERPRINT ? fast : byLzmaNative;
}

/** So much at a time, that a thread which should stop does it soon. */
const SLICE = 256 * 1024;
/** lzma_action and lzma_ret (liblzma's api/lzma/base.h). */
const RUN = 0;
const FINISH = 3;
const OK = 0;
const STREAM_END = 1;

/** undefined where it is not there. */
export function byNodeLiblzma(): Encoder | undefined {
  const library = liblzma();
  if (library === undefined) return undefined;
  return (bytes) => {
    const coder = library.encoder(PRESET, CHECK);
    const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // What cannot be compressed grows by less than this (LZMA2 copies it in pieces of 64 KiB with 3 bytes each).
    const output = Buffer.allocUnsafeSlow(input.length + (input.length >> 12) + 1024);
    let at = 0;
    let filled = 0;
    try {
      for (;;) {
        throwIfStopped();
        const end = Math.min(at + SLICE, input.length);
        const action = end === input.length ? FINISH : RUN;
        const [status, left, room] = coder.codeSync(action, input, at, end - at, output, filled);
        at = end - left;
        filled = output.length - room;
        if (status === STREAM_END) return output.subarray(0, filled);
        if (status !== OK) throw new KoalaError('emit', `cannot compress as xz: liblzma's error ${status}`);
      }
    } finally {
      coder.close();
    }
  };
}

export function byLzmaNative(bytes: Uint8Array): Uint8Array {
  const stream = openNativeStream();
  try {
    stream.easyEncoder({ preset: PRESET, check: CHECK });
    const parts: Uint8Array[] = [];
    for (let at = 0; at < bytes.byteLength; at += SLICE) {
      throwIfStopped();
      parts.push(...stream.run(bytes.subarray(at, at + SLICE)));
    }
    parts.push(...stream.run(null));
    return joined(parts);
  } finally {
    stream.close();
  }
}

/** One filter, LZMA2, and both sizes (3.1). */
function blockHeader(compressedSize: number, uncompressedSize: number, dictionary: number): Uint8Array {
  const header = Buffer.alloc(BLOCK_HEADER_SIZE);
  const fields = [...integer(compressedSize), ...integer(uncompressedSize), 0x21, 1, dictionary];
  header.set([BLOCK_HEADER_SIZE / 4 - 1, 0xc0, ...fields]);
  header.writeUInt32LE(crc32(header.subarray(0, -4)), BLOCK_HEADER_SIZE - 4);
  return header;
}

/** In bytes, by its first byte (3.1.1). */
function headerSize(byte: number): number {
  return (byte + 1) * 4;
}

/** Seven bits a byte, the lowest first (1.2). */
function integer(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}

function checksum(bytes: Uint8Array): Uint8Array {
  const value = Buffer.alloc(4);
  value.writeUInt32LE(crc32(bytes));
  return value;
}

function toFour(bytes: readonly number[]): Uint8Array {
  const whole = new Uint8Array(padded(bytes.length));
  whole.set(bytes);
  return whole;
}

function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}

/** In a buffer of their own, that can be handed over to another thread. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}
