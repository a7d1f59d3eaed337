import { createHash } from 'node:crypto';
import type { OutputSink } from './sink.js';

/** What went into a sink. */
export interface Poured {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/**
 * Writes chunks, each while the next one is made: a chunk has to stay as it is until two more were asked for. The sink is
 * finished then; on errors it is discarded.
 *
 * @param accept looks at what was written before the sink is finished; where it throws, that is an error like others
 * @throws whatever making a chunk or writing it throws
 */
export async function pour(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  sink: OutputSink,
  accept: (poured: Poured) => void = () => {},
): Promise<Poured> {
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    let writing = Promise.resolve();
    for await (const chunk of chunks) {
      await writing;
      writing = sink.write(chunk);
      // It is awaited in the next round; until then a failure is not an unhandled one.
      writing.catch(() => {});
      bytes += chunk.byteLength;
      hash.update(chunk);
    }
    await writing;
    const poured = { bytes, sha256: hash.digest('hex') };
    accept(poured);
    await sink.finish();
    return poured;
  } catch (error) {
    await sink.discard();
    throw error;
  }
}
