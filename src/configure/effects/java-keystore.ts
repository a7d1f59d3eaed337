import { createHash } from 'node:crypto';
import { Failure } from './console.js';

/** A trusted certificate of a Java keystore. */
export interface KeystoreEntry {
  readonly alias: string;
  /** Milliseconds since the epoch. */
  readonly date: bigint;
  /** DER. */
  readonly certificate: Uint8Array;
}

const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
const DIGEST_SIZE = 20;

/**
 * The trusted certificates of a keystore of type JKS, in the order in which Java writes them: that of a java.util.Hashtable
 * that has 11 buckets at first and that doubles them, and one more, when three quarters are full.
 */
export class JavaKeystore {
  #buckets: KeystoreEntry[][] = emptyBuckets(11);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(alias: string): boolean {
    return this.#bucketOf(alias).some((entry) => entry.alias === alias.toLowerCase());
  }

  delete(alias: string): void {
    const bucket = this.#bucketOf(alias);
    const at = bucket.findIndex((entry) => entry.alias === alias.toLowerCase());
    if (at < 0) return;
    bucket.splice(at, 1);
    this.#size -= 1;
  }

  /** Aliases are in lower case, whatever is given. One that is there is replaced where it is. */
  set({ alias, date, certificate }: KeystoreEntry): void {
    const entry = { alias: alias.toLowerCase(), date, certificate };
    const bucket = this.#bucketOf(alias);
    const at = bucket.findIndex((other) => other.alias === entry.alias);
    if (at >= 0) {
      bucket[at] = entry;
      return;
    }
    if (this.#size >= Math.floor(this.#buckets.length * 0.75)) this.#grow();
    this.#bucketOf(alias).unshift(entry);
    this.#size += 1;
  }

  /** In Java's order: from the last bucket to the first, the newest entry of each first. */
  entries(): KeystoreEntry[] {
    return [...this.#buckets].reverse().flat();
  }

  #bucketOf(alias: string): KeystoreEntry[] {
    return bucketOf(this.#buckets, alias.toLowerCase());
  }

  #grow(): void {
    const grown = emptyBuckets(this.#buckets.length * 2 + 1);
    for (const entry of this.entries()) bucketOf(grown, entry.alias).unshift(entry);
    this.#buckets = grown;
  }
}

function emptyBuckets(count: number): KeystoreEntry[][] {
  return Array.from({ length: count }, () => []);
}

function bucketOf(buckets: readonly KeystoreEntry[][], alias: string): KeystoreEntry[] {
  return buckets[(hashCode(alias) & 0x7fffffff) % buckets.length] ?? [];
}

/** java.lang.String.hashCode() */
function hashCode(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}

/** The bytes of a JKS keystore (OpenJDK's sun.security.provider.JavaKeyStore), of which the last 20 prove the password. */
export function encodeKeystore(store: JavaKeystore, password: string): Buffer {
  const parts = [uint32(MAGIC), uint32(VERSION), uint32(store.size)];
  for (const { alias, date, certificate } of store.entries()) {
    const time = Buffer.alloc(8);
    time.writeBigInt64BE(date);
    parts.push(uint32(TRUSTED_CERTIFICATE), modifiedUtf8(alias), time, modifiedUtf8('X.509'));
    parts.push(uint32(certificate.length), Buffer.from(certificate));
  }
  const data = Buffer.concat(parts);
  return Buffer.concat([data, digestOf(data, password)]);
}

/**
 * Reads what `encodeKeystore` writes.
 *
 * @throws Failure for another type of keystore, for one with keys in it, and where the password is wrong.
 */
export function decodeKeystore(bytes: Uint8Array, password: string): JavaKeystore {
  const buffer = Buffer.from(bytes);
  const end = buffer.length - DIGEST_SIZE;
  if (end < 12 || buffer.readUInt32BE(0) !== MAGIC || buffer.readUInt32BE(4) !== VERSION) {
    throw new Failure('the keystore is not of type JKS, version 2');
  }
  if (!digestOf(buffer.subarray(0, end), password).equals(buffer.subarray(end))) {
    throw new Failure('Cannot open Java keystore. Is the password correct?');
  }
  const store = new JavaKeystore();
  let at = 8;
  const take = (length: number): Buffer => {
    if (at + length > end) throw new Failure('the keystore ends too early');
    at += length;
    return buffer.subarray(at - length, at);
  };
  const takeText = (): string => fromModifiedUtf8(take(take(2).readUInt16BE(0)));
  const count = take(4).readUInt32BE(0);
  for (let index = 0; index < count; index++) {
    if (take(4).readUInt32BE(0) !== TRUSTED_CERTIFICATE) throw new Failure('the keystore holds more than certificates');
    const alias = takeText();
    const date = take(8).readBigInt64BE(0);
    if (takeText() !== 'X.509') throw new Failure('the keystore holds certificates that are not X.509');
    store.set({ alias, date, certificate: take(take(4).readUInt32BE(0)) });
  }
  return store;
}

function digestOf(data: Buffer, password: string): Buffer {
  return createHash('sha1')
    .update(Buffer.from(password, 'utf16le').swap16())
    .update('Mighty Aphrodite')
    .update(data)
    .digest();
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

/** java.io.DataOutput.writeUTF: a length, then each UTF-16 unit as UTF-8 has a character of its number. */
function modifiedUtf8(text: string): Buffer {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0 && unit < 0x80) bytes.push(unit);
    else if (unit < 0x800) bytes.push(0xc0 | (unit >> 6), 0x80 | (unit & 0x3f));
    else bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f));
  }
  return Buffer.from([bytes.length >> 8, bytes.length & 0xff, ...bytes]);
}

function fromModifiedUtf8(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : 3;
    const unit =
      length === 1
        ? first
        : length === 2
          ? ((first & 0x1f) << 6) | (second & 0x3f)
          : ((first & 0xf) << 12) | ((second & 0x3f) << 6) | (third & 0x3f);
    text += String.fromCharCode(unit);
    at += length;
  }
  return text;
}
