import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import parseLicence from 'spdx-expression-parse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuildSummary, ImagesSummary } from '../../src/index.js';
import { workDirectory } from '../builder/directory.js';
import { schemaErrors } from '../emit/sbom/schemas.js';
import { type SmallArchive, smallArchive } from './archive.js';
import { koala, koalaBuild, sha256Of } from './command.js';
import { LICENCES } from './licences.js';
import { hasArchive, WHY_NO_ARCHIVE } from './real-archive.js';
import {
  filesOfCycloneDx,
  filesOfSpdx,
  type OwnedFiles,
  readCycloneDx,
  readSpdx,
  readTar,
  type SpdxDocument,
  type TarFacts,
} from './sbom-reader.js';

const work = workDirectory('sbom');

const BOTH = ['--sbom', 'spdx,cyclonedx'];

/** Holds a tar and its two SBOMs against each other, and these against their schemas. */
async function expectToAccountFor(tar: string): Promise<{ facts: TarFacts; owned: OwnedFiles; spdx: SpdxDocument }> {
  const facts = await readTar(tar);
  const spdx = readSpdx(`${tar}.spdx.json`);
  const cyclonedx = readCycloneDx(`${tar}.cdx.json`);
  expect(schemaErrors('spdx', spdx)).toEqual([]);
  expect(schemaErrors('cyclonedx', cyclonedx)).toEqual([]);
  expectReferencesToHold(spdx);

  const owned = filesOfSpdx(spdx);
  const flat = filesOfCycloneDx(cyclonedx);
  const digests = (files: Iterable<readonly [string, { readonly sha256: string }]>) =>
    Object.fromEntries(Array.from(files, ([path, { sha256 }]) => [path, sha256]));
  expect(digests(owned)).toEqual(digests(facts.files));
  expect(digests(flat.files)).toEqual(digests(facts.files));
  expect(Object.fromEntries(flat.others)).toEqual(Object.fromEntries(facts.others));
  for (const [path, { sha1 }] of owned) expect(sha1).toBe(facts.files.get(path)?.sha1);

  const listed = spdx.packages.flatMap(({ annotations = [] }) =>
    annotations
      .filter(({ comment }) => comment.startsWith('links and'))
      .flatMap(({ comment }) => comment.split('\n').slice(1)),
  );
  expect(listed.map((line) => line.split(/ -> |: /)[0]).sort()).toEqual([...facts.others.keys()].sort());
  const tarSha256 = sha256Of(tar);
  expect(spdx.packages[0]?.checksums).toEqual([{ algorithm: 'SHA256', checksumValue: tarSha256 }]);
  expect(cyclonedx.metadata.component.hashes).toEqual([{ alg: 'SHA-256', content: tarSha256 }]);
  return { facts, owned, spdx };
}

/** What the schema does not see: identifiers, verification codes, licences (SPDX 2.3, 7.9, 10 and annex D). */
function expectReferencesToHold({ packages, files, relationships, hasExtractedLicensingInfos }: SpdxDocument): void {
  const ids = [...packages, ...files].map(({ SPDXID }) => SPDXID);
  const known = new Set(['SPDXRef-DOCUMENT', ...ids]);
  expect(known.size).toBe(ids.length + 1);
  expect(ids.filter((id) => !/^SPDXRef-[A-Za-z0-9.-]+$/.test(id))).toEqual([]);
  expect(
    relationships.flatMap((one) => [one.spdxElementId, one.relatedSpdxElement]).filter((id) => !known.has(id)),
  ).toEqual([]);

  const licences = new Set(hasExtractedLicensingInfos.map(({ licenseId }) => licenseId));
  const sha1Of = new Map(files.map(({ SPDXID, checksums }) => [SPDXID, checksums[0]?.checksumValue ?? '']));
  const contained = relationships.filter(({ relationshipType }) => relationshipType === 'CONTAINS');
  for (const { SPDXID, licenseDeclared, filesAnalyzed, packageVerificationCode } of packages) {
    const own = contained
      .filter((one) => one.spdxElementId === SPDXID)
      .flatMap((one) => sha1Of.get(one.relatedSpdxElement) ?? []);
    const code = createHash('sha1').update(own.sort().join('')).digest('hex');
    expect(filesAnalyzed).toBe(own.length > 0);
    expect(packageVerificationCode?.packageVerificationCodeValue).toBe(own.length > 0 ? code : undefined);
    if (licenseDeclared !== 'NOASSERTION') expect(() => parseLicence(licenseDeclared)).not.toThrow();
    for (const [reference] of licenseDeclared.matchAll(/LicenseRef-[A-Za-z0-9.-]+/g))
      expect(licences).toContain(reference);
  }
}

