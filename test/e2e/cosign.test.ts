import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workDirectory } from '../builder/directory.js';
import { hasProgram } from '../builder/programs.js';
import { layoutIn } from '../sign/images.js';
import { type SmallArchive, smallArchive } from './archive.js';
import { koala, koalaBuild } from './command.js';
import { DockerRegistry } from './docker-registry.js';
import { hasArchive } from './real-archive.js';

/** No stable suite has cosign; the snapshot of sid that a mirror has may be older than its Release file allows. */
const PROFILE = `name: cosign
description: cosign and oras
suite: sid
archives:
  - { suite: "\${suite}", signed-by: debian-archive, check-valid-until: false }
stages:
  - { name: cosign, packages: [cosign, oras] }
`;

const work = workDirectory('cosign');
const root = join(work, 'root');
const isRoot = process.getuid?.() === 0;
const cache = ['--cache-dir', join(work, 'cache')];
writeFileSync(join(work, 'cosign.yaml'), PROFILE);

/** Whether the archive has them, for this machine. */
async function isPlanned(): Promise<boolean> {
  const { status } = await koala(['plan', '--profile', './cosign.yaml', ...cache], { cwd: work });
  return status === 0;
}
const possible = isRoot && hasArchive && hasProgram('docker-registry') && (await isPlanned());

let archive: SmallArchive;
let registry: DockerRegistry;

beforeAll(async () => {
  if (!possible) return;
  archive = await smallArchive(work);
  await koalaBuild(['--profile', './cosign.yaml', ...cache, '--output', `${root}/`], { cwd: work });
  mkdirSync(join(root, 'tmp'), { recursive: true });
  mkdirSync(join(root, 'dev'), { recursive: true });
  execFileSync('mknod', ['-m', '666', join(root, 'dev/urandom'), 'c', '1', '9']);
  mkdirSync(join(work, 'registry'));
  registry = await DockerRegistry.start(join(work, 'registry'));
  await run('lock', ...archive.args, '--output', 'small.lock.json');
}, 300_000);
afterAll(async () => {
  await registry?.kill();
  await archive?.server.close();
});

