import type { UnpackerOptions } from '../unpack/unpacker.js';

/** What unpacks, and its threads. */
interface EarlyUnpacker {
  /** Loads it and starts its threads, once; early where there is time, or else where it is needed. */
  start(): Started;
  /** Ends the threads, if there are some. */
  close(): Promise<void>;
}

type Started = ReturnType<typeof load>;

/** A thread takes 50 ms to start: it may do so while an index comes, and need not for who only asks for a plan, or has the output already. */
export function earlyUnpacker(options: UnpackerOptions): EarlyUnpacker {
  let started: Started | undefined;
  return {
    start: () => {
      if (started === undefined) {
        started = load(options);
        // It is awaited later, if at all; until then a failure is not an unhandled one.
        started.catch(() => undefined);
      }
      return started;
    },
    close: async () => {
      // Where it could not be loaded, whoever needed it has said so.
      const loaded = await started?.catch(() => undefined);
      await loaded?.unpacker.close();
    },
  };
}

async function load(options: UnpackerOptions) {
  const { fetchAndUnpack, createUnpacker } = await import('./fetch-and-unpack.js');
  const unpacker = createUnpacker(options);
  unpacker.start();
  return { fetchAndUnpack, unpacker };
}
