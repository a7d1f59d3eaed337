import { createHash } from 'node:crypto';
import { type Fields, timeOf } from './document.js';
import { type EntriesByOwner, entriesByOwner, otherText, ownerText, type SbomFile } from './owners.js';
import type { Maintainer, ReferredLicence, SbomPackage, SbomSource, SbomSubject } from './types.js';

const ROOT = 'SPDXRef-RootFilesystem';
const UNKNOWN = 'NOASSERTION';
const CHECKSUMS = { image: "The checksum is its manifest's.", tar: 'The checksum is that of the uncompressed tar.' };

/**
 * An SPDX 2.3 document (spdx.github.io/spdx-spec/v2.3, in JSON). The root filesystem is a package that contains the packages and the
 * files that none of them shipped; each package contains its files. Where readers matter:
 *
 * - Trivy tells elements apart by how their identifiers begin (OperatingSystem, Package, File), and reads the source package out
 *   of `sourceInfo`: "built package from: NAME VERSION".
 * - Whatever has a reference of the type purl counts as installed, so those of source packages are of another type.
 * - A File needs a SHA-1, and so does the code over all files of a package (8.4 and 7.9), though nobody should trust it.
 * - Links, devices and directories have no content, so they are no File (8.4). Links and devices are listed in an annotation.
 */
export function spdxDocument(subject: SbomSubject, uuid: string): Fields {
  const owned = entriesByOwner(subject);
  const comment = `Made while ${subject.name} was built, from what went into it; a package's files are those that are there.`;
  return Object.entries({
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: subject.name,
    documentNamespace: `https://spdx.org/spdxdocs/${subject.name}-${uuid}`,
    creationInfo: { created: timeOf(subject), creators: [creator(subject)], comment },
    comment:
      subject.artifact === undefined ? 'It is a file of the tree that it describes, and lists all others.' : undefined,
    packages: packages(subject, owned),
    files: files(subject),
    relationships: relationships(subject, owned),
    hasExtractedLicensingInfos: unlistedLicences(subject),
  });
}

function creator({ tool }: SbomSubject): string {
  return `Tool: ${tool.name}-${tool.version}`;
}

function* packages(subject: SbomSubject, owned: EntriesByOwner): Generator {
  const { system, artifact, notes } = subject;
  yield {
    SPDXID: ROOT,
    name: subject.name,
    versionInfo: timeOf(subject),
    summary: subject.description,
    downloadLocation: UNKNOWN,
    ...analysed(owned.rest.files),
    ...checksums(artifact?.sha256),
    comment: artifact === undefined ? undefined : CHECKSUMS[artifact.type],
    licenseConcluded: UNKNOWN,
    licenseDeclared: UNKNOWN,
    copyrightText: UNKNOWN,
    primaryPackagePurpose: 'CONTAINER',
    ...annotations(subject, [...notes, ...othersNote(owned.rest.others)]),
  };
  yield {
    SPDXID: `SPDXRef-OperatingSystem-${idPart(system.id)}`,
    name: system.id,
    versionInfo: system.version,
    summary: system.title,
    downloadLocation: UNKNOWN,
    filesAnalyzed: false,
    licenseConcluded: UNKNOWN,
    licenseDeclared: UNKNOWN,
    copyrightText: UNKNOWN,
    primaryPackagePurpose: 'OPERATING_SYSTEM',
  };
  for (const one of subject.packages) {
    const { files: own, others } = owned.of(one.title);
    yield binaryPackage(one, own, annotations(subject, [...one.notes, ...othersNote(others)]));
  }
  for (const source of sources(subject)) yield sourcePackage(source);
}

function binaryPackage(one: SbomPackage, own: readonly SbomFile[], annotated: object) {
  const { source, licence, deb } = one;
  return {
    SPDXID: packageId(one.title),
    name: one.name,
    versionInfo: one.version,
    supplier: supplier(one.maintainer),
    packageFileName: deb?.fileName,
    downloadLocation: deb?.download ?? UNKNOWN,
    ...analysed(own),
    ...checksums(deb?.sha256),
    homepage: one.homepage,
    summary: one.summary,
    sourceInfo: `built package from: ${source.name} ${source.version}`,
    licenseConcluded: UNKNOWN,
    licenseDeclared: licence.expression ?? UNKNOWN,
    licenseComments: licence.reason,
    copyrightText: UNKNOWN,
    primaryPackagePurpose: 'LIBRARY',
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: one.purl }],
    ...annotated,
  };
}

function sourcePackage(source: SbomSource) {
  return {
    SPDXID: sourceId(source),
    name: source.name,
    versionInfo: source.version,
    downloadLocation: UNKNOWN,
    filesAnalyzed: false,
    licenseConcluded: UNKNOWN,
    licenseDeclared: UNKNOWN,
    copyrightText: UNKNOWN,
    primaryPackagePurpose: 'SOURCE',
    externalRefs: [{ referenceCategory: 'OTHER', referenceType: 'source-purl', referenceLocator: source.purl }],
  };
}

