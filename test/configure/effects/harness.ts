import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DebconfDatabase } from '../../../src/configure/effects/debconf-database.js';
import { DEBIAN_COMMANDS } from '../../../src/configure/effects/registry.js';
import { type InstalledPackage, TriggerQueue } from '../../../src/configure/effects/state.js';
import type { Bytes, Command, OpenFile, Process, Report, System } from '../../../src/configure/shell/types.js';
import { readContent } from '../../../src/rootfs/content.js';
import { editTree } from '../../../src/rootfs/editor.js';
import { NO_XATTRS, newDirectory, Tree } from '../../../src/rootfs/tree.js';
import type { TreeNode } from '../../../src/rootfs/types.js';

const EPOCH = 1_750_000_000;
const OWNER = { type: 'package', name: 'test' } as const;

export interface Result {
  readonly status: number;
  readonly stdout: Bytes;
  readonly stderr: Bytes;
}

interface WorldOptions {
  readonly architecture?: string;
  readonly packages?: readonly InstalledPackage[];
  readonly commands?: ReadonlyMap<string, Command>;
}

/** A tree with the commands over it, as a script of the package `test` sees them. */
export class World {
  readonly tree: Tree;
  readonly system: System;
  readonly reports: Report[] = [];
  readonly triggers = new TriggerQueue();
  readonly debconf = new DebconfDatabase();

  constructor(
    tree = new Tree(OWNER, EPOCH),
    { architecture = 'amd64', packages = [], commands = DEBIAN_COMMANDS }: WorldOptions = {},
  ) {
    this.tree = tree;
    this.system = {
      tree,
      epoch: EPOCH,
      architecture,
      owner: OWNER,
      packageName: 'test',
      commands,
      budget: { steps: 1e9, outputBytes: 1e9, memoryBytes: 1e9 },
      debian: { packages, triggers: this.triggers, debconf: this.debconf },
      report: (event) => this.reports.push(event),
    };
  }

  run(
    args: readonly Bytes[],
    { input = '', environment = {} }: { input?: Bytes; environment?: Record<string, string> } = {},
  ): Result {
    const stdout: Bytes[] = [];
    const stderr: Bytes[] = [];
    const descriptors = new Map<number, OpenFile>([
      [0, reader(input)],
      [1, writer(stdout)],
      [2, writer(stderr)],
    ]);
    const start = (argv: readonly Bytes[]): Process => ({
      system: this.system,
      args: argv,
      environment: new Map(
        Object.entries({ DPKG_MAINTSCRIPT_PACKAGE: 'test', DPKG_MAINTSCRIPT_NAME: 'postinst', ...environment }),
      ),
      cwd: '/',
      umask: 0o022,
      descriptors,
      line: 1,
      spawn: (next) => this.system.commands.get(next[0] ?? '')?.(start(next)) ?? 127,
    });
    const name = args[0]?.replace(/^.*\//, '') ?? '';
    const status = this.system.commands.get(name)?.(start(args)) ?? 127;
    return { status, stdout: stdout.join(''), stderr: stderr.join('') };
  }

  /** Puts files, and links as `-> target`, into the tree, with the directories above them. */
  add(entries: Readonly<Record<string, string>>): this {
    const editor = editTree(this.tree, OWNER, EPOCH);
    for (const [path, text] of Object.entries(entries)) {
      if (path.endsWith('/')) editor.directory(path);
      else if (text.startsWith('-> ')) editor.symlink(path, text.slice(3));
      else editor.writeFile(path, Buffer.from(text, 'latin1'));
    }
    return this;
  }

  read(path: string): string | undefined {
    const node = this.tree.resolve(path);
    return node?.type === 'file' ? Buffer.from(readContent(node.content)).toString('latin1') : undefined;
  }

  /** All entries but directories below a path, as short strings. */
  entries(from = '/'): string[] {
    const lines: string[] = [];
    for (const [path, node] of this.tree.walk(from)) if (node.type !== 'directory') lines.push(describe(path, node));
    return lines;
  }
}

/** `<path>: <type> <mode> <uid>:<gid> <link or text>` */
function describe(path: string, node: TreeNode): string {
  const text =
    node.type === 'file'
      ? JSON.stringify(Buffer.from(readContent(node.content)).toString('latin1'))
      : node.type === 'symlink'
        ? `-> ${node.target}`
        : '';
  return `${path}: ${node.type} ${node.mode.toString(8)} ${node.uid}:${node.gid} ${text}`;
}

function reader(text: Bytes): OpenFile {
  let at = 0;
  return {
    read(length) {
      const part = text.slice(at, at + length);
      at += part.length;
      return part;
    },
    write() {},
  };
}

function writer(parts: Bytes[]): OpenFile {
  return {
    read: () => '',
    write: (bytes) => {
      parts.push(bytes);
    },
  };
}

/** Reads a directory of this machine as a tree; files stay where they are. */
export function treeOf(directory: string): Tree {
  const tree = new Tree(OWNER, EPOCH);
  const inodes = new Map<string, TreeNode>();
  const visit = (path: string): void => {
    for (const name of readdirSync(directory + path)) {
      const at = `${path}/${name}`;
      const stat = lstatSync(directory + at);
      const attributes = {
        mode: stat.mode & 0o7777,
        uid: stat.uid,
        gid: stat.gid,
        mtime: Math.floor(stat.mtimeMs / 1000),
        xattrs: NO_XATTRS,
        owner: OWNER,
      };
      const key = `${stat.dev}:${stat.ino}`;
      const known = inodes.get(key);
      let node: TreeNode | undefined;
      if (stat.isDirectory()) node = Object.assign(newDirectory({ owner: OWNER, mtime: EPOCH }), attributes);
      else if (known !== undefined) node = known;
      else if (stat.isSymbolicLink()) node = { type: 'symlink', ...attributes, target: readlinkSync(directory + at) };
      else if (stat.isFile())
        node = {
          type: 'file',
          ...attributes,
          content: { type: 'slice', file: directory + at, offset: 0, size: stat.size },
        };
      if (node === undefined) continue;
      if (node.type !== 'directory') inodes.set(key, node);
      tree.set(at, node);
      if (node.type === 'directory') visit(at);
    }
  };
  visit('');
  return tree;
}

/** A directory that is gone after `use`. */
export function withDirectory<T>(use: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'koala-effects-'));
  try {
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** All entries but directories of a directory of this machine, as `World.entries` says them. */
export function describeDirectory(directory: string): string[] {
  return new World(treeOf(directory)).entries();
}

/** Whether this process may give files to others, which the real tools do. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

export function hasTool(name: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((directory) => existsSync(join(directory, name)));
}

/** The text of a file of this machine; undefined where it is missing. */
export function readHost(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
