import { createHash } from 'node:crypto';
import { type ArMember, walkAr } from '../formats/ar.js';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { DEFAULT_LIMITS, expandedLimit, type Limits } from '../formats/limits.js';
import { nameOf } from '../formats/path.js';
import { TarReader } from '../formats/tar/reader.js';
import type { TarEntry } from '../formats/tar/types.js';
import { throwIfStopped } from '../threads/serve.js';
import { checkControl, controlText } from './control.js';
import { DebFile, type Promised } from './deb-file.js';
import { type Compression, decode } from './decoders.js';
import { endOfSpool, keepSpool } from './kept.js';
import { SpoolWriter } from './spool.js';
import { takeKept } from './take-kept.js';
import type { ControlFile, PackageEntry, UnpackedPackage, UnpackRequest } from './types.js';
import { readXzLayout, type XzBlock } from './xz-layout.js';

/**
 * Unpacks a .deb (deb(5)): its control files into memory, the tar of its data member, decompressed and otherwise as it
 * is, into the new file `spool` (see `kept.ts`). The .deb is read once; its size is checked first, its SHA-256 before anything is given
 * out. Where it fails there is no spool. Memory does not grow with the size of the package, only with its entries.
 *
 * @throws KoalaError 'verify' where the .deb is not the promised file; 'unpack' where it is not a .deb, says other
 * things about itself than the index, exceeds a limit, or cannot be read or spooled.
 */
export async function unpackDeb(
  request: UnpackRequest,
  spool: string,
  limits: Limits = DEFAULT_LIMITS,
): Promise<UnpackedPackage> {
  const taken = takeKept(request, spool);
  if (taken !== undefined) return taken;
  const deb = new DebFile(request.deb, request.promised);
  try {
    const { control, data } = membersOf(deb, limits);
    const files = await readControl(deb, control, limits);
    checkControl(request, files);
    const { entries, bytes } = await spoolData(deb, data, spool, { request, control: files }, limits);
    const stored = request.kept === undefined ? 0 : keepSpool(spool, request.kept);
    return { deb: request.deb, control: files, entries, spool, bytes, stored };
  } finally {
    deb.close();
  }
}

/**
 * The control paragraph of a .deb (deb-control(5)) alone. What follows it in the file is neither read nor checked.
 *
 * @throws KoalaError 'unpack' where it is not a .deb, or has no control file
 */
export async function readControlParagraph(path: string, promised: Promised): Promise<string> {
  const deb = new DebFile(path, promised);
  try {
    const files = await readControl(deb, membersOf(deb, DEFAULT_LIMITS).control, DEFAULT_LIMITS);
    return controlText(path, files);
  } finally {
    deb.close();
  }
}

interface Member extends ArMember {
  readonly compression: Compression;
  /** For messages. */
  readonly origin: string;
}

const CONTROL_COMPRESSIONS: readonly Compression[] = ['none', 'gz', 'xz', 'zst'];
const DATA_COMPRESSIONS: readonly Compression[] = ['none', 'gz', 'xz', 'zst', 'bz2', 'lzma'];

/** deb(5): `debian-binary`, `control.tar…`, `data.tar…`, in this order; names with `_` in front may be ignored. */
function membersOf(deb: DebFile, limits: Limits): { readonly control: Member; readonly data: Member } {
  const refuse = (why: string): KoalaError => new KoalaError('unpack', `cannot unpack ${deb.path}: ${why}`);
  const members = walkAr((offset, length) => deb.peek(offset, length), deb.size, deb.path, limits.arMembers);
  const [version, ...rest] = members;
  if (version?.name !== 'debian-binary') throw refuse('its first member is not debian-binary');
  // More lines may follow, and the minor version may grow (deb(5)).
  const format = Buffer.from(deb.peek(version.offset, Math.min(version.size, 16))).toString('latin1');
  if (!/^2\.\d+\n/.test(format)) throw refuse(`its format version is not 2 but ${JSON.stringify(format)}`);
  const [control, data, extra] = rest.filter((member) => !member.name.startsWith('_'));
  const find = (member: ArMember | undefined, stem: string, compressions: readonly Compression[]): Member => {
    const compression = compressions.find((kind) => member?.name === (kind === 'none' ? stem : `${stem}.${kind}`));
    if (member === undefined) throw refuse(`it has no member ${stem}`);
    if (compression === undefined) throw refuse(`it has the member ${member.name} where ${stem} is expected`);
    return { ...member, compression, origin: `${member.name} of ${deb.path}` };
  };
  const found = {
    control: find(control, 'control.tar', CONTROL_COMPRESSIONS),
    data: find(data, 'data.tar', DATA_COMPRESSIONS),
  };
  if (extra !== undefined) throw refuse(`it has the member ${extra.name} after ${found.data.name}`);
  return found;
}

