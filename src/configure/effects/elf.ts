import { contentSize, readContent } from '../../rootfs/content.js';
import type { Content } from '../../rootfs/types.js';

/** What the dynamic linker's cache says of a shared object. */
export interface SharedObject {
  readonly bits: 32 | 64;
  readonly bigEndian: boolean;
  /** e_machine */
  readonly machine: number;
  /** e_flags */
  readonly flags: number;
  readonly soname: string | undefined;
  /** The highest ISA level of x86 that it needs, counted from 0 for the baseline. */
  readonly isaLevel: number;
  /** Whether it names glibc: by what it needs, or by an interpreter as programs have one. */
  readonly usesLibc: () => boolean;
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
  readonly align: number;
}

const ET_DYN = 3;
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const PT_GNU_PROPERTY = 0x6474e553;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_SONAME = 14;
const NT_GNU_PROPERTY_TYPE_0 = 5;
const GNU_PROPERTY_X86_ISA_1_NEEDED = 0xc0008002;
const MAX_SEGMENTS = 4096;
const MAX_TABLE = 1024 * 1024;
const MAX_NAME = 4096;

/**
 * Reads a shared object's headers (elf(5)), only the parts of the file that they lie in.
 *
 * @returns undefined for anything that is not a sound ELF file of the type `ET_DYN` with a dynamic section.
 */
export function readSharedObject(content: Content): SharedObject | undefined {
  const head = range(content, 0, 64);
  if (head.byteLength < 52 || head.toString('latin1', 0, 4) !== '\x7fELF') return undefined;
  const bits = head[4] === 2 ? 64 : 32;
  const bigEndian = head[5] === 2;
  if (bits === 64 && head.byteLength < 64) return undefined;
  const view = new Words(head, bits, bigEndian);
  if (view.half(16) !== ET_DYN) return undefined;
  const segments = readSegments(content, view);
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  if (dynamic === undefined || dynamic.size === 0) return undefined;
  const entries = dynamicEntries(
    new Words(range(content, dynamic.offset, Math.min(dynamic.size, MAX_TABLE)), bits, bigEndian),
  );
  const strings = entries.find(([tag]) => tag === DT_STRTAB)?.[1];
  const load = segments.find(({ type, address, size }) => {
    return type === PT_LOAD && strings !== undefined && strings >= address && strings < address + size;
  });
  if (strings === undefined || load === undefined) return undefined;
  const soname = entries.find(([tag]) => tag === DT_SONAME)?.[1];
  const at = strings - load.address + load.offset;
  const isLibc = (name: string | undefined): boolean => name === 'libc.so.6' || name === 'libm.so.6';
  return {
    bits,
    bigEndian,
    machine: view.half(18),
    flags: view.word(bits === 64 ? 48 : 36),
    soname: soname === undefined ? undefined : readString(content, at + soname),
    isaLevel: isaLevel(content, segments, view),
    usesLibc: () =>
      segments.some(({ type }) => type === PT_INTERP) ||
      entries.some(([tag, value]) => tag === DT_NEEDED && isLibc(readString(content, at + value))),
  };
}

/** A part of a file that is read only where it is asked for. */
function range(content: Content, offset: number, length: number): Buffer {
  const size = Math.max(0, Math.min(length, contentSize(content) - offset));
  if (offset < 0 || size === 0) return Buffer.alloc(0);
  const bytes =
    content.type === 'bytes'
      ? content.bytes.subarray(offset, offset + size)
      : readContent({ ...content, offset: content.offset + offset, size });
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Numbers of a class and a byte order; what lies outside the bytes is 0. */
class Words {
  readonly bytes: Buffer;
  readonly bits: 32 | 64;
  readonly bigEndian: boolean;

  constructor(bytes: Buffer, bits: 32 | 64, bigEndian: boolean) {
    this.bytes = bytes;
    this.bits = bits;
    this.bigEndian = bigEndian;
  }

  half(at: number): number {
    if (at + 2 > this.bytes.byteLength) return 0;
    return this.bigEndian ? this.bytes.readUInt16BE(at) : this.bytes.readUInt16LE(at);
  }

  word(at: number): number {
    if (at + 4 > this.bytes.byteLength) return 0;
    return this.bigEndian ? this.bytes.readUInt32BE(at) : this.bytes.readUInt32LE(at);
  }

  /** An address or offset. */
  address(at: number): number {
    if (this.bits === 32) return this.word(at);
    if (at + 8 > this.bytes.byteLength) return 0;
    return Number(this.bigEndian ? this.bytes.readBigUInt64BE(at) : this.bytes.readBigUInt64LE(at));
  }
}

function readSegments(content: Content, head: Words): Segment[] {
  const wide = head.bits === 64;
  const offset = head.address(wide ? 32 : 28);
  const entrySize = head.half(wide ? 54 : 42);
  const count = Math.min(head.half(wide ? 56 : 44), MAX_SEGMENTS);
  const table = new Words(range(content, offset, entrySize * count), head.bits, head.bigEndian);
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

function dynamicEntries(table: Words): [tag: number, value: number][] {
  const width = table.bits / 8;
  const entries: [number, number][] = [];
  for (let at = 0; at + 2 * width <= table.bytes.byteLength; at += 2 * width) {
    const tag = table.address(at);
    if (tag === 0) break;
    entries.push([tag, table.address(at + width)]);
  }
  return entries;
}

function readString(content: Content, offset: number): string | undefined {
  const bytes = range(content, offset, MAX_NAME);
  const end = bytes.indexOf(0);
  return end <= 0 ? undefined : bytes.toString('latin1', 0, end);
}

/** The notes of a .note.gnu.property section: each a list of properties, padded to the size of an address. */
function isaLevel(content: Content, segments: readonly Segment[], { bits, bigEndian }: Words): number {
  const segment = segments.find(({ type }) => type === PT_GNU_PROPERTY);
  if (segment === undefined) return 0;
  const notes = new Words(range(content, segment.offset, Math.min(segment.size, MAX_TABLE)), bits, bigEndian);
  const pad = (size: number, to: number): number => Math.ceil(size / to) * to;
  for (let at = 0; at + 12 <= notes.bytes.byteLength; ) {
    const start = at + 12 + pad(notes.word(at), 4);
    const end = start + notes.word(at + 4);
    if (notes.word(at + 8) === NT_GNU_PROPERTY_TYPE_0) {
      for (let property = start; property + 12 <= end; property += 8 + pad(notes.word(property + 4), bits / 8)) {
        if (notes.word(property) === GNU_PROPERTY_X86_ISA_1_NEEDED) {
          return Math.max(0, 31 - Math.clz32(notes.word(property + 8)));
        }
      }
    }
    at = pad(end, bits / 8);
  }
  return 0;
}
