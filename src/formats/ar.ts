import { KoalaError } from './errors.js';
import { DEFAULT_LIMITS } from './limits.js';

/** A member of an ar archive: its name and where its bytes lie in the file. */
export interface ArMember {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

const MAGIC = '!<arch>\n';
const HEADER_SIZE = 60;

/**
 * Lists the members of an ar archive in the common format of deb(5), strictly: every header must be whole and well
 * formed, and every member with its padding must lie in the file. Names may end in a slash, as GNU ar writes them; the
 * long names of GNU and BSD ar (`/12`, `#1/20`) and GNU's tables (`/`, `//`) have no place in a .deb and are refused.
 * Owner, mode and time of members are not looked at, as nothing uses them. Whether the names are those of a .deb, each
 * there once, is for the caller to judge.
 *
 * @param read gives `length` bytes at `offset`; fewer only at the end of the file
 * @param fileSize in bytes
 * @param maxMembers a file of nothing but headers must not fill the memory
 * @throws KoalaError `unpack`
 */
export function walkAr(
  read: (offset: number, length: number) => Uint8Array,
  fileSize: number,
  origin: string,
  maxMembers: number = DEFAULT_LIMITS.arMembers,
): ArMember[] {
  const refuse = (why: string) => new KoalaError('unpack', `cannot read ${origin}: ${why}`);
  const textAt = (offset: number, length: number) => {
    const bytes = offset + length > fileSize ? undefined : read(offset, length);
    if (bytes?.length !== length) throw refuse(`the ar archive ends before byte ${offset + length}`);
    return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
  };
  if (fileSize < MAGIC.length || textAt(0, MAGIC.length) !== MAGIC) throw refuse('it is not an ar archive');

  const members: ArMember[] = [];
  let at = MAGIC.length;
  while (at < fileSize) {
    if (members.length === maxMembers) throw refuse(`the ar archive has more than ${maxMembers} members`);
    const header = textAt(at, HEADER_SIZE);
    if (!header.endsWith('`\n')) throw refuse(`the ar header at byte ${at} is damaged`);
    const name = /^([!-.0-~]+)\/? *$/.exec(header.slice(0, 16))?.[1];
    if (name === undefined) {
      throw refuse(`the ar header at byte ${at} has the name ${JSON.stringify(header.slice(0, 16).trimEnd())}`);
    }
    const digits = /^(\d+) *$/.exec(header.slice(48, 58))?.[1];
    if (digits === undefined) throw refuse(`the size of ar member ${name} is not a decimal number`);
    const size = Number(digits);
    const offset = at + HEADER_SIZE;
    if (offset + size > fileSize) throw refuse(`ar member ${name} ends after the file, which has ${fileSize} bytes`);
    members.push({ name, offset, size });
    at = offset + size;
    if (size % 2 === 1) {
      if (textAt(at, 1) !== '\n') throw refuse(`the padding after ar member ${name} is not a line feed`);
      at += 1;
    }
  }
  return members;
}
