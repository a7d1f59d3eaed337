import type { Owner } from '../../rootfs/types.js';
import type { EntryWithoutBytes, FileDigests, SbomEntry, SbomSubject } from './types.js';

/** A file with its digests. */
export interface SbomFile extends SbomEntry {
  readonly what: FileDigests;
}

interface SbomOther extends SbomEntry {
  readonly what: EntryWithoutBytes;
}

/** What somebody brought, in the order of the tree. */
interface Brought {
  readonly files: SbomFile[];
  /** Links, devices and named pipes. */
  readonly others: SbomOther[];
}

export interface EntriesByOwner {
  /** By the package's title. */
  of(title: string): Brought;
  /** What no package of the subject brought: effects, the profile, packages of a base. */
  readonly rest: Brought;
}

/** Entries by the package that shipped them. */
export function entriesByOwner({ packages, entries }: SbomSubject): EntriesByOwner {
  const none: Brought = { files: [], others: [] };
  const rest: Brought = { files: [], others: [] };
  const brought = new Map(packages.map(({ title }): [string, Brought] => [title, { files: [], others: [] }]));
  for (const entry of entries) {
    const { owner, what } = entry;
    const whose = (owner.type === 'package' ? brought.get(owner.name) : undefined) ?? rest;
    if (what.type === 'file') whose.files.push({ ...entry, what });
    else whose.others.push({ ...entry, what });
  }
  return { of: (title) => brought.get(title) ?? none, rest };
}

/** `made by postinst of ca-certificates`; `of the profile base`; `shipped by libc6` */
export function ownerText(owner: Owner): string {
  switch (owner.type) {
    case 'package':
      return `shipped by ${owner.name}`;
    case 'effect':
      return `made by ${owner.name}${owner.package === undefined ? '' : ` of ${owner.package}`}`;
    case 'profile':
      return `of the profile ${owner.name}`;
  }
}

/** `/bin -> usr/bin`, `/dev/null: character device 1:3` */
export function otherText({ path, what }: SbomOther): string {
  switch (what.type) {
    case 'symlink':
      return `${path} -> ${what.target}`;
    case 'fifo':
      return `${path}: named pipe`;
    case 'char':
    case 'block':
      return `${path}: ${what.type === 'char' ? 'character' : 'block'} device ${what.major}:${what.minor}`;
  }
}
