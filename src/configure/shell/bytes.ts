import type { Bytes } from './types.js';

const ASCII = /^[\x00-\x7f]*$/;

/** The text that a byte string encodes, as UTF-8: how a path of the shell becomes one of the tree. */
export function pathOf(bytes: Bytes): string {
  return ASCII.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The UTF-8 bytes of a text: how a path of the tree becomes one of the shell. */
export function bytesOf(text: string): Bytes {
  return ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/** A file's bytes as a byte string. */
export function bytesOfBuffer(buffer: Uint8Array): Bytes {
  return Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength).toString('latin1');
}

/** A byte string as a file's bytes. */
export function bufferOf(bytes: Bytes): Buffer {
  return Buffer.from(bytes, 'latin1');
}
