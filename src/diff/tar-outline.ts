import { createHash } from 'node:crypto';
import { TarReader } from '../formats/tar/reader.js';
import { compressionOf, type KnownCompression } from '../image/magic.js';
import { decode } from '../unpack/decoders.js';

interface Outline {
  /** Of the whole tar, uncompressed. */
  readonly sha256: string;
  /** In its order: what an entry is, and where its content begins. */
  readonly entries: readonly { readonly path: string; readonly type: string; readonly start: number }[];
}

/** As for layers: what is compressed may claim anything. */
const MAX_BYTES = 64 * 2 ** 30;

/**
 * What is other in how two tars of the same files are written: their order, what is a hard link, or headers.
 *
 * @returns undefined where the tars are the same, uncompressed
 */
export async function tarOutline(
  one: Iterable<Uint8Array>,
  other: Iterable<Uint8Array>,
  origins: readonly [one: string, other: string],
): Promise<string | undefined> {
  const [before, after] = [await outlineOf(one, origins[0]), await outlineOf(other, origins[1])];
  if (before.sha256 === after.sha256) return undefined;
  for (const [at, entry] of before.entries.entries()) {
    const made = after.entries[at];
    if (made === undefined || made.path !== entry.path) return `the order of its entries, from ${entry.path}`;
    if (made.type !== entry.type) return `${entry.path} is a ${entry.type} of its tar, not a ${made.type}`;
    if (made.start !== entry.start) return `the header of ${entry.path}`;
  }
  return after.entries.length > before.entries.length ? 'its number of entries' : 'the headers of its tar';
}

async function outlineOf(bytes: Iterable<Uint8Array>, origin: string): Promise<Outline> {
  const entries: Outline['entries'][number][] = [];
  const hash = createHash('sha256');
  const reader = new TarReader({ entry: ({ path, type }, start) => entries.push({ path, type, start }) }, origin);
  const sink = (chunk: Uint8Array): void => {
    hash.update(chunk);
    reader.write(chunk);
  };
  const [compression, chunks] = withCompression(bytes);
  await decode(compression, chunks, sink, { origin, maxBytes: MAX_BYTES });
  reader.end();
  return { sha256: hash.digest('hex'), entries };
}

/** What the first chunk says of all of them, and all of them. */
function withCompression(source: Iterable<Uint8Array>): [KnownCompression, Iterable<Uint8Array>] {
  const chunks = source[Symbol.iterator]();
  const first = chunks.next();
  const all = function* (): Generator<Uint8Array> {
    for (let next = first; next.done !== true; next = chunks.next()) yield next.value;
  };
  return [first.done === true ? 'none' : compressionOf(first.value), all()];
}