describe('the SBOMs of a build from a small archive', () => {
  let archive: SmallArchive;
  let summary: BuildSummary;
  const tar = join(work, 'small.tar');
  const build = (...args: readonly string[]) =>
    koalaBuild([...archive.args, '--cache-dir', join(work, 'cache'), ...args], { cwd: work });
  beforeAll(async () => {
    archive = await smallArchive(work);
    summary = await build('--include', 'odd', '-o', tar, ...BOTH);
  });
  afterAll(() => archive.server.close());

  it('account for every name of the tar', async () => {
    const { owned } = await expectToAccountFor(tar);
    const owners = Array.from(owned, ([path, { owner }]) => `${path.replace(/(long-){40}/, 'long')} ${owner}`);
    expect(owners).toEqual([
      '/etc/group of the profile small',
      '/etc/made of the profile small',
      '/etc/odd made by postinst of odd',
      '/etc/passwd of the profile small',
      '/usr/bin/again hello',
      '/usr/bin/hello hello',
      '/usr/bin/odd odd',
      '/usr/bin/old-place hello',
      '/usr/lib/libhello.so.1 libhello',
      '/usr/share/long/name hello',
      ...['hello', 'hello.md5sums', 'libhello', 'libhello.md5sums', 'odd', 'odd.md5sums'].map(
        (name) => `/var/lib/dpkg/status.d/${name} made by status.d`,
      ),
    ]);
  });

  it('are told of in the summary', () => {
    expect(summary.sboms).toEqual(
      [['spdx', `${tar}.spdx.json`] as const, ['cyclonedx', `${tar}.cdx.json`] as const].map(([format, path]) => {
        return { format, path, inside: false, bytes: readFileSync(path).length, sha256: sha256Of(path) };
      }),
    );
  });

  it('say what packages need, what was left out of them, and which scripts were not understood', () => {
    const { packages, relationships } = readSpdx(`${tar}.spdx.json`);
    const needs = relationships.filter(({ relationshipType }) => relationshipType === 'DEPENDS_ON');
    expect(needs).toEqual([
      {
        spdxElementId: 'SPDXRef-Package-hello',
        relationshipType: 'DEPENDS_ON',
        relatedSpdxElement: 'SPDXRef-Package-libhello',
        comment: 'Depends: libhello (>= 1)',
      },
    ]);
    const notes = (name: string) =>
      packages.find((one) => one.name === name)?.annotations?.map(({ comment }) => comment);
    expect(notes('hello')).toEqual(['dependency left out: missing-on-purpose; It is not there']);
    expect(notes('odd')?.[0]).toMatch(/^not understood: postinst of odd, line \d+: odd: it is a program/);
    expect(notes('small-test-amd64')?.[0]).toMatch(
      /^archive test: Release of 2024-05-01T12:00:00Z, SHA-256 [0-9a-f]{64}, signed by [0-9A-F]{40}$/,
    );
    const purl = 'pkg:deb/linux/hello@1.0-1?arch=amd64&distro=linux-test&upstream=hello';
    const { components, dependencies, annotations } = readCycloneDx(`${tar}.cdx.json`);
    expect(components.find(({ name }) => name === 'hello')?.purl).toBe(purl);
    expect(dependencies.find(({ ref }) => ref === purl)?.dependsOn).toEqual([purl.replaceAll('hello', 'libhello')]);
    expect(annotations.filter(({ subjects }) => subjects[0] === purl).map(({ text }) => text)).toEqual([
      'dependency left out: missing-on-purpose; It is not there',
    ]);
  });

  it('say nothing of where and when they were made', async () => {
    const directory = join(work, 'elsewhere');
    mkdirSync(directory);
    const sources = join(directory, 'lock.json');
    const lock = await koala(['lock', ...archive.args, '--include', 'odd', '-o', sources], { cwd: directory });
    expect(lock.stderr).toBe('');
    const more = ['--lock', sources, '-j', '1', '-o', 'x.tar.gz', '--sbom', 'cyclonedx', '--sbom', 'spdx'];
    const environment = { TZ: 'Asia/Tokyo', LC_ALL: 'de_DE.UTF-8' };
    const again = await koalaBuild([...archive.args, ...more], { cwd: directory, environment });
    expect(again.sboms.map(({ path }) => path)).toEqual(['x.tar.gz.spdx.json', 'x.tar.gz.cdx.json']);
    expect(again.sboms.map(({ sha256 }) => sha256)).toEqual(summary.sboms.map(({ sha256 }) => sha256));
    const text = readFileSync(`${tar}.spdx.json`, 'utf8') + readFileSync(`${tar}.cdx.json`, 'utf8');
    expect(text).not.toContain(archive.server.url);
    expect(text).not.toContain(work);
  });

  it('are others for other bytes', async () => {
    await build('--include', 'odd', '-o', 'other.tar', ...BOTH, '--exclude-path', '/etc/made');
    const [spdx, cyclonedx] = [
      readSpdx(join(work, 'other.tar.spdx.json')),
      readCycloneDx(join(work, 'other.tar.cdx.json')),
    ];
    expect(spdx.documentNamespace).not.toBe(readSpdx(`${tar}.spdx.json`).documentNamespace);
    expect(cyclonedx.serialNumber).not.toBe(readCycloneDx(`${tar}.cdx.json`).serialNumber);
  });

  it('can be files of the tree, which those beside it list', async () => {
    const { sboms } = await build('-o', 'both.tar', '--sbom-in-image', 'spdx,cyclonedx', ...BOTH);
    expect(sboms.map(({ path, inside }) => [path, inside])).toEqual([
      ['both.tar.spdx.json', false],
      ['both.tar.cdx.json', false],
      ['/usr/share/sbom/small.spdx.json', true],
      ['/usr/share/sbom/small.cdx.json', true],
    ]);
    const { facts, owned } = await expectToAccountFor(join(work, 'both.tar'));
    const inside = sboms.filter((one) => one.inside);
    for (const { path, sha256 } of inside) {
      expect(facts.files.get(path)?.sha256).toBe(sha256);
      expect(owned.get(path)?.owner).toBe('made by sbom');
    }
    const bytes = inside.map(({ path }) => facts.files.get(path)?.bytes.toString() ?? '');
    const [spdx, cyclonedx] = bytes.map((text) => JSON.parse(text) as unknown);
    expect(schemaErrors('spdx', spdx)).toEqual([]);
    expect(schemaErrors('cyclonedx', cyclonedx)).toEqual([]);
    const others = [...owned.keys()].filter((path) => !path.startsWith('/usr/share/sbom/'));
    expect([...filesOfSpdx(spdx as SpdxDocument).keys()]).toEqual(others);
  });

  it('stand beside a directory, and where they cannot be written there is no output', async () => {
    const { sboms } = await build('-o', 'rootfs/', '--sbom', 'spdx');
    expect(sboms.map(({ path, sha256 }) => [path, sha256])).toEqual([['rootfs.spdx.json', expect.any(String)]]);
    mkdirSync(join(work, 'failed.tar.spdx.json'));
    const args = [...archive.args, '--cache-dir', join(work, 'cache'), '-o', 'failed.tar', '--sbom', 'spdx', '-q'];
    const { status, stderr } = await koala(args, { cwd: work });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining('cannot write failed.tar.spdx.json: it is a directory'),
    });
    expect(() => readFileSync(join(work, 'failed.tar'))).toThrow('ENOENT');
  });
});

