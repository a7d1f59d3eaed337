import { KoalaError } from '../errors.js';
import { DEFAULT_LIMITS } from '../limits.js';
import { readEntry } from './entry.js';
import { type Extension, extend, NO_EXTENSION } from './extension.js';
import { BLOCK_SIZE, checksumMatches, FIELD, isZeroBlock, paddingOf, readNumber, TYPE_OFFSET } from './header.js';
import { decodeText } from './text.js';
import type { TarLimits, TarSink } from './types.js';

const NUL = 0x00;

/** The header blocks that are no entries: pax extended headers, for one entry or for all, and GNU's long names. */
type MetaType = 'x' | 'g' | 'L' | 'K';

interface Meta {
  readonly type: MetaType;
  readonly content: Buffer;
  filled: number;
}

/**
 * A push parser for tar archives: v7, ustar, pax (with the xattrs of `SCHILY.xattr.`) and GNU's long names and base-256
 * numbers. It does no I/O and takes the stream in chunks of any size.
 *
 * It is strict: checksums must match (the sum of signed bytes will do), names are UTF-8 and go through `normalisePath`,
 * an unknown type, a sparse file or two extended headers of which readers disagree which counts are refused. The archive
 * ends with a block of zeros (POSIX asks for two, writers of one exist); after it, only zero bytes may come, as many as
 * there are.
 *
 * An error leaves the reader in no state to go on.
 */
export class TarReader {
  readonly #sink: TarSink;
  readonly #origin: string;
  readonly #limits: TarLimits;

  /** The offset in the stream of the chunk at hand. */
  #base = 0;
  /** A header block that more than one chunk holds a part of. */
  readonly #block = Buffer.alloc(BLOCK_SIZE);
  #filled = 0;
  /** Bytes of the current entry's content that are still to come, then those of its padding. */
  #content = 0;
  #padding = 0;
  #meta: Meta | undefined;
  #entries = 0;
  #ended = false;

  /** What holds for all entries to come, and for the next one. */
  #global: Extension = NO_EXTENSION;
  #next: Extension = NO_EXTENSION;
  /** The types of the extended headers that the next entry has had. */
  #nextFrom = '';

