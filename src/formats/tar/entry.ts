import { reasonOf } from '../errors.js';
import { normalisePath } from '../path.js';
import type { Extension } from './extension.js';
import { FIELD, type HeaderField, isUstar, readNumber, TYPE_OFFSET } from './header.js';
import { decodeText, endOfString } from './text.js';
import type { TarEntry } from './types.js';

const DIRECTORY = 0x35;

/**
 * Makes an entry of a header block and of what extended headers said of it.
 *
 * Only files have content: a size in the header of anything else is ignored, as dpkg and the readers of Go and Python do,
 * because old writers put the size of the linked file there and no bytes after it. User and group names are not read:
 * owners are numbers.
 *
 * @param block holds the header block at `at`; its checksum is right
 * @throws the error that `refuse` makes of a reason
 */
export function readEntry(block: Buffer, at: number, extension: Extension, refuse: (why: string) => Error): TarEntry {
  const name = extension.path ?? readName(block, at);
  if (name === undefined) throw refuse('the name of an entry is not UTF-8');
  if (name === '') throw refuse('an entry has no name');
  const quoted = () => JSON.stringify(name.slice(0, 200));
  const number = (field: keyof typeof FIELD, given: number | undefined) => {
    const value = given ?? readNumber(block, at, FIELD[field]);
    if (value === undefined || (value < 0 && field !== 'mtime')) throw refuse(`${quoted()} has a bad ${field}`);
    return value;
  };

  const flag = block[at + TYPE_OFFSET] ?? 0;
  const type = typeOf(flag, name);
  if (type === undefined) {
    const letter = JSON.stringify(String.fromCharCode(flag));
    throw refuse(`${quoted()} is of the type ${letter}, which is not supported`);
  }
  if (type === 'directory' && flag !== DIRECTORY && number('size', extension.size) > 0) {
    throw refuse(`${quoted()} is named as a directory and has content`);
  }
  const isDevice = type === 'char' || type === 'block';
  const isLink = type === 'symlink' || type === 'hardlink';
  return {
    type,
    path: gate(name, refuse),
    // Old writers put the file type into the bits above.
    mode: number('mode', undefined) % 0o10000,
    uid: number('uid', extension.uid),
    gid: number('gid', extension.gid),
    mtime: number('mtime', extension.mtime),
    size: type === 'file' ? number('size', extension.size) : 0,
    target: isLink ? readTarget(type, block, at, extension, quoted, refuse) : '',
    major: isDevice ? number('major', undefined) : 0,
    minor: isDevice ? number('minor', undefined) : 0,
    xattrs: extension.xattrs,
  };
}

/** The type flags of POSIX, and NUL, as v7 wrote it; a contiguous file ('7') is a file. */
function typeOf(flag: number, name: string): TarEntry['type'] | undefined {
  switch (flag) {
    case 0x00:
    case 0x30:
    case 0x37:
      // Before there was a type for directories, a slash at the end said it.
      return name.endsWith('/') ? 'directory' : 'file';
    case 0x31:
      return 'hardlink';
    case 0x32:
      return 'symlink';
    case 0x33:
      return 'char';
    case 0x34:
      return 'block';
    case DIRECTORY:
      return 'directory';
    case 0x36:
      return 'fifo';
    default:
      return undefined;
  }
}

function readName(block: Buffer, at: number): string | undefined {
  const name = readString(block, at, FIELD.name);
  if (block[at + FIELD.prefix[0]] === 0 || !isUstar(block, at)) return name;
  const prefix = readString(block, at, FIELD.prefix);
  return name === undefined || prefix === undefined ? undefined : `${prefix}/${name}`;
}

function readTarget(
  type: 'symlink' | 'hardlink',
  block: Buffer,
  at: number,
  extension: Extension,
  quoted: () => string,
  refuse: (why: string) => Error,
): string {
  const target = extension.target ?? readString(block, at, FIELD.link);
  if (target === undefined) throw refuse(`the target of ${quoted()} is not UTF-8`);
  if (target === '') throw refuse(`${quoted()} links to nothing`);
  if (type === 'hardlink') return gate(target, refuse);
  if (target.includes('\0')) throw refuse(`the target of ${quoted()} holds a NUL byte`);
  return target;
}

function gate(path: string, refuse: (why: string) => Error): string {
  try {
    return normalisePath(path);
  } catch (error) {
    throw refuse(reasonOf(error));
  }
}

function readString(block: Buffer, at: number, [start, end]: HeaderField): string | undefined {
  return decodeText(block, at + start, endOfString(block, at + start, at + end));
}
