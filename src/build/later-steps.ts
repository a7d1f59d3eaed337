import type { UnpackerOptions } from '../unpack/unpacker.js';

/** What comes after the plan. */
interface LaterSteps {
  /** Loads it and starts its threads, once; early where there is time, or else where it is needed. */
  start(): Started;
  /** Ends the threads, if there are some. */
  close(): Promise<void>;
}

type Started = ReturnType<typeof startLater>;

/** Two thirds of all code, and a thread takes 50 ms to start: nothing for who only asks for a plan, or has the output already. */
export function laterSteps(options: UnpackerOptions): LaterSteps {
  let started: Started | undefined;
  return {
    start: () => {
      started ??= startLater(options);
      return started;
    },
    close: async () => {
      // Where it could not be loaded, whoever needed it has said so.
      const unpacker = await started?.unpacking.then((loaded) => loaded.unpacker).catch(() => undefined);
      await unpacker?.close();
    },
  };
}

function startLater(options: UnpackerOptions) {
  const unpacking = import('./fetch-and-unpack.js').then(({ fetchAndUnpack, createUnpacker }) => {
    const unpacker = createUnpacker(options);
    unpacker.start();
    return { fetchAndUnpack, unpacker };
  });
  const configuring = import('./staging.js');
  // They are awaited later, if at all; until then a failure is not an unhandled one.
  unpacking.catch(() => undefined);
  configuring.catch(() => undefined);
  return { unpacking, configuring };
}
