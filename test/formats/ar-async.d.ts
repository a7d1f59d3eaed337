/** The part of ar-async that the tests use; the package has no types of its own. */
declare module 'ar-async' {
  import type { EventEmitter } from 'node:events';
  import type { Readable } from 'node:stream';

  export interface ArEntry {
    fileName(): string;
    fileData(): Readable;
  }
  export const ArReader: new (file: string) => EventEmitter;
}
