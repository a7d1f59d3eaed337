import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readKeys } from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';
import { certificatesOf } from '../../../src/archive/keyring-files.js';
import { type ArchiveKeys, writeAptSources } from '../../../src/configure/effects/apt-sources.js';
import { armour, unarmour } from '../../../src/formats/armor.js';
import type { ArchiveSpec } from '../../../src/profile/types.js';
import { readText } from '../../../src/rootfs/content.js';
import { editTree } from '../../../src/rootfs/editor.js';
import { mergePackages } from '../../../src/rootfs/merge.js';
import { writeArchive } from '../../builder/archive.js';
import { testDirectory } from '../../builder/directory.js';
import { testKey, writeKeyring } from '../../builder/keys.js';
import { hasProgram } from '../../builder/programs.js';
import { archiveSpec } from '../../builder/sources.js';
import { mergeInput } from '../../rootfs/inputs.js';

const SOURCES = '/etc/apt/sources.list.d/debian.sources';
const BUNDLED = new URL('../../../profiles/keyrings', import.meta.url).pathname;
const FINGERPRINT = '0123456789ABCDEF0123456789ABCDEF01234567';

const archive = (fields: Partial<ArchiveSpec> = {}) => archiveSpec({ keyrings: [], origin: 'test', ...fields });

/** A tree with apt and these files, after the effect. */
function treeWith(archives: readonly ArchiveSpec[], keys: ArchiveKeys, files: Readonly<Record<string, string>> = {}) {
  const tree = mergePackages([mergeInput('apt', ['/usr/bin/apt-get file 0755'])], 'amd64', 0);
  const editor = editTree(tree, { type: 'effect', name: 'test', package: undefined }, 0);
  for (const [path, content] of Object.entries(files)) editor.writeFile(path, Buffer.from(content, 'latin1'));
  writeAptSources(tree, editor, archives, keys);
  return tree;
}

let certificate = '';
let binary = '';
beforeAll(async () => {
  certificate = (await testKey()).certificate;
  binary = Buffer.from(unarmour(certificate) ?? []).toString('latin1');
});

/** The stanza's last line or lines. */
async function signedBy(fields: Partial<ArchiveSpec>, files: Readonly<Record<string, string>> = {}) {
  const archives = [archive(fields)];
  const text = readText(treeWith(archives, await certificatesOf(archives, BUNDLED), files), SOURCES) ?? '';
  return text.replace(/^(?!Signed-By| |Trusted).*\n/gm, '').trim();
}

describe('Signed-By of the sources that apt is given', () => {
  it('names the keyring that a package brought', async () => {
    for (const ending of ['pgp', 'gpg']) {
      const path = `/usr/share/keyrings/debian-archive-keyring.${ending}`;
      expect(await signedBy({ keyrings: ['debian-archive'] }, { [path]: '' })).toBe(`Signed-By: ${path}`);
    }
  });

  it('names a file of a package with the same keys, armoured or not', async () => {
    const path = '/usr/share/keyrings/own';
    const fields = { keyrings: [certificate, FINGERPRINT] };
    expect(await signedBy(fields, { [`${path}.gpg`]: binary })).toBe(`Signed-By: ${path}.gpg ${FINGERPRINT}`);
    expect(await signedBy(fields, { [`${path}.asc`]: certificate })).toBe(`Signed-By: ${path}.asc ${FINGERPRINT}`);
  });

  it('has the keys themselves where no package does', async () => {
    const other = (await testKey('other')).certificate;
    const field = await signedBy({ keyrings: [certificate, other] }, { '/usr/share/keyrings/own.gpg': binary });
    const [head, ...lines] = field.split('\n');
    expect(head).toBe('Signed-By:');
    expect(lines.every((line) => /^ \S/.test(line))).toBe(true);
    const block = lines.map((line) => line.slice(1).replace(/^\.$/, '')).join('\n');
    const keys = await readKeys({ armoredKeys: block });
    const wanted = [(await testKey()).fingerprint, (await testKey('other')).fingerprint];
    expect(keys.map((key) => key.getFingerprint().toUpperCase())).toEqual(wanted);
  });

  it('has them in a file of their own where fingerprints choose among them', async () => {
    const archives = [archive({ suite: 'a/b', keyrings: [certificate, FINGERPRINT] })];
    const tree = treeWith(archives, await certificatesOf(archives, BUNDLED));
    expect(readText(tree, SOURCES)).toContain(`\nSigned-By: /etc/apt/keyrings/a-b.asc ${FINGERPRINT}\n`);
    expect(unarmour(readText(tree, '/etc/apt/keyrings/a-b.asc') ?? '')).toEqual(unarmour(certificate));
  });

  it('is not there for an archive that is trusted, or has no keyring', async () => {
    expect(await signedBy({ trusted: true })).toBe('Trusted: yes');
    expect(await signedBy({})).toBe('');
    expect(await signedBy({ keyrings: [FINGERPRINT] })).toBe(`Signed-By: ${FINGERPRINT}`);
  });
});

