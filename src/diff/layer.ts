import { createHash, type Hash } from 'node:crypto';
import { isDatabaseFile } from '../configure/database/installed.js';
import { KoalaError } from '../formats/errors.js';
import { TarReader } from '../formats/tar/reader.js';
import type { TarEntry } from '../formats/tar/types.js';
import { compressionOf } from '../image/magic.js';
import { type Compression, decode } from '../unpack/decoders.js';
import type { FileFacts } from './types.js';

/** What a tar holds: one layer of an image, or all of a root filesystem. */
export interface Layer {
  /** In the order of the tar, hard links resolved within it; those to other layers are in `links`. */
  readonly entries: ReadonlyMap<string, FileFacts>;
  /** Hard links to what the tar does not have, by their paths. */
  readonly links: ReadonlyMap<string, string>;
  /** Contents of the files of dpkg's database. */
  readonly database: ReadonlyMap<string, Uint8Array>;
}

/** More than any layer has; what is compressed may claim anything. */
const MAX_BYTES = 64 * 2 ** 30;
/** Of a file of dpkg's database; a full desktop's has 10 MB. */
const MAX_DATABASE_BYTES = 256 * 2 ** 20;

/**
 * Reads a tar once and keeps no content but that of dpkg's database.
 *
 * @throws KoalaError `unpack` where it is not a whole tar
 */
export async function readLayer(source: Iterable<Uint8Array>, origin: string): Promise<Layer> {
  const entries = new Map<string, FileFacts>();
  const links = new Map<string, string>();
  const database = new Map<string, Uint8Array>();
  let open: { readonly entry: TarEntry; readonly hash: Hash; readonly kept: Uint8Array[] | undefined } | undefined;
  const finish = (): void => {
    if (open === undefined) return;
    const { entry, hash, kept } = open;
    entries.set(entry.path, factsOf(entry, hash.digest('hex')));
    if (kept !== undefined) database.set(entry.path, Buffer.concat(kept));
    open = undefined;
  };
  const reader = new TarReader(
    {
      entry(entry) {
        finish();
        links.delete(entry.path);
        if (entry.type === 'hardlink') {
          const target = entries.get(entry.target);
          if (target === undefined) links.set(entry.path, entry.target);
          else entries.set(entry.path, target);
        } else if (entry.type === 'file') {
          const isKept = isDatabaseFile(entry.path);
          if (isKept && entry.size > MAX_DATABASE_BYTES) {
            throw new KoalaError('unpack', `cannot read ${entry.path} of ${origin}: it has ${entry.size} bytes`);
          }
          open = { entry, hash: createHash('sha256'), kept: isKept ? [] : undefined };
        } else {
          entries.set(entry.path, factsOf(entry, ''));
        }
      },
      content(chunk) {
        open?.hash.update(chunk);
        open?.kept?.push(Buffer.from(chunk));
      },
    },
    origin,
  );
  const [compression, bytes] = withCompression(source);
  await decode(compression, bytes, (chunk) => reader.write(chunk), { origin, maxBytes: MAX_BYTES });
  reader.end();
  finish();
  return { entries, links, database };
}

/** What the first chunk says of all of them. */
function withCompression(source: Iterable<Uint8Array>): [Compression, Iterable<Uint8Array>] {
  const chunks = source[Symbol.iterator]();
  const first = chunks.next();
  const all = function* (): Generator<Uint8Array> {
    for (let next = first; next.done !== true; next = chunks.next()) yield next.value;
  };
  return [first.done === true ? 'none' : compressionOf(first.value), all()];
}

function factsOf(entry: TarEntry, sha256: string): FileFacts {
  const { type, mode, uid, gid, mtime, size, target, major, minor, xattrs } = entry;
  const isDevice = type === 'char' || type === 'block';
  return {
    type: type === 'hardlink' ? 'file' : type,
    mode: type === 'symlink' ? 0o777 : mode,
    uid,
    gid,
    mtime,
    size,
    sha256,
    target: isDevice ? `${major},${minor}` : target,
    xattrs: [...xattrs].map(([name, value]) => `${name}=${Buffer.from(value).toString('hex')}`).sort(),
  };
}
