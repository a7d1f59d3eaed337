import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { compress as zstd } from '@cloudpss/zstd';
import lzma from 'lzma-native';
import tar from 'tar-stream';

/** An entry of a tar that a test writes; a name ending in `/` is a directory, a `target` makes a symlink. */
export interface DebFile {
  /** `/usr/bin/x` or `usr/bin/x`: written as `./usr/bin/x`, as dpkg-deb does. */
  readonly path: string;
  readonly type?: 'file' | 'directory' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo';
  /** Without it: 0o755 for directories, 0o777 for symlinks, 0o644 for the rest. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly content?: string | Uint8Array;
  /** A symlink's target, verbatim; a hardlink's as a path of this list. */
  readonly target?: string;
  /** Seconds since the epoch. */
  readonly mtime?: number;
  readonly major?: number;
  readonly minor?: number;
  /** Pax records: `{ 'SCHILY.xattr.user.x': 'y' }`. */
  readonly pax?: Readonly<Record<string, string>>;
}

export type DebCompression = 'none' | 'gz' | 'xz' | 'zst' | 'bz2' | 'lzma';

export interface ArMemberBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface DebOptions {
  /** Fields over the defaults of Package, Version, Architecture, Maintainer and Description. */
  readonly control?: Readonly<Record<string, string>>;
  readonly files?: readonly DebFile[];
  /** Further files of the control member by name (`postinst`, `triggers`, `shlibs` …); scripts get mode 0755. */
  readonly scripts?: Readonly<Record<string, string>>;
  readonly conffiles?: readonly string[];
  /** Of both members; `xz` unless said. The control member has no `bz2` and `lzma` in deb(5): it gets `gz` then. */
  readonly compression?: DebCompression;
  /** Whether directories above `files` are added where the list lacks them; true unless said. */
  readonly parents?: boolean;
  /** For hostile archives: gets the three members and gives what is written instead. */
  readonly members?: (members: readonly ArMemberBytes[]) => readonly ArMemberBytes[];
}

/** When every entry was made, unless a test says otherwise: 2023-11-14T22:13:20Z. */
export const DEB_TIME = 1_700_000_000;

const MAINTAINER_SCRIPTS = new Set(['preinst', 'postinst', 'prerm', 'postrm', 'config']);
const SUFFIX: Readonly<Record<DebCompression, string>> = {
  none: '',
  gz: '.gz',
  xz: '.xz',
  zst: '.zst',
  bz2: '.bz2',
  lzma: '.lzma',
};

/** The bytes of a .deb (deb(5)) whose tars are written by tar-stream, with its md5sums. */
export async function makeDeb(options: DebOptions = {}): Promise<Uint8Array> {
  const { compression = 'xz', files = [] } = options;
  const controlCompression = compression === 'bz2' || compression === 'lzma' ? 'gz' : compression;
  const data = await makeTar(options.parents === false ? files : withParents(files));
  const control = await makeTar(controlFiles(options));
  const members: readonly ArMemberBytes[] = [
    { name: 'debian-binary', bytes: Buffer.from('2.0\n') },
    { name: `control.tar${SUFFIX[controlCompression]}`, bytes: await compressAs(controlCompression, control) },
    { name: `data.tar${SUFFIX[compression]}`, bytes: await compressAs(compression, data) },
  ];
  return makeAr(options.members?.(members) ?? members);
}

/** An ar archive as deb(5) describes it: the magic, 60-byte headers, members padded to even offsets. */
function makeAr(members: readonly ArMemberBytes[]): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from('!<arch>\n')];
  for (const { name, bytes } of members) {
    const header = [name.padEnd(16), String(DEB_TIME).padEnd(12), '0     ', '0     ', '100644  '];
    parts.push(Buffer.from(`${header.join('')}${String(bytes.length).padEnd(10)}\`\n`), bytes);
    if (bytes.length % 2 === 1) parts.push(Buffer.from('\n'));
  }
  return Buffer.concat(parts);
}