describe('the SBOMs of an image', () => {
  let archive: SmallArchive;
  const directory = join(work, 'images');
  const build = async (...args: readonly string[]): Promise<ImagesSummary> => {
    const line = [...archive.args, '--cache-dir', join(work, 'cache'), '--json', '--quiet', ...args];
    const { status, stdout, stderr } = await koala(line, { cwd: directory });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout) as ImagesSummary;
  };
  beforeAll(async () => {
    mkdirSync(directory);
    archive = await smallArchive(directory);
  });
  afterAll(() => archive.server.close());

  it('are those of its tree, and name its manifest', async () => {
    await build('-o', 'x.tar', ...BOTH);
    const { images, digest } = await build('-o', 'x.oci.tar', ...BOTH, '--sbom-in-image', 'spdx');
    expect(images.flatMap(({ sboms }) => sboms.map(({ path }) => path))).toEqual([
      'x.oci.tar.spdx.json',
      'x.oci.tar.cdx.json',
      '/usr/share/sbom/small.spdx.json',
    ]);
    const [spdx, cyclonedx] = [
      readSpdx(join(directory, 'x.oci.tar.spdx.json')),
      readCycloneDx(join(directory, 'x.oci.tar.cdx.json')),
    ];
    expect(schemaErrors('spdx', spdx)).toEqual([]);
    expect(schemaErrors('cyclonedx', cyclonedx)).toEqual([]);
    expectReferencesToHold(spdx);
    expect(`sha256:${spdx.packages[0]?.checksums?.[0]?.checksumValue}`).toBe(digest);
    expect(`sha256:${cyclonedx.metadata.component.hashes?.[0]?.content}`).toBe(digest);
    const ofTree = [...filesOfSpdx(readSpdx(join(directory, 'x.tar.spdx.json')))];
    expect([...filesOfSpdx(spdx)].filter(([path]) => path !== '/usr/share/sbom/small.spdx.json')).toEqual(ofTree);
  });

  it('have the packages of the image below it', async () => {
    await build('-o', 'below.oci', '--tag', 'localhost/below');
    await build('-o', 'above.oci', '--base', 'below.oci', '--include', 'extra', ...BOTH);
    const spdx = readSpdx(join(directory, 'above.oci.spdx.json'));
    const cyclonedx = readCycloneDx(join(directory, 'above.oci.cdx.json'));
    expect(schemaErrors('spdx', spdx)).toEqual([]);
    expect(schemaErrors('cyclonedx', cyclonedx)).toEqual([]);
    expectReferencesToHold(spdx);
    const binary = spdx.packages.filter(({ primaryPackagePurpose }) => primaryPackagePurpose === 'LIBRARY');
    expect(binary.map(({ name, checksums }) => [name, checksums?.length]).sort()).toEqual([
      ['extra', 1],
      ['hello', undefined],
      ['libhello', undefined],
    ]);
    const owners = filesOfSpdx(spdx);
    expect(['/usr/bin/hello', '/usr/share/extra'].map((path) => owners.get(path)?.owner)).toEqual(['hello', 'extra']);
  });
});

