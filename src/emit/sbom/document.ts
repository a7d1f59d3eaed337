import { createHash } from 'node:crypto';
import type { SbomSubject } from './types.js';

/** A document's fields in their order. A value may be an iterable, then it is a list of which the items are made one by one. */
export type Fields = Iterable<readonly [name: string, value: unknown]>;

/** The fields of a document that bears this identifier, a UUID. */
export type DocumentOf = (subject: SbomSubject, uuid: string) => Fields;

/** As many characters are joined before they are handed on. */
const CHUNK_LENGTH = 64 * 1024;

/**
 * The bytes of a document, in chunks: a field on a line, and an item of a list on a line, so that two documents can be compared
 * line by line. Its identifier is made of a SHA-256 over all the rest, so that the same content has the same one (RFC 9562,
 * version 8); for that it is made twice, which costs less than to hold it in memory.
 */
export function* documentBytes(documentOf: DocumentOf, subject: SbomSubject): Generator<Uint8Array> {
  const hash = createHash('sha256');
  for (const text of lines(documentOf(subject, ''))) hash.update(text);
  let chunk = '';
  for (const text of lines(documentOf(subject, uuidOf(hash.digest())))) {
    chunk += text;
    if (chunk.length < CHUNK_LENGTH) continue;
    yield Buffer.from(chunk);
    chunk = '';
  }
  if (chunk !== '') yield Buffer.from(chunk);
}

function* lines(fields: Fields): Generator<string> {
  let separator = '{\n';
  for (const [name, value] of fields) {
    if (value === undefined) continue;
    yield `${separator}${JSON.stringify(name)}: `;
    separator = ',\n';
    if (!isItems(value)) {
      yield JSON.stringify(value);
      continue;
    }
    let open = '[\n';
    for (const item of value) {
      yield `${open}${JSON.stringify(item)}`;
      open = ',\n';
    }
    yield open === '[\n' ? '[]' : '\n]';
  }
  yield '\n}\n';
}

function isItems(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function uuidOf(digest: Buffer): string {
  const bytes = Buffer.from(digest.subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A time as both formats want it: `2026-11-21T08:00:00Z`. */
export function timeOf({ epoch }: SbomSubject): string {
  return new Date(epoch * 1000).toISOString().replace('.000', '');
}
