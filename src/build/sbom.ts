import { packageName } from '../archive/package-name.js';
import { snapshotUris } from '../archive/snapshot.js';
import type { PackageRecord } from '../archive/types.js';
import { joinUrl } from '../archive/url.js';
import type { BuildOptions, Chosen } from '../build-types.js';
import type { ScriptAudit } from '../configure/audit.js';
import { type KnownDigests, sbomEntries } from '../emit/sbom/entries.js';
import { createLicenceReader, licenceInTree } from '../emit/sbom/licences.js';
import type { Maintainer, OperatingSystem, SbomPackage, SbomSubject } from '../emit/sbom/types.js';
import { parseParagraph } from '../formats/deb822.js';
import { nameOf } from '../formats/path.js';
import { TOOL_NAME, toolVersion } from '../formats/program.js';
import { type DebPurl, debPurl } from '../formats/purl.js';
import { OFFICIAL_URIS } from '../profile/official.js';
import type { MergeInput } from '../rootfs/merge.js';
import { osReleaseOf } from '../rootfs/os-release.js';
import type { Tree } from '../rootfs/tree.js';
import { droppedIn } from '../solve/drops.js';
import type { Plan } from '../solve/types.js';
import { type Edge, graphOf } from './plan-graph.js';
import { misunderstandings } from './script-warnings.js';

/** What an SBOM is made of: the parts of a build, once its tree is as it will be written. */
export interface Described {
  readonly tree: Tree;
  readonly plan: Plan;
  readonly chosen: Chosen;
  readonly packages: readonly MergeInput[];
  /** Those of an image that was built on. */
  readonly installed: readonly MergeInput[];
  readonly scripts: readonly ScriptAudit[];
  readonly epoch: number;
  readonly signal: AbortSignal;
  /** Filled while files are hashed. */
  readonly digests: KnownDigests;
  readonly options: Pick<BuildOptions, 'profile' | 'suite' | 'architecture' | 'snapshot' | 'locked'>;
}

/**
 * Accounts for a tree: all its files with digests and owners, and the packages with where they are from, what they need and what
 * was left out. Nothing of it depends on mirrors, paths or times of this build, so that a lock has one SBOM.
 *
 * @throws KoalaError where a file cannot be read; 'cancelled' on abort
 */
export async function describeBuild(build: Described): Promise<SbomSubject> {
  const { tree, epoch, signal, digests, options, chosen } = build;
  const { profile, suite, architecture } = options;
  const system = systemOf(tree, chosen);
  return {
    name: `${profile.name}-${suite}-${architecture}`,
    description: profile.description,
    architecture,
    epoch,
    tool: { name: TOOL_NAME, version: toolVersion() },
    system,
    packages: packagesOf(build, system),
    entries: await sbomEntries(tree, digests, signal),
    artifact: undefined,
    notes: chosen.releases.map(({ suite: name, codename, date, sha256, signedBy }) => {
      const time = new Date(date * 1000).toISOString().replace('.000', '');
      const signed = signedBy.length === 0 ? 'not signed' : `signed by ${signedBy.join(', ')}`;
      return `archive ${codename || name}: Release of ${time}, SHA-256 ${sha256}, ${signed}`;
    }),
  };
}

/** What os-release says in the tree; without one, what the archives are. */
function systemOf(tree: Tree, { archives, releases }: Chosen): OperatingSystem {
  const variables = osReleaseOf(tree);
  const id = variables.get('ID') ?? (archives.some(({ kind }) => kind === 'debian') ? 'debian' : 'linux');
  const version =
    variables.get('VERSION_ID') ?? variables.get('VERSION_CODENAME') ?? (releases[0]?.codename || undefined);
  return { id, version, title: variables.get('PRETTY_NAME') ?? [id, version].join(' ').trim() };
}

