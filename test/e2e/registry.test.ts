import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readSendableImage } from '../../src/registry/image.js';
import { pushImage } from '../../src/registry/push.js';
import { parseReference } from '../../src/registry/reference.js';
import { makeTar } from '../builder/deb.js';
import { workDirectory } from '../builder/directory.js';
import { hasProgram } from '../builder/programs.js';
import { writeFiles } from '../diff/images.js';
import { inMemory, layoutFiles } from '../registry/images.js';
import { testArchive } from './archive.js';
import { koala } from './command.js';
import { DockerRegistry } from './docker-registry.js';
import { hasArchive } from './real-archive.js';

const base = workDirectory('registry-e2e');
const isThere = hasProgram('docker-registry');
const isRoot = process.geteuid?.() === 0;
const environment = { DOCKER_CONFIG: join(base, 'docker') };
const buildOptions = ['--keyring', join(base, 'keyring.asc'), '--cache-dir', join(base, 'cache')];
const archive = await testArchive(base);
let registry: DockerRegistry;
let started: DockerRegistry[] = [];

afterEach(async () => {
  for (const one of started.splice(0)) await one.kill();
});

async function start(htpasswd?: string): Promise<DockerRegistry> {
  registry = await DockerRegistry.start(mkdtempSync(join(base, 'registry-')), htpasswd);
  started = [...started, registry];
  return registry;
}

const publish = (...args: readonly string[]) => koala(['publish', ...args], { cwd: base, environment });
const built = (): string[] => [...archive.args, ...buildOptions];

/** Runs a program, and gives what it says. */
function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], cwd: base });
}

/** An index of two architectures, written as a layout. */
async function indexLayout(): Promise<string> {
  const layer = (text: string) => makeTar([{ path: '/etc/greeting', content: text }]);
  const files = layoutFiles({ amd64: [await layer('hello amd64\n')], arm64: [await layer('hello arm64\n')] });
  return writeFiles(mkdtempSync(join(base, 'layout-')), files);
}

