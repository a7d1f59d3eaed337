import { describe, expect, it, onTestFinished } from 'vitest';
import type { SendableBlob, SendableImage } from '../../src/registry/image.js';
import { pushImage } from '../../src/registry/push.js';
import { parseReference } from '../../src/registry/reference.js';
import type { RegistryEvent } from '../../src/registry/types.js';
import { bytes, image, options } from './images.js';
import { type Fault, type RegistrySettings, TestRegistry } from './server.js';

const LAYER = bytes(300_000);
const OTHER = bytes(5_000, 31);
/** Two parts and a bit. */
const CHUNK = 140_000;

async function registryWith(settings: RegistrySettings = {}): Promise<TestRegistry> {
  const registry = await TestRegistry.start(settings);
  onTestFinished(() => registry.close());
  return registry;
}

function push(registry: TestRegistry, given = image({ amd64: [LAYER, OTHER] }), names = ['app:1'], more = {}) {
  const references = names.map((name) => parseReference(`${registry.host}/${name}`));
  return pushImage(given, references, options({ chunk: CHUNK, ...more }));
}

function holds(registry: TestRegistry, given = image({ amd64: [LAYER, OTHER] }), repository = 'app'): boolean {
  return given.blobs.every(({ descriptor, open }) =>
    registry.blobs.get(`${repository}@${descriptor.digest}`)?.equals(Buffer.concat([...open(0)])),
  );
}

