import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { freshPart } from '../files/part.js';
import { KoalaError, reasonOf } from '../formats/errors.js';

/** After so many bytes the system is asked to put them on the disk. */
const SYNC_EVERY = 8 * 1024 * 1024;

/** Where the bytes of an output go. */
export interface OutputSink {
  /** Takes the chunk when the promise resolves. */
  write(chunk: Uint8Array): Promise<void>;
  /** Completes the output. */
  finish(): Promise<void>;
  /** Leaves no trace of it, as far as that can be. */
  discard(): Promise<void>;
}

/**
 * A sink for a path or, for `-`, for `stdout`. A file is written beside its place and renamed to it at the end, so that
 * it is complete or absent; mode 0644 less the umask. A device or a named pipe is written to as it stands.
 *
 * @throws KoalaError where the output cannot be written.
 */
export async function openSink(output: string, stdout: Writable): Promise<OutputSink> {
  if (output === '-') return streamSink(stdout);
  const place = await placeOf(output);
  if (place === undefined) return openDevice(output);
  const sink = await openPart(place);
  return {
    ...sink,
    finish: async () => {
      await sink.finish();
      await putInPlace(place);
    },
    discard: async () => {
      await sink.discard();
      await removePart(place);
    },
  };
}

/** Where a file is going to be. */
export interface Place {
  /** As the user calls it. */
  readonly output: string;
  /** The same, links followed. */
  readonly target: string;
  /** Where it is written until it is whole: beside the target. */
  readonly part: string;
}

/**
 * @returns undefined where a device or a named pipe is, or standard output is meant
 * @throws KoalaError where a directory is, or it cannot be told
 */
export async function placeOf(output: string): Promise<Place | undefined> {
  if (output === '-') return undefined;
  try {
    const status = await stat(output).catch(ifMissing);
    if (status?.isDirectory()) throw new Error('it is a directory');
    if (status?.isFile() === false) return undefined;
    const target = status === undefined ? output : await realpath(output);
    return { output, target, part: await freshPart(target) };
  } catch (error) {
    throw refused(output, error);
  }
}

/**
 * A sink for the part of a file; it is on the disk once the sink is finished. What is written early goes to the disk while the
 * rest is made. Discarding it closes it only.
 *
 * @throws KoalaError where it cannot be written
 */
export async function openPart({ output, part }: Place): Promise<OutputSink> {
  const handle = await open(part, 'wx', 0o644).catch((error: unknown) => {
    throw refused(output, error);
  });
  const sink = handleSink(output, handle);
  let unsynced = 0;
  let isSyncing = false;
  let syncing = Promise.resolve();
  const datasync = async (): Promise<void> => {
    try {
      await handle.datasync();
    } catch (error) {
      throw refused(output, error);
    } finally {
      isSyncing = false;
    }
  };
  return {
    write: async (chunk) => {
      await sink.write(chunk);
      unsynced += chunk.byteLength;
      if (isSyncing || unsynced < SYNC_EVERY) return;
      // The system tells of a failure once.
      await syncing;
      unsynced = 0;
      isSyncing = true;
      syncing = datasync();
      // It is awaited later; until then a failure is not an unhandled one.
      syncing.catch(() => {});
    },
    finish: async () => {
      await syncing;
      try {
        await handle.sync();
        await handle.close();
      } catch (error) {
        throw refused(output, error);
      }
    },
    discard: async () => {
      await syncing.catch(() => {});
      await sink.discard();
    },
  };
}

/** Gives a whole part the name of its file. @throws KoalaError where that cannot be done */
export async function putInPlace({ output, target, part }: Place): Promise<void> {
  await rename(part, target).catch((error: unknown) => {
    throw refused(output, error);
  });
}

export async function removePart({ part }: Place): Promise<void> {
  await unlink(part).catch(ifMissing);
}

async function openDevice(output: string): Promise<OutputSink> {
  const handle = await open(output, 'w').catch((error: unknown) => {
    throw refused(output, error);
  });
  return handleSink(output, handle);
}

function handleSink(output: string, handle: FileHandle): OutputSink {
  const write = async (chunk: Uint8Array): Promise<void> => {
    try {
      for (let done = 0; done < chunk.byteLength; ) {
        done += (await handle.write(chunk, done)).bytesWritten;
      }
    } catch (error) {
      throw refused(output, error);
    }
  };
  let writing = Promise.resolve();
  return {
    write: (chunk) => {
      writing = write(chunk);
      return writing;
    },
    finish: () => handle.close(),
    discard: async () => {
      // What is under way would go to whatever is opened next under the same number.
      await writing.catch(() => {});
      await handle.close().catch(() => {});
    },
  };
}

function streamSink(stream: Writable): OutputSink {
  let failed: Error | undefined;
  // Without a listener, an error of the stream would end the process.
  const remember = (error: Error): void => {
    failed ??= error;
  };
  stream.on('error', remember);
  return {
    write: (chunk) =>
      new Promise((resolve, reject) => {
        if (failed !== undefined) return reject(refused('standard output', failed));
        stream.write(chunk, (error) => (error ? reject(refused('standard output', error)) : resolve()));
      }),
    finish: async () => {
      stream.off('error', remember);
      if (failed !== undefined) throw refused('standard output', failed);
    },
    // The listener stays: the stream may tell of its end after its last write did.
    discard: async () => {},
  };
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** Why an output cannot be written. */
export function refused(output: string, error: unknown): KoalaError {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  const why = (code === undefined ? undefined : REASONS[code]) ?? reasonOf(error);
  return new KoalaError('emit', `cannot write ${output}: ${why}`, { cause: error });
}

/** In words, what users meet; other reasons are the system's. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  ENOENT: 'its directory does not exist',
  ENOSPC: 'no space left on the device',
  ENOTDIR: 'what its path goes through is no directory',
  EPIPE: 'the program that reads it has ended',
  EROFS: 'the file system is read-only',
};
