import { dynamicOf } from '../../formats/elf/dynamic.js';
import { type ElfAbi, ET_DYN, PT, readElf } from '../../formats/elf/file.js';
import { isaLevelOf } from '../../formats/elf/notes.js';
import { contentSource } from '../../rootfs/content.js';
import type { Content } from '../../rootfs/types.js';

/** What the dynamic linker's cache says of a shared object. */
export interface SharedObject extends ElfAbi {
  readonly soname: string | undefined;
  /** The highest ISA level of x86 that it needs, counted from 0 for the baseline. */
  readonly isaLevel: number;
  /** Whether it names glibc: by what it needs, or by an interpreter as programs have one. */
  readonly usesLibc: () => boolean;
}

/**
 * Reads a shared object's headers, only the parts of the file that they lie in.
 *
 * @returns undefined for anything that is not a sound ELF file of the type `ET_DYN` with a dynamic section.
 */
export function readSharedObject(content: Content): SharedObject | undefined {
  const source = contentSource(content);
  const file = readElf(source);
  if (file?.type !== ET_DYN) return undefined;
  const dynamic = dynamicOf(source, file);
  if (dynamic === undefined) return undefined;
  const { bits, bigEndian, machine, flags } = file;
  const isLibc = (name: string): boolean => name === 'libc.so.6' || name === 'libm.so.6';
  return {
    bits,
    bigEndian,
    machine,
    flags,
    soname: dynamic.soname,
    isaLevel: isaLevelOf(source, file),
    usesLibc: () => file.segments.some(({ type }) => type === PT.INTERP) || dynamic.needed.some(isLibc),
  };
}
