import { GlibHashTable } from './glib-hash-table.js';

/** A directory of a theme with the names of the icons' files in it, sorted. */
export interface IconDirectory {
  /** Below the theme. */
  readonly path: string;
  readonly names: readonly string[];
}

interface Image {
  readonly directory: number;
  flags: number;
}

const FLAGS: Readonly<Record<string, number>> = { xpm: 1, svg: 2, png: 4, icon: 8 };
const ONLY_PLACEMENT = 8;
const HEADER_SIZE = 12;
const NOWHERE = 0xffffffff;
/** g_spaced_primes_closest() */
const PRIMES = [
  11, 19, 37, 73, 109, 163, 251, 367, 557, 823, 1237, 1861, 2777, 4177, 6247, 9371, 14_057, 21_089, 31_627, 47_431,
  71_143, 106_721, 160_073, 240_101, 360_163, 540_217, 810_343, 1_215_497, 1_823_231, 2_734_867, 4_102_283, 6_153_409,
  9_230_113, 13_845_163,
];

/**
 * The bytes of icon-theme.cache (GTK's gtk/updateiconcache.c, version 1.0): a hash table of the icons' names, each with the
 * directories that have it, and the list of directories; all numbers are big endian.
 *
 * @returns undefined where there is no icon.
 */
export function iconCache(directories: readonly IconDirectory[]): Buffer | undefined {
  const images = imagesByName(directories);
  if (images.size === 0) return undefined;
  const wanted = Math.floor(images.size / 3);
  const buckets: [string, readonly Image[]][][] = Array.from(
    { length: PRIMES.find((prime) => prime > wanted) ?? PRIMES.at(-1) ?? 0 },
    () => [],
  );
  for (const [name, list] of images.entries()) buckets[iconHash(name) % buckets.length]?.unshift([name, list]);

  const file = new CacheFile(HEADER_SIZE + 4 + buckets.length * 4);
  const starts = buckets.map((bucket) => (bucket.length === 0 ? NOWHERE : file.addBucket(bucket)));
  const list = file.addDirectories(directories.map(({ path }) => path));
  const header = Buffer.alloc(HEADER_SIZE);
  header.writeUInt16BE(1, 0);
  header.writeUInt32BE(HEADER_SIZE, 4);
  header.writeUInt32BE(list, 8);
  return Buffer.concat([header, ...[buckets.length, ...starts].map(card32), ...file.parts]);
}

/** Each name's images, the last directory's first, in the order of GTK's table of them. */
function imagesByName(directories: readonly IconDirectory[]): GlibHashTable<Image[]> {
  const all = new GlibHashTable<Image[]>();
  for (const [directory, { names }] of directories.entries()) {
    const here = new GlibHashTable<Image>();
    for (const file of names) {
      const dot = file.lastIndexOf('.');
      const name = file.slice(0, dot);
      const image = here.get(name) ?? { directory, flags: 0 };
      image.flags |= FLAGS[file.slice(dot + 1)] ?? 0;
      here.set(name, image);
    }
    for (const [name, image] of here.entries()) {
      if (image.flags !== ONLY_PLACEMENT) all.set(name, [image, ...(all.get(name) ?? [])]);
    }
  }
  return all;
}

/** Over signed bytes, as 32 bits. */
function iconHash(name: string): number {
  let hash = 0;
  for (let at = 0; at < name.length; at++) hash = (Math.imul(hash, 31) + ((name.charCodeAt(at) << 24) >> 24)) | 0;
  return hash >>> 0;
}

function card32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

class CacheFile {
  readonly parts: Buffer[] = [];
  #offset: number;
  /** Where each string was written; one that comes again is not. */
  readonly #strings = new Map<string, number>();

  constructor(offset: number) {
    this.#offset = offset;
  }

  /** @returns where it starts. */
  addBucket(icons: readonly (readonly [string, readonly Image[]])[]): number {
    const start = this.#offset;
    for (const [index, [name, images]] of icons.entries()) {
      const known = this.#strings.get(name);
      const text = known === undefined ? padded(name) : Buffer.alloc(0);
      const size = 12 + text.length + 4 + images.length * 8;
      const nameAt = known ?? this.#offset + 12;
      this.#strings.set(name, nameAt);
      const next = index + 1 < icons.length ? this.#offset + size : NOWHERE;
      const list = this.#offset + 12 + text.length;
      const entries = images.flatMap(({ directory, flags }) => [card32(((directory << 16) | flags) >>> 0), card32(0)]);
      this.#write(card32(next), card32(nameAt), card32(list), text, card32(images.length), ...entries);
    }
    return start;
  }

  addDirectories(paths: readonly string[]): number {
    const start = this.#offset;
    let at = start + 4 + paths.length * 4;
    const texts: Buffer[] = [];
    const offsets = paths.map((path) => {
      const known = this.#strings.get(path);
      if (known !== undefined) return card32(known);
      const text = padded(path);
      texts.push(text);
      this.#strings.set(path, at);
      at += text.length;
      return card32(at - text.length);
    });
    this.#write(card32(paths.length), ...offsets, ...texts);
    return start;
  }

  #write(...parts: readonly Buffer[]): void {
    this.parts.push(...parts);
    this.#offset += parts.reduce((size, part) => size + part.length, 0);
  }
}

/** With a NUL, to a multiple of four bytes. */
function padded(text: string): Buffer {
  const bytes = Buffer.alloc(Math.ceil((text.length + 1) / 4) * 4);
  bytes.write(text, 'latin1');
  return bytes;
}