function packagesOf(build: Described, system: OperatingSystem): SbomPackage[] {
  const { tree, plan, packages, installed, options } = build;
  const inputs = new Map(
    [...installed, ...packages].map((input) => [packageName(input.record, plan.architecture), input]),
  );
  const licenceOf = createLicenceReader(packages);
  const notes = notesOf(build);
  const snapshot = options.snapshot ?? options.locked?.lock.config.snapshot;
  const distro = system.version === undefined ? system.id : `${system.id}-${system.version}`;
  const vendor = system.id;
  const ofBase = new Set(installed);
  return graphOf(withInstalled(plan, installed)).flatMap(({ title, record, needs }): SbomPackage[] => {
    const input = inputs.get(title);
    if (input === undefined) return [];
    const { name, version, architecture, source, sha256, filename } = record;
    const isOfBase = ofBase.has(input);
    return [
      {
        title,
        name,
        version,
        architecture,
        purl: debPurl({ vendor, name, version, architecture, distro, upstream: upstreamOf(record) }),
        source: { ...source, purl: debPurl({ vendor, ...source, architecture: 'source', distro }) },
        ...controlOf(input),
        deb: isOfBase ? undefined : { sha256, fileName: nameOf(filename), download: downloadOf(record, snapshot) },
        licence: isOfBase ? licenceInTree(tree, name) : licenceOf(input),
        needs: needs.map((edge) => ({ title: edge.to.title, relation: `${FIELDS[edge.type]}: ${edge.relation}` })),
        notes: notes.get(title) ?? [],
      },
    ];
  });
}

/** A plan that has what was there before it as its first stage. */
function withInstalled(plan: Plan, installed: readonly MergeInput[]): Plan {
  const packages = installed.map(({ record }) => ({
    record,
    reason: { type: 'asked', relation: record.name } as const,
  }));
  return { ...plan, stages: [{ name: 'base', packages }, ...plan.stages] };
}

const FIELDS: Readonly<Record<Edge['type'], string>> = {
  'pre-depends': 'Pre-Depends',
  depends: 'Depends',
  recommends: 'Recommends',
};

/** The version only where it is another one, as after a rebuild (`+b1`). */
function upstreamOf({ version, source }: PackageRecord): DebPurl['upstream'] {
  return { name: source.name, version: source.version === version ? undefined : source.version };
}

/** What the .deb says of itself; an index may have it in other words. */
function controlOf({ record, unpacked }: MergeInput): Pick<SbomPackage, 'maintainer' | 'homepage' | 'summary'> {
  const text = Buffer.from(unpacked.control.get('control')?.bytes ?? []).toString();
  const control = parseParagraph(text, `${record.name}'s control file`);
  return {
    maintainer: maintainerOf(control.get('Maintainer')),
    homepage: control.get('Homepage'),
    summary: control.get('Description')?.split('\n', 1)[0],
  };
}

/** `Name <address>` (Policy 5.6.2). */
function maintainerOf(field: string | undefined): Maintainer | undefined {
  if (field === undefined) return undefined;
  const [, name = '', email] = /^(.*)<([^<>]*)>$/.exec(field.trimEnd()) ?? [];
  return email === undefined ? { name: field, email } : { name: name.trimEnd().replace(/^"(.*)"$/, '$1'), email };
}

/**
 * Where everybody finds a package: in Debian's archive by its official name, or the snapshot that was asked for; in any other by
 * the first address that the profile or the sources have for it. Which mirror it was read from is no matter.
 *
 * @returns undefined where it came from a directory of this machine
 */
function downloadOf({ archive: { spec }, filename }: PackageRecord, snapshot: string | undefined): string | undefined {
  if (spec === undefined) return undefined;
  const ofSnapshot = spec.kind === 'other' || snapshot === undefined ? [] : snapshotUris(spec.kind, snapshot, []);
  const base = ofSnapshot[0] ?? OFFICIAL_URIS[spec.kind] ?? spec.uris[0] ?? '';
  if (!/^https?:/.test(base)) return undefined;
  const url = new URL(joinUrl(base, filename));
  Object.assign(url, { username: '', password: '' });
  return url.href;
}

/** By package: what the profile left out of it, and its scripts that did not run to their end. */
function notesOf({ plan, scripts, options }: Described): ReadonlyMap<string, readonly string[]> {
  const notes = new Map<string, string[]>();
  const note = (title: string, text: string): void => {
    notes.set(title, [...(notes.get(title) ?? []), text]);
  };
  for (const { drop, by, relation } of droppedIn(plan.stages, options.profile.stages, plan.architecture)) {
    note(by, `dependency left out: ${relation}; ${drop.reason}`);
  }
  for (const script of scripts) {
    for (const text of misunderstandings([script])) note(script.package, `not understood: ${text}`);
    if (script.outcome === 'not-run')
      note(script.package, `not run: ${script.script}; the profile has configure: none`);
  }
  return notes;
}