describe.skipIf(!hasArchive)(`the SBOMs of the real archive (${WHY_NO_ARCHIVE})`, { timeout: 300_000 }, () => {
  const cache = ['--cache-dir', join(work, 'real-cache')];
  const real = async (name: string, ...args: readonly string[]) => {
    const line = ['--arch', 'amd64', ...args, ...cache, '-o', `${name}.tar`, ...BOTH];
    const { packages } = await koalaBuild(line, { cwd: work });
    const accounted = await expectToAccountFor(join(work, `${name}.tar`));
    expectOwnersAsInDatabase(accounted.facts, accounted.owned);
    return { ...accounted, packages };
  };

  it('account for base', async () => {
    const { spdx, facts, packages } = await real('base', '--profile', 'base');
    const text = (path: string) => facts.files.get(path)?.bytes.toString();
    expect(text('/usr/lib/os-release')).toMatch(/^ID=debian$/m);
    expect(text('/usr/lib/os-release')).toMatch(/^VERSION_ID="13"$/m);
    expect(text('/etc/debian_version')).toMatch(/^13/);
    const libc = spdx.packages.find(({ name }) => name === 'libc6');
    expect(libc).toMatchObject({
      supplier: 'Organization: GNU Libc Maintainers (debian-glibc@lists.debian.org)',
      sourceInfo: `built package from: glibc ${libc?.versionInfo}`,
      downloadLocation: `http://ftp.debian.org/debian/pool/main/g/glibc/libc6_${libc?.versionInfo}_amd64.deb`,
      externalRefs: [
        {
          referenceLocator: `pkg:deb/debian/libc6@${libc?.versionInfo.replaceAll('+', '%2B')}?arch=amd64&distro=debian-13&upstream=glibc`,
        },
      ],
    });
    // What has a package URL in these places counts as installed.
    const { components } = readCycloneDx(join(work, 'base.tar.cdx.json'));
    const installed = packages.map(({ name }) => name);
    const isPurl = ({ referenceType }: { readonly referenceType: string }) => referenceType === 'purl';
    expect(spdx.packages.filter(({ externalRefs = [] }) => externalRefs.some(isPurl)).map(({ name }) => name)).toEqual(
      installed,
    );
    expect(components.filter(({ purl }) => purl !== undefined).map(({ name }) => name)).toEqual(installed);
    expect(spdx.packages.find(({ SPDXID }) => SPDXID === 'SPDXRef-OperatingSystem-debian')).toMatchObject({
      versionInfo: '13',
      primaryPackagePurpose: 'OPERATING_SYSTEM',
    });
    expect(components.filter(({ type }) => type === 'operating-system')).toMatchObject([
      { name: 'debian', version: '13' },
    ]);
    const ssl = components.find(({ name }) => name === 'libssl3t64');
    expect(ssl?.pedigree?.ancestors).toMatchObject([{ name: 'openssl' }]);
    expect(ssl?.properties).toContainEqual({ name: 'aquasecurity:trivy:SrcName', value: 'openssl' });
  });

  it('account for minbase, and know the licences of known packages', async () => {
    const { spdx, facts } = await real('minbase', '--profile', 'minbase');
    expect(facts.files.get('/var/lib/dpkg/status')?.bytes.toString()).toMatch(/^Package: libc6$/m);
    const declared = spdx.packages.flatMap(({ name, licenseDeclared, sourceInfo }): [string, string][] =>
      sourceInfo === undefined
        ? []
        : [[name, licenseDeclared.replace(/(LicenseRef-[A-Za-z0-9.-]+)-[0-9a-f]{8}/g, '$1')]],
    );
    const known = Object.fromEntries(declared.filter(([name]) => LICENCES[name] !== undefined));
    expect(known).toEqual(LICENCES);
    for (const { licenseDeclared, licenseComments, sourceInfo } of spdx.packages) {
      if (sourceInfo === undefined) continue;
      expect(licenseComments === undefined).toBe(licenseDeclared !== 'NOASSERTION');
    }
  });

  it('are one for each architecture of an index', async () => {
    const line = ['--profile', 'static', '--arch', 'amd64,arm64', ...cache, '-o', 'index.oci', '--sbom', 'spdx'];
    const { status, stdout } = await koala([...line, '--json', '-q'], { cwd: work });
    expect(status).toBe(0);
    const { images } = JSON.parse(stdout) as ImagesSummary;
    for (const { architecture, digest, sboms } of images) {
      expect(sboms.map(({ path }) => path)).toEqual([`index.oci.${architecture}.spdx.json`]);
      const spdx = readSpdx(join(work, `index.oci.${architecture}.spdx.json`));
      expect(schemaErrors('spdx', spdx)).toEqual([]);
      expect(spdx.packages[0]?.name).toBe(`static-trixie-${architecture}`);
      expect(`sha256:${spdx.packages[0]?.checksums?.[0]?.checksumValue}`).toBe(digest);
    }
    expect(images).toHaveLength(2);
  });

  it('account for a set with Python', async () => {
    const profile = join(work, 'python.yaml');
    writeFileSync(
      profile,
      'name: python\ndescription: Python\nextends: base\nstages: [{ name: python, packages: [python3-minimal] }]\n',
    );
    const { owned } = await real('python', '--profile', profile);
    expect(owned.get('/usr/bin/python3.13')?.owner).toBe('python3.13-minimal');
  });
});

/** dpkg's own lists are made of other parts of the packages: md5sums, and the files' names. */
function expectOwnersAsInDatabase({ files }: TarFacts, owned: OwnedFiles): void {
  const disagreeing: string[] = [];
  let compared = 0;
  for (const [path, { bytes: text }] of files) {
    const [, title = ''] = /^\/var\/lib\/dpkg\/(?:status\.d|info)\/([^/]+)\.md5sums$/.exec(path) ?? [];
    if (title === '') continue;
    for (const line of text.toString().trimEnd().split('\n')) {
      const [, md5, name = ''] = /^([0-9a-f]{32}) [ *](.*)$/.exec(line) ?? [];
      const at = `/${name}`.replace(/^\/(bin|sbin|lib|lib64)\//, '/usr/$1/');
      const file = files.get(at);
      // Left out by the profile, or changed by a script.
      if (file === undefined || createHash('md5').update(file.bytes).digest('hex') !== md5) continue;
      compared += 1;
      if (owned.get(at)?.owner !== title.replace(/:amd64$/, ''))
        disagreeing.push(`${at} of ${title}: ${owned.get(at)?.owner}`);
    }
  }
  expect(disagreeing).toEqual([]);
  expect(compared).toBeGreaterThan(files.size / 2);
}
