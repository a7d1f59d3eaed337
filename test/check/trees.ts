import { type CheckSettings, checkTree, type TreeReport } from '../../src/check/check-tree.js';
import { parentOf } from '../../src/formats/path.js';
import { NO_XATTRS, Tree } from '../../src/rootfs/tree.js';
import type { Owner } from '../../src/rootfs/types.js';
import { makeElf } from '../builder/elf.js';

const OWNER: Owner = { type: 'package', name: 'test' };
const LIB = '/usr/lib/x86_64-linux-gnu';
const LOADER = '/lib64/ld-linux-x86-64.so.2';

/** A file by its content, executable where its path has `bin/`; text with `→ ` before it is a link's target; null: no entry. */
export type Entries = Readonly<Record<string, string | Uint8Array | null>>;

/** A program, its libraries and its loader: nothing is missing. */
export const CLOSED: Entries = {
  '/lib': '→ usr/lib',
  '/lib64': '→ usr/lib64',
  '/bin': '→ usr/bin',
  '/usr/lib64/ld-linux-x86-64.so.2': `→ ..${LIB.slice(4)}/ld-linux-x86-64.so.2`,
  [`${LIB}/ld-linux-x86-64.so.2`]: makeElf({
    soname: 'ld-linux-x86-64.so.2',
    versions: ['ld-linux-x86-64.so.2', 'GLIBC_2.3'],
  }),
  [`${LIB}/libc.so.6`]: makeElf({
    soname: 'libc.so.6',
    interpreter: LOADER,
    needed: ['ld-linux-x86-64.so.2'],
    requires: { 'ld-linux-x86-64.so.2': ['GLIBC_2.3'] },
    versions: ['libc.so.6', 'GLIBC_2.2.5', 'GLIBC_2.34'],
    kernel: [3, 2, 0],
  }),
  [`${LIB}/libz.so.1.3`]: makeElf({ soname: 'libz.so.1', needed: ['libc.so.6'] }),
  [`${LIB}/libz.so.1`]: '→ libz.so.1.3',
  '/usr/bin/tool': makeElf({
    interpreter: LOADER,
    needed: ['libz.so.1', 'libc.so.6'],
    requires: { 'libc.so.6': ['GLIBC_2.2.5', 'GLIBC_2.34'] },
  }),
  '/usr/bin/sh': makeElf({ interpreter: LOADER, needed: ['libc.so.6'] }),
  '/usr/bin/script': '#!/bin/sh\ntool --version\n',
  '/etc/mtab': '→ ../proc/self/mounts',
};

/** A tree of these entries; those of `changes` take the place of others. */
export function treeOf(entries: Entries, changes: Entries = {}): Tree {
  const tree = new Tree(OWNER, 0);
  const all = Object.entries({ ...entries, ...changes });
  // Links first, so that what lies below them goes where they lead.
  for (const [path, value] of all) {
    if (value === null) continue;
    tree.makeDirectories(parentOf(path), { owner: OWNER, mtime: 0 });
    const attributes = {
      mode: /bin\//.test(path) ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      mtime: 0,
      xattrs: NO_XATTRS,
      owner: OWNER,
    };
    if (typeof value === 'string' && value.startsWith('→ ')) {
      tree.set(path, { ...attributes, type: 'symlink', target: value.slice(2) });
    } else {
      tree.set(path, { ...attributes, type: 'file', content: { type: 'bytes', bytes: Buffer.from(value) } });
    }
  }
  return tree;
}

export function report(tree: Tree, settings: Partial<CheckSettings> = {}): TreeReport {
  return checkTree(tree, {
    architectures: ['amd64'],
    environment: {},
    accept: [],
    dropped: [],
    gone: new Map(),
    packageOf: () => undefined,
    ...settings,
  });
}

/** `error library libz.so.1: /usr/bin/tool (DT_NEEDED)`, without what is only worth knowing. */
export function findingsOf({ findings }: TreeReport): string[] {
  return findings
    .filter(({ severity }) => severity !== 'information')
    .map(({ severity, type, missing, needs }) => {
      return `${severity} ${type} ${missing}: ${needs.map(({ path, how }) => `${path} (${how})`).join(', ')}`;
    });
}