describe('a push', () => {
  it('sends blobs, then the manifest by its tag', async () => {
    const registry = await registryWith();
    const [pushed] = await push(registry);
    const { digest } = image({ amd64: [LAYER, OTHER] }).root;
    expect(pushed).toMatchObject({
      reference: `${registry.host}/app:1`,
      digest,
      pinned: `${registry.host}/app@${digest}`,
      manifests: [],
      blobs: { sent: { count: 3 }, mounted: { count: 0 }, present: { count: 0 } },
    });
    expect(holds(registry)).toBe(true);
    expect(registry.lines(/^PUT/).at(-1)).toBe('PUT /v2/app/manifests/1');
    expect([...registry.manifests.keys()]).toEqual([`app@${digest}`, 'app:1']);
  });

  it('sends nothing again', async () => {
    const registry = await registryWith();
    await push(registry);
    const before = registry.seen.length;
    const [pushed] = await push(registry);
    expect(new Set(registry.seen.slice(before).map(({ method }) => method))).toEqual(new Set(['GET', 'HEAD']));
    expect(pushed?.blobs).toMatchObject({ sent: { count: 0 }, present: { count: 3 } });
  });

  it('sends what an index names before the index, and the tag last', async () => {
    const registry = await registryWith();
    const multi = image({ amd64: [LAYER], arm64: [LAYER, OTHER] });
    const [pushed] = await push(registry, multi, ['team/app']);
    expect(pushed?.manifests.map(({ platform }) => platform?.architecture)).toEqual(['amd64', 'arm64']);
    const puts = registry.lines(/^PUT .*manifests/).map((line) => line.replace(/.*\//, ''));
    expect(puts).toEqual([...multi.documents.slice(0, 2).map(({ descriptor }) => descriptor.digest), 'latest']);
    // The layer that both have went once.
    expect(pushed?.blobs.sent.count).toBe(4);
  });

  it('takes over from the repository before, and from that of the base', async () => {
    const registry = await registryWith();
    const [, second] = await push(registry, undefined, ['app:1', 'copy:1']);
    expect(second?.blobs).toMatchObject({ mounted: { count: 3 }, sent: { count: 0 } });
    const onBase = image(
      { amd64: [LAYER, bytes(10)] },
      { 'org.opencontainers.image.base.name': `${registry.host}/app:1` },
    );
    const [derived] = await push(registry, onBase, ['derived']);
    expect(derived?.blobs).toMatchObject({ mounted: { count: 1 }, sent: { count: 2 } });
  });

  it('sends itself what another repository does not give', async () => {
    const registry = await registryWith();
    registry.fault({ on: /mount=/, type: 'status', status: 403, times: 9 });
    const [, second] = await push(registry, undefined, ['app:1', 'copy:1']);
    expect(second?.blobs.sent.count).toBe(3);
  });

  const SETTINGS: readonly (readonly [string, RegistrySettings])[] = [
    ['in parts', {}],
    ['in one where parts are not taken', { noParts: true }],
    ['in smaller parts where a proxy takes no larger ones', { requestLimit: 1 << 20 }],
  ];
  it.each(SETTINGS)('sends a large blob %s', async (_, settings) => {
    const registry = await registryWith(settings);
    const large = image({ amd64: [bytes(5 << 20)] });
    await push(registry, large, ['app'], { chunk: 4 << 20 });
    expect(holds(registry, large)).toBe(true);
  });

  it('sends uploads to another host without the credentials', async () => {
    const storage = await registryWith();
    const registry = await registryWith({ uploadBase: () => `http://${storage.host}` });
    storage.fault({ on: /^PUT/, type: 'status', status: 201, times: 9 });
    await expect(push(registry)).rejects.toThrow('MANIFEST_BLOB_UNKNOWN');
    expect(storage.lines(/^PUT/)).toHaveLength(3);
    expect(storage.seen.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });
});

/** Each step, broken in each way that a registry can break. */
const STEPS = {
  greeting: /^GET \/v2\/$/,
  question: /^HEAD .*blobs/,
  begin: /^POST/,
  part: /^PATCH/,
  end: /^PUT .*uploads/,
  manifest: /^PUT .*manifests/,
  tag: /^HEAD .*manifests/,
};
const BREAKS: readonly Fault[] = [
  { on: /./, type: 'status', status: 503, times: 2 },
  { on: /./, type: 'status', status: 429, headers: { 'retry-after': '0' } },
  { on: /./, type: 'mute' },
  { on: /./, type: 'restart', ms: 30 },
];
const BROKEN = Object.entries(STEPS).flatMap(([step, on]) =>
  BREAKS.map(
    (fault) => [step, fault.type === 'status' ? `status ${fault.status}` : fault.type, { ...fault, on }] as const,
  ),
);

describe('a push goes on', () => {
  it.each(BROKEN)('at the %s after: %s', async (_step, _break, fault) => {
    const registry = await registryWith();
    registry.fault(fault);
    const events: RegistryEvent[] = [];
    await push(registry, undefined, undefined, { onEvent: (event: RegistryEvent) => events.push(event), pause: 20 });
    expect(holds(registry)).toBe(true);
    expect(registry.manifests.has('app:1')).toBe(true);
    expect(events.some(({ type }) => type === 'retried')).toBe(true);
  });

  it.each([false, true])('where a part broke off (uploads forgotten: %s)', async (forgets) => {
    const registry = await registryWith({ forgets });
    registry.fault({ on: /^PATCH/, type: 'cut', after: 100_000 }, { on: /^GET .*uploads/, type: 'restart', ms: 20 });
    await push(registry, image({ amd64: [LAYER] }), undefined, { pause: 20 });
    expect(holds(registry, image({ amd64: [LAYER] }))).toBe(true);
    const ranges = registry.seen
      .filter(({ method }) => method === 'PATCH')
      .map(({ headers }) => headers['content-range']);
    expect(ranges).toEqual(
      forgets
        ? ['0-139999', '0-139999', '140000-279999', '280000-299999']
        : ['0-139999', '100000-239999', '240000-299999'],
    );
  });

  it('sends the other blobs no second time', async () => {
    const registry = await registryWith();
    registry.fault({ on: /^PATCH/, type: 'cut', after: 100_000, times: 3 });
    await push(registry);
    expect(registry.lines(/^POST/)).toHaveLength(3);
  });

  it('until it is told that it is enough', async () => {
    const registry = await registryWith();
    registry.fault({
      on: /^PATCH/,
      type: 'status',
      status: 503,
      times: 99,
      body: '{"errors":[{"code":"X","message":"disk full"}]}',
    });
    await expect(push(registry, undefined, undefined, { retries: 2 })).rejects.toThrow(
      `cannot publish ${registry.host}/app:1: 503 Service Unavailable (X: disk full) (tried 3 times)`,
    );
    expect(registry.manifests.size).toBe(0);
  });

  it('or until it is cancelled', async () => {
    const registry = await registryWith();
    const controller = new AbortController();
    registry.fault({ on: /^PATCH/, type: 'status', status: 503, times: 99 });
    const onEvent = ({ type }: RegistryEvent) => type === 'retried' && controller.abort();
    const going = push(registry, undefined, undefined, { onEvent, pause: 100_000, signal: controller.signal });
    await expect(going).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a push is refused', () => {
  it.each([
    [409, '{"errors":[{"code":"TAG_IMMUTABLE","message":"tag is immutable"}]}'],
    [412, '{"errors":[{"code":"PRECONDITION","message":"configured as immutable"}]}'],
    [400, '{"errors":[{"code":"TAG_INVALID","message":"The image tag already exists and cannot be overwritten"}]}'],
    [403, ''],
  ])('for a tag that stays what it is (%d)', async (status, body) => {
    const registry = await registryWith({ immutable: { status, body } });
    const first = image({ amd64: [OTHER] });
    await push(registry, first);
    await push(registry, first);
    const refused = await push(registry).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'registry',
      message: expect.stringContaining(
        `cannot publish ${registry.host}/app:1: the tag is there and stays what it is, ${first.root.digest}: ${status}`,
      ),
      hint: expect.stringContaining('another tag'),
    });
  });

  it('for a blob above the limit of the registry, with how large it is', async () => {
    const registry = await registryWith({ blobLimit: 2 << 20 });
    const refused = await push(registry, image({ amd64: [bytes(5 << 20)] }), ['app'], { chunk: 1 << 20 }).catch(
      (e) => e,
    );
    expect(refused.message).toMatch(
      /does not take sha256:\w+ of 5242880 bytes after 2097152 bytes: 413 .*layer too large/,
    );
    expect(refused.hint).toContain('more layers');
  });

  /** The same image with its first layer changed. */
  function withLayer(given: SendableImage, change: (layer: SendableBlob) => SendableBlob): SendableImage {
    const isLayer = ({ descriptor }: SendableBlob) => descriptor.mediaType.includes('layer');
    return { ...given, blobs: given.blobs.map((blob) => (isLayer(blob) ? change(blob) : blob)) };
  }

  it('for a blob of 5 GB, before its first byte', async () => {
    const registry = await registryWith({ blobLimit: 5_000_000_000, noParts: true });
    const size = 5_368_709_121;
    let reads = 0;
    const huge = withLayer(image({ amd64: [OTHER] }), ({ descriptor }) => ({
      descriptor: { ...descriptor, size },
      open: () => {
        reads++;
        return [];
      },
    }));
    await expect(push(registry, huge)).rejects.toThrow(`of ${size} bytes: 413`);
    expect(reads).toBe(0);
  });

  it.each([
    ['is not what its name says', Buffer.alloc(OTHER.length), 'DIGEST_INVALID'],
    ['is cut off', Buffer.alloc(1), `has fewer than its ${OTHER.length} bytes here`],
  ])('for a file that %s', async (_, content, message) => {
    const registry = await registryWith();
    const wrong = withLayer(image({ amd64: [OTHER] }), (layer) => ({ ...layer, open: () => [content] }));
    await expect(push(registry, wrong)).rejects.toThrow(message);
  });

  it.each([
    ['/v2/$', 404, 'it has no /v2/'],
    ['HEAD', 403, 'does not say whether it has'],
    ['POST', 403, 'takes nothing for app: 403'],
    ['PUT .*manifests', 413, 'does not take so large a manifest'],
  ])('at %s with %d', async (on, status, message) => {
    const registry = await registryWith();
    registry.fault({ on: new RegExp(on), type: 'status', status, times: 99 });
    await expect(push(registry)).rejects.toThrow(message);
  });

  it('where nobody listens', async () => {
    const registry = await registryWith();
    await registry.close();
    await expect(push(registry, undefined, undefined, { retries: 1 })).rejects.toThrow(
      /ECONNREFUSED.*\(tried 2 times\)/,
    );
  });

  it('by a digest that is another', async () => {
    const registry = await registryWith();
    await expect(push(registry, undefined, [`app@sha256:${'0'.repeat(64)}`])).rejects.toMatchObject({ code: 'usage' });
    expect(registry.seen).toEqual([]);
  });
});
