import type { Content, TreeNode } from '../../rootfs/types.js';
import { bytesOfBuffer } from '../shell/bytes.js';
import type { Bytes, Command, Process } from '../shell/types.js';
import { complain, Failure, say, withFailures } from './console.js';
import { readSharedObject, type SharedObject } from './elf.js';
import { Files } from './files.js';
import { expandGlob } from './glob.js';
import { type CacheEntry, compareLibraries, formatLdCache } from './ld-cache.js';
import { parseOptions } from './options.js';
import { findPackage } from './state.js';

const OPTIONS = 'p,print-cache v,verbose N X C: f: n l r: c,format: i,ignore-aux-cache V,version';
const SYSTEM_DIRECTORIES = ['/lib', '/usr/lib'];
const FLAG_ELF = 1;
const FLAG_ELF_LIBC6 = 3;

interface Directory {
  readonly path: Bytes;
  readonly hwcaps: Bytes | undefined;
}

/** A library that was found in a directory: the file that stands for its soname there. */
interface Library {
  name: Bytes;
  isLink: boolean;
  readonly flags: number;
  readonly isaLevel: number;
}

/**
 * ldconfig(8): makes the links of sonames, and the cache of all libraries for the architecture that is built for. It keeps
 * no auxiliary cache: that holds inodes.
 */
export const ldconfig: Command = (process) =>
  withFailures(process, `${process.args[0]}: `, () => {
    const options = parseOptions(process.args.slice(1), OPTIONS);
    const root = options.get('r') ?? '';
    if (!['', '/'].includes(root)) throw new Failure(`Can't open configuration file ${root}: another root`);
    const files = new Files(process);
    const cache = options.get('C') ?? '/etc/ld.so.cache';
    if (options.has('p')) return printCache(process, files, cache);
    if (options.has('l')) return 0;
    const given = options.operands.map((path) => path.replace(/\/+$/, ''));
    const configured = options.has('n')
      ? []
      : [...configuredDirectories(files, options.get('f') ?? '/etc/ld.so.conf'), ...SYSTEM_DIRECTORIES];
    const generator = generatorOf(process, files);
    const flagsOf = flagsFor(process.system.architecture, generator);
    const entries: CacheEntry[] = [];
    for (const directory of distinctDirectories(files, [...given, ...configured])) {
      entries.push(...scan(process, files, directory, { flagsOf, makeLinks: !options.has('X') }));
    }
    if (!options.has('N') && !options.has('n')) {
      const bytes = formatLdCache(entries, generator, isBigEndian(process.system.architecture));
      files.replace(cache, bytesOfBuffer(bytes));
    }
    return 0;
  });

