import { parseParagraph } from '../../src/formats/deb822.js';
import { parseRelations } from '../../src/formats/relation.js';
import type { MergeInput } from '../../src/rootfs/merge.js';
import type { PackageEntry, UnpackedPackage } from '../../src/unpack/types.js';
import { archiveSource } from '../builder/sources.js';

/** What a test says of a package beyond its files; control fields that matter to merging and configuring. */
interface InputOptions {
  readonly version?: string;
  readonly replaces?: string;
  readonly multiArch?: 'no' | 'same';
  readonly architecture?: string;
  readonly control?: Readonly<Record<string, string>>;
  /** The file that holds the contents, where a test reads them. */
  readonly spool?: string;
}

/**
 * A package for merging, from lines such as `/usr/bin/x file 0755`, `/a symlink -> b`, `/h hardlink -> /usr/bin/x`,
 * `/d directory 1777 5:7`, `/dev/null char 0666`.
 */
export function mergeInput(name: string, lines: readonly string[], options: InputOptions = {}): MergeInput {
  const version = options.version ?? '1.0';
  const control = new Map(
    Object.entries({ control: `Package: ${name}\nVersion: ${version}\n`, ...options.control }).map(
      ([file, text]) => [file, { mode: 0o644, bytes: Buffer.from(text) }] as const,
    ),
  );
  const unpacked: UnpackedPackage = {
    deb: `${name}.deb`,
    control,
    entries: lines.map(entryOf),
    spool: options.spool ?? `/nowhere/${name}`,
    bytes: 0,
  };
  const record = {
    name,
    version,
    architecture: options.architecture ?? 'amd64',
    multiArch: options.multiArch ?? 'no',
    essential: false,
    priority: 'optional',
    depends: [],
    preDepends: [],
    recommends: [],
    conflicts: [],
    breaks: [],
    replaces: parseRelations(options.replaces ?? '', name),
    provides: [],
    source: { name, version },
    filename: `pool/${name}.deb`,
    size: 0,
    sha256: '',
    installedSize: 0,
    archive: archiveSource(),
    stanza: () => parseParagraph(`Package: ${name}\n`, name),
  } as const;
  return { record, unpacked };
}

function entryOf(line: string): PackageEntry {
  const [left = '', target = ''] = line.split(' -> ');
  const [path = '', type = 'file', mode, owner = '0:0', size = '0', offset = '0'] = left.trim().split(/\s+/);
  const [uid = 0, gid = 0] = owner.split(':').map(Number);
  return {
    type: type as PackageEntry['type'],
    path,
    mode: Number.parseInt(mode ?? (type === 'directory' ? '755' : '644'), 8),
    uid,
    gid,
    mtime: 1000,
    size: Number(size),
    offset: Number(offset),
    target,
    major: type === 'char' ? 1 : 0,
    minor: type === 'char' ? 3 : 0,
    xattrs: new Map(),
  };
}
