import { createHash } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import { Deflate, Z_SYNC_FLUSH } from 'pako';

const LEVEL = 6;
/** How far back deflate's references reach (RFC 1951). */
export const WINDOW_SIZE = 32 * 1024;

type Deflater = (chunk: Uint8Array, dictionary: Uint8Array) => Uint8Array;

/**
 * Deflates a part of a stream: `dictionary` is what came right before it, at most 32 KiB. The result ends at a byte
 * boundary and is not the last block, so that parts can be put one after the other.
 *
 * The same bytes everywhere: Node's own zlib makes them, but a Node that is linked to the system's zlib, as
 * distributions build it, makes others. Where the fingerprint differs, pako does the work, which is slower.
 */
export function deflatePart(chunk: Uint8Array, dictionary: Uint8Array): Uint8Array {
  deflater ??= fingerprint(withNode) === FINGERPRINT ? withNode : withPako;
  return deflater(chunk, dictionary);
}

let deflater: Deflater | undefined;

/** Of what Node's bundled zlib makes of `sample`, on all of its platforms. */
const FINGERPRINT = '8f3241f18fa47b4687307270f261c21987f093d1a0d53e4b5e01b8bb38b6f2ff';

export function fingerprint(deflate: Deflater): string {
  const bytes = sample();
  const parts = [deflate(bytes, new Uint8Array(0)), deflate(bytes.subarray(1000), bytes.subarray(0, WINDOW_SIZE))];
  return createHash('sha256').update(Buffer.concat(parts)).digest('hex');
}

export function withNode(chunk: Uint8Array, dictionary: Uint8Array): Uint8Array {
  return deflateRawSync(chunk, {
    level: LEVEL,
    finishFlush: constants.Z_SYNC_FLUSH,
    ...(dictionary.byteLength === 0 ? {} : { dictionary }),
  });
}

export function withPako(chunk: Uint8Array, dictionary: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  const deflate = new Deflate({ raw: true, level: LEVEL, ...(dictionary.byteLength === 0 ? {} : { dictionary }) });
  deflate.onData = (part) => parts.push(part);
  deflate.push(chunk, Z_SYNC_FLUSH);
  return Buffer.concat(parts);
}

/** 128 KiB with repetitions near and far, and runs: what implementations of deflate treat differently. */
function sample(): Uint8Array {
  const bytes = new Uint8Array(128 * 1024);
  let state = 1;
  for (let i = 0; i < bytes.length; i++) {
    // The generator of POSIX' rand(), for numbers that are the same everywhere.
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const random = state >>> 16;
    bytes[i] = random % 8 === 0 ? random >>> 8 : (bytes[i - 1 - (random % 997)] ?? 0x20);
  }
  return bytes;
}
