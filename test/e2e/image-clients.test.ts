import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImagesSummary } from '../../src/index.js';
import { workDirectory } from '../builder/directory.js';
import { hasProgram } from '../builder/programs.js';
import { koala } from './command.js';
import { hasArchive, WHY_NO_ARCHIVE } from './real-archive.js';

const BIN = fileURLToPath(new URL('../../bin/koala-bootstrap.js', import.meta.url));
const machine = process.arch === 'x64' ? 'amd64' : process.arch === 'arm64' ? 'arm64' : undefined;
const isRoot = process.getuid?.() === 0;
const possible = hasArchive && machine !== undefined;

const work = workDirectory('clients');
const cache = join(work, 'cache');
const layout = join(work, 'web.oci');
afterAll(() => {
  // What a runtime has unpacked may hold directories that nobody may write to.
  spawnSync('chmod', ['-R', 'u+rwX', work]);
}, 300_000);

const PROFILE = `name: web
description: For tests
extends: base
stages: [{ name: web, packages: [busybox] }]
accounts:
  users: [{ username: web, uid: 10001, gid: 10001, homedir: /srv }]
  groups: [{ groupname: web, gid: 10001 }]
  run-as: web
paths:
  - { type: directory, path: /srv, uid: 10001, gid: 10001, permissions: 0o750 }
  - { type: busybox-applets, path: /usr/bin, source: /usr/bin/busybox }
  - { type: hardlink, path: /srv/linked, source: /etc/nsswitch.conf }
environment: { GREETING: hello world }
entrypoint: { command: /bin/sh -c }
cmd: ["id; pwd; echo $GREETING; cat /etc/os-release | head -1"]
work-dir: /srv
stop-signal: SIGQUIT
exposed-ports: [8080]
volumes: [/data]
labels: { team: a }
annotations: { org.opencontainers.image.vendor: me }
vcs-url: https://example.org/web.git@0123abc
exclude-paths: [/usr/share/zoneinfo/*]
include-paths: [/usr/share/zoneinfo/Etc/UTC]
`;

