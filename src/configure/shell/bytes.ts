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

/** The lines of a text without their newlines; a last one that has no newline counts. */
export function linesOf(text: Bytes, separator = '\n'): Bytes[] {
  const lines = text.split(separator);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The text of lines without their newlines; the reverse of `linesOf`. */
export function textOf(lines: readonly Bytes[]): Bytes {
  return lines.map((line) => `${line}\n`).join('');
}

/** The order of strcmp(3). */
export function compareStrings(a: Bytes, b: Bytes): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
