import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { workDirectory } from '../builder/directory.js';
import { testArchive } from './archive.js';
import { koala, type Outcome, sha256Of } from './command.js';

const work = workDirectory('sign');
const archive = await testArchive(work);
const at = (name: string) => join(work, name);

function run(args: readonly string[], environment: Record<string, string> = {}): Promise<Outcome> {
  return koala([...args], { cwd: work, environment });
}
const build = (output: string, ...more: string[]) =>
  run([
    '--lock',
    'small.lock.json',
    '--mirror',
    archive.server.url,
    '--cache-dir',
    'cache',
    '-q',
    '-o',
    output,
    ...more,
  ]);

beforeAll(async () => {
  await run(['lock', ...archive.args, '--cache-dir', 'cache', '--output', 'small.lock.json']);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: work, stdio: 'pipe' });
  const curve = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  openssl('genpkey', ...curve, '-aes256', '-pass', 'pass:secret', '-out', 'koala.key');
  openssl('pkey', '-in', 'koala.key', '-passin', 'pass:secret', '-pubout', '-out', 'koala.pub');
});

const SECRET = { KOALA_KEY_PASSWORD: 'secret' };

describe('build --provenance', () => {
  interface Provenance {
    readonly subject: unknown;
    readonly predicate: {
      buildDefinition: { resolvedDependencies: { name: string; uri?: string; digest: unknown }[] };
      runDetails: unknown;
    };
  }
  const provenance = (name: string): Provenance => JSON.parse(readFileSync(at(`${name}.provenance.json`), 'utf8'));

  it('says how the output came about', async () => {
    expect(await build('a.tar', '--provenance', '--builder', 'https://ci.example.org/run')).toMatchObject({
      status: 0,
      stderr: '',
    });
    const { subject, predicate } = provenance('a.tar');
    expect(subject).toEqual([{ name: 'a.tar', digest: { sha256: sha256Of(at('a.tar')) } }]);
    const { resolvedDependencies } = predicate.buildDefinition;
    expect(resolvedDependencies.map(({ name }) => name)).toEqual([
      'small.lock.json',
      'Release of test',
      expect.stringMatching(/^libhello_1\.0-1_amd64\.deb$/),
      expect.stringMatching(/^hello_1\.0-1_amd64\.deb$/),
    ]);
    const release = join(work, 'archive/dists/test/InRelease');
    expect(resolvedDependencies.map(({ digest }) => digest).slice(0, 2)).toEqual([
      { sha256: sha256Of(at('small.lock.json')) },
      { sha256: sha256Of(release) },
    ]);
    expect(predicate.runDetails).toMatchObject({ builder: { id: 'https://ci.example.org/run' } });
    expect(predicate).toMatchObject({
      buildDefinition: {
        externalParameters: {
          profile: 'small',
          suite: 'test',
          architectures: ['amd64'],
          format: 'tar',
          lock: 'small.lock.json',
        },
        internalParameters: { config: JSON.parse(readFileSync(at('small.lock.json'), 'utf8')).config.checksum },
      },
    });
  });

  it('says the same wherever it is built, and names no mirror', async () => {
    await build('b.tar', '--provenance');
    const first = readFileSync(at('b.tar.provenance.json'), 'utf8');
    expect(first).not.toContain(new URL(archive.server.url).port);
    await run([
      '--lock',
      'small.lock.json',
      '--mirror',
      join(work, 'archive'),
      '--cache-dir',
      'other',
      '-j',
      '5',
      '-q',
      '-o',
      'b.tar',
      '--provenance',
    ]);
    expect(readFileSync(at('b.tar.provenance.json'), 'utf8')).toBe(first);
  });

  it.each<[string[], RegExp]>([
    [['--output', '-', '--provenance'], /--provenance writes beside the output/],
    [['--builder', 'https://x.example'], /cannot use --builder without --provenance/],
    [['--provenance', '--builder', 'me'], /cannot use "me" as a builder: it is no URI/],
  ])('is refused with %j', async (args, message) => {
    const { status, stderr } = await run(['--lock', 'small.lock.json', ...args]);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });
});

