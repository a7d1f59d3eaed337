import { KoalaError } from '../errors.js';
import { XATTR_PREFIX } from './extension.js';
import {
  BLOCK_SIZE,
  checksumOf,
  FIELD,
  type HeaderField,
  MAGIC_OFFSET,
  maxNumber,
  paddingOf,
  TYPE_OFFSET,
  USTAR_MAGIC,
  writeNumber,
} from './header.js';
import { formatPaxRecords, type PaxRecord } from './pax.js';
import type { TarEntry } from './types.js';

const TYPE_FLAGS: Readonly<Record<TarEntry['type'], string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  char: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};

type NumberField = 'mode' | 'uid' | 'gid' | 'size' | 'mtime' | 'major' | 'minor';

/** The numbers that a pax record can say where they do not fit the header block. */
const PAX_NUMBERS: ReadonlySet<NumberField> = new Set(['uid', 'gid', 'size', 'mtime']);

/** The fields of a header block; the texts fit theirs, and so do the numbers. */
interface Block {
  readonly type: string;
  readonly prefix: Buffer;
  readonly name: Buffer;
  readonly link: Buffer;
  readonly numbers: Readonly<Record<NumberField, number>>;
}

const NOTHING = Buffer.alloc(0);
const SLASH = 0x2f;
const SPACE = 0x20;

/** What ends an archive: two blocks of zeros. */
export const TAR_END: Uint8Array = new Uint8Array(2 * BLOCK_SIZE);

/** The zero bytes between the end of a content of `size` bytes and the next header. */
export function tarPadding(size: number): Uint8Array {
  return TAR_END.subarray(0, paddingOf(size));
}

/**
 * Encodes the header of an entry: a ustar block (POSIX.1-2017, pax), with a pax extended header before it where ustar
 * cannot say it: names that are too long to be split, numbers out of range, and xattrs. Names are relative to the root
 * (`./usr/bin/`), as in a .deb; there are no user and group names. Equal entries give equal bytes.
 *
 * Names beyond ASCII go raw into the ustar block, as GNU tar and so dpkg-deb write them: readers take them for the bytes
 * of a file name in any locale, while a pax record would be recoded, or refused, by those that run in the C locale.
 *
 * @throws KoalaError `emit` for what no tar can say: a relative path, a number that is negative or no whole one, an xattr
 * with `=` in its name
 */
