import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { ControlFile, PackageEntry } from './types.js';

/**
 * A spool that is kept for later builds has three parts: the tar of the package's data member, what else the package is
 * (V8's serialisation of `Kept`), and a trailer: magic, the two sizes, and the SHA-256 of what is before the trailer. A
 * spool that nobody keeps is the same.
 */
export interface Kept {
  readonly control: ReadonlyMap<string, ControlFile>;
  readonly entries: readonly PackageEntry[];
}

const MAGIC = Buffer.from('koala unpacked 1');
const SIZES_AT = MAGIC.length;
const DIGEST_AT = SIZES_AT + 16;
const TRAILER = DIGEST_AT + 32;
const CHUNK = 1024 * 1024;

/** What follows the tar. @param hash of the tar, to which this adds */
export function endOfSpool(kept: Kept, tarSize: number, hash: ReturnType<typeof createHash>): Uint8Array[] {
  const payload = serialize(kept);
  const trailer = Buffer.alloc(TRAILER);
  MAGIC.copy(trailer);
  trailer.writeBigUInt64LE(BigInt(tarSize), SIZES_AT);
  trailer.writeBigUInt64LE(BigInt(payload.length), SIZES_AT + 8);
  hash.update(payload).update(trailer.subarray(0, DIGEST_AT)).digest().copy(trailer, DIGEST_AT);
  return [payload, trailer];
}

/** Keeps a whole spool under another name as well. Where that cannot be done, there just is none. */
export function keepSpool(spool: string, kept: string): void {
  try {
    mkdirSync(dirname(kept), { recursive: true, mode: 0o700 });
    linkSync(spool, kept);
  } catch {
    // Somebody else was first, the disk is full, or the filesystem has no links.
  }
}

/**
 * Takes a kept spool for a build, which has it until the end even if it is pruned meanwhile. All of it is read and held
 * against its digest; a damaged one is thrown away.
 *
 * @returns undefined where there is none
 */
export function takeSpool(kept: string, spool: string): (Kept & { readonly bytes: number }) | undefined {
  try {
    linkSync(kept, spool);
  } catch {
    // A directory is in the way of the file that there could be.
    if (statSync(kept, { throwIfNoEntry: false })?.isDirectory() === true)
      rmSync(kept, { recursive: true, force: true });
    return undefined;
  }
  try {
    const found = readSpool(spool);
    const now = Date.now() / 1000;
    utimesSync(spool, now, now);
    return found;
  } catch {
    unlinkSync(spool);
    unlinkSync(kept);
    return undefined;
  }
}

function readSpool(path: string): Kept & { readonly bytes: number } {
  const descriptor = openSync(path, 'r');
  try {
    const { size, uid, mode } = fstatSync(descriptor);
    if (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o022) !== 0)) {
      throw new Error('it may have been written by somebody else');
    }
    const trailer = Buffer.alloc(TRAILER);
    readSync(descriptor, trailer, 0, TRAILER, size - TRAILER);
    const bytes = Number(trailer.readBigUInt64LE(SIZES_AT));
    const payloadSize = Number(trailer.readBigUInt64LE(SIZES_AT + 8));
    if (!trailer.subarray(0, SIZES_AT).equals(MAGIC) || bytes + payloadSize + TRAILER !== size) {
      throw new Error('it is not whole');
    }
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(CHUNK);
    const payload = Buffer.allocUnsafe(payloadSize);
    for (let at = 0; at < bytes; ) {
      const count = readSync(descriptor, buffer, 0, Math.min(CHUNK, bytes - at), at);
      if (count === 0) throw new Error('it became shorter');
      hash.update(buffer.subarray(0, count));
      at += count;
    }
    readSync(descriptor, payload, 0, payloadSize, bytes);
    const digest = hash.update(payload).update(trailer.subarray(0, DIGEST_AT)).digest();
    if (!digest.equals(trailer.subarray(DIGEST_AT))) throw new Error('it is damaged');
    return { ...(deserialize(payload) as Kept), bytes };
  } finally {
    closeSync(descriptor);
  }
}
