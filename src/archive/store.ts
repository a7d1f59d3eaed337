import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { markUsed } from './last-use.js';
import { entryPath } from './layout.js';
import type { Promise256 } from './types.js';
import { maskUrl } from './url.js';

/** Where a transfer puts its bytes. */
export interface Sink {
  /** Forget all that was written: the sender begins again. */
  restart(): Promise<void>;
  /** Takes a chunk, whose bytes then stay as they are. */
  write(chunk: Uint8Array): Promise<void>;
}

/**
 * Verified bytes by their SHA-256, below a cache directory. Entries never change, so builds can share the directory: an
 * entry is written under a private name and renamed, and whoever comes second writes the same bytes over it.
 */
export interface Store {
  readonly directory: string;
  /** Where the entry is, or would be. */
  path(promise: Promise256): string;
  /** Where what a .deb unpacks to is kept; its reader checks that it is whole. */
  unpackedPath(promise: Promise256): string;
  hasUnpacked(promise: Promise256): Promise<boolean>;
  /** Whether there is an entry of the promised size, which counts as used then; its digest is the reader's to check. */
  has(promise: Promise256): Promise<boolean>;
  /**
   * Takes what `fill` writes, if it keeps the promise, and says where it lies.
   *
   * @param url for messages
   * @throws KoalaError `verify` where the bytes are not the promised ones; nothing is kept then, as with any error of `fill`
   */
  put(promise: Promise256, url: string, fill: (sink: Sink) => Promise<void>): Promise<string>;
  /** The path of an entry whose digest was checked now. A damaged entry is thrown away and counts as absent. */
  verifiedFile(promise: Promise256): Promise<string | undefined>;
  /** The bytes of an entry, checked; undefined as above. */
  read(promise: Promise256): Promise<Buffer | undefined>;
  /** Tells of bytes that came into the cache directory on another way than by `put`. */
  grew(bytes: number): void;
  /** Bytes that came into the cache directory since the store was opened. */
  growth(): number;
}

/** With all directories above it that are missing. */
const PRIVATE = { recursive: true, mode: 0o700 } as const;
const DAY = 24 * 60 * 60 * 1000;
/** Bytes of a transfer that are written at a time: more than come at a time, since each write wakes another thread. */
const AT_ONCE = 1 << 18;

/**
 * Opens the store below a cache directory, and makes it where there is none, for its owner only. What killed builds left
 * behind more than a day ago is removed.
 *
 * @throws KoalaError `archive` where the directory cannot be made
 */
export async function openStore(cacheDir: string): Promise<Store> {
  const temporary = join(cacheDir, 'tmp');
  try {
    await mkdir(temporary, PRIVATE);
    await removeStale(temporary, Date.now() - DAY);
  } catch (error) {
    throw new KoalaError('archive', `cannot use the cache directory ${cacheDir}: ${reasonOf(error)}`, {
      hint: 'give another one with --cache-dir DIR',
      cause: error,
    });
  }
  const path = ({ sha256 }: Promise256) => entryPath(cacheDir, 'downloads', sha256);
  const unpackedPath = ({ sha256 }: Promise256) => entryPath(cacheDir, 'unpacked', sha256);
  let growth = 0;
  /** What `read` makes of a whole entry; undefined where there is none, or it was damaged and is thrown away. */
  const checked = async <T>(promise: Promise256, read: (file: string) => Promise<readonly [string, T]>) => {
    const file = path(promise);
    if (!(await isThere(file, promise.size))) return undefined;
    // One that cannot be read helps nobody either.
    const [digest, result] = await read(file).catch(() => [undefined, undefined]);
    if (digest === promise.sha256) return result;
    await rm(file, { force: true });
    return undefined;
  };
  return {
    directory: cacheDir,
    path,
    unpackedPath,
    hasUnpacked: async (promise) => (await stat(unpackedPath(promise)).catch(() => undefined))?.isFile() === true,
    has: (promise) => isThere(path(promise), promise.size),
    put: async (promise, url, fill) => {
      const kept = await put(path(promise), join(temporary, randomUUID()), promise, url, fill);
      growth += promise.size;
      return kept;
    },
    verifiedFile: (promise) => checked(promise, async (file) => [await digestOfFile(file), file]),
    read: (promise) =>
      checked(promise, async (file) => {
        const bytes = await readFile(file);
        return [digestOf(bytes), bytes];
      }),
    grew: (bytes) => {
      growth += bytes;
    },
    growth: () => growth,
  };
}

