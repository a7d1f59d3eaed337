import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { companionTag } from '../../src/formats/oci/companions.js';
import { pushImage } from '../../src/registry/push.js';
import { parseReference } from '../../src/registry/reference.js';
import { Session } from '../../src/registry/session.js';
import type { ImageStore } from '../../src/sign/image-store.js';
import { readSigningKey } from '../../src/sign/keys.js';
import { registryStore } from '../../src/sign/registry-store.js';
import { SCHEMES } from '../../src/sign/schemes.js';
import { signImage } from '../../src/sign/sign-image.js';
import { PREDICATE_TYPES } from '../../src/sign/statement.js';
import { verifyImage } from '../../src/sign/verify-image.js';
import { bytes, image, options, temporaryDirectory } from '../registry/images.js';
import { type RegistrySettings, TestRegistry, USER } from '../registry/server.js';

const IMAGE = image({ amd64: [bytes(200_000)], arm64: [bytes(3000, 31)] });
const CLAIM = { predicateType: PREDICATE_TYPES.spdx, predicate: { spdxVersion: 'SPDX-2.3' } };

/** A registry with an image, and who speaks to it as `app:1`. */
async function published(settings: RegistrySettings) {
  const registry = await TestRegistry.start(settings);
  onTestFinished(() => registry.close());
  const home = temporaryDirectory();
  const auth = Buffer.from(`${USER.username}:${USER.password}`).toString('base64');
  writeFileSync(join(home, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
  const all = options({ environment: { DOCKER_CONFIG: home }, retries: 2 });
  const reference = parseReference(`${registry.host}/app:1`);
  await pushImage(IMAGE, [reference], all);
  const { host, repository } = reference;
  const target = { host, repository, scopes: ['repository:app:pull,push'], purpose: 'sign app:1' };
  const use = <T>(action: (store: ImageStore) => Promise<T>): Promise<T> =>
    Session.with(target, all, (session) => action(registryStore(session, reference)));
  return { registry, use };
}

async function newKey() {
  const { privateKey } = generateKeyPairSync('ed25519');
  return readSigningKey(String(privateKey.export({ type: 'pkcs8', format: 'pem' })), 'test', async () => '');
}

describe('an image in a registry', () => {
  it.each<[string, RegistrySettings]>([
    ['without an API for referrers', {}],
    ['with one', { referrers: true }],
    ['that wants to know who asks', { auth: 'bearer' }],
  ])('%s is signed, once by each key, and accepted', async (_, settings) => {
    const { registry, use } = await published(settings);
    const [one, other] = [await newKey(), await newKey()];
    for (const [key, isNew] of [
      [one, true],
      [one, false],
      [other, true],
    ] as const) {
      const signed = await use(async (store) => {
        const [subject] = await store.subjects();
        if (subject === undefined) throw new Error('it is not there');
        return signImage(store, { subject, claims: [CLAIM] }, key, SCHEMES);
      });
      expect(signed.map((each) => each.isNew)).toEqual([isNew, isNew, isNew, isNew]);
    }
    const { claims, others } = await use(async (store) => {
      const [subject = IMAGE.root] = await store.subjects();
      return verifyImage(store, subject, one.publicKey, [PREDICATE_TYPES.spdx]);
    });
    expect(claims.map(({ scheme }) => scheme).sort()).toEqual(['referrers', 'referrers', 'tag', 'tag']);
    expect(others).toBe(4);
    const list = registry.manifests.get(`app:${companionTag(IMAGE.root.digest)}`);
    expect(list === undefined).toBe(settings.referrers === true);
    if (list !== undefined) expect(JSON.parse(list.bytes.toString()).manifests).toHaveLength(4);
  });

  it('is refused where a layer in it has other bytes', async () => {
    const { registry, use } = await published({});
    const key = await newKey();
    const sign = (store: ImageStore) => signImage(store, { subject: IMAGE.root, claims: [] }, key, SCHEMES);
    await use(sign);
    const [name = '', blob = Buffer.alloc(0)] = [...registry.blobs].find(([, { length }]) => length === 200_000) ?? [];
    registry.blobs.set(name, Buffer.from(blob.map((byte, at) => (at === 7 ? byte ^ 1 : byte))));
    const verified = use((store) => verifyImage(store, IMAGE.root, key.publicKey, []));
    await expect(verified).rejects.toMatchObject({
      code: 'verify',
      message: expect.stringMatching(/cannot accept sha256:/),
    });
  });

  it('that is not there has no subject', async () => {
    const { registry, use } = await published({});
    registry.manifests.delete('app:1');
    expect(await use((store) => store.subjects())).toEqual([]);
  });
});
