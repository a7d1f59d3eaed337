import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { suitePath } from '../archive/suite-path.js';
import type { PackageRecord } from '../archive/types.js';
import { joinUrl } from '../archive/url.js';
import type { BuildOptions, Chosen, ImageOptions, WrittenProvenance } from '../build-types.js';
import { writeWholeFile } from '../emit/whole-file.js';
import { jsonText } from '../formats/json-text.js';
import { nameOf } from '../formats/path.js';
import { TOOL_NAME, toolVersion } from '../formats/program.js';
import { OFFICIAL_URIS } from '../profile/official.js';
import type { ArchiveSpec } from '../profile/types.js';
import { type Material, provenanceOf } from '../sign/provenance.js';
import { formatLock } from '../solve/lock/file.js';
import { configFor } from './lock-config.js';

/** Who builds, where nobody says that it is a service that others know. */
const LOCAL_BUILDER = 'https://www.npmjs.com/package/koala-bootstrap';

/** What was made, and what was written of it. */
export interface ProvenanceSubject {
  readonly name: string;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly sboms: readonly { readonly path: string; readonly sha256: string }[];
}

/** What provenance wants to know of a tree that was built. */
export interface BuiltTree {
  readonly chosen: Chosen;
  /** The build date in seconds since the epoch. */
  readonly epoch: number;
}

/**
 * Writes beside the output how it came about, if that is asked for, as SLSA provenance: `OUTPUT.provenance.json`. It names
 * places by Debian's official names and by what the profile says, never by mirrors: a lock has one provenance.
 *
 * @param built for each architecture
 * @throws KoalaError `emit` where it cannot be written
 */
export async function provenanceOfBuild(
  options: BuildOptions | ImageOptions,
  built: readonly BuiltTree[],
  { sboms, ...subject }: ProvenanceSubject,
): Promise<{ readonly provenance?: WrittenProvenance }> {
  if (options.provenance !== true) return {};
  const { profile, suite, updates, snapshot, include, locked, excludePaths } = options;
  const chosen = built.map((one) => one.chosen);
  const config = await configFor({ ...options, from: profile.name });
  const isImage = 'squash' in options;
  const statement = provenanceOf({
    subjects: [subject],
    parameters: {
      profile: profile.name,
      suite,
      architectures: chosen.map(({ plan }) => plan.architecture),
      format: options.format,
      updates,
      ...(snapshot === undefined ? {} : { snapshot }),
      include,
      excludePaths,
      ...(isImage ? { squash: options.squash, layerCompression: options.layerCompression } : {}),
      ...(locked === undefined ? {} : { lock: basename(locked.origin) }),
    },
    settings: { epoch: Math.max(...built.map(({ epoch }) => epoch)), config: config.checksum, parts: config.parts },
    materials: [...(locked === undefined ? [] : [lockMaterial(locked)]), ...materialsOf(chosen)],
    byproducts: sboms.map(({ path, sha256 }) => ({ name: basename(path), sha256 })),
    builder: { id: options.builder ?? LOCAL_BUILDER, name: TOOL_NAME, version: toolVersion() },
  });
  const bytes = Buffer.from(jsonText(statement));
  const path = `${options.output.replace(/(?<=.)\/+$/, '')}.provenance.json`;
  await writeWholeFile(path, [bytes]);
  return { provenance: { path, sha256: createHash('sha256').update(bytes).digest('hex') } };
}

function lockMaterial({ lock, origin }: NonNullable<BuildOptions['locked']>): Material {
  return { name: basename(origin), sha256: createHash('sha256').update(formatLock(lock)).digest('hex') };
}

/** The Release files and the packages of all architectures, each once. */
function materialsOf(chosen: readonly Chosen[]): Material[] {
  const all = chosen.flatMap(({ releases, archives, plan }) => [
    ...releases.map((release) => releaseMaterial(release, archives)),
    ...plan.stages.flatMap(({ packages }) => packages.map(({ record }) => packageMaterial(record))),
  ]);
  return [...new Map(all.map((one) => [`${one.name} ${one.sha256}`, one])).values()];
}

function releaseMaterial(
  { suite, codename, date, sha256, signedBy }: Chosen['releases'][number],
  archives: readonly ArchiveSpec[],
): Material {
  const spec = archives.find((one) => one.suite === codename || one.suite === suite);
  return {
    name: `Release of ${codename || suite}`,
    uri: urlOf(spec, `${suitePath(spec?.suite ?? suite)}/InRelease`),
    sha256,
    annotations: { date: new Date(date * 1000).toISOString(), signedBy },
  };
}

function packageMaterial({ name, version, architecture, filename, sha256, archive }: PackageRecord): Material {
  const annotations = { package: name, version, architecture };
  return { name: nameOf(filename), uri: urlOf(archive.spec, filename), sha256, annotations };
}

/** Where everybody can have it, without what is secret in a URL. */
function urlOf(spec: ArchiveSpec | undefined, path: string): string | undefined {
  const base = spec === undefined ? undefined : (OFFICIAL_URIS[spec.kind] ?? spec.uris[0]);
  if (base === undefined || !/^https?:/.test(base)) return undefined;
  const url = new URL(joinUrl(base, path));
  Object.assign(url, { username: '', password: '' });
  return url.href;
}
