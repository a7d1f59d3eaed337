/** Who brought an entry: every byte of the output has an owner. */
export type Owner =
  | { readonly type: 'package'; readonly name: string }
  | { readonly type: 'effect'; readonly name: string; readonly package: string | undefined }
  | { readonly type: 'profile'; readonly name: string };

/** Where a file's bytes are: in memory (small, made by an effect or a profile), or a slice of a spool file. */
export type Content =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'slice'; readonly file: string; readonly offset: number; readonly size: number };

export interface Attributes {
  /** Permission bits, 0 to 0o7777. */
  mode: number;
  uid: number;
  gid: number;
  /** Whole seconds since the epoch. */
  mtime: number;
  /** Extended attributes by full name (`security.capability`). */
  xattrs: ReadonlyMap<string, Uint8Array>;
  owner: Owner;
}

export interface FileNode extends Attributes {
  readonly type: 'file';
  content: Content;
}
export interface DirectoryNode extends Attributes {
  readonly type: 'directory';
  readonly children: Map<string, TreeNode>;
}
export interface SymlinkNode extends Attributes {
  readonly type: 'symlink';
  readonly target: string;
}
export interface DeviceNode extends Attributes {
  readonly type: 'char' | 'block';
  readonly major: number;
  readonly minor: number;
}
interface FifoNode extends Attributes {
  readonly type: 'fifo';
}

/** Two names of one file (hard links) are two children that are the same object. */
export type TreeNode = FileNode | DirectoryNode | SymlinkNode | DeviceNode | FifoNode;
