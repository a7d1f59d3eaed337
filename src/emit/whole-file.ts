import { pour } from './pour.js';
import { openSink } from './sink.js';

/**
 * Writes a file that is complete or as it was.
 *
 * @throws KoalaError `emit` where it cannot be written
 */
export async function writeWholeFile(path: string, chunks: Iterable<Uint8Array>): Promise<void> {
  await pour(chunks, await openSink(path, process.stdout));
}