export function encodeTarHeader(entry: TarEntry): Uint8Array {
  const refuse = (why: string) => new KoalaError('emit', `cannot write the tar header of ${entry.path}: ${why}`);
  const records: PaxRecord[] = [];
  const number = (field: NumberField, value: number): number => {
    if (!Number.isSafeInteger(value) || (value < 0 && field !== 'mtime')) throw refuse(`its ${field} is ${value}`);
    if (fits(field, value)) return value;
    if (!PAX_NUMBERS.has(field)) throw refuse(`its ${field} is ${value}`);
    records.push({ key: field, value: Buffer.from(String(value)) });
    // A reader without pax shall see 0 rather than a number that looks right and is not.
    return 0;
  };

  const name = Buffer.from(memberName(entry.path, entry.type === 'directory', refuse));
  const names = splitName(name);
  if (names === undefined) records.push({ key: 'path', value: name });
  const link = Buffer.from(entry.type === 'hardlink' ? memberName(entry.target, false, refuse) : entry.target);
  if (link.length > lengthOf(FIELD.link)) records.push({ key: 'linkpath', value: link });
  const numbers = {
    mode: number('mode', entry.mode),
    uid: number('uid', entry.uid),
    gid: number('gid', entry.gid),
    size: number('size', entry.size),
    mtime: number('mtime', entry.mtime),
    major: number('major', entry.major),
    minor: number('minor', entry.minor),
  };
  // A Map keeps the order of insertion, which is not a property of the file.
  for (const [key, value] of [...entry.xattrs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (key === '' || key.includes('=')) throw refuse(`it has an extended attribute ${JSON.stringify(key)}`);
    records.push({ key: XATTR_PREFIX + key, value: Buffer.from(value.buffer, value.byteOffset, value.byteLength) });
  }

  const block = encodeBlock({
    type: TYPE_FLAGS[entry.type],
    prefix: names?.prefix ?? NOTHING,
    name: names?.name ?? cut(name, lengthOf(FIELD.name)),
    link: cut(link, lengthOf(FIELD.link)),
    numbers,
  });
  return records.length === 0 ? block : Buffer.concat([encodePax(entry.path, numbers.mtime, records), block]);
}

/**
 * As `encodeTarHeader`, into `block` where that is enough: nearly all headers are one block, and there are many of them.
 *
 * @param block of 512 bytes
 * @returns `block`, or bytes of its own
 */
export function writeTarHeader(entry: TarEntry, block: Buffer): Uint8Array {
  if (!isPlain(entry)) return encodeTarHeader(entry);
  block.fill(0);
  block.write(plainName(entry.path, entry.type === 'directory'), FIELD.name[0], 'latin1');
  const target = entry.type === 'hardlink' ? plainName(entry.target, false) : entry.target;
  if (target !== '') block.write(target, FIELD.link[0], 'latin1');
  return finishBlock(block, TYPE_FLAGS[entry.type], entry);
}

const ASCII = /^[\x01-\x7f]*$/;
/** For `./` before a path and `/` after it. */
const AROUND = 2;

/** Whether a header is one block whose names need no second look. */
function isPlain({ type, path, target, xattrs, mode, uid, gid, size, mtime, major, minor }: TarEntry): boolean {
  return (
    path.length + AROUND <= lengthOf(FIELD.name) &&
    target.length + AROUND <= lengthOf(FIELD.link) &&
    path.startsWith('/') &&
    (type !== 'hardlink' || target.startsWith('/')) &&
    xattrs.size === 0 &&
    isSmall(mode, 0o7777) &&
    isSmall(uid, 0o7777777) &&
    isSmall(gid, 0o7777777) &&
    isSmall(size, 0o77777777777) &&
    isSmall(mtime, 0o77777777777) &&
    isSmall(major, 0o7777777) &&
    isSmall(minor, 0o7777777) &&
    ASCII.test(path) &&
    ASCII.test(target)
  );
}

function isSmall(value: number, most: number): boolean {
  return value >= 0 && value <= most && Number.isInteger(value);
}

/** A pax extended header: a file of its own before the entry, for readers that know no better. */
function encodePax(path: string, mtime: number, records: readonly PaxRecord[]): Buffer {
  const content = formatPaxRecords(records);
  const name = Buffer.from(`PaxHeaders/${path.slice(path.lastIndexOf('/') + 1)}`);
  const block = encodeBlock({
    type: 'x',
    prefix: NOTHING,
    name: cut(name, lengthOf(FIELD.name)),
    link: NOTHING,
    numbers: { mode: 0o644, uid: 0, gid: 0, size: content.length, mtime, major: 0, minor: 0 },
  });
  return Buffer.concat([block, content, tarPadding(content.length)]);
}

function encodeBlock({ type, prefix, name, link, numbers }: Block): Buffer {
  const block = Buffer.alloc(BLOCK_SIZE);
  name.copy(block, FIELD.name[0]);
  link.copy(block, FIELD.link[0]);
  prefix.copy(block, FIELD.prefix[0]);
  return finishBlock(block, type, numbers);
}

function finishBlock(block: Buffer, type: string, numbers: Block['numbers']): Buffer {
  block[TYPE_OFFSET] = type.charCodeAt(0);
  block.write(USTAR_MAGIC, MAGIC_OFFSET, 'latin1');
  writeNumber(block, FIELD.mode, numbers.mode);
  writeNumber(block, FIELD.uid, numbers.uid);
  writeNumber(block, FIELD.gid, numbers.gid);
  writeNumber(block, FIELD.size, numbers.size);
  writeNumber(block, FIELD.mtime, numbers.mtime);
  writeNumber(block, FIELD.major, numbers.major);
  writeNumber(block, FIELD.minor, numbers.minor);
  // Six digits, a NUL and a space: what POSIX asks for here and nowhere else.
  writeNumber(block, [FIELD.checksum[0], FIELD.checksum[1] - 1], checksumOf(block, 0));
  block[FIELD.checksum[1] - 1] = SPACE;
  return block;
}

/** `./usr/bin` for `/usr/bin`, with a slash at the end for a directory; `./` for the root. */
function memberName(path: string, isDirectory: boolean, refuse: (why: string) => Error): string {
  if (!path.startsWith('/')) throw refuse(`${JSON.stringify(path)} is no absolute path`);
  return plainName(path, isDirectory);
}

function plainName(path: string, isDirectory: boolean): string {
  return isDirectory && path !== '/' ? `.${path}/` : `.${path}`;
}

/**
 * Splits a name at a slash so that both parts fit their fields; a slash at the end stays with the name.
 *
 * @returns undefined where that cannot be done
 */
function splitName(name: Buffer): { readonly prefix: Buffer; readonly name: Buffer } | undefined {
  const longest = lengthOf(FIELD.name);
  if (name.length <= longest) return { prefix: NOTHING, name };
  const slash = name.indexOf(SLASH, name.length - longest - 1);
  if (slash === -1 || slash === name.length - 1 || slash > lengthOf(FIELD.prefix)) return undefined;
  return { prefix: name.subarray(0, slash), name: name.subarray(slash + 1) };
}

function fits(field: NumberField, value: number): boolean {
  return value >= 0 && value <= (field === 'mode' ? 0o7777 : maxNumber(FIELD[field]));
}

/** The first bytes of a UTF-8 text, at most `length` of them, with no character cut through. */
function cut(text: Buffer, length: number): Buffer {
  let end = Math.min(text.length, length);
  while (end < text.length && ((text[end] ?? 0) & 0xc0) === 0x80) end--;
  return text.subarray(0, end);
}

function lengthOf([start, end]: HeaderField): number {
  return end - start;
}
