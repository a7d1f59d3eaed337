import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type LayerInput, writeImage } from '../../../src/emit/oci/image.js';
import { emitImages, type ImageFormat } from '../../../src/emit/oci/output.js';
import { createStaging } from '../../../src/emit/oci/staging.js';
import type { LayerCompression } from '../../../src/formats/oci/media-types.js';
import { openImageFiles } from '../../../src/image/files.js';
import { findImage, verifiedBytes } from '../../../src/image/read.js';
import { NO_IMAGE_SETTINGS } from '../../../src/profile/image.js';
import { Tree } from '../../../src/rootfs/tree.js';
import { workDirectory } from '../../builder/directory.js';
import { lay } from '../../builder/layers.js';
import { file, sampleNodes, treeOf } from '../trees.js';
import { listing } from './layers.js';

const work = workDirectory('image');
let places = 0;
const place = (): string => {
  places += 1;
  const directory = join(work, `place-${places}`);
  mkdirSync(directory);
  return directory;
};

const PROFILE = {
  name: 'p',
  description: 'P',
  accounts: { users: [], groups: [], runAs: undefined },
  environment: { A: 'b' },
  image: NO_IMAGE_SETTINGS,
};
const TREE = treeOf(sampleNodes(work));
const SECOND = treeOf({ '/second': file('2') });
const LAYERS: readonly LayerInput[] = [
  { name: 'one', tree: TREE },
  { name: 'two', tree: SECOND },
];

interface Options {
  readonly architectures?: readonly string[];
  readonly compression?: LayerCompression;
  readonly jobs?: number;
  readonly layers?: readonly LayerInput[];
  readonly stdout?: Writable;
}

async function written(output: string, format: ImageFormat, options: Options = {}) {
  const { architectures = ['amd64'], compression = 'gz', jobs = 2, layers = LAYERS, stdout } = options;
  const staging = await createStaging(output, format === 'oci-dir');
  try {
    const images = [];
    for (const architecture of architectures) {
      const facts = { profile: PROFILE, architecture, epoch: 1_700_000_000, version: undefined, base: undefined };
      images.push(await writeImage(staging, { facts, below: [], layers }, { compression, jobs }));
    }
    return await emitImages(staging, images, {
      output,
      format,
      reference: 'localhost/p:t',
      epoch: 1_700_000_000,
      ...(stdout === undefined ? {} : { stdout }),
    });
  } finally {
    await staging.discard();
  }
}

/** What an image's layers make. */
async function treeIn(path: string, architecture?: string): Promise<Tree> {
  const files = await openImageFiles(path);
  if (files === undefined) throw new Error(`${path} is no image`);
  const tree = new Tree({ type: 'profile', name: 'test' }, 0);
  const { compression } = COMPRESSIONS.find(({ type }) => readFileSync(path).includes(type)) ?? {
    compression: 'gz' as const,
  };
  for (const layer of findImage(files, architecture, path).layers) {
    const bytes = verifiedBytes(files, layer, path);
    await lay(tree, { compression, bytes, size: files.place(layer).size, origin: layer }, join(place(), 'spool'));
  }
  return tree;
}

const COMPRESSIONS = [
  { compression: 'zst', type: 'v1.tar+zstd"' },
  { compression: 'none', type: 'v1.tar"' },
] as const;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const json = (directory: string, name: string) => JSON.parse(readFileSync(join(directory, name), 'utf8'));
const blob = (digest: string): string => digest.replace('sha256:', 'blobs/sha256/');

