import type { ByteSource, Words } from './bytes.js';
import { type ElfFile, PT, wordsOf } from './file.js';

const NT_GNU_ABI_TAG = 1;
const NT_GNU_PROPERTY_TYPE_0 = 5;
const NT_FDO_DLOPEN = 0x407c0c0a;
const GNU_PROPERTY_X86_ISA_1_NEEDED = 0xc0008002;
const MACHINES_X86 = [3, 62];
const TYPES = [NT_GNU_ABI_TAG, NT_FDO_DLOPEN];

/** Libraries of which a program opens one while it runs (systemd's "ELF dlopen() metadata"). */
export interface DlopenNote {
  readonly feature: string;
  readonly description: string;
  readonly priority: 'required' | 'recommended' | 'suggested';
  /** Any of these. */
  readonly sonames: readonly string[];
}

/** What notes say that a file needs beyond its libraries. */
export interface ElfNotes {
  /** The oldest Linux that it runs on, `3.2.0`. */
  readonly kernel: string | undefined;
  /** The highest ISA level of x86 that it needs, counted from 0 for the baseline. */
  readonly isaLevel: number;
  readonly dlopen: readonly DlopenNote[];
}

export function notesOf(source: ByteSource, file: ElfFile): ElfNotes {
  let kernel: string | undefined;
  const dlopen: DlopenNote[] = [];
  for (const segment of file.segments) {
    if (segment.type !== PT.NOTE) continue;
    const words = wordsOf(source, file, segment);
    for (const { type, name, start, size } of notesIn(words, segment.align === 8 ? 8 : 4, TYPES)) {
      if (name === 'GNU' && type === NT_GNU_ABI_TAG && words.word(start) === 0) {
        kernel = [4, 8, 12].map((place) => words.word(start + place)).join('.');
      }
      if (name === 'FDO' && type === NT_FDO_DLOPEN) {
        dlopen.push(...parseDlopen(words.bytes.toString('utf8', start, start + size).replace(/\0+$/, '')));
      }
    }
  }
  return { kernel, isaLevel: isaLevelOf(source, file), dlopen };
}

/** The x86 levels of a .note.gnu.property: each note is a list of properties, padded to the size of an address. */
export function isaLevelOf(source: ByteSource, file: ElfFile): number {
  const segment = file.segments.find(({ type }) => type === PT.GNU_PROPERTY);
  if (segment === undefined || !MACHINES_X86.includes(file.machine)) return 0;
  const words = wordsOf(source, file, segment);
  const width = file.bits / 8;
  for (const { start, size } of notesIn(words, width, [NT_GNU_PROPERTY_TYPE_0])) {
    for (let at = start; at + 12 <= start + size; at += 8 + padded(words.word(at + 4), width)) {
      if (words.word(at) === GNU_PROPERTY_X86_ISA_1_NEEDED) return Math.max(0, 31 - Math.clz32(words.word(at + 8)));
    }
  }
  return 0;
}

interface Note {
  readonly type: number;
  readonly name: string;
  readonly start: number;
  readonly size: number;
}

/** Notes of these types, whoever they are of. */
function notesIn(words: Words, align: number, types: readonly number[]): Note[] {
  const notes: Note[] = [];
  for (let at = 0; at + 12 <= words.bytes.byteLength; ) {
    const nameSize = words.word(at);
    const size = words.word(at + 4);
    const type = words.word(at + 8);
    const start = padded(at + 12 + nameSize, align);
    if (types.includes(type)) {
      const name = words.bytes.toString('latin1', at + 12, at + 12 + nameSize).replace(/\0+$/, '');
      notes.push({ type, name, start, size });
    }
    at = padded(start + size, align);
  }
  return notes;
}

function padded(size: number, to: number): number {
  return Math.ceil(size / to) * to;
}

const PRIORITIES = ['required', 'recommended', 'suggested'] as const;

/** A JSON list of objects; what is not as the specification says is no note. */
function parseDlopen(text: string): DlopenNote[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown): DlopenNote[] => {
    const { feature, description, priority, soname } = (item ?? {}) as Readonly<Record<string, unknown>>;
    if (!Array.isArray(soname) || soname.length === 0) return [];
    const known = PRIORITIES.find((one) => one === priority) ?? 'recommended';
    return [
      {
        feature: typeof feature === 'string' ? feature : '',
        description: typeof description === 'string' ? description : '',
        priority: known,
        sonames: soname.map(String),
      },
    ];
  });
}
