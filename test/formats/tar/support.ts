import { TarReader } from '../../../src/formats/tar/reader.js';
import type { TarEntry, TarLimits } from '../../../src/formats/tar/types.js';
import { encodeTarHeader, TAR_END, tarPadding } from '../../../src/formats/tar/writer.js';

/** An entry as a reader gave it, with its content. */
export interface ReadEntry extends TarEntry {
  readonly offset: number;
  readonly content: string;
}

/** A complete entry from what a test cares about. */
export function entry(values: Partial<TarEntry> & { readonly path: string }): TarEntry {
  const type = values.type ?? 'file';
  return {
    type,
    mode: type === 'directory' ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    mtime: 1_700_000_000,
    size: 0,
    target: '',
    major: 0,
    minor: 0,
    xattrs: new Map(),
    ...values,
  };
}

/** Header, content and padding; the size is the content's. */
export function member(values: Partial<TarEntry> & { readonly path: string }, content: string | Buffer = ''): Buffer {
  const bytes = Buffer.from(content);
  const header = encodeTarHeader(entry({ ...values, size: bytes.length }));
  return Buffer.concat([header, bytes, tarPadding(bytes.length)]);
}

export function archive(...members: readonly Uint8Array[]): Buffer {
  return Buffer.concat([...members, TAR_END]);
}

/** A header block with fields as a test wants them: bytes by offset. The checksum is made to fit. */
export function rawHeader(fields: Readonly<Record<number, string | readonly number[]>>): Buffer {
  const block = Buffer.alloc(512);
  const all = { 0: 'name', 100: '0000644\0', 124: '00000000000\0', 156: '0', 257: 'ustar\x0000', ...fields };
  for (const [at, value] of Object.entries(all)) {
    (typeof value === 'string' ? Buffer.from(value, 'latin1') : Buffer.from(value)).copy(block, Number(at));
  }
  block.write('        ', 148, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** An extended header block of type x, g, L or K with its content. */
export function meta(type: string, content: string | Buffer): Buffer {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(content);
  const size = `${bytes.length.toString(8).padStart(11, '0')}\0`;
  return Buffer.concat([rawHeader({ 0: 'meta', 124: size, 156: type }), bytes, tarPadding(bytes.length)]);
}

/** A pax extended header from `key=value` records. */
export function pax(type: 'x' | 'g', ...records: readonly string[]): Buffer {
  const lines = records.map((record) => {
    const bytes = Buffer.byteLength(record) + 2;
    const length = [1, 2, 3, 4, 5, 6].map((digits) => bytes + digits).find((all) => String(all).length === all - bytes);
    return `${length} ${record}\n`;
  });
  return meta(type, lines.join(''));
}

/** Reads a whole archive, handed over in chunks of `chunkSize` bytes. */
export function readTar(tar: Uint8Array, chunkSize = tar.length, limits: Partial<TarLimits> = {}): ReadEntry[] {
  const entries: { header: TarEntry; offset: number; chunks: Uint8Array[] }[] = [];
  const reader = new TarReader(
    {
      entry: (header, offset) => entries.push({ header, offset, chunks: [] }),
      content: (chunk) => entries.at(-1)?.chunks.push(chunk),
    },
    'x.tar',
    limits,
  );
  for (let at = 0; at < tar.length; at += chunkSize) reader.write(tar.subarray(at, at + chunkSize));
  reader.end();
  return entries.map(({ header, offset, chunks }) => ({
    ...header,
    offset,
    content: Buffer.concat(chunks).toString('latin1'),
  }));
}
