import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ImagesSummary } from '../../src/index.js';
import { workDirectory } from '../builder/directory.js';
import { testArchive } from './archive.js';
import { koala } from './command.js';

const work = workDirectory('image');
const archive = await testArchive(work);

async function run(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await koala(args, { cwd: work });
  if (status !== 0) throw new Error(`koala-bootstrap ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return stdout;
}

/** Builds from the small archive, with another profile than its own where one is named. */
async function build(args: readonly string[], profile?: string): Promise<ImagesSummary> {
  const [, , ...places] = archive.args;
  const given = profile === undefined ? archive.args : ['--profile', join(work, profile), ...places];
  return JSON.parse(await run(...given, '--cache-dir', join(work, 'cache'), '--json', '--quiet', ...args));
}

/** The lines in which two trees differ, times included. */
async function differences(one: string, other: string): Promise<string[]> {
  const { files } = JSON.parse(await run('diff', one, other, '--times', '--json'));
  return files.map(({ path, fields }: { path: string; fields: string[] }) => [path, ...fields].join(' '));
}

const PROFILES = {
  'child.yaml': `name: child
description: On the small one
extends: ./small.yaml
stages: [{ name: child, packages: [extra] }]
accounts: { users: [{ username: web, uid: 2000, gid: 1000 }], run-as: web }
paths: [{ type: file, path: /etc/made, content: "made again\\n" }]
exclude-paths: ["/usr/share/long-*"]
`,
  'only-extra.yaml': `name: only-extra
description: One package
suite: test
archives: [{ suite: test, components: [main], kind: other, keyring: ./keyring.asc, uris: ["http://127.0.0.1:1/none"] }]
stages: [{ name: extra, packages: [extra, hello] }]
entrypoint: { command: /usr/bin/hello }
`,
  'both.yaml': `name: both
description: Both at once
extends: ./small.yaml
stages: [{ name: extra, packages: [extra] }]
`,
  'sources.yaml': `name: sources
description: By source
extends: ./both.yaml
layering: { strategy: origin, budget: 2 }
`,
};

beforeAll(() => {
  for (const [name, text] of Object.entries(PROFILES)) writeFileSync(join(work, name), text);
});

describe('an image', () => {
  it.each(['image.oci.tar', 'image.oci/', 'image.docker.tar'])(
    'has the tree that a tarball has: %s',
    async (output) => {
      await build(['-o', 'small.tar']);
      const { digest } = await build(['-o', output]);
      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(await differences('small.tar', output.replace(/\/$/, ''))).toEqual([]);
    },
  );

  it.each(['both.yaml', 'sources.yaml', 'child.yaml'])('has it in one layer and in several: %s', async (profile) => {
    const [tar, several, one] = ['t.tar', 's.oci.tar', 'o.oci.tar'].map((name) => `${profile}-${name}`) as [
      string,
      string,
      string,
    ];
    await build(['-o', tar], profile);
    const layers = (await build(['-o', several], profile)).images[0]?.layers.length;
    const squashed = (await build(['-o', one, '--squash', '--layer-compression', 'zst'], profile)).images[0]?.layers
      .length;
    expect([layers, squashed]).toEqual([profile === 'sources.yaml' ? 3 : 2, 1]);
    expect(await differences(tar, several)).toEqual([]);
    expect(await differences(tar, one)).toEqual([]);
  });

  it('shares the layers of what its profile extends, which its own rules leave alone', async () => {
    const small = await build(['-o', 'lower.oci.tar']);
    const child = await build(['-o', 'upper.oci.tar'], 'child.yaml');
    const digests = child.images[0]?.layers.map(({ digest }) => digest);
    expect(digests?.[0]).toBe(small.images[0]?.layers[0]?.digest);
    expect((await differences('lower.oci.tar', 'upper.oci.tar')).filter((line) => /etc|long/.test(line))).toEqual([
      '/etc/made mode size sha256',
      '/etc/passwd size sha256',
      expect.stringMatching(/^\/usr\/share\/(?:long-)+$/),
      expect.stringMatching(/^\/usr\/share\/(?:long-)+\/name$/),
    ]);
  });

  it('leaves nothing beside itself', async () => {
    const places = readdirSync(work).filter((name) => name.endsWith('.part'));
    expect(places).toEqual([]);
  });

  it('that cannot be built leaves nothing at all', async () => {
    const directory = join(work, 'failing');
    mkdirSync(directory);
    const args = [
      ...archive.args,
      '--cache-dir',
      join(work, 'cache'),
      '--include',
      'no-such-package',
      '--format',
      'oci',
    ];
    const { status, stderr } = await koala([...args, '-o', join(directory, 'x')], { cwd: work });
    expect([status, stderr]).toEqual([1, expect.stringContaining('no-such-package')]);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('an image on another one', () => {
  it.each(['base.oci.tar', 'base.oci', 'base.docker.tar'])('adds what that lacks, as new layers: %s', async (base) => {
    const below = await build(['-o', base]);
    const output = `on-${base}.oci`;
    const { images } = await build(['-o', output, '--base', base], 'only-extra.yaml');
    expect(images[0]?.packages.map(({ name }) => name)).toEqual(['extra']);
    const added = await differences(base, output);
    const status = ['extra', 'extra.md5sums'].map((name) => `/var/lib/dpkg/status.d/${name}`);
    expect(added).toEqual(['/usr/share/extra', ...status]);

    const index = JSON.parse(readFileSync(join(work, output, 'index.json'), 'utf8'));
    const blob = (digest: string) =>
      JSON.parse(readFileSync(join(work, output, digest.replace(':', '/').replace(/^/, 'blobs/')), 'utf8'));
    const manifest = blob(index.manifests[0].digest);
    expect(manifest.layers[0].digest).toBe(below.images[0]?.layers[0]?.digest);
    expect(manifest.annotations).toMatchObject({
      'org.opencontainers.image.base.name': base,
      'org.opencontainers.image.base.digest': below.digest,
    });
    expect(blob(manifest.config.digest)).toMatchObject({
      config: { Entrypoint: ['/usr/bin/hello'] },
      rootfs: { diff_ids: [below.images[0]?.layers[0]?.diffId, images[0]?.layers[0]?.diffId] },
      history: [{ created_by: 'koala-bootstrap stage small' }, { created_by: 'koala-bootstrap stage extra' }],
    });
  });

  it('of one profile in two steps is what it is in one', async () => {
    await build(['-o', 'step.oci.tar']);
    const steps = await build(['-o', 'steps.oci.tar', '--base', 'step.oci.tar'], 'both.yaml');
    const once = await build(['-o', 'once.oci.tar'], 'both.yaml');
    expect(await differences('steps.oci.tar', 'once.oci.tar')).toEqual([]);
    expect(steps.images[0]?.layers).toEqual(once.images[0]?.layers.slice(1));
  });

  it.each([
    ['small.yaml', 'it is no image'],
    ['none.oci.tar', 'none.oci.tar: there is no such file'],
  ])('is refused: %s', async (base, message) => {
    const args = [...archive.args, '--cache-dir', join(work, 'cache'), '--format', 'oci', '-o', 'x', '--base', base];
    const { status, stderr } = await koala(args, { cwd: work });
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it('is refused for another architecture', async () => {
    await build(['-o', 'amd64.oci.tar']);
    const other = [
      ...archive.args,
      '--cache-dir',
      join(work, 'cache'),
      '--format',
      'oci',
      '-o',
      'x',
      '--base',
      'amd64.oci.tar',
    ];
    const { status, stderr } = await koala([...other, '-a', 'arm64'], { cwd: work });
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('cannot build for arm64 on amd64.oci.tar: it is for linux/amd64'),
    ]);
  });
});
