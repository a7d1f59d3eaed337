import { decodeText } from './text.js';

/** One record of a pax extended header; the value is raw, because xattrs are. */
export interface PaxRecord {
  readonly key: string;
  readonly value: Buffer;
}

const SPACE = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;
const DIGIT_0 = 0x30;

/**
 * Splits a pax extended header (POSIX.1-2017, pax, "pax Header Block") into its records `length key=value\n`, where
 * `length` counts the whole record. Values are views of `bytes`.
 *
 * @returns undefined where the records are not well formed to the last byte
 */
export function parsePaxRecords(bytes: Buffer): PaxRecord[] | undefined {
  const records: PaxRecord[] = [];
  let at = 0;
  while (at < bytes.length) {
    let i = at;
    let length = 0;
    for (; (bytes[i] ?? 0) >= DIGIT_0 && (bytes[i] ?? 0) < DIGIT_0 + 10 && length <= bytes.length; i++) {
      length = length * 10 + (bytes[i] ?? 0) - DIGIT_0;
    }
    const end = at + length;
    if (bytes[i] !== SPACE || end > bytes.length || bytes[end - 1] !== NEWLINE) return undefined;
    const equals = bytes.indexOf(EQUALS, i + 1);
    if (equals <= i + 1 || equals >= end) return undefined;
    const key = decodeText(bytes, i + 1, equals);
    if (key === undefined) return undefined;
    records.push({ key, value: bytes.subarray(equals + 1, end - 1) });
    at = end;
  }
  return records;
}

/** Writes records as the content of a pax extended header, the inverse of `parsePaxRecords`. */
export function formatPaxRecords(records: readonly PaxRecord[]): Buffer {
  return Buffer.concat(records.flatMap(({ key, value }) => [recordStart(key, value.length), value, Buffer.from('\n')]));
}

/** `length key=`, where the digits of the length count as well and so may add one to themselves. */
function recordStart(key: string, valueBytes: number): Buffer {
  const rest = Buffer.from(` ${key}=`);
  const bare = rest.length + valueBytes + 1;
  let length = bare + String(bare).length;
  if (String(length).length > String(bare).length) length = bare + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
