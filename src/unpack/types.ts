import type { Promised } from './deb-file.js';

export interface UnpackRequest {
  /** The path of the .deb. */
  readonly deb: string;
  readonly promised: Promised;
  /** Fields of the .deb's control paragraph, as the verified index says them. */
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Where the unpacked package is kept for later builds, if it is: then it comes from there, and the .deb may be missing. */
  readonly kept?: string;
}

/** A .deb, unpacked: what its control member says, what its data member holds, and where each file's bytes lie. */
export interface UnpackedPackage {
  /** The .deb's path, for messages. */
  readonly deb: string;
  readonly control: ReadonlyMap<string, ControlFile>;
  /** In the order of the archive; paths as `normalisePath` of `formats/path.ts` gives them. */
  readonly entries: readonly PackageEntry[];
  /** A file that holds the contents; `PackageEntry.offset` counts in it. Lives as long as the unpacker. */
  readonly spool: string;
  /** The size of the unpacked data member in bytes. */
  readonly bytes: number;
  /** Bytes that are kept of it for later builds since now. */
  readonly stored?: number;
}

/** A file of the control member: `control`, `md5sums`, `conffiles`, `preinst` … */
export interface ControlFile {
  readonly mode: number;
  readonly bytes: Uint8Array;
}

/** An entry of the data member, as data. */
export interface PackageEntry {
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo';
  /** Absolute and normalised: `/usr/bin/env`; the root itself is `/`. */
  readonly path: string;
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds since the epoch. */
  readonly mtime: number;
  /** Bytes of content; 0 for anything but files. */
  readonly size: number;
  /** Where the content starts in the spool. */
  readonly offset: number;
  /** A symlink's target, verbatim; a hardlink's target as an absolute normalised path; else ''. */
  readonly target: string;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}
