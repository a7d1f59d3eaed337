import type { Limits } from '../limits.js';

/** An entry of a tar archive, as data: what its headers say, whichever of the formats they are in. */
export interface TarEntry {
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo';
  /** Absolute and normalised: `/usr/bin/env`; the root itself is `/`. */
  readonly path: string;
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds since the epoch; a fraction is rounded down. */
  readonly mtime: number;
  /** Bytes of content; 0 for anything but files. */
  readonly size: number;
  /** A symlink's target, verbatim; a hardlink's target as an absolute normalised path; else ''. */
  readonly target: string;
  /** Device numbers; 0 for anything but devices. */
  readonly major: number;
  readonly minor: number;
  /** Extended attributes by full name (`security.capability`). */
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

/** What a `TarReader` tells, in the order of the archive. */
export interface TarSink {
  /** @param contentOffset where the entry's content starts, in bytes from the start of the tar stream */
  entry(entry: TarEntry, contentOffset: number): void;
  /** The next bytes of the last entry's content: a view of what was written to the reader, never a copy. */
  content?(chunk: Uint8Array): void;
}

/** What a `TarReader` takes before it refuses the archive. */
export type TarLimits = Pick<Limits, 'entries' | 'pathDepth' | 'paxBytes' | 'nameBytes' | 'xattrs'>;
