/** What a test's ELF file says; the rest of it is zeros. */
export interface ElfOptions {
  /** e_machine; x86-64 unless given. */
  readonly machine?: number;
  readonly bits?: 32 | 64;
  readonly bigEndian?: boolean;
  /** e_type: 3, a shared object, unless given. */
  readonly type?: number;
  readonly flags?: number;
  readonly interpreter?: string;
  readonly soname?: string;
  readonly needed?: readonly string[];
  readonly rpath?: string;
  readonly runpath?: string;
  /** Versions that it has symbols of. */
  readonly versions?: readonly string[];
  /** Versions that it asks libraries for; a name that ends in `?` is weak. */
  readonly requires?: Readonly<Record<string, readonly string[]>>;
  /** A note of the type that systemd's specification has. */
  readonly dlopen?: readonly {
    readonly soname: readonly string[];
    readonly priority?: string;
    readonly description?: string;
  }[];
  /** The bits of GNU_PROPERTY_X86_ISA_1_NEEDED. */
  readonly isa?: number;
  /** The Linux of the ABI tag. */
  readonly kernel?: readonly [number, number, number];
}

const NOTE_GNU_ABI = 1;
const NOTE_PROPERTY = 5;
const NOTE_DLOPEN = 0x407c0c0a;

/** An ELF file as a linker lays it out (elf(5)), all of it in one segment that is loaded at its own offsets. */
export function makeElf(options: ElfOptions): Buffer {
  const { bits = 64, bigEndian = false, machine = 62, type = 3, flags = 0 } = options;
  const wide = bits === 64;
  const word = (value: number): Buffer => number(value, 4, bigEndian);
  const half = (value: number): Buffer => number(value, 2, bigEndian);
  const address = (value: number): Buffer => number(value, wide ? 8 : 4, bigEndian);

  const strings = [Buffer.from('\0')];
  let stringBytes = 1;
  const text = (value: string): number => {
    const at = stringBytes;
    strings.push(Buffer.from(`${value}\0`));
    stringBytes += value.length + 1;
    return at;
  };
  const dynamic: [number, number][] = [
    ...(options.needed ?? []).map((name): [number, number] => [1, text(name)]),
    ...(options.soname === undefined ? [] : [[14, text(options.soname)] as [number, number]]),
    ...(options.rpath === undefined ? [] : [[15, text(options.rpath)] as [number, number]]),
    ...(options.runpath === undefined ? [] : [[29, text(options.runpath)] as [number, number]]),
  ];
  const definitions = (options.versions ?? []).map((name, at, all) =>
    Buffer.concat([
      ...[1, 0, at + 1, 1].map(half),
      ...[0, 20, at === all.length - 1 ? 0 : 28, text(name), 0].map(word),
    ]),
  );
  const requires = Object.entries(options.requires ?? {});
  const needs = requires.map(([library, versions], at) => {
    const entries = versions.map((version, index) =>
      Buffer.concat([
        word(0),
        half(version.endsWith('?') ? 2 : 0),
        half(index + 2),
        word(text(version.replace('?', ''))),
        word(index === versions.length - 1 ? 0 : 16),
      ]),
    );
    const size = 16 + 16 * versions.length;
    return Buffer.concat([
      half(1),
      half(versions.length),
      ...[text(library), 16, at === requires.length - 1 ? 0 : size].map(word),
      ...entries,
    ]);
  });
  const notes = [
    ...(options.kernel === undefined
      ? []
      : [note('GNU', NOTE_GNU_ABI, Buffer.concat([0, ...options.kernel].map(word)), 4, word)]),
    ...(options.dlopen === undefined
      ? []
      : [note('FDO', NOTE_DLOPEN, Buffer.from(`${JSON.stringify(options.dlopen)}\0`), 4, word)]),
  ];
  const property =
    options.isa === undefined
      ? undefined
      : note(
          'GNU',
          NOTE_PROPERTY,
          Buffer.concat([word(0xc0008002), word(4), word(options.isa), ...(wide ? [word(0)] : [])]),
          bits / 8,
          word,
        );

  const parts: { readonly type: number | undefined; readonly bytes: Buffer; readonly align: number }[] = [
    { type: undefined, bytes: Buffer.concat(strings), align: 1 },
    { type: undefined, bytes: Buffer.concat(definitions), align: 4 },
    { type: undefined, bytes: Buffer.concat(needs), align: 4 },
    { type: 3, bytes: Buffer.from(options.interpreter === undefined ? '' : `${options.interpreter}\0`), align: 1 },
    { type: 4, bytes: Buffer.concat(notes), align: 4 },
    { type: 0x6474e553, bytes: property ?? Buffer.alloc(0), align: bits / 8 },
    { type: 2, bytes: Buffer.alloc((dynamic.length + 7) * (bits / 4)), align: bits / 8 },
  ];
  const segments = parts.filter(({ type: own, bytes }) => own !== undefined && bytes.length > 0);
  const headerSize = wide ? 64 : 52;
  const entrySize = wide ? 56 : 32;
  let end = headerSize + entrySize * (segments.length + 1);
  const places = new Map(
    parts.map((part) => {
      const start = Math.ceil(end / part.align) * part.align;
      end = start + part.bytes.length;
      return [part, start];
    }),
  );
  const at = (index: number): number => places.get(parts[index] as (typeof parts)[number]) ?? 0;
  dynamic.push([5, at(0)]);
  if (definitions.length > 0) dynamic.push([0x6ffffffc, at(1)], [0x6ffffffd, definitions.length]);
  if (needs.length > 0) dynamic.push([0x6ffffffe, at(2)], [0x6fffffff, needs.length]);
  Buffer.concat(dynamic.flatMap(([tag, value]) => [address(tag), address(value)])).copy(
    parts[6]?.bytes ?? Buffer.alloc(0),
  );

  const segment = (kind: number, offset: number, size: number, align: number): Buffer =>
    wide
      ? Buffer.concat([word(kind), word(4), ...[offset, offset, offset, size, size, align].map(address)])
      : Buffer.concat([kind, offset, offset, offset, size, size, 4, align].map(word));
  const ident = Buffer.from([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, bigEndian ? 2 : 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const header = Buffer.concat([
    ident,
    half(type),
    half(machine),
    word(1),
    address(0),
    address(headerSize),
    address(0),
    word(flags),
    ...[headerSize, entrySize, segments.length + 1, 0, 0, 0].map(half),
  ]);
  const file = Buffer.alloc(end);
  Buffer.concat([
    header,
    segment(1, 0, end, 4096),
    ...segments.map((part) => segment(part.type ?? 0, places.get(part) ?? 0, part.bytes.length, part.align)),
  ]).copy(file);
  for (const part of parts) part.bytes.copy(file, places.get(part));
  return file;
}

function note(name: string, type: number, value: Buffer, align: number, word: (value: number) => Buffer): Buffer {
  const padding = (size: number): Buffer => Buffer.alloc(Math.ceil(size / align) * align - size);
  const head = Buffer.concat([word(name.length + 1), word(value.length), word(type), Buffer.from(`${name}\0`)]);
  return Buffer.concat([head, padding(head.length), value, padding(value.length)]);
}

function number(value: number, bytes: number, bigEndian: boolean): Buffer {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 8) {
    if (bigEndian) buffer.writeBigUInt64BE(BigInt(value));
    else buffer.writeBigUInt64LE(BigInt(value));
  } else if (bytes === 4) {
    if (bigEndian) buffer.writeUInt32BE(value);
    else buffer.writeUInt32LE(value);
  } else if (bigEndian) buffer.writeUInt16BE(value);
  else buffer.writeUInt16LE(value);
  return buffer;
}