describe('an image', () => {
  it('is a layout in which every blob has the digest that names it, and every size is right', async () => {
    const directory = join(place(), 'layout');
    const { digest, bytes } = await written(directory, 'oci-dir');
    const blobs = readdirSync(join(directory, 'blobs/sha256'));
    const contents = blobs.map((name) => readFileSync(join(directory, 'blobs/sha256', name)));
    expect(contents.map(sha256)).toEqual(blobs);
    expect(contents.reduce((sum, { length }) => sum + length, 0)).toBe(bytes);
    expect(json(directory, 'oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
    const index = json(directory, 'index.json');
    expect(index.manifests).toEqual([
      expect.objectContaining({
        digest,
        platform: { os: 'linux', architecture: 'amd64' },
        annotations: {
          'org.opencontainers.image.ref.name': 't',
          'io.containerd.image.name': 'localhost/p:t',
        },
      }),
    ]);
    const manifest = json(directory, blob(digest));
    for (const { digest, size } of [manifest.config, ...manifest.layers]) {
      expect(readFileSync(join(directory, blob(digest)))).toHaveLength(size);
    }
    expect(blobs).toHaveLength(4);
    expect(readdirSync(directory).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
  });

  it.each<LayerCompression>(['gz', 'zst', 'none'])('has layers that make the tree: %s', async (compression) => {
    const output = join(place(), 'image.oci.tar');
    await written(output, 'oci', { compression });
    const expected = treeOf({ ...sampleNodes(work), '/second': file('2') });
    expect(listing(await treeIn(output))).toEqual(listing(expected));
  });

  it.each<ImageFormat>(['oci', 'docker'])(
    'is the same bytes each time, on any number of threads: %s',
    async (format) => {
      const [one, other] = [join(place(), 'a.tar'), join(place(), 'b.tar')];
      const first = await written(one, format, { jobs: 1 });
      const second = await written(other, format, { jobs: 3 });
      expect(readFileSync(one).equals(readFileSync(other))).toBe(true);
      expect(second).toEqual(first);
      expect(first.sha256).toBe(sha256(readFileSync(one)));
      expect((await written(join(place(), 'c'), 'oci-dir')).digest).toBe(first.digest);
    },
  );

  it('of another compression has the same configuration', async () => {
    const [one, other] = [join(place(), 'a'), join(place(), 'b')];
    const digests = [
      await written(one, 'oci-dir', { compression: 'gz' }),
      await written(other, 'oci-dir', { compression: 'zst' }),
    ].map(({ digest }) => digest);
    const manifests = [json(one, blob(digests[0] ?? '')), json(other, blob(digests[1] ?? ''))];
    expect(manifests[0].config).toEqual(manifests[1].config);
    expect(manifests[0].layers).not.toEqual(manifests[1].layers);
  });

  it('for docker load names what is in it', async () => {
    const output = join(place(), 'image.docker.tar');
    const { digest } = await written(output, 'docker');
    const files = await openImageFiles(output);
    const manifest = JSON.parse(files?.read(blob(digest)).toString() ?? '');
    expect(JSON.parse(files?.read('manifest.json').toString() ?? '')).toEqual([
      {
        Config: blob(manifest.config.digest),
        RepoTags: ['localhost/p:t'],
        Layers: manifest.layers.map((layer: { digest: string }) => blob(layer.digest)),
      },
    ]);
  });

  it('goes to a stream', async () => {
    const chunks: Buffer[] = [];
    const stdout = new Writable({
      write(chunk, _, done) {
        chunks.push(chunk);
        done();
      },
    });
    const { sha256: promised, bytes } = await written('-', 'oci', { stdout });
    expect([sha256(Buffer.concat(chunks)), Buffer.concat(chunks).length]).toEqual([promised, bytes]);
  });
});

describe('images of several architectures', () => {
  it('are one index, in the order that was asked for', async () => {
    const directory = join(place(), 'layout');
    const { digest } = await written(directory, 'oci-dir', { architectures: ['riscv64', 'armhf', 'amd64'] });
    const top = json(directory, 'index.json');
    expect(top.manifests).toHaveLength(1);
    expect(top.manifests[0]).toMatchObject({ digest, mediaType: 'application/vnd.oci.image.index.v1+json' });
    const index = json(directory, blob(digest));
    expect(index.manifests.map(({ platform }: { platform: unknown }) => platform)).toEqual([
      { os: 'linux', architecture: 'riscv64' },
      { os: 'linux', architecture: 'arm', variant: 'v7' },
      { os: 'linux', architecture: 'amd64' },
    ]);
    expect(index.annotations).toMatchObject({ 'org.opencontainers.image.title': 'p' });
    // Their layers are the same here, and there once.
    expect(readdirSync(join(directory, 'blobs/sha256'))).toHaveLength(2 + 3 * 2 + 1);
  });

  it('cannot be loaded by docker', async () => {
    const directory = place();
    const building = written(join(directory, 'x.docker.tar'), 'docker', { architectures: ['amd64', 'arm64'] });
    await expect(building).rejects.toMatchObject({
      code: 'usage',
      message: 'cannot write several architectures for docker load, which takes one',
    });
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('an output that cannot be', () => {
  it.each<[string, ImageFormat, (path: string) => void]>([
    [
      'a layout over a directory with something in it',
      'oci-dir',
      (path) => {
        mkdirSync(path);
        writeFileSync(join(path, 'x'), '');
      },
    ],
    ['a layout over a file', 'oci-dir', (path) => writeFileSync(path, '')],
    ['a tar over a directory', 'oci', (path) => mkdirSync(path)],
  ])('%s leaves all as it was', async (_, format, prepare) => {
    const directory = place();
    const output = join(directory, 'out');
    prepare(output);
    await expect(written(output, format)).rejects.toMatchObject({ code: 'emit' });
    expect(readdirSync(directory)).toEqual(['out']);
  });

  it('in a directory that is not there', async () => {
    await expect(written(join(work, 'none/such/out'), 'oci')).rejects.toThrow(
      /^cannot write .*out: its directory does not exist$/,
    );
  });

  it('has a layer that cannot be written', async () => {
    const directory = place();
    const lost = treeOf({ '/x': file({ type: 'slice', file: join(work, 'lost'), offset: 0, size: 3 }) });
    const building = written(join(directory, 'x.oci.tar'), 'oci', { layers: [{ name: 'lost', tree: lost }] });
    await expect(building).rejects.toThrow(/^cannot read .*lost/);
    expect(readdirSync(directory)).toEqual([]);
  });
});
