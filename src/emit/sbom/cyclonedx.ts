import { splitVersion } from '../../formats/version.js';
import { type Fields, timeOf } from './document.js';
import { type EntriesByOwner, entriesByOwner } from './owners.js';
import type { SbomEntry, SbomPackage, SbomSubject } from './types.js';

const ROOT = 'root-filesystem';
const OURS = 'koala-bootstrap';

/**
 * A CycloneDX 1.6 document (cyclonedx.org/docs/1.6/json). Packages have their files as components, so that who shipped a file is
 * where it stands; files of effects and of the profile stand behind them and have their owner as a property. Where readers
 * matter:
 *
 * - All of the type library that has a purl counts as installed, so a source package is an ancestor in the pedigree of what was built
 *   from it.
 * - Trivy looks advisories up by source packages, and finds these in properties of its own namespace only.
 * - Links and devices are files without digests. Directories are the paths of what is in them.
 */
export function cycloneDxDocument(subject: SbomSubject, uuid: string): Fields {
  const owned = entriesByOwner(subject);
  const { tool, name, description, artifact } = subject;
  const component = {
    type: 'container',
    'bom-ref': ROOT,
    name,
    version: timeOf(subject),
    description,
    ...(artifact === undefined ? {} : { hashes: sha256(artifact.sha256) }),
  };
  return Object.entries({
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuid}`,
    version: 1,
    metadata: {
      timestamp: timeOf(subject),
      lifecycles: [{ phase: 'build' }],
      tools: { components: [{ type: 'application', name: tool.name, version: tool.version }] },
      component,
    },
    components: components(subject, owned),
    dependencies: dependencies(subject),
    compositions: [{ aggregate: isComplete(owned) ? 'complete' : 'incomplete', assemblies: [ROOT] }],
    annotations: annotations(subject),
  });
}

/** Whether each package that shipped a file is there. */
function isComplete({ rest }: EntriesByOwner): boolean {
  return [...rest.files, ...rest.others].every(({ owner }) => owner.type !== 'package');
}

function* components(subject: SbomSubject, owned: EntriesByOwner): Generator {
  const { id, version, title } = subject.system;
  yield { type: 'operating-system', 'bom-ref': 'operating-system', name: id, version, description: title };
  for (const one of subject.packages) {
    const { files, others } = owned.of(one.title);
    const own = [...files, ...others].map((entry) => entryComponent(entry));
    yield { ...packageComponent(one), ...(own.length === 0 ? {} : { components: own }) };
  }
  for (const entry of [...owned.rest.files, ...owned.rest.others]) yield entryComponent(entry, ownerOf(entry));
}

function packageComponent(one: SbomPackage) {
  const { maintainer, licence, source, deb } = one;
  return {
    type: 'library',
    'bom-ref': one.purl,
    ...(maintainer === undefined ? {} : { supplier: { name: maintainer.name, contact: [maintainer] } }),
    name: one.name,
    version: one.version,
    description: one.summary,
    ...(deb === undefined ? {} : { hashes: sha256(deb.sha256) }),
    ...(licence.expression === undefined
      ? {}
      : { licenses: [{ expression: licence.expression, acknowledgement: 'declared' }] }),
    purl: one.purl,
    externalReferences: [
      ...(deb?.download === undefined ? [] : [{ type: 'distribution', url: deb.download }]),
      ...(one.homepage === undefined ? [] : [{ type: 'website', url: one.homepage }]),
    ],
    pedigree: { ancestors: [{ type: 'library', name: source.name, version: source.version, purl: source.purl }] },
    properties: [
      property(`${OURS}:architecture`, one.architecture),
      ...(licence.reason === undefined ? [] : [property(`${OURS}:no-licence`, licence.reason)]),
      ...trivyProperties(one),
    ],
  };
}

function trivyProperties({ source }: SbomPackage) {
  const { epoch, upstream, revision } = splitVersion(source.version);
  return [
    ['PkgType', 'debian'],
    ['SrcName', source.name],
    ['SrcVersion', upstream],
    ...(revision === '' ? [] : [['SrcRelease', revision]]),
    ...(epoch === 0 ? [] : [['SrcEpoch', String(epoch)]]),
  ].map(([name = '', value = '']) => property(`aquasecurity:trivy:${name}`, value));
}

function entryComponent({ path, what }: SbomEntry, properties: readonly Property[] = []) {
  const own = [...properties, ...attributesOf(what)];
  return {
    type: 'file',
    name: path,
    ...(what.type === 'file' ? { hashes: sha256(what.sha256) } : {}),
    ...(own.length === 0 ? {} : { properties: own }),
  };
}

function attributesOf(what: SbomEntry['what']): Property[] {
  switch (what.type) {
    case 'file':
      return [];
    case 'symlink':
      return [property(`${OURS}:link`, what.target)];
    case 'fifo':
      return [property(`${OURS}:device`, 'fifo')];
    case 'char':
    case 'block':
      return [property(`${OURS}:device`, `${what.type} ${what.major}:${what.minor}`)];
  }
}

function ownerOf({ owner }: SbomEntry): Property[] {
  const from = owner.type === 'effect' ? owner.package : undefined;
  return [
    property(`${OURS}:owner`, `${owner.type} ${owner.name}`),
    ...(from === undefined ? [] : [property(`${OURS}:package`, from)]),
  ];
}

function* dependencies({ packages }: SbomSubject): Generator {
  const purls = new Map(packages.map(({ title, purl }) => [title, purl]));
  const needed = new Set(packages.flatMap(({ needs }) => needs.map(({ title }) => title)));
  const roots = packages.filter(({ title }) => !needed.has(title));
  yield { ref: ROOT, dependsOn: ['operating-system', ...roots.map(({ purl }) => purl)] };
  for (const { purl, needs } of packages) {
    yield { ref: purl, dependsOn: needs.flatMap(({ title }) => purls.get(title) ?? []) };
  }
}

function* annotations(subject: SbomSubject): Generator {
  const { tool, notes, packages } = subject;
  const annotator = { component: { type: 'application', name: tool.name, version: tool.version } };
  const timestamp = timeOf(subject);
  const about = [{ ref: ROOT, notes }, ...packages.map(({ purl, notes: own }) => ({ ref: purl, notes: own }))];
  for (const { ref, notes: texts } of about) {
    for (const text of texts) yield { subjects: [ref], annotator, timestamp, text };
  }
  if (subject.artifact !== undefined) return;
  const text = 'This document is a file of the tree that it describes, and lists all others.';
  yield { subjects: [ROOT], annotator, timestamp, text };
}

interface Property {
  readonly name: string;
  readonly value: string;
}

function property(name: string, value: string): Property {
  return { name, value };
}

function sha256(content: string) {
  return [{ alg: 'SHA-256', content }];
}
