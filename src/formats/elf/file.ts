import { type ByteSource, stringAt, Words } from './bytes.js';

/** What a segment is for (elf(5)); those that somebody asks for. */
export const PT = { LOAD: 1, DYNAMIC: 2, INTERP: 3, NOTE: 4, GNU_PROPERTY: 0x6474e553 } as const;

export interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
  readonly align: number;
}

/** What a program must be to run on the same machine and share libraries. */
export interface ElfAbi {
  readonly bits: 32 | 64;
  readonly bigEndian: boolean;
  /** e_machine */
  readonly machine: number;
  /** e_flags */
  readonly flags: number;
}

/** The header of an ELF file and its segments. */
export interface ElfFile extends ElfAbi {
  /** e_type: 2 for programs at fixed addresses, 3 for shared objects and other programs. */
  readonly type: number;
  readonly segments: readonly Segment[];
}

export const ET_EXEC = 2;
export const ET_DYN = 3;

const MAX_SEGMENTS = 4096;
/** More than any dynamic section or note has. */
const MAX_TABLE = 1024 * 1024;

/** Reads the headers (elf(5)); undefined for anything that is not an ELF file of a known class. */
export function readElf(source: ByteSource): ElfFile | undefined {
  const head = Buffer.from(source.read(0, 64));
  if (head.byteLength < 52 || head.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const wide = head[4] === 2;
  if (wide && head.byteLength < 64) return undefined;
  const words = new Words(head, wide ? 64 : 32, head[5] === 2);
  return {
    bits: words.bits,
    bigEndian: words.bigEndian,
    type: words.half(16),
    machine: words.half(18),
    flags: words.word(wide ? 48 : 36),
    segments: segmentsOf(source, words),
  };
}

function segmentsOf(source: ByteSource, head: Words): Segment[] {
  const wide = head.bits === 64;
  const entrySize = head.half(wide ? 54 : 42);
  const count = Math.min(head.half(wide ? 56 : 44), MAX_SEGMENTS);
  const table = new Words(source.read(head.address(wide ? 32 : 28), entrySize * count), head.bits, head.bigEndian);
  return Array.from({ length: count }, (_, index) => {
    const at = index * entrySize;
    return {
      type: table.word(at),
      offset: table.address(at + (wide ? 8 : 4)),
      address: table.address(at + (wide ? 16 : 8)),
      size: table.address(at + (wide ? 32 : 16)),
      align: table.address(at + (wide ? 48 : 28)),
    };
  });
}

/** The program that starts a program: its ELF interpreter. */
export function interpreterOf(source: ByteSource, { segments }: ElfFile): string | undefined {
  const segment = segments.find(({ type }) => type === PT.INTERP);
  return segment === undefined ? undefined : stringAt(source, segment.offset);
}

/** The bytes of a segment as words of the file's class; they hold until the next read. */
export function wordsOf(source: ByteSource, { bits, bigEndian }: ElfAbi, { offset, size }: Segment): Words {
  return new Words(source.read(offset, Math.min(size, MAX_TABLE)), bits, bigEndian);
}

/** Where in the file an address of the program lies. */
export function offsetOf({ segments }: ElfFile, address: number): number | undefined {
  const load = segments.find(
    (one) => one.type === PT.LOAD && address >= one.address && address < one.address + one.size,
  );
  return load === undefined ? undefined : address - load.address + load.offset;
}