  /** @param origin the file, for messages */
  constructor(sink: TarSink, origin: string, limits: Partial<TarLimits> = {}) {
    this.#sink = sink;
    this.#origin = origin;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** @throws KoalaError `unpack`, and whatever the sink throws */
  write(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = 0;
    while (at < bytes.length) {
      if (this.#content > 0) at += this.#takeContent(bytes, at);
      else if (this.#meta !== undefined) at += this.#takeMeta(this.#meta, bytes, at);
      else if (this.#padding > 0) at += this.#takePadding(bytes, at);
      else if (this.#ended) at += this.#takeTrailer(bytes, at);
      else at += this.#takeBlock(bytes, at);
    }
    this.#base += bytes.length;
  }

  /** Bytes of the last entry's content that are still to come; who can may pass over them with `skip`. */
  get contentLeft(): number {
    return this.#content;
  }

  /** Goes on behind `length` bytes of content, no more than `contentLeft`, that nobody wants. */
  skip(length: number): void {
    this.#content -= length;
    this.#base += length;
  }

  /** @throws KoalaError `unpack` where the archive is not complete */
  end(): void {
    if (!this.#ended) throw this.#refuse(`the tar archive ends early, at byte ${this.#base}`);
  }

  #takeContent(bytes: Buffer, at: number): number {
    const length = Math.min(this.#content, bytes.length - at);
    this.#content -= length;
    this.#sink.content?.(bytes.subarray(at, at + length));
    return length;
  }

  #takePadding(bytes: Buffer, at: number): number {
    const length = Math.min(this.#padding, bytes.length - at);
    this.#padding -= length;
    return length;
  }

  #takeMeta(meta: Meta, bytes: Buffer, at: number): number {
    const length = bytes.copy(meta.content, meta.filled, at);
    meta.filled += length;
    if (meta.filled === meta.content.length) this.#finishMeta(meta);
    return length;
  }

  #takeTrailer(bytes: Buffer, at: number): number {
    for (let i = at; i < bytes.length; i++) {
      if (bytes[i] !== 0) throw this.#refuse(`the tar archive goes on after its end, at byte ${this.#base + i}`);
    }
    return bytes.length - at;
  }

  #takeBlock(bytes: Buffer, at: number): number {
    if (this.#filled === 0 && bytes.length - at >= BLOCK_SIZE) {
      this.#header(bytes, at, this.#base + at);
      return BLOCK_SIZE;
    }
    const length = bytes.copy(this.#block, this.#filled, at);
    this.#filled += length;
    if (this.#filled === BLOCK_SIZE) {
      this.#filled = 0;
      this.#header(this.#block, 0, this.#base + at + length - BLOCK_SIZE);
    }
    return length;
  }

  /** @param offset where the block lies in the stream */
  #header(block: Buffer, at: number, offset: number): void {
    if (!checksumMatches(block, at)) {
      if (!isZeroBlock(block, at)) throw this.#refuse(`the tar header at byte ${offset} is damaged`);
      if (this.#nextFrom !== '') throw this.#refuse('the last extended header has no entry');
      this.#ended = true;
      return;
    }
    const flag = String.fromCharCode(block[at + TYPE_OFFSET] ?? 0);
    if (flag === 'x' || flag === 'g' || flag === 'L' || flag === 'K') {
      this.#startMeta(flag, readNumber(block, at, FIELD.size), offset);
      return;
    }
    if (this.#entries === this.#limits.entries) {
      throw this.#refuse(`the tar archive has more than ${this.#limits.entries} entries`);
    }
    this.#entries++;
    const entry = readEntry(block, at, this.#next, (why) => this.#refuse(why));
    this.#next = this.#global;
    this.#nextFrom = '';
    this.#content = entry.size;
    this.#padding = paddingOf(entry.size);
    if (depthOf(entry.path) > this.#limits.pathDepth) {
      throw this.#refuse(`an entry is more than ${this.#limits.pathDepth} directories deep`);
    }
    this.#sink.entry(entry, offset + BLOCK_SIZE);
  }

  #startMeta(type: MetaType, size: number | undefined, offset: number): void {
    const limit = type === 'x' || type === 'g' ? this.#limits.paxBytes : this.#limits.nameBytes;
    if (size === undefined || size < 0) throw this.#refuse(`the tar header at byte ${offset} has a bad size`);
    if (size > limit) {
      throw this.#refuse(`the extended header at byte ${offset} is longer than ${limit} bytes`);
    }
    if (this.#contradicts(type)) {
      throw this.#refuse(`the extended header at byte ${offset} contradicts the one before it`);
    }
    if (type !== 'g') this.#nextFrom += type;
    this.#padding = paddingOf(size);
    this.#meta = { type, content: Buffer.alloc(size), filled: 0 };
    if (size === 0) this.#finishMeta(this.#meta);
  }

  /** Readers disagree on which of two names counts, and on whether a global header may follow an entry's own. */
  #contradicts(type: MetaType): boolean {
    if (type === 'x' || type === 'g') return this.#nextFrom !== '';
    return this.#nextFrom.includes('x') || this.#nextFrom.includes(type);
  }

  #finishMeta({ type, content }: Meta): void {
    this.#meta = undefined;
    switch (type) {
      case 'x':
        this.#next = this.#extend(this.#next, content);
        break;
      case 'g':
        this.#global = this.#extend(this.#global, content);
        this.#next = this.#global;
        break;
      case 'L':
        this.#next = { ...this.#next, path: this.#longName(content) };
        break;
      case 'K':
        this.#next = { ...this.#next, target: this.#longName(content) };
        break;
    }
  }

  #extend(base: Extension, content: Buffer): Extension {
    return extend(base, content, this.#limits.xattrs, (why) => this.#refuse(why));
  }

  /** GNU tar ends the name with a NUL, others do not; a NUL inside is refused with the path. */
  #longName(content: Buffer): string {
    const end = content.at(-1) === NUL ? content.length - 1 : content.length;
    const name = decodeText(content, 0, end);
    if (name === undefined) throw this.#refuse('a long name is not UTF-8');
    return name;
  }

  #refuse(why: string): KoalaError {
    return new KoalaError('unpack', `cannot read ${this.#origin}: ${why}`);
  }
}

/** Directories above the entry of a normalised path. */
function depthOf(path: string): number {
  let depth = -1;
  for (let at = 0; at !== -1; at = path.indexOf('/', at + 1)) depth++;
  return depth;
}
