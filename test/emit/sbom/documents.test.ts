import { describe, expect, it } from 'vitest';
import { cycloneDxDocument } from '../../../src/emit/sbom/cyclonedx.js';
import { type DocumentOf, documentBytes } from '../../../src/emit/sbom/document.js';
import { sbomEntries } from '../../../src/emit/sbom/entries.js';
import { spdxDocument } from '../../../src/emit/sbom/spdx.js';
import type { SbomPackage, SbomSubject } from '../../../src/emit/sbom/types.js';
import type { TreeNode } from '../../../src/rootfs/types.js';
import type { CycloneDxDocument, SpdxDocument } from '../../e2e/sbom-reader.js';
import { device, fifo, file, symlink, treeOf } from '../trees.js';
import { schemaErrors } from './schemas.js';

const owned = (node: TreeNode, name: string): TreeNode => ({ ...node, owner: { type: 'package', name } });

const tool = owned(file('tool'), 'libc++1:i386');
const NODES: Readonly<Record<string, TreeNode>> = {
  '/bin': symlink('usr/bin'),
  '/dev/null': owned(device('char', 1, 3), 'libc++1:i386'),
  '/dev/pipe': fifo(),
  '/etc/odd': { ...file('x'), owner: { type: 'effect', name: 'postinst', package: 'libc++1:i386' } },
  '/etc/of-base': owned(file('b'), 'unknown'),
  '/usr/bin/ä "tool"': tool,
  '/usr/bin/tool': tool,
};

const PACKAGE: SbomPackage = {
  title: 'libc++1:i386',
  name: 'libc++1',
  version: '1:2~rc1+b1',
  architecture: 'i386',
  purl: 'pkg:deb/debian/libc%2B%2B1@1:2~rc1%2Bb1?arch=i386&upstream=llvm%401:2~rc1-3',
  source: { name: 'llvm', version: '1:2~rc1-3', purl: 'pkg:deb/debian/llvm@1:2~rc1-3?arch=source' },
  maintainer: { name: 'A Person', email: undefined },
  homepage: undefined,
  summary: undefined,
  deb: { sha256: '0'.repeat(64), fileName: 'libc++1.deb', download: undefined },
  licence: {
    expression: 'LicenseRef-x-00000000 AND MIT',
    reason: undefined,
    unlisted: [{ id: 'LicenseRef-x-00000000', name: 'x', text: undefined }],
  },
  needs: [],
  notes: [],
};

async function subject(change: Partial<SbomSubject> = {}): Promise<SbomSubject> {
  return {
    name: 'x-sid-i386',
    description: 'X',
    architecture: 'i386',
    epoch: 1_700_000_000,
    tool: { name: 'koala-bootstrap', version: '1' },
    system: { id: 'debian', version: undefined, title: 'Debian' },
    packages: [PACKAGE],
    entries: await sbomEntries(treeOf(NODES), new Map(), new AbortController().signal),
    artifact: { type: 'tar', sha256: '1'.repeat(64) },
    notes: ['a note'],
    ...change,
  };
}

function made<Document>(documentOf: DocumentOf, of: SbomSubject): Document {
  return JSON.parse(Buffer.concat([...documentBytes(documentOf, of)]).toString()) as Document;
}

describe('spdxDocument', () => {
  it('has files with their owners, and what has no bytes in annotations', async () => {
    const document = made<SpdxDocument>(spdxDocument, await subject());
    expect(schemaErrors('spdx', document)).toEqual([]);
    expect(document.files.map(({ fileName, comment }) => [fileName, comment])).toEqual([
      ['./etc/odd', 'made by postinst of libc++1:i386'],
      ['./etc/of-base', 'shipped by unknown'],
      ['./usr/bin/tool', undefined],
      ['./usr/bin/ä "tool"', undefined],
    ]);
    const contains = document.relationships.filter(({ relationshipType }) => relationshipType === 'CONTAINS');
    const [odd, base, one, other] = document.files.map(({ SPDXID }) => SPDXID);
    expect(contains.map((each) => [each.spdxElementId, each.relatedSpdxElement])).toEqual([
      ['SPDXRef-RootFilesystem', 'SPDXRef-OperatingSystem-debian'],
      ['SPDXRef-RootFilesystem', 'SPDXRef-Package-libc.2B.2B1.3Ai386'],
      ['SPDXRef-RootFilesystem', odd],
      ['SPDXRef-RootFilesystem', base],
      ['SPDXRef-Package-libc.2B.2B1.3Ai386', one],
      ['SPDXRef-Package-libc.2B.2B1.3Ai386', other],
    ]);
    expect(document.packages.map(({ annotations = [] }) => annotations.map(({ comment }) => comment))).toEqual([
      ['a note', 'links and devices, which have no bytes:\n/bin -> usr/bin\n/dev/pipe: named pipe'],
      [],
      ['links and devices, which have no bytes:\n/dev/null: character device 1:3'],
      [],
    ]);
  });

  it('says what it does not know', async () => {
    const document = made<SpdxDocument>(spdxDocument, await subject({ artifact: undefined }));
    expect(schemaErrors('spdx', document)).toEqual([]);
    expect(document.packages.map(({ supplier, downloadLocation }) => [supplier, downloadLocation])[2]).toEqual([
      'Person: A Person',
      'NOASSERTION',
    ]);
    expect(document.packages[0]?.checksums).toBeUndefined();
    expect(document).toMatchObject({ comment: 'It is a file of the tree that it describes, and lists all others.' });
    expect(document.hasExtractedLicensingInfos).toEqual([
      {
        licenseId: 'LicenseRef-x-00000000',
        name: 'x',
        extractedText: 'The copyright file names the licence and does not have its text.',
      },
    ]);
  });
});

