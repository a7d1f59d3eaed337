import type { Lock } from '../solve/lock/types.js';

/** Something that can be compared: a plan of packages, or a tree of files that may say which packages it is made of. */
export type Artifact =
  | { readonly type: 'plan'; readonly origin: string; readonly lock: Lock }
  | { readonly type: 'tree'; readonly origin: string; readonly tree: TreeFacts };

/** A root filesystem, wherever it was read from. */
export interface TreeFacts {
  /** By absolute path; the root is `/`. Names of one file have the same value. */
  readonly files: ReadonlyMap<string, FileFacts>;
  /** What dpkg's database in it says is installed; empty where it has none. */
  readonly packages: readonly InstalledPackage[];
}

/** All that is compared of a file. */
export interface FileFacts {
  readonly type: 'file' | 'directory' | 'symlink' | 'char' | 'block' | 'fifo';
  /** Permission bits; those of links say nothing and are 0o777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  /** Bytes of content. */
  readonly size: number;
  /** SHA-256 of the content, hexadecimal; '' for anything but files. */
  readonly sha256: string;
  /** A link's target; a device's numbers; else ''. */
  readonly target: string;
  /** Extended attributes, as `name=hexadecimal`, in order. */
  readonly xattrs: readonly string[];
}

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}
