import { createHash } from 'node:crypto';
import { KoalaError } from './errors.js';

/** One DER element (X.690 8.1): its tag, and where its content starts and ends. */
interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** The universal string types whose values OpenSSL folds (crypto/x509/x_name.c, asn1_string_canon). */
const STRING_TAGS: Readonly<Record<number, (bytes: Buffer) => Buffer>> = {
  12: (bytes) => bytes,
  19: (bytes) => bytes,
  22: (bytes) => bytes,
  26: (bytes) => bytes,
  20: (bytes) => Buffer.from(bytes.toString('latin1')),
  28: (bytes) => Buffer.from(utf32(bytes)),
  30: (bytes) => Buffer.from(utf16(bytes)),
};

/** The certificates of a PEM text (RFC 7468), as DER. */
export function pemCertificates(text: string): Buffer[] {
  const blocks = text.matchAll(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([^-]*)-----END/g);
  return [...blocks].map((block) => Buffer.from(block[1] ?? '', 'base64'));
}

/**
 * The name that `openssl x509 -subject_hash` and `openssl rehash` give a certificate: the first four bytes, little
 * endian, of the SHA-1 of the canonical subject, in hexadecimal.
 *
 * @throws KoalaError where the bytes are not a certificate.
 */
export function subjectHash(certificate: Uint8Array): string {
  const digest = createHash('sha1')
    .update(canonicalName(subjectOf(Buffer.from(certificate))))
    .digest();
  return digest.readUInt32LE(0).toString(16).padStart(8, '0');
}

/** RFC 5280 4.1: the subject follows version, serial number, signature algorithm, issuer and validity. */
function subjectOf(der: Buffer): Buffer {
  const outer = readElement(der, 0, der.length);
  const certificate = readElement(der, outer.start, outer.end);
  const fields = elements(der, certificate.start, certificate.end);
  const subject = fields[fields[0]?.tag === 0xa0 ? 5 : 4];
  if (subject === undefined) throw new KoalaError('configure', 'cannot read a certificate: it has no subject');
  return der.subarray(subject.start, subject.end);
}

function canonicalName(name: Buffer): Buffer {
  const sets = elements(name, 0, name.length).map((set) => {
    const attributes = elements(name, set.start, set.end).map((attribute) => canonicalAttribute(name, attribute));
    return encode(0x31, Buffer.concat(attributes.sort(Buffer.compare)));
  });
  return Buffer.concat(sets);
}

function canonicalAttribute(name: Buffer, attribute: Element): Buffer {
  const [type, value] = elements(name, attribute.start, attribute.end);
  if (type === undefined || value === undefined) {
    throw malformed();
  }
  const convert = STRING_TAGS[value.tag];
  const raw = name.subarray(value.start, value.end);
  const folded = convert === undefined ? name.subarray(type.end, value.end) : encode(12, fold(convert(raw)));
  return encode(0x30, Buffer.concat([name.subarray(attribute.start, type.end), folded]));
}

/** ASCII letters in lower case, white space trimmed and folded to one space. */
function fold(utf8: Buffer): Buffer {
  const text = utf8.toString('latin1').replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '');
  const lower = text.replace(/[ \t\n\v\f\r]+/g, ' ').replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return Buffer.from(lower, 'latin1');
}

function utf32(bytes: Buffer): string {
  if (bytes.length % 4 !== 0) throw malformed();
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const code = bytes.readUInt32BE(at);
    if (code > 0x10ffff) throw malformed();
    text += String.fromCodePoint(code);
  }
  return text;
}

function utf16(bytes: Buffer): string {
  if (bytes.length % 2 !== 0) throw malformed();
  return Buffer.from(bytes).swap16().toString('utf16le');
}

function elements(der: Buffer, start: number, end: number): Element[] {
  const found: Element[] = [];
  for (let at = start; at < end; at = found.at(-1)?.end ?? end) found.push(readElement(der, at, end));
  return found;
}

function readElement(der: Buffer, at: number, limit: number): Element {
  const tag = der[at];
  const first = der[at + 1];
  if (tag === undefined || first === undefined) throw truncated();
  const lengthBytes = first & 0x80 ? first & 0x7f : 0;
  if (lengthBytes > 4 || at + 2 + lengthBytes > limit) throw truncated();
  const length = lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes);
  const start = at + 2 + lengthBytes;
  if (start + length > limit) throw truncated();
  return { tag, start, end: start + length };
}

function malformed(): KoalaError {
  return new KoalaError('configure', 'cannot read a certificate: its subject is malformed');
}

function truncated(): KoalaError {
  return new KoalaError('configure', 'cannot read a certificate: it ends too early');
}

function encode(tag: number, content: Buffer): Buffer {
  const digits: number[] = [];
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  const length = content.length < 128 ? [content.length] : [0x80 | digits.length, ...digits];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
