import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { freshPart } from '../files/part.js';
import { KoalaError, reasonOf } from '../formats/errors.js';

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
  try {
    const status = await stat(output).catch(ifMissing);
    if (status?.isDirectory()) throw new Error('it is a directory');
    if (status === undefined) return await fileSink(output);
    return status.isFile() ? await fileSink(await realpath(output)) : handleSink(output, await open(output, 'w'));
  } catch (error) {
    throw refused(output, error);
  }
}

async function fileSink(output: string): Promise<OutputSink> {
  const part = await freshPart(output);
  const handle = await open(part, 'wx', 0o644);
  const sink = handleSink(output, handle);
  return {
    write: sink.write,
    finish: async () => {
      try {
        await handle.sync();
        await handle.close();
        await rename(part, output);
      } catch (error) {
        throw refused(output, error);
      }
    },
    discard: async () => {
      await sink.discard();
      await unlink(part).catch(ifMissing);
    },
  };
}

function handleSink(output: string, handle: FileHandle): OutputSink {
  return {
    write: async (chunk) => {
      try {
        for (let done = 0; done < chunk.byteLength; ) {
          done += (await handle.write(chunk, done)).bytesWritten;
        }
      } catch (error) {
        throw refused(output, error);
      }
    },
    finish: () => handle.close(),
    discard: () => handle.close().catch(() => {}),
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

function refused(output: string, error: unknown): KoalaError {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  const why = (code === undefined ? undefined : REASONS[code]) ?? reasonOf(error);
  return new KoalaError('emit', `cannot write ${output}: ${why}`, { cause: error });
}

/** In words, what users meet; other reasons are the system's. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  ENOENT: 'its directory does not exist',
  ENOSPC: 'no space left on the device',
  EPIPE: 'the program that reads it has ended',
  EROFS: 'the file system is read-only',
};