/** The promise that bytes at hand keep. */
export function promiseOf(bytes: Uint8Array): Promise256 {
  return { size: bytes.length, sha256: digestOf(bytes) };
}

/** Writes a small file so that it is the old one or the new one whenever the machine stops. */
export async function writeDurably(store: Store, path: string, text: string): Promise<void> {
  const temporary = join(store.directory, 'tmp', randomUUID());
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await moveIntoPlace(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw unwritable(path, error);
  }
}

/** Gives a whole file its name. A directory that has that name is damage and gives way, as an older file does. */
export async function moveIntoPlace(temporary: string, path: string): Promise<void> {
  await mkdir(dirname(path), PRIVATE);
  try {
    await rename(temporary, path);
  } catch (error) {
    if (!['EISDIR', 'ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await rm(path, { recursive: true, force: true });
    await rename(temporary, path);
  }
}

/**
 * An entry is not synced to the disk: after a power cut it may be short or torn, which its reader notices, and fetching it
 * again costs less than a sync for each of a few hundred files.
 */
async function put(
  target: string,
  temporary: string,
  promise: Promise256,
  url: string,
  fill: (sink: Sink) => Promise<void>,
): Promise<string> {
  // Here already, so that who fills the entry does not take a full disk for a mirror that fails.
  const refuse = (error: unknown): never => {
    throw unwritable(target, error);
  };
  const file = await open(temporary, 'wx', 0o600).catch(refuse);
  try {
    let hash = createHash('sha256');
    let size = 0;
    let written = 0;
    let waiting: Uint8Array[] = [];
    const flush = async (): Promise<void> => {
      await writeAt(file, Buffer.concat(waiting), written).catch(refuse);
      waiting = [];
      written = size;
    };
    await fill({
      async restart() {
        hash = createHash('sha256');
        size = 0;
        written = 0;
        waiting = [];
        await file.truncate(0).catch(refuse);
      },
      async write(chunk) {
        hash.update(chunk);
        size += chunk.length;
        waiting.push(chunk);
        if (size - written >= AT_ONCE) await flush();
      },
    });
    await flush();
    checkPromise(promise, { size, sha256: hash.digest('hex') }, url);
    await file.close();
    await moveIntoPlace(temporary, target);
    return target;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
    throw unwritable(target, error);
  }
}

/** What the system says of a file, such as that the disk is full, with its name; other errors as they are. */
function unwritable(path: string, error: unknown): unknown {
  if (error instanceof KoalaError || (error as NodeJS.ErrnoException).syscall === undefined) return error;
  return new KoalaError('archive', `cannot write ${path}: ${reasonOf(error)}`, {
    hint: 'is there room on the disk? another place for the cache is given with --cache-dir DIR',
    cause: error,
  });
}

/** Writes all of these bytes, at a place in a file. */
export async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
  }
}

/** @throws KoalaError `verify` with both sizes or both digests */
export function checkPromise(promised: Promise256, is: Promise256, url: string): void {
  if (is.size !== promised.size) {
    throw mismatch(url, `it has ${is.size} bytes, the archive promised ${promised.size}`);
  }
  if (is.sha256 !== promised.sha256) {
    throw mismatch(url, `its SHA-256 is ${is.sha256}, the archive promised ${promised.sha256}`);
  }
}

function mismatch(url: string, why: string): KoalaError {
  return new KoalaError('verify', `cannot accept ${maskUrl(url)}: ${why}`, {
    hint: 'the mirror may be in the middle of an update: try again later, or another mirror',
  });
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) hash.update(chunk);
  return hash.digest('hex');
}

/** Whether there is a file of this size; it is used then. */
async function isThere(path: string, size: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.size !== size) return false;
  await markUsed(path, found.mtimeMs);
  return true;
}

async function removeStale(directory: string, before: number): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < before) await rm(path, { force: true });
  }
}