async function run(args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await koala(args, { cwd: work });
  if (status !== 0) throw new Error(`koala-bootstrap ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return stdout;
}

async function build(...args: readonly string[]): Promise<ImagesSummary> {
  return JSON.parse(await run([...args, '--cache-dir', cache, '--json', '--quiet']));
}

/** What a program says; its complaints are shown where it fails. */
function says(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { cwd: work, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A store of its own, so that the machine's stays as it is. */
const ownStore = (name: string): string[] => [
  ...['--root', join(work, name, 'root'), '--runroot', join(work, name, 'run'), '--storage-driver', 'vfs'],
];

describe.skipIf(!possible)(`an image and programs that read images (${WHY_NO_ARCHIVE})`, { timeout: 300_000 }, () => {
  let built: ImagesSummary;
  beforeAll(async () => {
    writeFileSync(join(work, 'web.yaml'), PROFILE);
    built = await build('--profile', './web.yaml', '-o', layout);
    await build('--profile', './web.yaml', '-o', 'web.docker.tar');
    await build('--profile', './web.yaml', '-o', 'web.oci.tar', '--layer-compression', 'zst');
    await run(['--profile', './web.yaml', '-o', 'web.tar', '--quiet', '--cache-dir', cache]);
  }, 300_000);

  describe.skipIf(!hasProgram('skopeo'))('skopeo (skipped where it is not installed)', () => {
    it.each([['oci:web.oci'], ['oci:web.oci:trixie'], ['docker-archive:web.docker.tar'], ['oci-archive:web.oci.tar']])(
      'inspects %s',
      (source) => {
        expect(JSON.parse(says('skopeo', 'inspect', source))).toMatchObject({
          Architecture: machine,
          Os: 'linux',
          Created: new Date((built.images[0]?.epoch ?? 0) * 1000).toISOString().replace('.000', ''),
          Labels: {
            team: 'a',
            'org.opencontainers.image.vendor': 'me',
            'org.opencontainers.image.source': 'https://example.org/web.git',
            'org.opencontainers.image.revision': '0123abc',
          },
          Env: expect.arrayContaining(['GREETING=hello world']),
        });
      },
    );

    it('sees the digest and the layers that we tell', () => {
      const seen = JSON.parse(says('skopeo', 'inspect', 'oci:web.oci'));
      expect(seen.Digest).toBe(built.digest);
      expect(seen.Layers).toEqual(built.images[0]?.layers.map(({ digest }) => digest));
    });

    it('copies it, and the copy is the same image', () => {
      says('skopeo', 'copy', 'oci:web.oci', 'dir:copy');
      says('skopeo', 'copy', 'dir:copy', 'oci:again:trixie');
      expect(JSON.parse(says('skopeo', 'inspect', 'oci:again:trixie')).Digest).toBe(built.digest);
      // Layers compressed by zstd are read as well.
      says('skopeo', 'copy', '--dest-decompress', 'oci-archive:web.oci.tar', 'dir:plain');
      const { layers } = JSON.parse(readFileSync(join(work, 'plain/manifest.json'), 'utf8'));
      const digests = layers.map(({ digest }: { digest: string }) => digest);
      expect(digests).toEqual(built.images[0]?.layers.map(({ diffId }) => diffId));
    });
  });

  describe.skipIf(!hasProgram('umoci') || !isRoot)(
    'umoci (skipped where it is not installed, or we are not root)',
    () => {
      it('unpacks the tree that the tarball has', async () => {
        says('umoci', 'unpack', '--image', 'web.oci:trixie', 'bundle');
        const { files } = JSON.parse(await run(['diff', 'web.tar', 'bundle/rootfs', '--times', '--json']));
        expect(files).toEqual([]);
        const { process, mounts } = JSON.parse(readFileSync(join(work, 'bundle/config.json'), 'utf8'));
        expect(process).toMatchObject({ cwd: '/srv', user: { uid: 10001, gid: 10001 } });
        expect(process.args.slice(0, 2)).toEqual(['/bin/sh', '-c']);
        expect(mounts.map(({ destination }: { destination: string }) => destination)).toContain('/data');
      });
    },
  );

  describe.skipIf(!hasProgram('podman') || !isRoot)(
    'podman (skipped where it is not installed, or we are not root)',
    () => {
      const podman = (...args: readonly string[]) =>
        spawnSync('podman', [...ownStore('podman'), '--cgroup-manager=cgroupfs', ...args], {
          cwd: work,
          encoding: 'utf8',
        });

      it.each(['web.docker.tar', 'web.oci.tar'])('loads %s', (file) => {
        const { status, stdout, stderr } = podman('load', '-i', file);
        expect({ status, said: status === 0 ? '' : stderr }).toEqual({ status: 0, said: '' });
        expect(stdout).toContain('Loaded image: localhost/web:trixie');
        const [image] = JSON.parse(podman('image', 'inspect', 'localhost/web:trixie').stdout);
        expect(image).toMatchObject({
          Architecture: machine,
          User: 'web',
          Config: {
            Entrypoint: ['/bin/sh', '-c'],
            WorkingDir: '/srv',
            StopSignal: 'SIGQUIT',
            ExposedPorts: { '8080/tcp': {} },
            Volumes: { '/data': {} },
          },
        });
        expect(image.RootFS.Layers).toEqual(built.images[0]?.layers.map(({ diffId }) => diffId));
      });

      it('runs it', (context) => {
        podman('load', '-i', 'web.docker.tar');
        const runtime = hasProgram('runc') ? 'runc' : 'crun';
        const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
        const { status, stdout, stderr } = podman(
          '--runtime',
          runtime,
          'run',
          '--rm',
          '--network=host',
          ...limits,
          'web:trixie',
        );
        if (status === 125 || status === 126)
          context.skip(`${runtime} starts no container on this machine: ${stderr.trim()}`);
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
        expect(stdout.split('\n')).toEqual([
          'uid=10001(web) gid=10001(web) groups=10001(web)',
          '/srv',
          'hello world',
          expect.stringContaining('Debian GNU/Linux'),
          '',
        ]);
      });
    },
  );

  describe.skipIf(!hasProgram('buildah') || !isRoot)(
    'buildah (skipped where it is not installed, or we are not root)',
    () => {
      it('builds from it', () => {
        const buildah = (...args: readonly string[]) => says('buildah', ...ownStore('buildah'), ...args).trim();
        const container = buildah('from', '--pull-never', 'docker-archive:web.docker.tar');
        const { OCIv1 } = JSON.parse(buildah('inspect', container));
        expect(OCIv1.config).toMatchObject({ User: 'web', WorkingDir: '/srv', Labels: { team: 'a' } });
        const root = buildah('mount', container);
        expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).toContain('web:x:10001:10001:');
        buildah('umount', container);
        buildah('rm', container);
      });
    },
  );
});

describe.skipIf(!possible)(`images of several architectures (${WHY_NO_ARCHIVE})`, { timeout: 600_000 }, () => {
  const PLATFORMS = {
    amd64: { architecture: 'amd64', os: 'linux' },
    arm64: { architecture: 'arm64', os: 'linux', variant: 'v8' },
    armhf: { architecture: 'arm', os: 'linux', variant: 'v7' },
    riscv64: { architecture: 'riscv64', os: 'linux' },
  };

  const names = Object.keys(PLATFORMS);
  let built: ImagesSummary;
  beforeAll(async () => {
    built = await build('--profile', 'base', '--arch', names.join(), '-o', 'base.oci');
  }, 600_000);

  it('are made by one command on one machine', () => {
    const { digest, images } = built;
    expect(images.map(({ architecture }) => architecture)).toEqual(names);
    const index = JSON.parse(readFileSync(join(work, 'base.oci/blobs/sha256', digest.slice('sha256:'.length)), 'utf8'));
    expect(index.manifests.map(({ platform }: { platform: unknown }) => platform)).toEqual(Object.values(PLATFORMS));
    expect(index.manifests.map((one: { digest: string }) => one.digest)).toEqual(images.map((one) => one.digest));
    for (const image of images) expect(image.packages.map(({ name }) => name)).toContain('libc6');
  });

  it.skipIf(!hasProgram('skopeo'))('are told apart by skopeo (skipped where it is not installed)', () => {
    for (const { architecture, ...platform } of Object.values(PLATFORMS)) {
      const variant = 'variant' in platform ? ['--override-variant', platform.variant] : [];
      const seen = says('skopeo', '--override-arch', architecture, ...variant, 'inspect', 'oci:base.oci');
      expect(JSON.parse(seen)).toMatchObject({ Architecture: architecture });
    }
  });
});

/** Other versions of Node, as npm brings them; undefined where the registry cannot be reached. */
function otherNode(version: number): string | undefined {
  const directory = join(work, `node-${version}`);
  mkdirSync(directory);
  writeFileSync(join(directory, 'package.json'), '{}');
  const args = ['install', '--no-audit', '--no-fund', '--foreground-scripts', `node@${version}`];
  spawnSync('npm', args, { cwd: directory, stdio: 'ignore', timeout: 180_000 });
  const program = join(directory, 'node_modules/.bin/node');
  const told = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return told.status === 0 && told.stdout.startsWith(`v${version}.`) ? program : undefined;
}

describe.skipIf(!possible)(`the digest of an image (${WHY_NO_ARCHIVE})`, { timeout: 600_000 }, () => {
  const digestBy = (node: string, compression: string): string => {
    const args = [BIN, '--lock', 'base.lock.json', '--offline', '-o', 'digest.oci.tar', '--json', '--quiet'];
    const more = ['--arch', 'amd64', '--cache-dir', cache, '--layer-compression', compression];
    const told = execFileSync(node, [...args, ...more], { cwd: work, encoding: 'utf8' });
    return (JSON.parse(told) as ImagesSummary).digest;
  };
  const digests = new Map<string, string>();
  beforeAll(async () => {
    await run(['lock', '--profile', 'base', '--arch', 'amd64', '--quiet', '--cache-dir', cache]);
    await run(['fetch', '--lock', 'base.lock.json', '--quiet', '--cache-dir', cache]);
    for (const compression of ['gz', 'zst']) digests.set(compression, digestBy(process.execPath, compression));
  }, 300_000);

  it.for([20, 22, 24])('is the same on Node %i, with gzip and with zstd', (version, { skip }) => {
    const program = otherNode(version);
    if (program === undefined) return skip(`npm could not bring node@${version}`);
    for (const [compression, digest] of digests) expect(digestBy(program, compression)).toBe(digest);
  });
});
