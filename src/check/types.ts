import type { Dynamic, VersionNeed } from '../formats/elf/dynamic.js';
import type { ElfAbi } from '../formats/elf/file.js';
import type { DlopenNote } from '../formats/elf/notes.js';
import type { FileNode } from '../rootfs/types.js';

/** An error leaves the tree open: something in it cannot start, or leads nowhere. */
export type Severity = 'error' | 'warning' | 'information';

/** What sort of thing is missing; these words are those of `--json`. */
type FindingType =
  /** A shared library that a file needs. */
  | 'library'
  /** A version of symbols that a library of the tree does not have. */
  | 'symbol-version'
  /** What starts a program: of an ELF file, or of a `#!`. */
  | 'interpreter'
  /** A file for a machine that the tree is not for. */
  | 'architecture'
  /** A CPU that not every machine of the architecture has. */
  | 'cpu'
  /** The target of a symbolic link. */
  | 'link'
  /** A library that a program opens while it runs. */
  | 'dlopen'
  /** A command that a shell script calls. */
  | 'command'
  /** Data, modules or configuration that a library opens while it runs. */
  | 'data';

/** A file that needs something, and how it says so. */
export interface Need {
  readonly path: string;
  /** Who brought it: `package libc6`, `the profile`; undefined where nobody knows. */
  readonly package: string | undefined;
  /** `DT_NEEDED`, `#!/bin/sh -e`, `line 12: awk` */
  readonly how: string;
}

export interface Finding {
  readonly type: FindingType;
  readonly severity: Severity;
  /** The name of the thing: `libfoo.so.1`, `GLIBC_2.99 of libc.so.6`, `/bin/sh`, `awk`. */
  readonly missing: string;
  /** What is wrong, where the name and the type do not say all; one line. */
  readonly detail: string | undefined;
  /** In the order of their paths. */
  readonly needs: readonly Need[];
  /** Paths at which a package would supply it, or names of packages; empty where none can. */
  readonly wanted: Wanted;
}

/** What the profile itself did that a thing is missing. */
export type Cause = 'drop' | 'exclude-paths' | 'slice';

/** What to look for in an archive. */
export interface Wanted {
  /** Absolute paths, as in the tree; any of them. */
  readonly paths: readonly string[];
  /** Base names of libraries. */
  readonly libraries: readonly string[];
  readonly packages: readonly string[];
}

/** An ELF file of the tree that is linked dynamically. */
export interface ElfObject {
  readonly path: string;
  readonly node: FileNode;
  readonly abi: ElfAbi;
  /** Undefined: it is no program, or a static one. */
  readonly interpreter: string | undefined;
  readonly dynamic: Dynamic | undefined;
  readonly versions: ReadonlySet<string>;
  readonly versionNeeds: readonly VersionNeed[];
  readonly dlopen: readonly DlopenNote[];
  readonly isaLevel: number;
  readonly kernel: string | undefined;
}

/** A file that begins with `#!` and may be executed. */
export interface Script {
  readonly path: string;
  readonly node: FileNode;
  /** Its first line, without `#!`. */
  readonly line: string;
}

/** What a walk through the tree found. */
export interface Scan {
  readonly files: number;
  readonly objects: readonly ElfObject[];
  readonly scripts: readonly Script[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
}