describe.skipIf(!isThere)('docker-registry (skipped where it is not installed)', { timeout: 120_000 }, () => {
  it('gets an image that is built for it, and nothing a second time', async () => {
    await start();
    const name = `${registry.host}/team/small:1`;
    const refs = join(base, 'refs');
    const first = await publish(name, ...built(), '--image-refs', refs);
    expect(first).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^localhost:\d+\/team\/small@sha256:\w{64}\n$/),
    });
    expect(readFileSync(refs, 'utf8')).toBe(first.stdout);
    const before = registry.requests().length;
    expect(await publish(name, ...built())).toMatchObject({ status: 0, stdout: first.stdout });
    const again = registry.requests().slice(before);
    expect(again.length).toBeGreaterThan(3);
    expect(again.filter((line) => !/^(?:GET|HEAD) .* 200$/.test(line))).toEqual([]);
  });

  it('keeps the image that --output names, which is the one it got', async () => {
    await start();
    const output = join(base, 'kept.oci.tar');
    const first = await publish(`${registry.host}/a`, ...built(), '-o', output);
    const second = await publish(`${registry.host}/b:2`, `${registry.host}/c`, '--image', output, '--json');
    expect([first.status, second.status]).toEqual([0, 0]);
    const { digest, references } = JSON.parse(second.stdout);
    expect(first.stdout).toBe(`${registry.host}/a@${digest}\n`);
    expect(references[1].blobs.sent.count).toBe(0);
    expect(references[1].blobs.mounted.count).toBeGreaterThan(1);
  });

  it('finds the SBOMs of an image by what they are of', async () => {
    await start();
    const args = [`${registry.host}/sbom:1`, ...built(), '--sbom', 'spdx,cyclonedx', '--json'];
    const { status, stdout } = await publish(...args);
    expect(status).toBe(0);
    expect((await publish(...args)).status).toBe(0);
    const { digest, build } = JSON.parse(stdout);
    const get = async (what: string): Promise<Buffer> => {
      const accept = 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json';
      const answer = await fetch(`http://${registry.host}/v2/sbom/${what}`, { headers: { accept } });
      return Buffer.from(await answer.arrayBuffer());
    };
    // This registry has no API for what refers to an image, but the tag that stands in for it.
    const { manifests } = JSON.parse((await get(`manifests/${digest.replace(':', '-')}`)).toString());
    expect(manifests.map(({ artifactType }: { artifactType: string }) => artifactType).sort()).toEqual([
      'application/spdx+json',
      'application/vnd.cyclonedx+json',
    ]);
    for (const referrer of manifests) {
      const { subject, layers } = JSON.parse((await get(`manifests/${referrer.digest}`)).toString());
      expect(subject.digest).toBe(digest);
      const document = JSON.parse((await get(`blobs/${layers[0].digest}`)).toString());
      expect(document.spdxVersion ?? document.specVersion).toMatch(/^SPDX-2\.3$|^1\.6$/);
      const sha256 = layers[0].digest.replace('sha256:', '');
      expect(build.images[0].sboms.map((one: { sha256: string }) => one.sha256)).toContain(sha256);
    }
  });

  it('has the image that another one stands on', async () => {
    await start();
    const below = `${registry.host}/small:1`;
    expect(await publish(below, ...built())).toMatchObject({ status: 0 });
    const output = join(base, 'derived.oci');
    const build = [...built(), '--base', below, '--include', 'extra', '-o', output];
    const { status, stdout } = await publish(`${registry.host}/derived:1`, ...build, '--json');
    expect(status).toBe(0);
    const { references, build: summary } = JSON.parse(stdout);
    expect(summary.images[0].annotations['org.opencontainers.image.base.name']).toBe(below);
    // The layers of the base are taken over from its repository; new are a layer and the configuration.
    expect(references[0].blobs).toMatchObject({ mounted: { count: 1 }, sent: { count: 2 } });
    const offline = await publish(`${registry.host}/derived:1`, ...build, '--offline');
    expect(offline.stderr).toContain(`cannot fetch ${below}: --offline`);
  });

  it.skipIf(!hasProgram('skopeo'))('gives an index to skopeo (skipped where that is not installed)', async () => {
    await start();
    const name = `${registry.host}/multi:1`;
    const { stdout } = await publish(name, '--image', await indexLayout());
    const raw = JSON.parse(run('skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${name}`));
    expect(raw.manifests.map(({ platform }: { platform: { architecture: string } }) => platform.architecture)).toEqual([
      'amd64',
      'arm64',
    ]);
    const inspected = JSON.parse(
      run('skopeo', 'inspect', '--tls-verify=false', '--override-arch=arm64', `docker://${name}`),
    );
    expect(stdout).toBe(`${inspected.Name}@${inspected.Digest}\n`);
    run('skopeo', 'copy', '--all', '--src-tls-verify=false', `docker://${name}`, `oci:${join(base, 'copied')}:1`);
  });

  it.skipIf(!isRoot || !hasProgram('podman'))('gives an image to podman (skipped without root or podman)', async () => {
    await start();
    const name = `${registry.host}/multi:1`;
    await publish(name, '--image', await indexLayout());
    const podman = ['--root', join(base, 'storage'), '--runroot', join(base, 'run'), '--storage-driver', 'vfs'];
    const id = run('podman', ...podman, 'pull', '-q', '--tls-verify=false', '--arch', 'amd64', name).trim();
    const mounted = run('podman', ...podman, 'image', 'mount', id).trim();
    expect(readFileSync(join(mounted, 'etc/greeting'), 'utf8')).toBe('hello amd64\n');
    run('podman', ...podman, 'image', 'umount', id);
    run('podman', ...podman, 'rmi', id);
  });

  it.skipIf(!hasProgram('htpasswd'))('wants to know who asks (skipped without htpasswd)', async () => {
    const users = join(base, 'htpasswd');
    writeFileSync(users, run('htpasswd', '-Bbn', 'me', 's3cret-Pw'));
    await start(users);
    const image = await indexLayout();
    const name = `${registry.host}/app:1`;
    const login = (password: string) =>
      koala(['login', registry.host, '-u', 'me', '--password-stdin'], {
        cwd: base,
        environment,
        input: `${password}\n`,
      });
    const nobody = await publish(name, '--image', image);
    expect(nobody.stderr).toContain(
      `cannot publish ${name}: ${registry.host} wants credentials, and there are none (401`,
    );
    expect(nobody.stderr).toContain(`hint: koala-bootstrap login ${registry.host}`);
    const wrong = await login('wr0ng-Pw');
    expect(wrong).toMatchObject({ status: 1, stdout: '' });
    expect(wrong.stderr).toContain(`does not accept the credentials from the command line (401 Unauthorized)`);
    const right = await login('s3cret-Pw');
    expect(right).toMatchObject({ status: 0, stderr: '' });
    const published = await publish(name, '--image', image);
    expect(published.status).toBe(0);
    const logout = await koala(['logout', registry.host], { cwd: base, environment });
    expect(logout.status).toBe(0);
    expect((await publish(name, '--image', image)).status).toBe(1);
    for (const { stdout, stderr } of [nobody, wrong, right, published, logout]) {
      expect(stdout + stderr).not.toMatch(/wr0ng-Pw|s3cret-Pw/);
    }
  });

  it('is killed half-way and started again: the push goes on', async () => {
    await start();
    const layer = randomBytes(24 << 20);
    const image = readSendableImage(inMemory(layoutFiles({ amd64: [layer, randomBytes(1000)] })), 'image');
    const reference = parseReference(`${registry.host}/large:1`);
    let kills = 0;
    let restarted: Promise<void> | undefined;
    const options = {
      environment,
      insecure: false,
      signal: new AbortController().signal,
      chunk: 4 << 20,
      onEvent: (event: { readonly type: string; readonly done?: number }) => {
        if (event.type !== 'blob-progress' || (event.done ?? 0) < (9 << 20) * (kills + 1) || kills === 2) return;
        kills++;
        restarted = registry.kill().then(() => registry.run());
      },
    };
    const [pushed] = await pushImage(image, [reference], options);
    await restarted;
    expect([kills, pushed?.blobs.sent.count]).toEqual([2, 3]);
    const answer = await fetch(
      `http://${registry.host}/v2/large/blobs/${image.blobs.find(({ descriptor }) => descriptor.size > 1 << 20)?.descriptor.digest}`,
    );
    expect(Buffer.from(await answer.arrayBuffer()).equals(layer)).toBe(true);
    // The other blobs went once; of the large one a part that a kill broke may cost those before it, which docker-registry
    // throws away then, but no more: two parts before the first kill, four before the second one, six in all.
    const done = registry.requests().filter((line) => / 20[12]$/.test(line));
    expect(done.filter((line) => /^PUT .*uploads/.test(line))).toHaveLength(3);
    expect(done.filter((line) => line.startsWith('PATCH')).length).toBeLessThanOrEqual(12);
  });

  it.skipIf(!isRoot || !hasArchive)(
    'gives an image to oras, of a newer suite, in a root that is built for it (skipped without root or an archive)',
    async () => {
      await start();
      const profile = join(base, 'oras.yaml');
      const archives = `archives:\n  - { suite: "\${suite}", components: [main], check-valid-until: false }\n`;
      writeFileSync(
        profile,
        `name: oras\ndescription: A client\nsuite: sid\n${archives}stages:\n  - { name: oras, packages: [oras] }\n`,
      );
      const root = join(base, 'oras');
      expect(
        await koala(['-p', profile, '-o', `${root}/`, '--cache-dir', join(base, 'cache')], { cwd: base }),
      ).toMatchObject({ status: 0 });
      const name = `${registry.host.replace('localhost', '127.0.0.1')}/multi:1`;
      const { stdout } = await publish(name, '--image', await indexLayout());
      const oras = (...args: readonly string[]) => run('chroot', root, '/usr/bin/oras', ...args);
      const { digest } = JSON.parse(oras('manifest', 'fetch', '--plain-http', '--descriptor', name));
      expect(stdout).toBe(`${name.replace(/:1$/, '')}@${digest}\n`);
      mkdirSync(join(root, 'layout'));
      oras('copy', '--from-plain-http', name, '--to-oci-layout', '/layout:1');
      const [copied] = JSON.parse(readFileSync(join(root, 'layout/index.json'), 'utf8')).manifests;
      expect(copied.digest).toBe(digest);
    },
  );
});
