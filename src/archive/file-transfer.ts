import { type FileHandle, open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { KoalaError, reasonOf } from '../formats/errors.js';
import type { TransferRequest } from './transport.js';

const CHUNK = 1 << 18;

/** Reads a file: URL, of this machine and of a regular file; see `Transport.fetch`. */
export async function readFileUrl(request: TransferRequest, signal: AbortSignal): Promise<'complete' | 'absent'> {
  const { url, sink, limit } = request;
  let file: FileHandle;
  try {
    file = await open(fileURLToPath(url));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'absent';
    throw new KoalaError('archive', `cannot read ${url}: ${reasonOf(error)}`, { cause: error });
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new KoalaError('archive', `cannot read ${url}: it is not a regular file`);
    let received = 0;
    for (;;) {
      signal.throwIfAborted();
      // A buffer for each read: the sink may still hold the last one.
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK);
      if (bytesRead === 0) return 'complete';
      received += bytesRead;
      if (received > limit) throw tooLong(url, limit);
      await sink.write(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** @param url for the message, passwords masked */
export function tooLong(url: string, limit: number): KoalaError {
  return new KoalaError('verify', `cannot accept ${url}: it is longer than the ${limit} bytes that were promised`);
}
