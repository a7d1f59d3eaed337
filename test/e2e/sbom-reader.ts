import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';

/** A file as a tar or an SBOM has it. */
interface FileFacts {
  readonly sha1: string;
  readonly sha256: string;
}

export interface TarFacts {
  /** Every name of a file, hard links included. */
  readonly files: ReadonlyMap<string, FileFacts & { readonly bytes: Buffer }>;
  /** Links and devices, with where links lead. */
  readonly others: ReadonlyMap<string, string>;
}

/** Reads a tar by another reader than ours. */
export async function readTar(path: string): Promise<TarFacts> {
  const files = new Map<string, FileFacts & { readonly bytes: Buffer }>();
  const others = new Map<string, string>();
  const tar = extract();
  tar.on('entry', ({ name, type, linkname }, stream, next) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk) => chunks.push(chunk as Buffer));
    stream.on('end', () => {
      const at = absolute(name);
      const first = type === 'link' ? files.get(absolute(linkname ?? '')) : undefined;
      const bytes = Buffer.concat(chunks);
      const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex');
      if (first !== undefined) files.set(at, first);
      else if (type === 'file') files.set(at, { bytes, sha1: digest('sha1'), sha256: digest('sha256') });
      else if (type !== 'directory') others.set(at, linkname ?? '');
      next();
    });
  });
  const done = new Promise((resolve, reject) => tar.on('finish', () => resolve(undefined)).on('error', reject));
  Readable.from([readFileSync(path)]).pipe(tar);
  await done;
  return { files, others };
}

function absolute(name: string): string {
  return name.replace(/^\.?\/?/, '/');
}

interface Identified {
  readonly SPDXID: string;
  readonly name: string;
}

interface SpdxFile {
  readonly SPDXID: string;
  readonly fileName: string;
  readonly checksums: readonly { readonly algorithm: string; readonly checksumValue: string }[];
  readonly comment?: string;
}

interface SpdxPackage extends Identified {
  readonly versionInfo: string;
  readonly supplier?: string;
  readonly sourceInfo?: string;
  readonly downloadLocation: string;
  readonly licenseDeclared: string;
  readonly licenseComments?: string;
  readonly primaryPackagePurpose: string;
  readonly filesAnalyzed: boolean;
  readonly packageVerificationCode?: { readonly packageVerificationCodeValue: string };
  readonly checksums?: readonly { readonly checksumValue: string }[];
  readonly externalRefs?: readonly { readonly referenceType: string; readonly referenceLocator: string }[];
  readonly annotations?: readonly { readonly comment: string }[];
}

/** The parts of an SPDX document that tests look at. */
export interface SpdxDocument {
  readonly documentNamespace: string;
  readonly packages: readonly SpdxPackage[];
  readonly files: readonly SpdxFile[];
  readonly relationships: readonly {
    readonly spdxElementId: string;
    readonly relationshipType: string;
    readonly relatedSpdxElement: string;
    readonly comment?: string;
  }[];
  readonly hasExtractedLicensingInfos: readonly { readonly licenseId: string; readonly extractedText: string }[];
}

export interface CycloneDxComponent {
  readonly type: string;
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly hashes?: readonly { readonly content: string }[];
  readonly licenses?: readonly { readonly expression: string }[];
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
  readonly components?: readonly CycloneDxComponent[];
  readonly pedigree?: { readonly ancestors: readonly { readonly name: string; readonly version: string }[] };
}

/** The parts of a CycloneDX document that tests look at. */
export interface CycloneDxDocument {
  readonly serialNumber: string;
  readonly metadata: { readonly component: CycloneDxComponent };
  readonly components: readonly CycloneDxComponent[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly annotations: readonly { readonly subjects: readonly string[]; readonly text: string }[];
}

export function readSpdx(path: string): SpdxDocument {
  return JSON.parse(readFileSync(path, 'utf8')) as SpdxDocument;
}

export function readCycloneDx(path: string): CycloneDxDocument {
  return JSON.parse(readFileSync(path, 'utf8')) as CycloneDxDocument;
}

/** Digests and owner of each file: `libc6`, or what the document says of files that no package shipped. */
export type OwnedFiles = ReadonlyMap<string, FileFacts & { readonly owner: string }>;

export function filesOfSpdx({ packages, files, relationships }: SpdxDocument): OwnedFiles {
  const names = new Map(packages.map(({ SPDXID, name }) => [SPDXID, name]));
  const owners = new Map(
    relationships
      .filter(({ relationshipType }) => relationshipType === 'CONTAINS')
      .map(({ spdxElementId, relatedSpdxElement }) => [relatedSpdxElement, names.get(spdxElementId) ?? '']),
  );
  return new Map(
    files.map(({ SPDXID, fileName, checksums, comment }) => {
      const [sha1 = '', sha256 = ''] = checksums.map(({ checksumValue }) => checksumValue);
      return [fileName.slice(1), { sha1, sha256, owner: comment ?? owners.get(SPDXID) ?? '' }];
    }),
  );
}

/** SHA-256 and owner of each file, and where links lead. */
export function filesOfCycloneDx({ components }: CycloneDxDocument) {
  const files = new Map<string, { readonly sha256: string; readonly owner: string }>();
  const others = new Map<string, string>();
  const add = ({ name, hashes = [], properties = [] }: CycloneDxComponent, owner: string): void => {
    const value = (key: string) => properties.find((one) => one.name === `koala-bootstrap:${key}`)?.value;
    const [hash] = hashes;
    if (hash === undefined) others.set(name, value('link') ?? '');
    else files.set(name, { sha256: hash.content, owner: owner || (value('owner') ?? '') });
  };
  for (const component of components) {
    if (component.type === 'file') add(component, '');
    for (const inner of component.components ?? []) add(inner, component.name);
  }
  return { files, others };
}