it('the other fields are those of the profile, without passwords', () => {
  const fields = {
    architectures: ['amd64', 'i386'],
    checkValidUntil: false,
    uris: ['https://me:secret@a.example/x@y'],
  };
  expect(readText(treeWith([archive(fields)], new Map()), SOURCES)).toBe(
    'Types: deb\nURIs: https://a.example/x@y\nSuites: trixie\nComponents: main\nArchitectures: amd64 i386\nCheck-Valid-Until: no\n',
  );
  expect(readText(treeWith([archive({ suite: './', components: [], uris: ['http://a'] })], new Map()), SOURCES)).toBe(
    'Types: deb\nURIs: http://a\nSuites: ./\n',
  );
});

it('a block has the checksum that RFC 9580 says', async () => {
  expect(armour(unarmour(certificate) ?? new Uint8Array()).replaceAll(/\s/g, '')).toBe(
    certificate.replaceAll(/\s/g, ''),
  );
});

describe.skipIf(!hasProgram('apt-get'))('apt-get update (skipped without apt)', () => {
  /** What apt says in a root of its own where these are the sources. */
  function update(sources: string): { status: number | null; output: string; lists: string[] } {
    const root = testDirectory();
    for (const path of ['etc/apt/sources.list.d', 'var/lib/apt/lists/partial', 'var/cache/apt', 'var/lib/dpkg']) {
      mkdirSync(join(root, path), { recursive: true });
    }
    writeFileSync(join(root, 'var/lib/dpkg/status'), '');
    writeFileSync(join(root, SOURCES), sources);
    const lines = [
      `Dir "${root}";`,
      `Dir::State::status "${root}/var/lib/dpkg/status";`,
      'Dir::Bin::methods "/usr/lib/apt/methods";',
      'APT::Architecture "amd64";',
      'APT::Architectures { "amd64"; };',
      'Acquire::Languages "none";',
      'APT::Sandbox::User "root";',
    ];
    writeFileSync(join(root, 'apt.conf'), lines.join('\n'));
    const env = { PATH: process.env['PATH'], APT_CONFIG: join(root, 'apt.conf'), LC_ALL: 'C' };
    const { status, stdout, stderr } = spawnSync('apt-get', ['update'], { env, encoding: 'utf8' });
    const lists = readdirSync(join(root, 'var/lib/apt/lists')).filter((name) => name.endsWith('_Packages'));
    return { status, output: stdout + stderr, lists };
  }

  async function sourcesOf(signer: string, keyrings: (directory: string) => Promise<string[]>) {
    const directory = testDirectory();
    const control = { Package: 'a', Version: '1', Architecture: 'amd64' };
    const packages = [{ control, deb: Buffer.from('a') }];
    await writeArchive({ directory, suite: 'own', packages, signers: [await testKey(signer)] });
    const uris = [`file://${directory}`];
    const archives = [archive({ suite: 'own', kind: 'other', uris, keyrings: await keyrings(directory) })];
    return readText(treeWith(archives, await certificatesOf(archives, BUNDLED)), SOURCES) ?? '';
  }

  it.each(['archive', 'other'])('accepts what the %s key signed, by a keyring of two', async (signer) => {
    const sources = await sourcesOf(signer, async (directory) => [
      await writeKeyring(directory, 'two.asc', [await testKey(), await testKey('other')]),
    ]);
    const { status, output, lists } = update(sources);
    expect({ status, output, lists }).toEqual({
      status: 0,
      output: expect.not.stringContaining('NO_PUBKEY'),
      lists: [expect.any(String)],
    });
  });

  it('refuses what another key signed', async () => {
    const { output, lists } = update(await sourcesOf('archive', async () => [(await testKey('other')).certificate]));
    expect(output).toMatch(/not signed|NO_PUBKEY|couldn't be verified/);
    expect(lists).toEqual([]);
  });
});
