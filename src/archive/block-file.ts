import { hash, randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { markUsed } from './last-use.js';
import { moveIntoPlace, type Store, writeAt } from './store.js';

/** A file that is read in pieces, each checked as it is read. */
export interface BlockFile {
  /** What was written beside the contents. */
  readonly tag: string;
  /** Of the contents. */
  readonly size: number;
  /**
   * Bytes of the contents, at the start of a buffer of their own where `offset` is the start of a block.
   *
   * @throws Error where these bytes are not those that were written
   */
  read(offset: number, length: number): Buffer;
}

/** Small, since every piece that is read is hashed in whole blocks; the digests are 0.2 % then. */
export const BLOCK = 16_384;
/** What is read at a time by who reads all of it. */
const AT_ONCE = 64 * BLOCK;

const MAGIC = Buffer.from('koala blocks 2\n\0');
/**
 * The header: magic, byte order, size of the contents; the tag, the digest of all digests, and that of the header so far. The contents
 * follow it, and then the digests.
 */
const ORDER_AT = 16;
const SIZE_AT = 24;
const TAG_AT = 32;
const DIGESTS_AT = 64;
const SELF_AT = 96;
const HEADER = 128;
const DIGEST = 32;
/** Reads as another number on a machine of the other byte order, whose tables would be wrong as well. */
const ORDER = 0x01020304;

/** Takes the next piece of the contents, whose bytes then stay as they are. Resolves once the one before it is written. */
type Put = (piece: Uint8Array) => Promise<void>;

/**
 * Keeps contents for the next time, under a private name until they are whole. Where that fails, on a full disk for example,
 * there just is none.
 *
 * @param fill puts the contents, and gives the tag that the reader compares: a SHA-256, hexadecimal
 * @returns whether there is one now
 * @throws what `fill` throws; then there is none either
 */
export async function keepBlockFile(store: Store, path: string, fill: (put: Put) => Promise<string>): Promise<boolean> {
  const temporary = join(store.directory, 'tmp', randomUUID());
  const file = await open(temporary, 'wx', 0o600).catch(() => undefined);
  const digests = blockDigests();
  let size = 0;
  let writing = Promise.resolve(file !== undefined);
  const write = (bytes: Uint8Array, position: number): void => {
    writing = writeAfter(writing, file, bytes, position);
  };
  const put: Put = async (piece) => {
    const before = writing;
    write(piece, HEADER + size);
    size += piece.length;
    // While the system writes.
    digests.add(piece);
    await before;
  };
  let isWhole = false;
  try {
    const tag = await fill(put);
    const all = digests.end();
    write(all, HEADER + size);
    write(headerOf(size, tag, all), 0);
    isWhole = true;
  } finally {
    // A disk may say only when a file is closed that it is full.
    const done = [await writing, await succeeds(file?.close())];
    isWhole = isWhole && !done.includes(false) && (await succeeds(moveIntoPlace(temporary, path)));
    if (isWhole) store.grew(size);
    else await rm(temporary, { force: true });
  }
  return isWhole;
}

function succeeds(action: Promise<void> | undefined): Promise<boolean> {
  return Promise.resolve(action).then(
    () => true,
    () => false,
  );
}

/** Keeps what `readBlockFile` reads, as `keepBlockFile` does. */
export async function keepBytes(store: Store, path: string, bytes: Uint8Array, tag: string): Promise<void> {
  await keepBlockFile(store, path, async (put) => {
    await put(bytes);
    return tag;
  });
}

/** Keeps what `readKeptJson` reads. */
export function keepJson(store: Store, path: string, value: unknown, tag: string): Promise<void> {
  return keepBytes(store, path, Buffer.from(JSON.stringify(value)), tag);
}

/** Tells that a file is in use. */
export async function touchBlockFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined) await markUsed(path, found.mtimeMs);
}

function headerOf(size: number, tag: string, digests: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER);
  MAGIC.copy(header);
  new Uint32Array(header.buffer, header.byteOffset, HEADER / 4)[ORDER_AT / 4] = ORDER;
  header.writeBigUInt64LE(BigInt(size), SIZE_AT);
  header.write(tag, TAG_AT, DIGEST, 'hex');
  digestOf(digests).copy(header, DIGESTS_AT);
  digestOf(header.subarray(0, SELF_AT)).copy(header, SELF_AT);
  return header;
}

/** Whether all was written so far, and this too. */
async function writeAfter(before: Promise<boolean>, file: FileHandle | undefined, bytes: Uint8Array, position: number) {
  return file !== undefined && (await before) && succeeds(writeAt(file, bytes, position));
}

