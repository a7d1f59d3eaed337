import type { ElfAbi } from '../formats/elf/file.js';
import { nameOf, parentOf } from '../formats/path.js';
import { readFile, readText } from '../rootfs/content.js';
import type { Tree } from '../rootfs/tree.js';
import type { TreeNode } from '../rootfs/types.js';
import { isSameAbi, plainDirectories, tripletsOf } from './abi.js';
import type { ElfObject, Scan } from './types.js';

/** What the dynamic linker comes upon. */
export type Hit =
  | { readonly type: 'found'; readonly object: ElfObject /** Only where the CPU has this. */; readonly hwcaps?: string }
  /** `elsewhere`: files of this soname that no search leads to; `other`: what is in the way and is for another machine. */
  | { readonly type: 'absent'; readonly elsewhere: readonly ElfObject[]; readonly other: ElfObject | undefined };

type Found = Map<string, Hit | 'kernel'>;

const CACHE = '/etc/ld.so.cache';
const CACHE_MAGIC = 'glibc-ld.so.cache1.1';
const CACHE_HEADER = 48;
const CACHE_ENTRY = 24;
/** The kernel brings them. */
const VDSO = /^linux-(?:vdso(?:32|64)?|gate)\.so\.1$/;

/** Looks libraries up as the dynamic linker of a program does (ld.so(8), "DESCRIPTION"); nothing of an environment counts. */
export class LibrarySearch {
  readonly #tree: Tree;
  readonly #byNode: ReadonlyMap<TreeNode, ElfObject>;
  readonly #bySoname = new Map<string, ElfObject[]>();
  readonly #cache: ReadonlyMap<string, readonly string[]>;
  readonly #objects = new Map<string, ElfObject | undefined>();
  /** Of objects for which the same is found, by names. */
  readonly #found = new Map<string, Found>();
  readonly #foundFor = new Map<ElfObject, Found>();
  readonly #directories = new Map<string, readonly string[]>();

  constructor(tree: Tree, { objects }: Scan) {
    this.#tree = tree;
    this.#byNode = new Map(objects.map((object) => [object.node, object]));
    this.#cache = readCache(tree);
    for (const object of objects) {
      if (object.dynamic === undefined) continue;
      for (const name of new Set([object.dynamic.soname ?? '', nameOf(object.path)])) {
        const known = this.#bySoname.get(name);
        if (known === undefined) this.#bySoname.set(name, [object]);
        else known.push(object);
      }
    }
  }

  /** The ELF file that a path leads to. */
  at(path: string): ElfObject | undefined {
    if (this.#objects.has(path)) return this.#objects.get(path);
    const node = safely(() => this.#tree.resolve(path));
    const object = node === undefined ? undefined : this.#byNode.get(node);
    this.#objects.set(path, object);
    return object;
  }

  /** @param inherited DT_RPATH of those that loaded the object */
  find(name: string, object: ElfObject, inherited: readonly string[] = []): Hit | 'kernel' {
    const inherits = inherited.length > 0 && (object.dynamic?.runpath.length ?? 0) === 0;
    const found =
      (inherits ? undefined : this.#foundFor.get(object)) ?? this.#foundAs(object, inherits ? inherited : []);
    if (!inherits) this.#foundFor.set(object, found);
    const known = found.get(name);
    if (known !== undefined) return known;
    const hit = VDSO.test(name) ? 'kernel' : this.#search(name, object, inherits ? inherited : []);
    found.set(name, hit);
    return hit;
  }

  /** What was found for objects that look in the same places. */
  #foundAs(object: ElfObject, inherited: readonly string[]): Found {
    const own = [...ownPaths(object), ...inherited];
    const places = own.length === 0 ? '' : `${own.join(':')} ${parentOf(object.path)}`;
    const key = `${keyOf(object.abi)} ${isMusl(object)} ${places}`;
    const found = this.#found.get(key) ?? new Map();
    this.#found.set(key, found);
    return found;
  }

  #search(name: string, object: ElfObject, inherited: readonly string[]): Hit {
    const { abi } = object;
    const directories = [...ownPaths(object), ...inherited].flatMap((path) => expand(path, object));
    const musl = isMusl(object) || (name === 'libc.so' && this.at(muslLoader(abi)) !== undefined);
    if (name.includes('/')) {
      const found = this.at(name);
      return found !== undefined && isSameAbi(found.abi, abi)
        ? { type: 'found', object: found }
        : { type: 'absent', elsewhere: [], other: found };
    }
    if (musl && /^libc\.(?:so$|musl-)/.test(name)) {
      const loader = this.at(object.interpreter ?? muslLoader(abi));
      if (loader !== undefined) return { type: 'found', object: loader };
    }
    const standard = musl ? this.#muslDirectories(abi) : this.#standardDirectories(abi);
    const cached = musl ? [] : (this.#cache.get(name) ?? []).filter((path) => !path.includes('/glibc-hwcaps/'));
    const paths = [
      ...directories.map((path) => `${path}/${name}`),
      ...cached,
      ...standard.map((path) => `${path}/${name}`),
    ];
    let other: ElfObject | undefined;
    for (const path of paths) {
      const found = this.at(path);
      if (found !== undefined && isSameAbi(found.abi, abi)) return { type: 'found', object: found };
      other ??= found;
    }
    for (const directory of [...directories, ...standard]) {
      for (const hwcaps of this.#subdirectories(`${directory}/glibc-hwcaps`)) {
        const found = this.at(`${directory}/glibc-hwcaps/${hwcaps}/${name}`);
        if (found !== undefined && isSameAbi(found.abi, abi)) return { type: 'found', object: found, hwcaps };
      }
    }
    const elsewhere = (this.#bySoname.get(name) ?? []).filter((one) => isSameAbi(one.abi, abi));
    return { type: 'absent', elsewhere, other };
  }

  /** Those that exist of the directories that Debian's glibc is built to look in. */
  #standardDirectories(abi: ElfAbi): readonly string[] {
    return this.#existing(`glibc ${keyOf(abi)}`, () => {
      const triplets = tripletsOf(abi).flatMap((triplet) => [`/lib/${triplet}`, `/usr/lib/${triplet}`]);
      return [...triplets, ...plainDirectories(abi)];
    });
  }