describe('sign and verify', () => {
  it.each(['small.oci', 'small.oci.tar', 'small.docker.tar', 'small.tar.gz'])(
    'take %s with its provenance',
    async (name) => {
      await build(name, '--provenance');
      const signed = await run(['sign', name, '--key', 'koala.key'], SECRET);
      expect(signed).toMatchObject({ status: 0, stderr: '' });
      expect(signed.stdout).toMatch(/SLSA provenance/);
      const { status, stdout } = await run(['verify', name, '--key', 'koala.pub', '--require', 'provenance', '--json']);
      expect(status).toBe(0);
      const [held] = JSON.parse(stdout).verified;
      const types = ['https://sigstore.dev/cosign/sign/v1', 'https://slsa.dev/provenance/v1'];
      expect([...new Set(held.claims.map(({ type }: { type: string }) => type))].sort()).toEqual(types);
      const again = await run([
        'verify',
        '--reproduce',
        name,
        '--lock',
        'small.lock.json',
        '--mirror',
        archive.server.url,
        '--cache-dir',
        'cache',
        '-q',
      ]);
      expect(again).toEqual({ status: 0, stdout: '', stderr: '' });
    },
  );

  it('speak in words', async () => {
    await build('words.oci');
    const said = await run(['sign', 'words.oci', '--key', 'koala.key', '--scheme', 'tag'], SECRET);
    expect(said.stdout).toMatch(/^sha256:[0-9a-f]{64}\n {2}signature \(tag\)\n$/);
    const again = await run(['sign', 'words.oci', '--key', 'koala.key'], SECRET);
    expect(again.stdout).toMatch(/\n {2}signature \(referrers\)\n {2}signature \(tag, there already\)\n$/);
    const verified = await run(['verify', 'words.oci', '--key', 'koala.pub']);
    expect(verified.stdout).toMatch(/^sha256:[0-9a-f]{64} linux\/amd64\n {2}signature \(referrers, tag\)\n$/);
  });

  it('refuse the provenance of another build', async () => {
    await build('c.tar', '--provenance');
    const bytes = readFileSync(at('c.tar'));
    bytes.write('M', bytes.indexOf('\0made\n') + 1);
    writeFileSync(at('c.tar'), bytes);
    const { status, stderr } = await run(['sign', 'c.tar', '--key', 'koala.key'], SECRET);
    expect(stderr).toMatch(
      /^koala-bootstrap: cannot attest .*c\.tar\.provenance\.json: it speaks of another artifact\n/,
    );
    expect(status).toBe(1);
  });

  it.each<[string, string[], Record<string, string>, number, RegExp]>([
    ['no key', ['sign', 'a.tar'], {}, 2, /cannot sign without a key: give --key FILE\nhint: openssl genpkey/],
    ['no key to verify with', ['verify', 'a.tar'], {}, 2, /cannot verify a\.tar without a key/],
    [
      'no passphrase',
      ['sign', 'a.tar', '-k', 'koala.key'],
      {},
      2,
      /it has a passphrase\nhint: give it in KOALA_KEY_PASSWORD/,
    ],
    [
      'a wrong one',
      ['sign', 'a.tar', '-k', 'koala.key'],
      { COSIGN_PASSWORD: 'x' },
      2,
      /the passphrase is wrong, or the key is damaged/,
    ],
    ['no key file', ['sign', 'a.tar', '-k', 'none.key'], SECRET, 2, /cannot read none\.key: there is no such file/],
    [
      'a public key',
      ['sign', 'a.tar', '-k', 'koala.pub'],
      SECRET,
      2,
      /it is a public key\nhint: signing takes the private key/,
    ],
    ['no artifact', ['sign', 'none.tar', '-k', 'koala.key'], SECRET, 2, /cannot read none\.tar: there is no such file/],
    ['nothing', ['sign'], {}, 2, /sign needs an image or a file/],
    [
      'a directory',
      ['sign', 'cache', '-k', 'koala.key'],
      SECRET,
      2,
      /cannot sign cache: it is a directory, and no image/,
    ],
    [
      'an unknown scheme',
      ['sign', 'a.tar', '-k', 'koala.key', '--scheme', 'x'],
      SECRET,
      2,
      /cannot sign in the scheme "x"/,
    ],
    ['an unknown type', ['verify', 'a.tar', '-k', 'koala.pub', '--require', 'x'], {}, 2, /cannot require "x"/],
    [
      'an attestation of nothing',
      ['sign', 'a.tar', '-k', 'koala.key', '--attest', 'small.lock.json'],
      SECRET,
      2,
      /neither SPDX nor/,
    ],
    ['what is not signed', ['verify', 'a.tar', '-k', 'koala.pub'], {}, 1, /cannot accept a\.tar: it has no signature/],
  ])('refuse %s', async (_, args, environment, expected, message) => {
    const { status, stderr } = await run(args, environment);
    expect(stderr).toMatch(message);
    expect(status).toBe(expected);
  });

  it('refuse what was changed', async () => {
    writeFileSync(at('d'), 'content');
    await run(['sign', 'd', '-k', 'koala.key'], SECRET);
    expect(await run(['verify', 'd', '-k', 'koala.pub'])).toMatchObject({ status: 0 });
    writeFileSync(at('d'), 'Content');
    const { status, stderr } = await run(['verify', 'd', '-k', 'koala.pub']);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'koala-bootstrap: cannot accept d: d.sigstore.json is not its signature with this key\n',
    });
  });
});
