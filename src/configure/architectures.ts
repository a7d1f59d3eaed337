import { packageName } from '../archive/package-name.js';
import type { PackageRecord } from '../archive/types.js';

/** What a tree with packages of several architectures is made of. */
export interface Architectures {
  readonly native: string;
  readonly foreign: readonly string[];
}

/** `libc6`, and `libc6:i386` for a package of a foreign architecture. */
export function nameIn(architectures: Architectures, record: PackageRecord): string {
  return architectures.foreign.includes(record.architecture) ? packageName(record, architectures.native) : record.name;
}
