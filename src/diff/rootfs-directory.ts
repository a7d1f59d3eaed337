import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isDatabaseFile } from '../configure/database/installed.js';
import { installedPackages } from './installed.js';
import type { FileFacts, TreeFacts } from './types.js';

/** A root filesystem that lies in a directory. Extended attributes are not read: Node has no way to ask for them. */
export async function readRootDirectory(directory: string): Promise<TreeFacts> {
  const files = new Map<string, FileFacts>();
  const database = new Map<string, Uint8Array>();
  const visit = async (path: string): Promise<void> => {
    const real = join(directory, path);
    const status = await lstat(real);
    const facts = await factsOf(real, status);
    if (facts === undefined) return;
    files.set(path, facts);
    if (facts.type === 'file' && isDatabaseFile(path)) database.set(path, await readFile(real));
    if (facts.type !== 'directory') return;
    for (const name of await readdir(real)) await visit(path === '/' ? `/${name}` : `${path}/${name}`);
  };
  await visit('/');
  return { files, packages: installedPackages(database, directory) };
}

async function factsOf(path: string, status: Stats): Promise<FileFacts | undefined> {
  const type = typeOf(status);
  // A socket belongs to a program that runs.
  if (type === undefined) return undefined;
  const { uid, gid, mtimeMs, mode, rdev } = status;
  const common = {
    type,
    uid,
    gid,
    mtime: Math.floor(mtimeMs / 1000),
    mode: type === 'symlink' ? 0o777 : mode & 0o7777,
  };
  const empty = { size: 0, sha256: '', target: '', xattrs: [] };
  switch (type) {
    case 'file':
      return { ...common, ...empty, size: status.size, sha256: await digestOf(path) };
    case 'symlink':
      return { ...common, ...empty, target: await readlink(path) };
    case 'char':
    case 'block':
      return { ...common, ...empty, target: `${major(rdev)},${minor(rdev)}` };
    default:
      return { ...common, ...empty };
  }
}

function typeOf(status: Stats): FileFacts['type'] | undefined {
  if (status.isFile()) return 'file';
  if (status.isDirectory()) return 'directory';
  if (status.isSymbolicLink()) return 'symlink';
  if (status.isCharacterDevice()) return 'char';
  if (status.isBlockDevice()) return 'block';
  return status.isFIFO() ? 'fifo' : undefined;
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** As makedev(3) of Linux puts them together; numbers above 2^32 do not occur. */
function major(device: number): number {
  return (device >>> 8) & 0xfff;
}

function minor(device: number): number {
  return (device & 0xff) | ((device >>> 12) & 0xfff00);
}