async function decodeMember(
  deb: DebFile,
  { offset, size, compression, origin }: Member,
  bytes: number,
  { dataRatio, xzMemoryBytes }: Limits,
  sink: (chunk: Uint8Array) => void,
): Promise<void> {
  const maxBytes = compression === 'none' ? bytes : expandedLimit(size, bytes, dataRatio);
  if (compression === 'xz') {
    const refuse = (why: string): KoalaError => new KoalaError('unpack', `cannot decompress ${origin}: ${why}`);
    let blocks: XzBlock[];
    try {
      blocks = readXzLayout((at, length) => deb.peek(offset + at, Math.min(length, size - at)), size);
    } catch (error) {
      throw refuse(`not one whole xz stream (${reasonOf(error)})`);
    }
    const total = blocks.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
    if (total > maxBytes) throw refuse(`it has more than ${maxBytes} bytes`);
    if (blocks.some(({ dictionarySize }) => dictionarySize > xzMemoryBytes)) {
      throw refuse(`it needs a dictionary of more than ${xzMemoryBytes} bytes`);
    }
  }
  await decode(compression, deb.read(offset, size), sink, { origin, maxBytes, xzMemoryBytes });
}

/** dpkg's scripts, lists and templates, and what else packages bring: a name that needs no quoting anywhere. */
const CONTROL_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/;

async function readControl(deb: DebFile, member: Member, limits: Limits): Promise<ReadonlyMap<string, ControlFile>> {
  const files = new Map<string, { readonly mode: number; readonly chunks: Uint8Array[] }>();
  let chunks: Uint8Array[] = [];
  const reader = new TarReader(
    {
      entry: ({ type, path, mode }: TarEntry): void => {
        if (path === '/' && type === 'directory') return;
        const name = nameOf(path);
        const refuse = (why: string): KoalaError =>
          new KoalaError('unpack', `cannot unpack ${member.origin}: ${JSON.stringify(path)} ${why}`);
        if (type !== 'file') throw refuse(`is a ${type}, not a file`);
        if (path !== `/${name}` || !CONTROL_NAME.test(name)) throw refuse('is not a plain name');
        if (files.has(name)) throw refuse('is there twice');
        chunks = [];
        files.set(name, { mode, chunks });
      },
      // A view of a decoder's buffer, which may be reused.
      content: (chunk) => chunks.push(Uint8Array.from(chunk)),
    },
    member.origin,
    limits,
  );
  await decodeMember(deb, member, limits.controlBytes, limits, (chunk) => reader.write(chunk));
  reader.end();
  return new Map([...files].map(([name, file]) => [name, { mode: file.mode, bytes: joined(file.chunks) }]));
}

/** Exact bytes in a buffer of their own: pooled buffers would drag their pool across threads. */
function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

async function spoolData(
  deb: DebFile,
  member: Member,
  spool: string,
  { request, control }: { readonly request: UnpackRequest; readonly control: ReadonlyMap<string, ControlFile> },
  limits: Limits,
): Promise<{ readonly entries: readonly PackageEntry[]; readonly bytes: number }> {
  const entries: PackageEntry[] = [];
  const sink = { entry: (entry: TarEntry, offset: number): unknown => entries.push({ ...entry, offset }) };
  const reader = new TarReader(sink, member.origin, limits);
  const writer = new SpoolWriter(spool);
  const hash = createHash('sha256');
  try {
    const take = (chunk: Uint8Array): void => {
      throwIfStopped();
      reader.write(chunk);
      hash.update(chunk);
      writer.write(chunk);
    };
    await decodeMember(deb, member, limits.dataBytes, limits, take);
    reader.end();
    deb.verify();
    const bytes = writer.size;
    const { name, version, architecture, promised } = request;
    const identity = { sha256: promised.sha256, name, version, architecture };
    for (const part of endOfSpool({ control, entries }, identity, bytes, hash)) writer.write(part);
    writer.finish();
    return { entries, bytes };
  } catch (error) {
    writer.discard();
    throw error;
  }
}
