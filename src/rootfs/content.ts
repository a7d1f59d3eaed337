import { closeSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from '../formats/elf/bytes.js';
import { KoalaError } from '../formats/errors.js';
import type { Tree } from './tree.js';
import type { Content } from './types.js';

/** Configuring reads certificates, templates and libraries' headers; a file above this is a mistake or an attack. */
const MAX_READ = 256 * 1024 * 1024;

export function contentSize(content: Content): number {
  return content.type === 'bytes' ? content.bytes.byteLength : content.size;
}

/**
 * The bytes of a file of the tree.
 *
 * @throws KoalaError where the file is larger than 256 MiB, or where the spool is shorter than it says.
 */
export function readContent(content: Content): Uint8Array {
  if (content.type === 'bytes') return content.bytes;
  if (content.size > MAX_READ) {
    throw new KoalaError('tree', `cannot read ${content.size} bytes of ${content.file}: more than ${MAX_READ}`);
  }
  const bytes = Buffer.allocUnsafe(content.size);
  const descriptor = openSync(content.file, 'r');
  try {
    for (let done = 0; done < content.size; ) {
      const count = readSync(descriptor, bytes, done, content.size - done, content.offset + done);
      if (count === 0) throw new KoalaError('tree', `cannot read ${content.file}: it ends too early`);
      done += count;
    }
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}

/** A file's bytes, read where they are asked for. It opens the file each time: for the few that configuring looks into. */
export function contentSource(content: Content): ByteSource {
  const size = contentSize(content);
  return {
    size,
    read(offset, length) {
      const count = Math.max(0, Math.min(length, size - offset));
      if (offset < 0 || count === 0) return Buffer.alloc(0);
      const bytes =
        content.type === 'bytes'
          ? content.bytes.subarray(offset, offset + count)
          : readContent({ ...content, offset: content.offset + offset, size: count });
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
  };
}

/** As `readContent` for both, where their sizes are the same. */
export function haveSameBytes(one: Content, other: Content): boolean {
  return contentSize(one) === contentSize(other) && Buffer.compare(readContent(one), readContent(other)) === 0;
}

/** The bytes of the file that a path leads to, links followed; undefined where no file is there. */
export function readFile(tree: Tree, path: string): Uint8Array | undefined {
  const node = tree.resolve(path);
  return node?.type === 'file' ? readContent(node.content) : undefined;
}

/** As `readFile`, as text. */
export function readText(tree: Tree, path: string): string | undefined {
  const bytes = readFile(tree, path);
  return bytes === undefined ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