function run(...args: readonly string[]) {
  return koala(args, { cwd: work, environment: { XDG_CACHE_HOME: join(work, 'cache'), COSIGN_PASSWORD: 'secret' } });
}
async function done(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

/** Runs a program of the root filesystem that we built. */
function inside(...command: readonly string[]): { readonly status: number | null; readonly said: string } {
  const env = { PATH: '/usr/sbin:/usr/bin', HOME: '/tmp', COSIGN_PASSWORD: 'secret' };
  const { status, stdout, stderr } = spawnSync('chroot', [root, ...command], { env, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}
const TRUST = ['--insecure-ignore-tlog=true', '--allow-http-registry'];
const cosign = (command: string, ...args: readonly string[]) =>
  inside('cosign', command, '--key', '/tmp/key.pub', ...TRUST, ...args);
const accepted = {
  status: 0,
  said: expect.stringMatching(/signatures were verified against the specified public key|Verified OK/),
};

/** A key pair; the public half is where cosign finds it. */
function newKey(type: 'P-256' | 'Ed25519' | 'cosign'): { readonly key: string; readonly pub: string } {
  const base = join(mkdtempSync(join(work, 'key-')), 'k');
  const [key, pub] = [`${base}.key`, `${base}.pub`];
  if (type === 'cosign') {
    expect(inside('cosign', 'generate-key-pair', '--output-key-prefix', '/tmp/generated')).toMatchObject({ status: 0 });
    for (const [made, to] of [
      ['generated.key', key],
      ['generated.pub', pub],
    ] as const) {
      copyFileSync(join(root, 'tmp', made), to);
      rmSync(join(root, 'tmp', made));
    }
  } else {
    const of =
      type === 'P-256' ? ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['-algorithm', 'ED25519'];
    execFileSync('openssl', ['genpkey', ...of, '-aes256', '-pass', 'pass:secret', '-out', key], { stdio: 'pipe' });
    execFileSync('openssl', ['pkey', '-in', key, '-passin', 'pass:secret', '-pubout', '-out', pub], { stdio: 'pipe' });
  }
  copyFileSync(pub, join(root, 'tmp/key.pub'));
  return { key, pub };
}

const SPDX = JSON.stringify({
  spdxVersion: 'SPDX-2.3',
  dataLicense: 'CC0-1.0',
  SPDXID: 'SPDXRef-DOCUMENT',
  name: 'small',
  documentNamespace: 'https://example.org/small',
  creationInfo: { created: '2026-01-01T00:00:00Z', creators: ['Tool: a test'] },
  packages: [],
});
const CYCLONEDX = JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components: [] });
const TYPES = ['spdxjson', 'cyclonedx', 'slsaprovenance1'];

let count = 0;
/** An image with SBOMs and provenance beside it. */
async function built(ending = '.oci'): Promise<string> {
  const name = `small-${++count}${ending}`;
  await done('--lock', 'small.lock.json', '--mirror', archive.server.url, '--output', name, '--provenance', '--quiet');
  writeFileSync(join(work, `${name}.spdx.json`), SPDX);
  writeFileSync(join(work, `${name}.cdx.json`), CYCLONEDX);
  return name;
}
/** A layout where cosign sees it. */
function shown(name: string): string {
  rmSync(join(root, 'tmp/image'), { recursive: true, force: true });
  cpSync(join(work, name), join(root, 'tmp/image'), { recursive: true });
  return '/tmp/image';
}
const reference = () => `${registry.host.replace('localhost', '127.0.0.1')}/team/small-${++count}:1`;

const why = 'skipped where apt has no source of Debian or it has no cosign, without docker-registry, or not as root';
describe.skipIf(!possible)(`cosign and oras in a root filesystem of ours (${why})`, { timeout: 300_000 }, () => {
  it.each(['P-256', 'Ed25519', 'cosign'] as const)('accept what a key of %s signed in a registry', async (type) => {
    const { key, pub } = newKey(type);
    const [image, ref] = [await built(), reference()];
    await done('publish', ref, '--image', image, '--quiet');
    const attest = ['.spdx.json', '.cdx.json', '.provenance.json'].flatMap((ending) => ['--attest', image + ending]);
    await done('sign', ref, '--key', key, ...attest, '--quiet');
    for (const bundles of ['true', 'false']) {
      const scheme = `--new-bundle-format=${bundles}`;
      expect(cosign('verify', scheme, ref)).toMatchObject(accepted);
      for (const name of TYPES)
        expect(cosign('verify-attestation', scheme, '--type', name, ref)).toMatchObject(accepted);
    }
    const { said } = inside('oras', 'discover', '--plain-http', '--format', 'json', ref);
    const artifactType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
    expect(JSON.parse(said).referrers).toHaveLength(4);
    expect(JSON.parse(said).referrers[0]).toMatchObject({ artifactType });
    expect(await done('verify', ref, '--key', pub, '--require', 'spdx,cyclonedx,provenance')).toMatch(
      /signature \(referrers, tag\)/,
    );
  });

  it('accept a layout in which it is signed, and what is published of that', async () => {
    const { key, pub } = newKey('P-256');
    const [image, ref] = [await built(), reference()];
    await done('sign', image, '--key', key, '--quiet');
    const path = shown(image);
    expect(cosign('verify', '--local-image', path)).toMatchObject(accepted);
    for (const name of TYPES)
      expect(cosign('verify-attestation', '--local-image', '--type', name, path)).toMatchObject(accepted);
    await done('publish', ref, '--image', image, '--quiet');
    for (const bundles of ['true', 'false'])
      expect(cosign('verify', `--new-bundle-format=${bundles}`, ref)).toMatchObject(accepted);
    await done('verify', ref, '--key', pub, '--require', 'provenance', '--quiet');
  });

  it.each(['referrers', 'tag'])('accept a layout that is signed in the scheme %s', async (scheme) => {
    const { key } = newKey('Ed25519');
    const image = await built();
    await done('sign', image, '--key', key, '--scheme', scheme, '--quiet');
    const path = shown(image);
    expect(cosign('verify', '--local-image', path)).toMatchObject(accepted);
    expect(cosign('verify-attestation', '--local-image', '--type', 'spdxjson', path)).toMatchObject(accepted);
  });

  it.each(['P-256', 'Ed25519'] as const)('accept a file that a key of %s signed', async (type) => {
    const { key } = newKey(type);
    const file = await built('.tar');
    await done('sign', file, '--key', key, '--quiet');
    for (const ending of ['', '.sig', '.sigstore.json', '.spdx.sigstore.json', '.provenance.sigstore.json']) {
      copyFileSync(join(work, file + ending), join(root, `tmp/file${ending}`));
    }
    const blob = (command: string, ...args: readonly string[]) =>
      inside('cosign', command, '--key', '/tmp/key.pub', '--insecure-ignore-tlog=true', ...args, '/tmp/file');
    expect(blob('verify-blob', '--bundle', '/tmp/file.sigstore.json')).toMatchObject(accepted);
    expect(blob('verify-blob', '--signature', '/tmp/file.sig')).toMatchObject(accepted);
    for (const [name, of] of [
      ['spdxjson', 'spdx'],
      ['slsaprovenance1', 'provenance'],
    ] as const) {
      const bundle = ['--type', name, '--bundle', `/tmp/file.${of}.sigstore.json`];
      expect(blob('verify-blob-attestation', ...bundle)).toMatchObject(accepted);
    }
    writeFileSync(join(root, 'tmp/file'), 'x');
    expect(blob('verify-blob', '--bundle', '/tmp/file.sigstore.json').status).not.toBe(0);
  });

  type Layout = ReturnType<typeof layoutIn>;
  const put = (layout: Layout, bytes: string) => {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    writeFileSync(layout.blob(digest), bytes);
    return { digest, size: Buffer.byteLength(bytes) };
  };
  /** Another manifest in place of the signed one, all digests right. */
  const remade =
    (change: (manifest: ReturnType<Layout['manifest']>, layout: Layout) => unknown) => (layout: Layout) => {
      const { manifests, ...index } = layout.index();
      const [image, ...others] = manifests;
      const changed = put(layout, JSON.stringify(change(layout.manifest(image?.digest ?? ''), layout)));
      // What was signed is said to be of the new one, as somebody would who wants to pass it off.
      const moved = others.map((descriptor) => {
        const text = readFileSync(layout.blob(descriptor.digest), 'utf8').replaceAll(
          image?.digest ?? '',
          changed.digest,
        );
        const tag = descriptor.annotations?.['org.opencontainers.image.ref.name'];
        const annotations = {
          'org.opencontainers.image.ref.name': tag?.replace(/[0-9a-f]{64}/, changed.digest.slice(7)),
        };
        return { ...descriptor, ...(tag === undefined ? {} : { annotations }), ...put(layout, text) };
      });
      layout.writeIndex({ ...index, manifests: [{ ...image, ...changed }, ...moved] });
    };
  /** Another SBOM in each attestation, digests right, signatures as they were. */
  const withOtherSbom = (layout: Layout): void => {
    const { manifests, ...index } = layout.index();
    const changed = manifests.map((descriptor, at) => {
      if (at === 0) return descriptor;
      const manifest = layout.manifest(descriptor.digest);
      const layers = manifest.layers.map((layer) => {
        const text = readFileSync(layout.blob(layer.digest), 'utf8').replace(
          /"payload":"([^"]+)"/,
          (_, payload: string) => {
            const other = Buffer.from(payload, 'base64').toString().replace('"name":"small"', '"name":"other"');
            return `"payload":"${Buffer.from(other).toString('base64')}"`;
          },
        );
        return { ...layer, ...put(layout, text) };
      });
      return { ...descriptor, ...put(layout, JSON.stringify({ ...manifest, layers })) };
    });
    layout.writeIndex({ ...index, manifests: changed });
  };

  it.each<[string, (layout: Layout) => void, 'verify' | 'verify-attestation']>([
    [
      'a layer',
      remade((manifest, layout) => ({
        ...manifest,
        layers: manifest.layers.map((layer) => ({ ...layer, ...put(layout, 'another layer') })),
      })),
      'verify',
    ],
    ['the manifest', remade((manifest) => ({ ...manifest, annotations: { a: 'b' } })), 'verify'],
    ['the SBOM', withOtherSbom, 'verify-attestation'],
    ['the key', () => newKey('P-256'), 'verify'],
  ])('refuse another one for what was signed: %s', async (what, tamper, command) => {
    const { key, pub } = newKey('P-256');
    const [image, ref] = [await built(), reference()];
    await done('sign', image, '--key', key, '--attest', `${image}.spdx.json`, '--quiet');
    tamper(layoutIn(join(work, image)));
    const theirs = what === 'the key' ? join(root, 'tmp/key.pub') : pub;
    await done('publish', ref, '--image', image, '--quiet');
    const type = command === 'verify' ? [] : ['--type', 'spdxjson'];
    for (const bundles of ['true', 'false']) {
      const { status, said } = cosign(command, `--new-bundle-format=${bundles}`, ...type, ref);
      expect(said).toMatch(/no matching (?:signatures|attestations)|invalid signature|error/i);
      expect(status).not.toBe(0);
    }
    for (const where of [image, ref]) {
      const { status, stderr } = await run('verify', where, '--key', theirs, '--require', 'spdx');
      expect(stderr).toMatch(/^koala-bootstrap: cannot accept /);
      expect(status).toBe(1);
    }
  });
});