function checksums(sha256: string | undefined): object {
  return sha256 === undefined ? {} : { checksums: [{ algorithm: 'SHA256', checksumValue: sha256 }] };
}

/** The verification code of 7.9: a SHA-1 over the SHA-1s of the files in their order. */
function analysed(own: readonly SbomFile[]): object {
  if (own.length === 0) return { filesAnalyzed: false };
  const digests = own.map(({ what }) => what.sha1).sort();
  const code = createHash('sha1').update(digests.join('')).digest('hex');
  return { filesAnalyzed: true, packageVerificationCode: { packageVerificationCodeValue: code } };
}

/** Debian's field has persons and teams alike; what has a list's address is a team. */
function supplier(maintainer: Maintainer | undefined): string {
  if (maintainer === undefined) return UNKNOWN;
  const { name, email } = maintainer;
  const isTeam = email !== undefined && /@(?:lists\.|tracker\.|packages\.|alioth-lists\.)/.test(email);
  return `${isTeam ? 'Organization' : 'Person'}: ${name}${email === undefined ? '' : ` (${email})`}`;
}

function* files({ entries, packages: known }: SbomSubject): Generator {
  const titles = new Set(known.map(({ title }) => title));
  for (const { path, owner, what } of entries) {
    if (what.type !== 'file') continue;
    const shipped = owner.type === 'package' && titles.has(owner.name);
    yield {
      SPDXID: fileId(path),
      fileName: `.${path}`,
      checksums: [
        { algorithm: 'SHA1', checksumValue: what.sha1 },
        { algorithm: 'SHA256', checksumValue: what.sha256 },
      ],
      ...(shipped ? {} : { comment: ownerText(owner) }),
    };
  }
}

function* relationships(subject: SbomSubject, owned: EntriesByOwner): Generator {
  const relation = (from: string, relationshipType: string, to: string, comment?: string) => {
    return {
      spdxElementId: from,
      relationshipType,
      relatedSpdxElement: to,
      ...(comment === undefined ? {} : { comment }),
    };
  };
  yield relation('SPDXRef-DOCUMENT', 'DESCRIBES', ROOT);
  yield relation(ROOT, 'CONTAINS', `SPDXRef-OperatingSystem-${idPart(subject.system.id)}`);
  for (const { title } of subject.packages) yield relation(ROOT, 'CONTAINS', packageId(title));
  for (const { title, source, needs } of subject.packages) {
    yield relation(packageId(title), 'GENERATED_FROM', sourceId(source));
    for (const need of needs) yield relation(packageId(title), 'DEPENDS_ON', packageId(need.title), need.relation);
  }
  for (const { path } of owned.rest.files) yield relation(ROOT, 'CONTAINS', fileId(path));
  for (const { title } of subject.packages) {
    for (const { path } of owned.of(title).files) yield relation(packageId(title), 'CONTAINS', fileId(path));
  }
}

function* unlistedLicences({ packages: all }: SbomSubject): Generator {
  const unlisted = new Map(
    all.flatMap(({ licence }) => licence.unlisted).map((one): [string, ReferredLicence] => [one.id, one]),
  );
  for (const { id, name, text } of [...unlisted.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    yield {
      licenseId: id,
      name,
      extractedText: text ?? 'The copyright file names the licence and does not have its text.',
    };
  }
}

function sources({ packages: all }: SbomSubject): SbomSource[] {
  return [...new Map(all.map(({ source }): [string, SbomSource] => [sourceId(source), source])).values()];
}

function annotations(subject: SbomSubject, texts: readonly string[]): object {
  if (texts.length === 0) return {};
  const [annotationDate, annotator] = [timeOf(subject), creator(subject)];
  return { annotations: texts.map((comment) => ({ annotationDate, annotationType: 'OTHER', annotator, comment })) };
}

function othersNote(others: EntriesByOwner['rest']['others']): string[] {
  const lines = ['links and devices, which have no bytes:', ...others.map(otherText)];
  return others.length === 0 ? [] : [lines.join('\n')];
}

function packageId(title: string): string {
  return `SPDXRef-Package-${idPart(title)}`;
}

function sourceId({ name, version }: SbomSource): string {
  return `SPDXRef-Source-${idPart(name)}-${idPart(version)}`;
}

function fileId(path: string): string {
  return `SPDXRef-File-${createHash('sha256').update(path).digest('hex').slice(0, 20)}`;
}

/** An identifier is made of letters, digits, dots and hyphens; what else Debian's names have is written as `.2B`. */
function idPart(text: string): string {
  return text.replace(/[^A-Za-z0-9.-]/g, (character) => `.${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
