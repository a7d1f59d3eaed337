import type { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type {
  AuditOptions,
  AuditReport,
  BuildOptions,
  BuildSummary,
  ImageOptions,
  ImagesSummary,
  Planned,
  PlanOptions,
} from '../build-types.js';

/** A stream that text goes to; of a terminal it knows the size. */
export interface Output extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** All that the command line has of the process around it, so that a test can be the process. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Emits `SIGINT` and `SIGTERM`. */
  readonly signals: EventEmitter;
  /** Ends the process at once. */
  readonly exit: (status: number) => void;
  /** The pipeline; loaded when a build begins. */
  readonly build: (options: BuildOptions) => Promise<BuildSummary>;
  /** The same for images. */
  readonly buildImages: (options: ImageOptions) => Promise<ImagesSummary>;
  /** Its first half; loaded when it is asked for. */
  readonly plan: (options: PlanOptions) => Promise<Planned>;
  /** The same with all but the output. */
  readonly audit: (options: AuditOptions) => Promise<AuditReport>;
}

export const processIo: Io = {
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  signals: process,
  exit: (status) => process.exit(status),
  plan: async (options) => (await import('../plan.js')).plan(options),
  audit: async (options) => (await import('../audit.js')).audit(options),
  build: async (options) => (await import('../build.js')).build(options),
  buildImages: async (options) => (await import('../build-images.js')).buildImages(options),
};