describe('cycloneDxDocument', () => {
  it('has files with their owners, links and devices', async () => {
    const document = made<CycloneDxDocument>(cycloneDxDocument, await subject());
    expect(schemaErrors('cyclonedx', document)).toEqual([]);
    const ours = (properties: CycloneDxDocument['components'][number]['properties'] = []) =>
      properties.map(({ name, value }) => `${name.replace('koala-bootstrap:', '')} ${value}`);
    expect(document.components.map(({ type, name, properties }) => [type, name, ...ours(properties)])).toEqual([
      ['operating-system', 'debian'],
      [
        'library',
        'libc++1',
        'architecture i386',
        'aquasecurity:trivy:PkgType debian',
        'aquasecurity:trivy:SrcName llvm',
        'aquasecurity:trivy:SrcVersion 2~rc1',
        'aquasecurity:trivy:SrcRelease 3',
        'aquasecurity:trivy:SrcEpoch 1',
      ],
      ['file', '/etc/odd', 'owner effect postinst', 'package libc++1:i386'],
      ['file', '/etc/of-base', 'owner package unknown'],
      ['file', '/bin', 'owner profile test', 'link usr/bin'],
      ['file', '/dev/pipe', 'owner profile test', 'device fifo'],
    ]);
    expect(document.components[1]?.components?.map(({ name, properties }) => [name, ...ours(properties)])).toEqual([
      ['/usr/bin/tool'],
      ['/usr/bin/ä "tool"'],
      ['/dev/null', 'device char 1:3'],
    ]);
    expect(document.annotations.map(({ text }) => text)).toEqual(['a note']);
  });

  it('says where it is', async () => {
    const document = made<CycloneDxDocument>(cycloneDxDocument, await subject({ artifact: undefined, packages: [] }));
    expect(schemaErrors('cyclonedx', document)).toEqual([]);
    expect(document.annotations.map(({ text }) => text)).toEqual([
      'a note',
      'This document is a file of the tree that it describes, and lists all others.',
    ]);
  });
});

describe('documentBytes', () => {
  it('writes fields and items on lines of their own, without what is undefined', async () => {
    const of = await subject();
    const documentOf: DocumentOf = (_, uuid) =>
      Object.entries({ uuid, none: undefined, list: ['a', { b: 1 }], empty: new Set(), object: { c: null } });
    const text = Buffer.concat([...documentBytes(documentOf, of)]).toString();
    expect(text.replace(/[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/, 'UUID')).toBe(
      '{\n"uuid": "UUID",\n"list": [\n"a",\n{"b":1}\n],\n"empty": [],\n"object": {"c":null}\n}\n',
    );
  });

  it('has one identifier for one content', async () => {
    const idOf = async (change: Partial<SbomSubject>) =>
      made<SpdxDocument>(spdxDocument, await subject(change)).documentNamespace;
    const changes: Partial<SbomSubject>[] = [
      {},
      {},
      { description: 'Y' },
      { artifact: { type: 'tar', sha256: '2'.repeat(64) } },
    ];
    const ids = await Promise.all(changes.map(idOf));
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
  });

  it('hands on a long document in parts', async () => {
    const list = Array.from({ length: 5000 }, (_, at) => `line ${at} ${'x'.repeat(50)}`);
    const chunks = [...documentBytes(() => Object.entries({ list }), await subject())];
    expect(chunks.length).toBeGreaterThan(3);
    expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual({ list });
  });
});
