import { openSink } from './sink.js';

/**
 * Writes a file that is complete or as it was.
 *
 * @throws KoalaError `emit` where it cannot be written
 */
export async function writeWholeFile(path: string, chunks: Iterable<Uint8Array>): Promise<void> {
  const sink = await openSink(path, process.stdout);
  try {
    for (const chunk of chunks) await sink.write(chunk);
    await sink.finish();
  } catch (error) {
    await sink.discard();
    throw error;
  }
}
