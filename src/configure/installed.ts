import { parseParagraph } from '../formats/deb822.js';
import { KoalaError } from '../formats/errors.js';
import type { MergeInput } from '../rootfs/merge.js';
import type { InstalledPackage } from './effects/state.js';
import { bytesOf, bytesOfBuffer } from './shell/bytes.js';
import type { Bytes } from './shell/types.js';

/** A package of the set, as it was unpacked and as dpkg's tools know it. */
export interface SetMember {
  readonly input: MergeInput;
  readonly installed: InstalledPackage;
}

/** The set's packages, in its order, none of them unpacked yet as far as dpkg's tools can tell. */
export function membersOf(packages: readonly MergeInput[]): SetMember[] {
  return packages.map((input) => ({ input, installed: installedPackage(input) }));
}

function installedPackage({ record, unpacked }: MergeInput): InstalledPackage {
  const control = unpacked.control.get('control')?.bytes;
  if (control === undefined) throw new KoalaError('configure', `cannot configure ${record.name}: no control file`);
  const paragraph = parseParagraph(Buffer.from(control).toString(), `${record.name}'s control file`);
  const fields = new Map([...paragraph.fields()].map(([name, value]) => [name.toLowerCase(), bytesOf(value)]));
  return {
    name: record.name,
    version: record.version,
    architecture: record.architecture,
    multiArchSame: record.multiArch === 'same',
    status: 'install ok not-installed',
    fields,
    files: () => unpacked.entries.map(({ path }) => bytesOf(path === '/' ? '/.' : path)),
  };
}

/** A file of a package's control member, as the shell reads it; undefined where it has none of that name. */
export function controlFile({ unpacked }: MergeInput, name: string): Bytes | undefined {
  const file = unpacked.control.get(name);
  return file === undefined ? undefined : bytesOfBuffer(file.bytes);
}
