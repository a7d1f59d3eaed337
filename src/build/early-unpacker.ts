import type { UnpackerOptions } from '../unpack/unpacker.js';

/** What unpacks, and its threads. */
interface EarlyUnpacker {
  /** Loads it, once. Its threads are started where they are needed. */
  load(): Loaded;
  /** Starts its threads already. */
  start(): void;
  /** Ends the threads, if there are some. */
  close(): Promise<void>;
}

type Loaded = ReturnType<typeof load>;

/** A thread takes 50 ms to start: it may do so while an index comes, and need not for who only asks for a plan, or has the output already. */
export function earlyUnpacker(options: UnpackerOptions): EarlyUnpacker {
  let loading: Loaded | undefined;
  let isStarted = false;
  const loadOnce = (): Loaded => {
    loading ??= load(options);
    return loading;
  };
  return {
    load: loadOnce,
    start: () => {
      if (isStarted) return;
      isStarted = true;
      // A failure is told to who needs it.
      loadOnce().then(
        ({ unpacker }) => unpacker.start(),
        () => undefined,
      );
    },
    close: async () => {
      // Where it could not be loaded, whoever needed it has said so.
      const loaded = await loading?.catch(() => undefined);
      await loaded?.unpacker.close();
    },
  };
}

async function load(options: UnpackerOptions) {
  const { fetchAndUnpack, createUnpacker } = await import('./fetch-and-unpack.js');
  return { fetchAndUnpack, unpacker: createUnpacker(options) };
}