/**
 * Opens such a file. Only its header and digests are read and checked; it is opened again for each piece, so that nothing
 * has to be closed. What it says is believed because it says it consistently, so it must be a file of this user that nobody
 * else may write.
 *
 * @throws Error where it is no such file, was damaged, or belongs to somebody else
 */
export function openBlockFile(path: string): BlockFile {
  const start = withFile(path, (fd) => {
    const { uid, mode, size } = fstatSync(fd);
    if (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o022) !== 0)) {
      throw new Error('it may have been written by somebody else');
    }
    const header = readAt(fd, 0, HEADER);
    if (!header.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('it is of another format');
    if (!digestOf(header.subarray(0, SELF_AT)).equals(header.subarray(SELF_AT))) throw new Error('it is damaged');
    if (new Uint32Array(header.buffer, header.byteOffset, HEADER / 4)[ORDER_AT / 4] !== ORDER) {
      throw new Error('it is of another byte order');
    }
    const contents = Number(header.readBigUInt64LE(SIZE_AT));
    const digests = readAt(fd, HEADER + contents, Math.ceil(contents / BLOCK) * DIGEST);
    if (size !== HEADER + contents + digests.length) throw new Error('it is of another length');
    if (!digestOf(digests).equals(header.subarray(DIGESTS_AT, SELF_AT))) throw new Error('it is damaged');
    return { digests, contents, tag: header.toString('hex', TAG_AT, DIGESTS_AT) };
  });
  const { digests, contents: size, tag } = start;
  return {
    tag,
    size,
    read(offset, length) {
      const first = Math.floor(offset / BLOCK);
      const end = Math.min(size, Math.ceil((offset + length) / BLOCK) * BLOCK);
      const bytes = withFile(path, (fd) => readAt(fd, HEADER + first * BLOCK, end - first * BLOCK));
      for (let at = 0; at < bytes.length; at += BLOCK) {
        const place = (first + at / BLOCK) * DIGEST;
        const isGood = digestOf(bytes.subarray(at, at + BLOCK)).equals(digests.subarray(place, place + DIGEST));
        if (!isGood) throw new Error('it is damaged');
      }
      return bytes.subarray(offset - first * BLOCK, offset - first * BLOCK + length);
    },
  };
}

/**
 * All of the contents of such a file.
 *
 * @throws Error as `openBlockFile` and its `read`; where it has another tag
 */
export function readBlockFile(path: string, tag: string): Buffer {
  const file = openBlockFile(path);
  if (file.tag !== tag) throw new Error('it is another one');
  return file.read(0, file.size);
}

/** The JSON that is the contents of such a file; undefined where there is none with this tag, or none that can be believed. */
export function readKeptJson(path: string, tag: string): unknown {
  try {
    return JSON.parse(readBlockFile(path, tag).toString());
  } catch {
    return undefined;
  }
}

/**
 * Reads all of such a file.
 *
 * @returns its tag
 * @throws Error as `openBlockFile` and its `read`
 */
export function checkBlockFile(path: string): string {
  const file = openBlockFile(path);
  for (let at = 0; at < file.size; at += AT_ONCE) file.read(at, Math.min(AT_ONCE, file.size - at));
  return file.tag;
}

/** The digests of the blocks of what comes in pieces. */
function blockDigests() {
  const digests: Buffer[] = [];
  /** The beginning of a block that ends in a later piece. */
  let rest = Buffer.alloc(0);
  return {
    add(piece: Uint8Array): void {
      let at = 0;
      if (rest.length > 0) {
        at = Math.min(piece.length, BLOCK - rest.length);
        rest = Buffer.concat([rest, piece.subarray(0, at)]);
        if (rest.length < BLOCK) return;
        digests.push(digestOf(rest));
      }
      for (; at + BLOCK <= piece.length; at += BLOCK) digests.push(digestOf(piece.subarray(at, at + BLOCK)));
      rest = Buffer.from(piece.subarray(at));
    },
    end(): Buffer {
      if (rest.length > 0) digests.push(digestOf(rest));
      return Buffer.concat(digests);
    },
  };
}

function digestOf(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}

function withFile<T>(path: string, action: (fd: number) => T): T {
  const fd = openSync(path, 'r');
  try {
    return action(fd);
  } finally {
    closeSync(fd);
  }
}

/** All of these bytes, in a buffer of their own. */
function readAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length; ) {
    const count = readSync(fd, bytes, done, length - done, offset + done);
    if (count === 0) throw new Error('it is cut off');
    done += count;
  }
  return bytes;
}
