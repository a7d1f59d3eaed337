import type { PackageRecord, PackageUniverse } from '../../src/archive/types.js';
import { parseParagraph } from '../../src/formats/deb822.js';
import { parseRelations } from '../../src/formats/relation.js';
import { compareVersions } from '../../src/formats/version.js';
import type { Stage } from '../../src/profile/types.js';
import type { SolveRequest } from '../../src/solve/types.js';
import { archiveSource } from '../builder/sources.js';

/**
 * Packages from a line each, `a 1.0: depends b (>= 1) | c; provides x (= 2); priority required`, with field names as in
 * deb-control(5), in any order. The architecture is amd64; packages may be of the foreign ones too.
 */
export function universe(text: string, ...foreign: string[]): PackageUniverse {
  const records = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(record)
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : compareVersions(b.version, a.version)));
  const native = records.filter(({ architecture }) => ['amd64', 'all'].includes(architecture));
  const newest = native.filter(({ name }, at) => native[at - 1]?.name !== name);
  const of = (name: string, architecture?: string) =>
    records.filter(
      (one) =>
        one.name === name && (architecture === undefined ? native.includes(one) : one.architecture === architecture),
    );
  return {
    architecture: 'amd64',
    foreignArchitectures: foreign,
    named: (name, architecture) => of(name, architecture).filter((one) => priorityOf(one) >= 0),
    versions: (name, architecture) =>
      of(name, architecture).map((one) => ({ record: one, places: [], priority: priorityOf(one) })),
    providing: (name) => records.filter((one) => one.provides.flat().some((provided) => provided.name === name)),
    essential: () => newest.filter(({ essential }) => essential),
    ofPriority: (priority) => newest.filter((one) => one.priority === priority),
    names: () => newest.map(({ name }) => name),
  };
}

/** The same, and apt's last resort: the order in which the names are first spoken of in the text. */
export function universeWithMentions(text: string): PackageUniverse {
  return { ...universe(text), firstMention: (name) => text.search(new RegExp(`(?<![\\w-])${name}(?![\\w-])`)) };
}

export function stage(packages: string, more: Partial<Stage> = {}): Stage {
  return {
    name: 'base',
    packages: packages === '' ? [] : packages.split(', '),
    essential: false,
    priorities: [],
    recommends: false,
    drops: [],
    prefer: [],
    ...more,
  };
}

export function request(...stages: Stage[]): SolveRequest {
  return { stages, include: [], exclude: [] };
}

/** As if all archives had the usual priority, but for versions that end in `~never`. */
function priorityOf({ version }: PackageRecord): number {
  return version.endsWith('~never') ? -1 : 500;
}

function record(line: string): PackageRecord {
  const match = /^(\S+) ([^\s:]+(?::[^\s:]+)?)(?:: (.*))?$/.exec(line);
  if (match === null) throw new Error(`no package: ${line}`);
  const [, name = '', version = '', rest = ''] = match;
  const fields = new Map(
    rest
      .split(';')
      .map((field) => field.trim())
      .filter((field) => field !== '')
      .map((field) => [field.replace(/ .*/, ''), field.replace(/^\S+ ?/, '')]),
  );
  const architecture = fields.get('architecture') ?? 'amd64';
  const relations = (field: string): ReturnType<typeof parseRelations> =>
    parseRelations(fields.get(field) ?? '', line, architecture === 'all' ? {} : { asker: architecture });
  return {
    name,
    version,
    architecture,
    multiArch: (fields.get('multi-arch') ?? 'no') as PackageRecord['multiArch'],
    essential: fields.has('essential'),
    priority: fields.get('priority') ?? 'optional',
    depends: relations('depends'),
    preDepends: relations('pre-depends'),
    recommends: relations('recommends'),
    conflicts: relations('conflicts'),
    breaks: relations('breaks'),
    replaces: [],
    provides: relations('provides'),
    source: { name, version: fields.get('source') ?? version },
    filename: `pool/${name}_${version}.deb`,
    installedSize: 0,
    size: 1,
    sha256: '',
    archive: archiveSource(),
    stanza: () => parseParagraph(`Package: ${name}\nVersion: ${version}\n`, line),
  };
}
