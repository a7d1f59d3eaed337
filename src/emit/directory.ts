import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { freshPart } from '../files/part.js';
import { statIfThere } from '../files/there.js';
import { KoalaError } from '../formats/errors.js';
import { contentSize } from '../rootfs/content.js';
import type { Attributes, DirectoryNode, FileNode, SymlinkNode, TreeNode } from '../rootfs/types.js';
import { CHUNK_SIZE } from './recipe.js';
import { refused } from './sink.js';
import { SpoolReader } from './spool-reader.js';
import type { Walkable } from './tar.js';

/** After so many entries others get their turn: signals, and the progress on the terminal. */
const ENTRIES_IN_A_TURN = 256;

export interface WrittenDirectory {
  /** The sum of the contents of all files; a file with several names counts once. */
  readonly bytes: number;
  /** What the directory does not have of the tree, in words. */
  readonly notes: readonly string[];
}

/**
 * Writes a tree as a directory: into a private one beside it that gets its name at the end. Everything in it is made
 * anew, so that no link is ever followed. Modes do not depend on the umask; owners are set where the process is root.
 * Node can make no devices and named pipes and set no extended attributes: `notes` says what was left out.
 *
 * @param output must not exist, or be an empty directory.
 * @throws KoalaError 'emit' where it cannot be written; 'cancelled' on abort. Then nothing is left of it.
 */
export async function writeDirectory(
  tree: Walkable,
  output: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<WrittenDirectory> {
  const target = resolve(output);
  const writer = new DirectoryWriter(await freshPart(target));
  try {
    if (!isFree(target))
      throw new KoalaError(
        'emit',
        `cannot write the directory ${output}: it is there already, and not an empty directory`,
      );
    let count = 0;
    for (const [path, node] of tree.walk()) {
      writer.add(path, node);
      count += 1;
      if (count % ENTRIES_IN_A_TURN === 0) await setImmediate();
      if (options.signal?.aborted === true) {
        throw new KoalaError('cancelled', `cannot go on writing ${output}: it was cancelled`);
      }
    }
    writer.finish();
    renameSync(writer.directory, target);
    return { bytes: writer.bytes, notes: writer.notes() };
  } catch (error) {
    writer.discard();
    throw error instanceof KoalaError ? error : refused(`the directory ${output}`, error);
  } finally {
    writer.close();
  }
}

function isFree(path: string): boolean {
  const there = statIfThere(path);
  return there === undefined || (there.isDirectory() && readdirSync(path).length === 0);
}

class DirectoryWriter {
  readonly directory: string;
  bytes = 0;
  readonly #root = process.geteuid?.() === 0;
  readonly #reader = new SpoolReader();
  readonly #buffer = new Uint8Array(CHUNK_SIZE);
  /** Files by their node: where each was made first. */
  readonly #made = new Map<TreeNode, string>();
  readonly #directories: { readonly at: string; readonly node: DirectoryNode }[] = [];
  readonly #special: string[] = [];
  readonly #withXattrs: string[] = [];
  #foreign = 0;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Makes an entry; its directory must have been added before. */
  add(path: string, node: TreeNode): void {
    const at = join(this.directory, path);
    const first = this.#made.get(node);
    if (first !== undefined) {
      linkSync(first, at);
      return;
    }
    if (node.type !== 'directory' && node.type !== 'file' && node.type !== 'symlink') {
      this.#special.push(path);
      return;
    }
    for (const name of node.xattrs.keys()) this.#withXattrs.push(`${name} of ${path}`);
    if (!this.#root && (node.uid !== 0 || node.gid !== 0)) this.#foreign += 1;
    if (node.type === 'directory') {
      mkdirSync(at, 0o700);
      this.#directories.push({ at, node });
      return;
    }
    if (node.type === 'symlink') this.#symlink(at, node);
    else this.#file(at, node);
    this.#made.set(node, at);
  }

  /** Gives directories their attributes: only now, as a directory may be read-only, and its time changes with its names. */
  finish(): void {
    for (const { at, node } of this.#directories.reverse()) {
      if (this.#root) chownSync(at, node.uid, node.gid);
      chmodSync(at, node.mode);
      utimesSync(at, node.mtime, node.mtime);
    }
  }

  discard(): void {
    for (const { at } of this.#directories) chmodSync(at, 0o700);
    if (existsSync(this.directory)) rmSync(this.directory, { recursive: true });
  }

  close(): void {
    this.#reader.close();
  }

  notes(): readonly string[] {
    const notes: string[] = [];
    if (this.#special.length > 0) notes.push(`devices and named pipes were left out: ${this.#special.join(', ')}`);
    if (this.#withXattrs.length > 0) notes.push(`extended attributes were left out: ${this.#withXattrs.join(', ')}`);
    if (this.#foreign > 0) {
      notes.push(`owners were left out, as only root can set them: ${this.#foreign} entries do not belong to root`);
    }
    return notes;
  }

  #symlink(at: string, node: SymlinkNode): void {
    symlinkSync(node.target, at);
    if (this.#root) lchownSync(at, node.uid, node.gid);
    lutimesSync(at, node.mtime, node.mtime);
  }

  #file(at: string, node: FileNode): void {
    const descriptor = openSync(at, 'wx', 0o600);
    try {
      this.#copy(node, descriptor);
      this.#attributes(descriptor, node);
    } finally {
      closeSync(descriptor);
    }
  }

  #attributes(descriptor: number, { uid, gid, mode, mtime }: Attributes): void {
    // The owner first: a change of it takes the set-user-ID bit away (chown(2)).
    if (this.#root) fchownSync(descriptor, uid, gid);
    fchmodSync(descriptor, mode);
    futimesSync(descriptor, mtime, mtime);
  }

  #copy({ content }: FileNode, descriptor: number): void {
    const size = contentSize(content);
    this.bytes += size;
    for (let done = 0; done < size; ) {
      const part = this.#buffer.subarray(0, Math.min(CHUNK_SIZE, size - done));
      if (content.type === 'bytes') part.set(content.bytes.subarray(done, done + part.byteLength));
      else this.#reader.read(content.file, content.offset + done, part);
      for (let written = 0; written < part.byteLength; ) {
        written += writeSync(descriptor, part, written, part.byteLength - written);
      }
      done += part.byteLength;
    }
  }
}
