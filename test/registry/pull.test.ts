import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/archive/store.js';
import { openImageFiles } from '../../src/image/files.js';
import { readSendableImage } from '../../src/registry/image.js';
import { pullImage } from '../../src/registry/pull.js';
import { pushImage } from '../../src/registry/push.js';
import { parseReference } from '../../src/registry/reference.js';
import { bytes, image, options, temporaryDirectory } from './images.js';
import { type RegistrySettings, TestRegistry, USER } from './server.js';

const MULTI = image({ amd64: [bytes(200_000)], arm64: [bytes(200_000), bytes(3000, 31)] });

/** A registry that has an image, and a place for it. */
async function published(settings: RegistrySettings = {}, given = MULTI) {
  const registry = await TestRegistry.start(settings);
  onTestFinished(() => registry.close());
  const home = temporaryDirectory();
  const auth = Buffer.from(`${USER.username}:${USER.password}`).toString('base64');
  writeFileSync(join(home, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
  const all = options({ environment: { DOCKER_CONFIG: home }, retries: 2 });
  await pushImage(given, [parseReference(`${registry.host}/app:1`)], all);
  const directory = join(temporaryDirectory(), 'layout');
  const store = await openStore(temporaryDirectory());
  const pull = (name = 'app:1', more = {}, to = directory) =>
    pullImage(parseReference(`${registry.host}/${name}`), to, { ...all, store, platforms: [], ...more });
  return { registry, directory, pull, store };
}

async function read(directory: string) {
  const files = await openImageFiles(directory);
  if (files === undefined) throw new Error('no layout');
  return readSendableImage(files, directory);
}

describe('a pull', () => {
  it.each([
    ['', {}],
    [', by Basic', { auth: 'basic' }],
    [', by Bearer', { auth: 'bearer' }],
  ] as const)('gives the layout that was sent%s', async (_, settings) => {
    const { registry, directory, pull } = await published(settings);
    const { digest } = MULTI.root;
    expect(await pull()).toMatchObject({ pinned: `${registry.host}/app@${digest}`, descriptor: { digest } });
    const got = await read(directory);
    expect(got.documents.map(({ descriptor }) => descriptor.digest)).toEqual(
      MULTI.documents.map(({ descriptor }) => descriptor.digest),
    );
    for (const [at, blob] of got.blobs.entries()) {
      expect(Buffer.concat([...blob.open(0)]).equals(Buffer.concat([...(MULTI.blobs[at]?.open(0) ?? [])]))).toBe(true);
    }
    expect(readdirSync(directory, { recursive: true }).filter((name) => String(name).endsWith('.part'))).toEqual([]);
  });

  it('fetches nothing that is there, but what a broken disk made of it', async () => {
    const { registry, directory, pull, store } = await published();
    await pull();
    await pull(`app@${MULTI.root.digest}`, {}, `${directory}-2`);
    expect(registry.lines(/GET .*blobs/)).toHaveLength(4);
    const [blob] = MULTI.blobs;
    const { digest = '', size = 0 } = blob?.descriptor ?? {};
    writeFileSync(store.path({ sha256: digest.slice('sha256:'.length), size }), Buffer.alloc(size));
    await pull('app:1', {}, `${directory}-3`);
    expect(registry.lines(/GET .*blobs/)).toHaveLength(5);
    const written = readFileSync(join(`${directory}-3`, 'blobs', digest.replace(':', '/')));
    expect(written.equals(Buffer.concat([...(blob?.open(0) ?? [])]))).toBe(true);
  });

  it('takes of an index what is wanted', async () => {
    const { directory, pull } = await published();
    await pull('app:1', { platforms: [{ os: 'linux', architecture: 'amd64' }] });
    const [arm] = MULTI.documents.filter(({ descriptor }) => descriptor.platform?.architecture === 'arm64');
    expect(existsSync(join(directory, 'blobs', arm?.descriptor.digest.replace(':', '/') ?? ''))).toBe(false);
    await expect(pull('app:1', { platforms: [{ os: 'linux', architecture: 's390x' }] })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('for linux/s390x: it is for linux/amd64, linux/arm64'),
    });
  });

  it('follows to storage without the credentials', async () => {
    const { registry: storage } = await published();
    const { registry, pull } = await published({ auth: 'basic', blobBase: () => `http://${storage.host}` });
    await pull();
    const asked = storage.seen.filter(({ url }) => url.includes('signature='));
    expect(asked).toHaveLength(4);
    expect(asked.every(({ headers }) => headers.authorization === undefined)).toBe(true);
    expect(registry.lines(/GET .*blobs/)).toHaveLength(4);
  });

  it('goes on after a restart', async () => {
    const { registry, directory, pull } = await published();
    registry.fault({ on: /GET .*manifests/, type: 'restart', ms: 20 }, { on: /GET .*blobs/, type: 'restart', ms: 20 });
    await pull('app:1', { pause: 30 });
    expect((await read(directory)).blobs).toHaveLength(4);
  });

  it.each(['manifest', 'blob'])('refuses a %s that is another than its digest says', async (kind) => {
    const { registry, directory, pull } = await published();
    const [key] = [...(kind === 'blob' ? registry.blobs : registry.manifests).keys()].filter((name) =>
      name.includes('@'),
    );
    const wrong = Buffer.from('{"schemaVersion":2,"layers":[]}');
    if (kind === 'blob') registry.blobs.set(key ?? '', Buffer.alloc(registry.blobs.get(key ?? '')?.length ?? 0));
    else registry.manifests.set(key ?? '', { bytes: wrong, type: 'application/vnd.oci.image.manifest.v1+json' });
    await expect(pull()).rejects.toMatchObject({
      code: 'verify',
      message: expect.stringContaining('cannot accept '),
    });
    expect(existsSync(join(directory, 'index.json'))).toBe(false);
  });

  it('refuses what is longer than promised, or than allowed', async () => {
    const { registry, directory, pull } = await published();
    await expect(pull('app:1', { limit: 1000 })).rejects.toThrow('more than the 1000 that are allowed');
    for (const [key, blob] of registry.blobs) registry.blobs.set(key, Buffer.concat([blob, Buffer.alloc(1)]));
    rmSync(directory, { recursive: true });
    await expect(pull()).rejects.toMatchObject({ code: 'verify' });
  });

  it.each([
    ['app:2', 'does not have it: 404 Not Found (MANIFEST_UNKNOWN)'],
    [`app@sha256:${'0'.repeat(64)}`, 'does not have it'],
  ])('of %s is an error', async (name, message) => {
    const { pull } = await published();
    await expect(pull(name)).rejects.toThrow(message);
  });

  it('writes what a reader finds', async () => {
    const { directory, pull } = await published();
    await pull();
    expect(JSON.parse(readFileSync(join(directory, 'oci-layout'), 'utf8'))).toEqual({ imageLayoutVersion: '1.0.0' });
  });
});
