import type { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import type { BuildOptions, BuildSummary } from '../build-types.js';

/** A stream that text goes to; of a terminal it knows the size. */
export interface Output extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** All that the command line has of the process around it, so that a test can be the process. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Emits `SIGINT` and `SIGTERM`. */
  readonly signals: EventEmitter;
  /** Ends the process at once. */
  readonly exit: (status: number) => void;
  /** The pipeline; loaded when a build begins. */
  readonly build: (options: BuildOptions) => Promise<BuildSummary>;
}

export const processIo: Io = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  signals: process,
  exit: (status) => process.exit(status),
  build: async (options) => (await import('../build.js')).build(options),
};