  #muslDirectories(abi: ElfAbi): readonly string[] {
    return this.#existing(`musl ${keyOf(abi)}`, () => {
      const text = readText(this.#tree, `/etc/${nameOf(muslLoader(abi)).replace(/\.so\.1$/, '.path')}`);
      return text?.split(/[:\n]/).filter((path) => path !== '') ?? ['/lib', '/usr/local/lib', '/usr/lib'];
    });
  }

  #existing(key: string, list: () => readonly string[]): readonly string[] {
    const known = this.#directories.get(key);
    if (known !== undefined) return known;
    const nodes = new Set<TreeNode>();
    const found = list().filter((path) => {
      const node = safely(() => this.#tree.resolve(path));
      if (node?.type !== 'directory' || nodes.has(node)) return false;
      nodes.add(node);
      return true;
    });
    this.#directories.set(key, found);
    return found;
  }

  #subdirectories(path: string): string[] {
    const node = safely(() => this.#tree.resolve(path));
    return node?.type === 'directory' ? [...node.children.keys()].sort() : [];
  }
}

function ownPaths({ dynamic }: ElfObject): readonly string[] {
  if (dynamic === undefined) return [];
  return dynamic.runpath.length > 0 ? dynamic.runpath : dynamic.rpath;
}

/** What a loop of links leads to is nothing. */
function safely(look: () => TreeNode | undefined): TreeNode | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function keyOf({ machine, bits, bigEndian, flags }: ElfAbi): string {
  return `${machine}-${bits}-${bigEndian}-${machine === 40 || machine === 243 ? flags & 0x606 : 0}`;
}

/** ld.so(8), "Dynamic string tokens". */
function expand(path: string, object: ElfObject): string[] {
  const origin = path.replace(/\$(?:ORIGIN|\{ORIGIN\})/g, parentOf(object.path)).replace(/\/+$/, '');
  if (!/\$\{?LIB\b/.test(origin)) return origin.startsWith('/') && !origin.includes('$') ? [origin] : [];
  const names = [...tripletsOf(object.abi).map((triplet) => `lib/${triplet}`), 'lib64', 'lib'];
  return names.map((name) => origin.replace(/\$(?:LIB\b|\{LIB\})/g, name));
}

function isMusl({ interpreter, dynamic }: ElfObject): boolean {
  return (
    interpreter?.includes('/ld-musl-') === true ||
    dynamic?.needed.some((name) => name.startsWith('libc.musl-')) === true
  );
}

const MUSL_NAMES: Readonly<Record<number, string>> = {
  3: 'i386',
  62: 'x86_64',
  183: 'aarch64',
  40: 'armhf',
  243: 'riscv64',
};

function muslLoader({ machine }: ElfAbi): string {
  return `/lib/ld-musl-${MUSL_NAMES[machine] ?? 'unknown'}.so.1`;
}

/** The paths that `/etc/ld.so.cache` has for each soname (glibc's sysdeps/generic/dl-cache.h, the new format). */
function readCache(tree: Tree): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  const file = readFile(tree, CACHE);
  if (file === undefined) return paths;
  const all = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  // A cache in both formats has the new one behind the old.
  const start = all.indexOf(CACHE_MAGIC, 0, 'latin1');
  if (start < 0) return paths;
  const bytes = all.subarray(start);
  if (bytes.byteLength < CACHE_HEADER) return paths;
  const bigEndian = bytes[28] === 3;
  const word = (at: number): number => (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  const text = (at: number): string => bytes.toString('latin1', at, bytes.indexOf(0, at));
  const count = Math.min(word(20), Math.floor((bytes.byteLength - CACHE_HEADER) / CACHE_ENTRY));
  for (let index = 0; index < count; index++) {
    const at = CACHE_HEADER + CACHE_ENTRY * index;
    const name = text(word(at + 4));
    paths.set(name, [...(paths.get(name) ?? []), text(word(at + 8))]);
  }
  return paths;
}