/** A tar of these entries, in this order, by tar-stream. */
export async function makeTar(files: readonly DebFile[]): Promise<Uint8Array> {
  const pack = tar.pack();
  for (const file of files) {
    const content = Buffer.from(file.content ?? '');
    const type = typeOf(file);
    const header = {
      name: memberPath(file.path, type === 'directory'),
      type: TAR_TYPES[type],
      mode: file.mode ?? (type === 'directory' ? 0o755 : type === 'symlink' ? 0o777 : 0o644),
      uid: file.uid ?? 0,
      gid: file.gid ?? 0,
      mtime: new Date((file.mtime ?? DEB_TIME) * 1000),
      size: content.length,
      ...(file.target === undefined
        ? {}
        : { linkname: type === 'hardlink' ? memberPath(file.target, false) : file.target }),
      ...(type === 'char' || type === 'block' ? { devmajor: file.major ?? 0, devminor: file.minor ?? 0 } : {}),
      ...(file.pax === undefined ? {} : { pax: { ...file.pax } }),
    };
    if (type === 'file') pack.entry(header, content);
    else pack.entry({ ...header, size: 0 });
  }
  pack.finalize();
  return buffer(pack);
}

/** Compressed by libraries and programs that are not ours; `bz2` needs the program `bzip2`. */
export async function compressAs(compression: DebCompression, bytes: Uint8Array): Promise<Uint8Array> {
  switch (compression) {
    case 'none':
      return bytes;
    case 'gz':
      return gzipSync(bytes);
    case 'xz':
    case 'lzma': {
      const stream = lzma.createStream(compression === 'xz' ? 'easyEncoder' : 'aloneEncoder', { preset: 1 });
      stream.end(bytes);
      return buffer(stream);
    }
    case 'zst':
      return zstd(bytes);
    case 'bz2': {
      const run = spawnSync('bzip2', ['-c'], { input: bytes, maxBuffer: 1 << 30 });
      if (run.status !== 0) throw new Error(`cannot run bzip2: ${run.error?.message ?? run.stderr.toString()}`);
      return run.stdout;
    }
  }
}

function controlFiles(options: DebOptions): DebFile[] {
  const fields = {
    Package: 'sample',
    Version: '1.0-1',
    Architecture: 'amd64',
    Maintainer: 'Test Suite <test@example.org>',
    Description: 'package made by a test',
    ...options.control,
  };
  const files: DebFile[] = [{ path: '/', type: 'directory' }];
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value.replaceAll('\n', '\n ')}\n`);
  files.push({ path: 'control', content: lines.join('') });
  const sums = md5sums(options.files ?? []);
  if (sums !== '') files.push({ path: 'md5sums', content: sums });
  if (options.conffiles !== undefined) {
    files.push({ path: 'conffiles', content: options.conffiles.map((path) => `${path}\n`).join('') });
  }
  for (const [path, content] of Object.entries(options.scripts ?? {})) {
    files.push({ path, content, mode: MAINTAINER_SCRIPTS.has(path) ? 0o755 : 0o644 });
  }
  return files;
}

function md5sums(files: readonly DebFile[]): string {
  return files
    .filter((file) => typeOf(file) === 'file')
    .map((file) => {
      const sum = createHash('md5')
        .update(Buffer.from(file.content ?? ''))
        .digest('hex');
      return `${sum}  ${file.path.replace(/^(\.?\/)+/, '')}\n`;
    })
    .join('');
}

function withParents(files: readonly DebFile[]): DebFile[] {
  const seen = new Set<string>();
  const all: DebFile[] = [];
  for (const file of files) {
    const path = posix.join('/', file.path).replace(/(.)\/$/, '$1');
    const missing: DebFile[] = [];
    for (let parent = posix.dirname(path); !seen.has(parent); parent = posix.dirname(parent)) {
      seen.add(parent);
      if (parent !== path) missing.unshift({ path: parent, type: 'directory' });
    }
    all.push(...missing, file);
    seen.add(path);
  }
  if (files.length === 0) all.push({ path: '/', type: 'directory' });
  return all;
}

const TAR_TYPES = {
  file: 'file',
  directory: 'directory',
  symlink: 'symlink',
  hardlink: 'link',
  char: 'character-device',
  block: 'block-device',
  fifo: 'fifo',
} as const;

function typeOf(file: DebFile): NonNullable<DebFile['type']> {
  if (file.type !== undefined) return file.type;
  if (file.path.endsWith('/')) return 'directory';
  return file.target === undefined ? 'file' : 'symlink';
}

function memberPath(path: string, directory: boolean): string {
  const plain = path.replace(/^(\.?\/)+/, '').replace(/\/+$/, '');
  if (plain === '' || plain === '.') return './';
  return directory ? `./${plain}/` : `./${plain}`;
}
