import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { discard } from '../files/discard.js';
import type { ControlFile, PackageEntry } from './types.js';

/**
 * A spool that is kept for later builds has four parts: the tar of the package's data member, what else the package is
 * (V8's serialisation of `Kept`), its identity in JSON, and a trailer: magic, the three sizes, and the SHA-256 of all that is
 * before it. A spool that nobody keeps is the same.
 */
export interface Kept {
  readonly control: ReadonlyMap<string, ControlFile>;
  readonly entries: readonly PackageEntry[];
}

/** Of which .deb a spool is. */
export interface KeptIdentity {
  /** Of the .deb. */
  readonly sha256: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

const MAGIC = Buffer.from('koala unpacked 2');
const SIZES_AT = MAGIC.length;
const DIGEST_AT = SIZES_AT + 24;
const TRAILER = DIGEST_AT + 32;
const CHUNK = 1024 * 1024;
/** A name, a version and a digest are far shorter. */
const MAX_IDENTITY = 64 * 1024;

/** What follows the tar. @param hash of the tar, to which this adds */
export function endOfSpool(kept: Kept, identity: KeptIdentity, tarSize: number, hash: Hash): Uint8Array[] {
  const payload = serialize(kept);
  const who = Buffer.from(JSON.stringify(identity));
  const trailer = Buffer.alloc(TRAILER);
  MAGIC.copy(trailer);
  for (const [at, size] of [tarSize, payload.length, who.length].entries()) {
    trailer.writeBigUInt64LE(BigInt(size), SIZES_AT + 8 * at);
  }
  hash.update(payload).update(who).update(trailer.subarray(0, DIGEST_AT)).digest().copy(trailer, DIGEST_AT);
  return [payload, who, trailer];
}

/**
 * Keeps a whole spool under another name as well. Where that cannot be done, there just is none.
 *
 * @returns how many bytes are kept now that were not before
 */
export function keepSpool(spool: string, kept: string): number {
  try {
    mkdirSync(dirname(kept), { recursive: true, mode: 0o700 });
    linkSync(spool, kept);
    return statSync(kept).size;
  } catch {
    // Somebody else was first, the disk is full, or the filesystem has no links.
    return 0;
  }
}

/**
 * Takes a kept spool for a build, which has it until the end even if it is pruned meanwhile. All of it is read and held
 * against its digest; one that is damaged, or of another .deb, is thrown away.
 *
 * @param sha256 of the .deb
 * @returns undefined where there is none
 */
export function takeSpool(
  kept: string,
  spool: string,
  sha256: string,
): (Kept & { readonly bytes: number }) | undefined {
  try {
    linkSync(kept, spool);
  } catch {
    discardUnlessFile(kept);
    return undefined;
  }
  try {
    const now = Date.now() / 1000;
    utimesSync(spool, now, now);
    const { payload, bytes } = readSpool(spool, sha256);
    return { ...(deserialize(payload) as Kept), bytes };
  } catch {
    rmSync(spool, { force: true });
    discard(kept);
    return undefined;
  }
}

/**
 * Reads all of a kept spool.
 *
 * @throws Error where it is damaged, not of the .deb with this digest, or may have been written by somebody else
 */
export function checkSpool(kept: string, sha256: string): void {
  readSpool(kept, sha256);
}

/** Of which package a kept spool is, as it says itself; undefined where it does not. Reads a few bytes of it. */
export function identityOfSpool(kept: string): KeptIdentity | undefined {
  try {
    return withFile(kept, (descriptor, size) => identityIn(descriptor, readTrailer(descriptor, size)));
  } catch {
    return undefined;
  }
}

/** A directory, a link or something else in its place, or in that of its directory, would be in the way of every later build. */
function discardUnlessFile(path: string): void {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found !== undefined && !(found.isFile() && isOurs(found))) discard(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') discardFileAbove(path);
    // What else cannot be looked at is none.
  }
}

function discardFileAbove(path: string): void {
  const above = dirname(path);
  try {
    if (lstatSync(above, { throwIfNoEntry: false })?.isFile() === true) discard(above);
  } catch {
    discardFileAbove(above);
  }
}

/** What says of itself that it is whole is believed of this user only. */
function isOurs({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean {
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
}

interface Trailer {
  readonly bytes: number;
  readonly payloadSize: number;
  readonly identitySize: number;
  /** The trailer itself. */
  readonly raw: Buffer;
}

function readSpool(path: string, sha256: string): { readonly payload: Buffer; readonly bytes: number } {
  return withFile(path, (descriptor, size) => {
    const trailer = readTrailer(descriptor, size);
    const { bytes, payloadSize, identitySize, raw } = trailer;
    if (identityIn(descriptor, trailer).sha256 !== sha256) throw new Error('it is of another package');
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (let at = 0; at < bytes; ) {
      const count = readSync(descriptor, buffer, 0, Math.min(CHUNK, bytes - at), at);
      if (count === 0) throw new Error('it is cut off');
      hash.update(buffer.subarray(0, count));
      at += count;
    }
    const rest = Buffer.allocUnsafe(payloadSize + identitySize);
    readSync(descriptor, rest, 0, rest.length, bytes);
    const digest = hash.update(rest).update(raw.subarray(0, DIGEST_AT)).digest();
    if (!digest.equals(raw.subarray(DIGEST_AT))) throw new Error('it is damaged');
    return { payload: rest.subarray(0, payloadSize), bytes };
  });
}

function readTrailer(descriptor: number, size: number): Trailer {
  const raw = Buffer.alloc(TRAILER);
  if (size < TRAILER) throw new Error('it is cut off');
  readSync(descriptor, raw, 0, TRAILER, size - TRAILER);
  const [bytes = 0, payloadSize = 0, identitySize = 0] = [0, 8, 16].map((at) => {
    return Number(raw.readBigUInt64LE(SIZES_AT + at));
  });
  const isWhole = bytes + payloadSize + identitySize + TRAILER === size && identitySize <= MAX_IDENTITY;
  if (!raw.subarray(0, SIZES_AT).equals(MAGIC) || !isWhole) throw new Error('it is not whole');
  return { bytes, payloadSize, identitySize, raw };
}

function identityIn(descriptor: number, { bytes, payloadSize, identitySize }: Trailer): KeptIdentity {
  const who = Buffer.alloc(identitySize);
  readSync(descriptor, who, 0, identitySize, bytes + payloadSize);
  return JSON.parse(who.toString()) as KeptIdentity;
}

/** Opens a file of this user, and no link. */
function withFile<T>(path: string, action: (descriptor: number, size: number) => T): T {
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile()) throw new Error('it is not a plain file');
    if (!isOurs(found)) throw new Error('it may have been written by somebody else');
    return action(descriptor, found.size);
  } finally {
    closeSync(descriptor);
  }
}
