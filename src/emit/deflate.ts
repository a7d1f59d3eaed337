import { constants, deflateRawSync } from 'node:zlib';
import { Deflate, Z_SYNC_FLUSH } from 'pako';
import { fingerprint } from './fingerprint.js';

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
  deflater ??= fingerprint(bothWays(withNode)) === DEFLATE_FINGERPRINT ? withNode : withPako;
  return deflater(chunk, dictionary);
}

let deflater: Deflater | undefined;

/** Of what Node's bundled zlib makes of the sample, on all of its platforms. */
export const DEFLATE_FINGERPRINT = 'b699f79ee6d4acfbdd380bc49be86e56440586b4b63fe784e91f7cbd366d4a28';

/** Without a dictionary, and with one. */
export function bothWays(deflate: Deflater): (bytes: Uint8Array) => Uint8Array {
  return (bytes) =>
    Buffer.concat([deflate(bytes, new Uint8Array(0)), deflate(bytes.subarray(1000), bytes.subarray(0, WINDOW_SIZE))]);
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
