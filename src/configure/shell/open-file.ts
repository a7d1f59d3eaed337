import { readContent } from '../../rootfs/content.js';
import type { FileNode } from '../../rootfs/types.js';
import { charge, chargeReading } from './budget.js';
import { bytesOfBuffer } from './bytes.js';
import { PosixError } from './posix-error.js';
import type { Bytes, OpenFile, System } from './types.js';

export interface OpenFlags {
  readonly read?: boolean;
  readonly write?: boolean;
  readonly append?: boolean;
  readonly create?: boolean;
  readonly truncate?: boolean;
  readonly exclusive?: boolean;
}

/**
 * Memory of files that grow: an append writes behind the bytes that the content shows, so that a loop of `>>` does not
 * copy the file each time. `used` tells whether anyone else wrote behind them.
 */
const growing = new WeakMap<FileNode, { readonly memory: Buffer; used: number }>();

/** Puts `bytes` at `position` of a file; what lies between its end and `position` becomes zeros. */
function writeAt(system: System, node: FileNode, position: number, bytes: Bytes): void {
  const old = readContent(node.content);
  const end = position + bytes.length;
  const size = Math.max(end, old.byteLength);
  let space = growing.get(node);
  const inPlace =
    space !== undefined &&
    position >= old.byteLength &&
    old.buffer === space.memory.buffer &&
    old.byteOffset === space.memory.byteOffset &&
    space.used === old.byteLength &&
    size <= space.memory.byteLength;
  if (space === undefined || !inPlace) {
    charge(system, 'memoryBytes', size * 2);
    space = { memory: Buffer.alloc(size * 2), used: 0 };
    space.memory.set(old);
    growing.set(node, space);
  }
  space.memory.write(bytes, position, 'latin1');
  space.used = size;
  node.content = { type: 'bytes', bytes: space.memory.subarray(0, size) };
}

/** Marks a file as changed now by the system's owner; a written file loses its capabilities, as in Linux. */
export function touched(system: System, path: string, node: FileNode): void {
  system.changed?.(path);
  node.owner = system.owner;
  node.mtime = system.epoch;
  node.xattrs = withoutCapability(node.xattrs);
}

export function withoutCapability(xattrs: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  if (!xattrs.has('security.capability')) return xattrs;
  return new Map([...xattrs].filter(([name]) => name !== 'security.capability'));
}

/** Opens a file of the tree. Descriptors that `dup` shares hold the same object, and so the same position. */
export function openNode(system: System, path: string, node: FileNode, flags: OpenFlags): OpenFile {
  let position = 0;
  let read: { readonly content: FileNode['content']; readonly bytes: Bytes } | undefined;
  return {
    path,
    read(length) {
      if (flags.read !== true) throw new PosixError('EBADF');
      if (read?.content !== node.content) {
        const bytes = bytesOfBuffer(readContent(node.content));
        charge(system, 'memoryBytes', bytes.length);
        chargeReading(system, bytes.length);
        read = { content: node.content, bytes };
      }
      const bytes = read.bytes.slice(position, position + length);
      position += bytes.length;
      return bytes;
    },
    write(bytes) {
      if (flags.write !== true) throw new PosixError('EBADF');
      charge(system, 'outputBytes', bytes.length);
      if (flags.append === true) position = readContent(node.content).byteLength;
      writeAt(system, node, position, bytes);
      position += bytes.length;
      touched(system, path, node);
    },
  };
}

/** A descriptor that gives `bytes` and takes none: a here-document, a pipe that was filled. */
export function openBytes(bytes: Bytes): OpenFile {
  let position = 0;
  return {
    read(length) {
      const part = bytes.slice(position, position + length);
      position += part.length;
      return part;
    },
    write() {
      throw new PosixError('EBADF');
    },
  };
}

/** A descriptor that keeps what is written: a pipe's end, a script's output. */
interface Sink extends OpenFile {
  /** What was written until now. */
  bytes(): Bytes;
}

export function openSink(system: System): Sink {
  let parts: Bytes[] = [];
  return {
    read() {
      throw new PosixError('EBADF');
    },
    write(bytes) {
      charge(system, 'outputBytes', bytes.length);
      parts.push(bytes);
    },
    bytes() {
      const all = parts.join('');
      parts = [all];
      return all;
    },
  };
}

const NULL: OpenFile = {
  path: '/dev/null',
  read: () => '',
  write() {},
};

/** /dev/null, /dev/zero and /dev/full by their minor number (null(4), full(4)). */
export function openDevice(system: System, minor: number): OpenFile | undefined {
  if (minor === 3) return NULL;
  if (minor !== 5 && minor !== 7) return undefined;
  return {
    path: minor === 5 ? '/dev/zero' : '/dev/full',
    read(length) {
      charge(system, 'memoryBytes', length);
      return '\0'.repeat(length);
    },
    write() {
      if (minor === 7) throw new PosixError('ENOSPC');
    },
  };
}
