import type { Tree } from '../../rootfs/tree.js';
import type { Owner } from '../../rootfs/types.js';
import type { DebianState } from '../effects/state.js';

/**
 * Text inside the shell is a byte string: a JavaScript string in which each character, 0 to 255, is one byte, as dash
 * sees it. `formats` at the borders: paths of the tree and reports are real text (UTF-8 decoded).
 */
export type Bytes = string;

/** An open file description: what a file descriptor leads to. Position and end are shared by all who hold it. */
export interface OpenFile {
  /** At most `length` bytes; '' at the end of the file. */
  read(length: number): Bytes;
  write(bytes: Bytes): void;
  /** The canonical path in the tree, where it is a file there. */
  readonly path?: string;
}

/** The budgets of one script, all of them counted down; a script that uses one up ends with a clear error. */
export interface Budget {
  steps: number;
  outputBytes: number;
  memoryBytes: number;
  /**
   * When it has to be done, in milliseconds of performance.now(); undefined: whenever it is. For commands that take few
   * steps for much work; nothing that the script sees hangs on it.
   */
  readonly deadline?: number;
}

/** What all processes of a build share. */
export interface System {
  readonly tree: Tree;
  /** The build date in seconds since the epoch: the only clock. */
  readonly epoch: number;
  /** Debian's name of the architecture that is built for. */
  readonly architecture: string;
  /** The owner that changes are marked with: the package whose script runs. */
  readonly owner: Owner;
  readonly packageName: string;
  /** External commands by name, ours; a name that is missing here is "not found" (127) and is reported. */
  readonly commands: ReadonlyMap<string, Command>;
  /**
   * Says which commands exist without a file in the tree. All others are "not found" until a package brings them, as
   * `command -v` has to say.
   */
  alwaysThere?(name: string): boolean;
  readonly budget: Budget;
  /** What Debian's own tools remember between scripts; the commands of `effects` need it. */
  readonly debian?: DebianState;
  /** Reports for the audit. */
  report(event: Report): void;
  /** Told of each canonical path before it is made, changed (a file may be written already) or taken away. */
  changed?(path: string): void;
}

export type Report =
  /** A command that we do not have. */
  | {
      readonly type: 'unknown-command';
      readonly command: string;
      readonly line: number;
      /** The tree has the file, so that a real system would have run it. */
      readonly inTree: boolean;
    }
  /** An option or form of a command of ours that it does not implement. */
  | { readonly type: 'unsupported'; readonly command: string; readonly what: string; readonly line: number }
  /** Left out by policy, for example a daemon that was not started. */
  | { readonly type: 'left-out'; readonly command: string; readonly why: string; readonly line: number };

/** Whose process it is: files that it makes are theirs. Nobody is refused anything for it, root made the process. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** One process: what a command sees of the world. */
export interface Process {
  readonly system: System;
  /** The command's own name first, as in C. */
  readonly args: readonly Bytes[];
  readonly environment: ReadonlyMap<Bytes, Bytes>;
  /** Absolute, canonical path in the tree. */
  readonly cwd: string;
  readonly umask: number;
  /** undefined: root. */
  readonly identity?: Identity | undefined;
  readonly descriptors: ReadonlyMap<number, OpenFile>;
  /** The line of the script that started it. */
  readonly line: number;
  /** Runs another command (xargs, env, find -exec, sh -c …) with this process' world but for what is given. */
  spawn(
    args: readonly Bytes[],
    changes?: Partial<Pick<Process, 'environment' | 'cwd' | 'umask' | 'identity' | 'descriptors'>>,
  ): number;
}

/** Runs to its end at once; the result is the exit status, 0 to 255. */
export type Command = (process: Process) => number;