/** The directories of ld.so.conf and of the files that it includes, in their order. */
function configuredDirectories(files: Files, path: Bytes, depth = 0): Bytes[] {
  if (depth > 10) return [];
  return files.lines(path).flatMap((line) => {
    const text = line.replace(/#.*/, '').trim();
    const included = /^include\s+(.*)$/.exec(text)?.[1];
    if (included !== undefined) {
      const base = path.slice(0, path.lastIndexOf('/'));
      const patterns = included.split(/\s+/).map((item) => (item.startsWith('/') ? item : `${base}/${item}`));
      return patterns
        .flatMap((pattern) => expandGlob(files, pattern))
        .flatMap((file) => configuredDirectories(files, file, depth + 1));
    }
    // `hwcap …` lines are obsolete; a directory may carry a library type after `=`.
    const directory = text.replace(/=.*/, '').trim().replace(/\/+$/, '');
    return text === '' || /^hwcap\s/.test(text) || directory === '' ? [] : [directory];
  });
}

/** The directories that exist, each once however many names it has, with their subdirectories of glibc-hwcaps before them. */
function distinctDirectories(files: Files, paths: readonly Bytes[]): Directory[] {
  const seen = new Set<TreeNode>();
  return paths.flatMap((path) => {
    const node = files.stat(path);
    if (node?.type !== 'directory' || seen.has(node)) return [];
    seen.add(node);
    const below = `${path}/glibc-hwcaps`;
    const names = files.list(below).filter((name) => files.isDirectory(`${below}/${name}`));
    return [{ path, hwcaps: undefined }, ...names.map((name) => ({ path: `${below}/${name}`, hwcaps: name }))];
  });
}

interface ScanRules {
  readonly flagsOf: (object: SharedObject) => number | undefined;
  readonly makeLinks: boolean;
}

function scan(process: Process, files: Files, { path, hwcaps }: Directory, rules: ScanRules): CacheEntry[] {
  const { flagsOf, makeLinks } = rules;
  const libraries = new Map<Bytes, Library>();
  for (const name of files.list(path)) {
    if (!isLibraryName(name)) continue;
    const full = `${path}/${name}`;
    const link = files.lstat(full)?.type === 'symlink';
    const node = files.stat(full);
    if (node === undefined && link && makeLinks && name.includes('.so.')) files.unlink(full);
    if (node?.type !== 'file') continue;
    const object = readKnown(node.content);
    const flags = object === undefined ? undefined : flagsOf(object);
    if (object === undefined || flags === undefined) continue;
    const soname = object.soname ?? name;
    noteLibrary(libraries, soname, { name, isLink: link && staysLink(name, soname), flags, isaLevel: object.isaLevel });
  }
  return [...libraries].map(([soname, library]) => {
    // Libraries of glibc-hwcaps are found by the names of their files.
    if (hwcaps === undefined && !library.isLink && makeLinks) linkSoname(process, files, path, library.name, soname);
    const file = hwcaps === undefined ? soname : library.name;
    return { soname, path: `${path}/${file}`, flags: library.flags, hwcaps, isaLevel: library.isaLevel };
  });
}

/** `_dl_is_dso`: libraries, and the dynamic linkers by their names on the ports. */
function isLibraryName(name: Bytes): boolean {
  if (name.endsWith('.#prelink#') || /\.#prelink#\.......$/.test(name)) return false;
  return (/^(?:lib|ld-)/.test(name) && name.includes('.so')) || /^ld(?:64)?\.so\.[12]$/.test(name);
}

/** A link counts as one where its name is the soname or, as `libx.so` for the static linker, a beginning of it. */
function staysLink(name: Bytes, soname: Bytes): boolean {
  return name === soname || (name.endsWith('.so') && soname.startsWith(name));
}

/** A file is better than a link, a newer name better than an older one. */
function noteLibrary(libraries: Map<Bytes, Library>, soname: Bytes, library: Library): void {
  const known = libraries.get(soname);
  if (known === undefined) {
    libraries.set(soname, library);
  } else if (
    (!library.isLink && known.isLink) ||
    (library.isLink === known.isLink && compareLibraries(known.name, library.name) < 0)
  ) {
    known.name = library.name;
    known.isLink = library.isLink;
  }
}

function linkSoname(process: Process, files: Files, path: Bytes, name: Bytes, soname: Bytes): void {
  const link = `${path}/${soname}`;
  if (files.stat(link) === files.stat(`${path}/${name}`)) return;
  const node = files.lstat(link);
  if (node !== undefined && node.type !== 'symlink') {
    complain(process, `${process.args[0]}: ${link} is not a symbolic link\n`);
    return;
  }
  files.replaceLink(name, link);
}

const EM_386 = 3;
const EM_MIPS = 8;
const EM_PPC64 = 21;
const EM_S390 = 22;
const EM_ARM = 40;
const EM_SPARCV9 = 43;
const EM_X86_64 = 62;
const EM_AARCH64 = 183;
const EM_RISCV = 243;
const EM_LOONGARCH = 258;

/** The kinds of each Debian architecture whose bits of the flags are not 0 (elf/ldconfig.h and sysdeps' readelflib.c). */
const KINDS: Readonly<Record<string, (object: SharedObject) => number | undefined>> = {
  amd64: x86,
  i386: x86,
  x32: x86,
  arm64: arm,
  armhf: arm,
  armel: arm,
  riscv64: ({ machine, flags }) => (machine === EM_RISCV ? ((flags & 6) === 4 ? 0x1000 : 0x0f00) : undefined),
  ppc64el: ({ machine, bits }) => (machine === EM_PPC64 && bits === 64 ? 0x0500 : undefined),
  ppc64: ({ machine, bits }) => (machine === EM_PPC64 && bits === 64 ? 0x0500 : undefined),
  s390x: ({ machine, bits }) => (machine === EM_S390 ? (bits === 64 ? 0x0400 : 0) : undefined),
  mips64el: ({ machine, bits }) => (machine === EM_MIPS ? (bits === 64 ? 0x0700 : 0) : undefined),
  sparc64: ({ machine }) => (machine === EM_SPARCV9 ? 0x0100 : undefined),
  loong64: ({ machine, flags }) => (machine === EM_LOONGARCH ? ((flags & 7) === 3 ? 0x1200 : 0x1100) : undefined),
};

function x86({ machine, bits }: SharedObject): number | undefined {
  if (machine === EM_386) return 0;
  if (machine !== EM_X86_64) return undefined;
  return bits === 64 ? 0x0300 : 0x0800;
}

function arm({ machine, flags }: SharedObject): number | undefined {
  if (machine === EM_AARCH64) return 0x0a00;
  if (machine !== EM_ARM) return undefined;
  if ((flags & 0x400) !== 0) return 0x0900;
  return (flags & 0x200) !== 0 ? 0x0b00 : 0;
}

/**
 * The flags of the tree's own ldconfig. Before glibc 2.37 only the kinds that have bits of their own count as libraries of
 * glibc whatever they need: in i386 the dynamic linker, which needs none, is of no known libc.
 */
function flagsFor(architecture: string, generator: Bytes): ScanRules['flagsOf'] {
  const minor = Number(/release version 2\.(\d+)/.exec(generator)?.[1] ?? 37);
  const kind = KINDS[architecture] ?? (() => 0);
  return (object) => {
    const bits = kind(object);
    if (bits === undefined) return undefined;
    return bits | (minor < 37 && bits === 0 && !object.usesLibc() ? FLAG_ELF : FLAG_ELF_LIBC6);
  };
}

function isBigEndian(architecture: string): boolean {
  return ['s390x', 'ppc64', 'powerpc', 'sparc64', 'hppa', 'm68k', 'mips', 'mips64'].includes(architecture);
}

/** Contents do not change, so that what was read of one holds for the next run of ldconfig. */
const known = new WeakMap<Content, { readonly object: SharedObject | undefined }>();

function readKnown(content: Content): SharedObject | undefined {
  const entry = known.get(content) ?? { object: readSharedObject(content) };
  known.set(content, entry);
  return entry.object;
}

/** How the tree's own ldconfig names itself; it is a constant of the program. */
function generatorOf(process: Process, files: Files): Bytes {
  for (const path of ['/sbin/ldconfig.real', '/sbin/ldconfig']) {
    const match = /ldconfig \([^)\0]+\) \w+ release version [0-9.]+/.exec(files.read(path) ?? '');
    if (match !== null) return match[0];
  }
  const version = findPackage(process, 'libc-bin')?.version ?? '';
  return `ldconfig (Debian GLIBC ${version}) stable release version ${version.replace(/-[^-]*$/, '')}`;
}

function printCache(process: Process, files: Files, path: Bytes): number {
  const buffer = files.readBuffer(path);
  if (buffer === undefined) throw new Failure(`Can't open cache file ${path}\n: No such file or directory`);
  const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  const big = bytes[28] === 3;
  const word = (at: number): number => (big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  const text = (at: number): Bytes => bytes.toString('latin1', at, bytes.indexOf(0, at));
  const count = word(20);
  say(process, `${count} libs found in cache \`${path}'`);
  for (let index = 0; index < count; index++) {
    const at = 48 + 24 * index;
    const kind = word(at) === 0x0303 ? 'libc6,x86-64' : word(at) === 0x0a03 ? 'libc6,AArch64' : 'libc6';
    say(process, `\t${text(word(at + 4))} (${kind}) => ${text(word(at + 8))}`);
  }
  return 0;
}
