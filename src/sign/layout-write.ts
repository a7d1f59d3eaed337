import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeWholeFile } from '../emit/whole-file.js';
import { TarReader } from '../formats/tar/reader.js';
import type { TarEntry } from '../formats/tar/types.js';
import { encodeTarHeader, TAR_END, tarPadding } from '../formats/tar/writer.js';
import { fileBytes } from '../image/file-bytes.js';
import type { ImageFiles } from '../image/files.js';

const INDEX = 'index.json';

/**
 * Adds files to an OCI layout and gives it another `index.json`. A tar is written anew beside the old one; in a directory the
 * index comes last, so that it never speaks of what is not there.
 *
 * @param added contents by name below the top; those that are there already stay as they are
 * @throws KoalaError `emit` where it cannot be written
 */
export async function addToLayout(
  path: string,
  files: ImageFiles,
  added: ReadonlyMap<string, Uint8Array>,
  index: Uint8Array,
): Promise<void> {
  const isNew = [...added].filter(([name]) => !files.has(name));
  if (!(await stat(path)).isDirectory()) return writeWholeFile(path, withFiles(path, new Map(isNew), index));
  for (const [name, bytes] of isNew) {
    await mkdir(join(path, dirname(name)), { recursive: true });
    await writeWholeFile(join(path, name), [bytes]);
  }
  await writeWholeFile(join(path, INDEX), [index]);
}

/** The tar with what is new behind the rest. New entries have the owner, mode and time of the old `index.json`. */
function* withFiles(tar: string, added: ReadonlyMap<string, Uint8Array>, index: Uint8Array): Generator<Uint8Array> {
  const entries: { readonly entry: TarEntry; readonly start: number }[] = [];
  const reader = new TarReader({ entry: (entry, start) => entries.push({ entry, start }) }, tar);
  for (const chunk of fileBytes(tar)) reader.write(chunk);
  reader.end();
  const old = entries.find(({ entry }) => entry.path === `/${INDEX}`);
  for (const { entry, start } of entries) {
    if (entry === old?.entry) yield* file(entry, index);
    else {
      yield encodeTarHeader(entry);
      yield* fileBytes(tar, start, entry.size);
      yield tarPadding(entry.size);
    }
  }
  if (old !== undefined) for (const [name, bytes] of added) yield* file({ ...old.entry, path: `/${name}` }, bytes);
  yield TAR_END;
}

function* file(like: TarEntry, bytes: Uint8Array): Generator<Uint8Array> {
  yield encodeTarHeader({ ...like, size: bytes.length });
  yield bytes;
  yield tarPadding(bytes.length);
}
