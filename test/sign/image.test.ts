import { createHash, generateKeyPairSync } from 'node:crypto';
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/formats/canonical-json.js';
import { companionTag, REF_NAME } from '../../src/formats/oci/companions.js';
import { readSigningKey } from '../../src/sign/keys.js';
import { SCHEMES, type Scheme } from '../../src/sign/schemes.js';
import { signImage } from '../../src/sign/sign-image.js';
import { PREDICATE_TYPES } from '../../src/sign/statement.js';
import type { SigningKey } from '../../src/sign/types.js';
import { verifyImage } from '../../src/sign/verify-image.js';
import { testDirectory } from '../builder/directory.js';
import { ociLayout, tarOf, writeFiles } from '../diff/images.js';
import { layoutIn, openLayout } from './images.js';

const { signature: SIGNATURE, spdx: SPDX } = PREDICATE_TYPES;
const SBOM = { spdxVersion: 'SPDX-2.3', name: 'of the image' };
const LAYER = [{ path: '/etc/a', content: 'a' }];

async function newKey(): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return readSigningKey(String(privateKey.export({ type: 'pkcs8', format: 'pem' })), 'test', async () => '');
}

async function layout(architectures = ['amd64']): Promise<string> {
  const images = Object.fromEntries(architectures.map((name) => [name, [LAYER]]));
  return writeFiles(testDirectory(), await ociLayout(images));
}

async function sign(path: string, key: SigningKey, schemes: readonly Scheme[] = SCHEMES) {
  const store = await openLayout(path);
  const signed = [];
  for (const subject of await store.subjects()) {
    const claims = [{ predicateType: SPDX, predicate: SBOM }];
    signed.push(...(await signImage(store, { subject, claims }, key, schemes)));
  }
  await store.finish();
  return signed;
}

async function verify(path: string, { publicKey }: SigningKey, required: readonly string[] = []) {
  const store = await openLayout(path);
  const [subject] = await store.subjects();
  if (subject === undefined) throw new Error('it has no image');
  const { claims, others } = await verifyImage(store, subject, publicKey, required);
  return { claims: claims.map(({ predicateType, scheme }) => `${scheme} ${predicateType}`), others };
}

const ALL = [SIGNATURE, SPDX].flatMap((type) => [`referrers ${type}`, `tag ${type}`]).sort();

describe('a signed image', () => {
  it.each([
    ['in a directory', ['amd64'], false],
    ['in a tar', ['amd64'], true],
    ['that is an index', ['amd64', 'arm64'], false],
    ['that is an index, in a tar', ['amd64', 'arm64'], true],
  ])('%s is accepted', async (_, architectures, isTar) => {
    const key = await newKey();
    const directory = await layout(architectures);
    const files = await ociLayout(Object.fromEntries(architectures.map((name) => [name, [LAYER]])));
    const path = isTar ? join(directory, 'image.tar') : directory;
    if (isTar) writeFileSync(path, await tarOf(files));
    await sign(path, key);
    const { claims, others } = await verify(path, key, [SPDX]);
    expect({ claims: claims.sort(), others }).toEqual({ claims: ALL, others: 0 });
  });

  it('keeps what it had, and what other keys signed', async () => {
    const [one, other] = [await newKey(), await newKey()];
    const path = await layout();
    const before = new Map(readdirSync(join(path, 'blobs/sha256')).map((name) => [name, '']));
    await sign(path, one);
    await sign(path, other);
    expect(readdirSync(join(path, 'blobs/sha256'))).toEqual(expect.arrayContaining([...before.keys()]));
    for (const key of [one, other]) {
      const { claims, others } = await verify(path, key, [SPDX]);
      expect({ claims: claims.sort(), others }).toEqual({ claims: ALL, others: 4 });
    }
  });

  it('is not signed again by the same key', async () => {
    const key = await newKey();
    const path = await layout();
    expect((await sign(path, key, ['tag'])).map(({ isNew }) => isNew)).toEqual([true, true]);
    const index = readFileSync(join(path, 'index.json'), 'utf8');
    expect((await sign(path, key, ['tag'])).map(({ isNew }) => isNew)).toEqual([false, false]);
    expect(readFileSync(join(path, 'index.json'), 'utf8')).toBe(index);
    expect((await sign(path, key)).map(({ isNew }) => isNew)).toEqual([true, true, false, false]);
  });

  it.each<[Scheme, number]>([
    ['tag', 2],
    ['referrers', 2],
  ])('may be so in the scheme %s alone', async (scheme, manifests) => {
    const key = await newKey();
    const path = await layout();
    await sign(path, key, [scheme]);
    expect((await verify(path, key, [SPDX])).claims.sort()).toEqual(
      [`${scheme} ${SIGNATURE}`, `${scheme} ${SPDX}`].sort(),
    );
    const [image, ...companions] = layoutIn(path).index().manifests;
    expect(companions).toHaveLength(manifests);
    const tags = companions.map(({ annotations }) => annotations?.[REF_NAME]);
    const expected = ['sig', 'att'].map((suffix) => companionTag(image?.digest ?? '', suffix as 'sig' | 'att'));
    expect(tags).toEqual(scheme === 'tag' ? expected : [undefined, undefined]);
  });
});

type Layout = ReturnType<typeof layoutIn>;

/** Puts other bytes in place of a blob, named by their digest, and says which. */
function replaced(layout: Layout, bytes: Buffer) {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  writeFileSync(layout.blob(digest), bytes);
  return { digest, size: bytes.length };
}

function firstOf<T>([first]: readonly T[]): T {
  if (first === undefined) throw new Error('there is none');
  return first;
}

/** An image with another layer under the name of the signed one: all digests are right. */
function withOtherLayer(layout: Layout): void {
  const index = layout.index();
  const image = firstOf(index.manifests);
  const manifest = layout.manifest(image.digest);
  const layer = { ...firstOf(manifest.layers), ...replaced(layout, Buffer.from('another layer')) };
  const changed = replaced(layout, Buffer.from(JSON.stringify({ ...manifest, layers: [layer] })));
  layout.writeIndex({ ...index, manifests: [{ ...image, ...changed }, ...index.manifests.slice(1)] });
}

/** The manifests beside the image, changed with their blobs so that all digests are right. */
function withOtherCompanions(change: (payload: string, mediaType: string) => string, keepsSubject = true) {
  return (layout: Layout): void => {
    const index = layout.index();
    const manifests = index.manifests.map((descriptor, at) => {
      if (at === 0) return descriptor;
      const manifest = layout.manifest(descriptor.digest);
      const layers = manifest.layers.map((layer) => {
        const bytes = Buffer.from(change(readFileSync(layout.blob(layer.digest), 'utf8'), layer.mediaType));
        return { ...layer, ...replaced(layout, bytes) };
      });
      const { subject, ...rest } = manifest;
      const kept = keepsSubject && subject !== undefined ? { subject } : {};
      return { ...descriptor, ...replaced(layout, Buffer.from(canonicalJson({ ...rest, ...kept, layers }))) };
    });
    layout.writeIndex({ ...index, manifests });
  };
}

/** Another SBOM in each attestation, whose signature stays. */
const withOtherSbom = withOtherCompanions((text) => {
  return text.replace(/"payload":"([^"]+)"/, (_, payload: string) => {
    const statement = Buffer.from(payload, 'base64').toString().replace('of the image', 'of another one');
    return `"payload":"${Buffer.from(statement).toString('base64')}"`;
  });
});

describe('an image is refused', () => {
  const damage = (pick: (layout: Layout) => string) => (layout: Layout) => {
    appendFileSync(layout.blob(pick(layout)), ' ');
  };
  const imageOf = (layout: Layout) => firstOf(layout.index().manifests).digest;

  it.each<[string, readonly Scheme[], (layout: Layout) => void, RegExp]>([
    [
      'with a layer of other bytes',
      SCHEMES,
      damage((one) => firstOf(one.manifest(imageOf(one)).layers).digest),
      /SHA-256/,
    ],
    [
      'with a configuration of other bytes',
      SCHEMES,
      damage((one) => one.manifest(imageOf(one)).config.digest),
      /SHA-256/,
    ],
    ['with a manifest of other bytes', SCHEMES, damage(imageOf), /SHA-256/],
    [
      'without a layer',
      SCHEMES,
      (one) => rmSync(one.blob(firstOf(one.manifest(imageOf(one)).layers).digest)),
      /is not in it/,
    ],
    ['with another layer and manifest', SCHEMES, withOtherLayer, /has no signature of this key/],
    [
      'with an SBOM of other bytes',
      ['referrers'],
      damage((one) => firstOf(one.manifest(one.index().manifests[2]?.digest ?? '').layers).digest),
      /SHA-256/,
    ],
    [
      'with another SBOM in its bundle',
      ['referrers'],
      withOtherSbom,
      /it names this key, and its signature does not hold/,
    ],
    ['with another SBOM in its envelope', ['tag'], withOtherSbom, /it names this key, and its signature does not hold/],
    [
      'with another SBOM that names no key',
      ['referrers'],
      (one) => {
        withOtherSbom(one);
        withOtherCompanions((text) => text.replace(/"hint":"[^"]+"/, '"hint":"another"'))(one);
      },
      /it has no SPDX of this key/,
    ],
    [
      'with a payload that speaks of another',
      ['tag'],
      withOtherCompanions((text) => text.replace(/sha256:\w/, 'sha256:x')),
      /no signature/,
    ],
    ['whose bundles are none', ['referrers'], withOtherCompanions(() => '{}'), /it is no sigstore bundle/],
    ['whose bundles are no JSON', ['referrers'], withOtherCompanions(() => 'x'), /JSON/],
    ['whose bundles refer to nothing', ['referrers'], withOtherCompanions((text) => text, false), /has no signature/],
    [
      'without anything that is signed',
      ['referrers'],
      (one) => one.writeIndex({ ...one.index(), manifests: [firstOf(one.index().manifests)] }),
      /no signature/,
    ],
  ])('%s', async (_, schemes, tamper, message) => {
    const key = await newKey();
    const path = await layout();
    await sign(path, key, schemes);
    await verify(path, key, [SPDX]);
    tamper(layoutIn(path));
    const error = await verify(path, key, [SPDX]).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'verify' });
    const { message: said, details } = error as { message: string; details: readonly string[] };
    expect([said, ...details].join('\n')).toMatch(message);
  });

  it('with the signatures of another image', async () => {
    const key = await newKey();
    const [path, other] = [await layout(), await layout(['arm64'])];
    await sign(path, key);
    const [signed, changed] = [layoutIn(path), layoutIn(other)];
    cpSync(join(path, 'blobs'), join(other, 'blobs'), { recursive: true });
    const image = firstOf(changed.index().manifests);
    const was = imageOf(signed);
    const companions = signed
      .index()
      .manifests.slice(1)
      .map((descriptor) => {
        const moved = readFileSync(changed.blob(descriptor.digest), 'utf8').replaceAll(was, image.digest);
        const tag = descriptor.annotations?.[REF_NAME]?.replace(was.replace(':', '-'), image.digest.replace(':', '-'));
        const annotations = tag === undefined ? {} : { annotations: { [REF_NAME]: tag } };
        return { ...descriptor, ...annotations, ...replaced(changed, Buffer.from(moved)) };
      });
    changed.writeIndex({ schemaVersion: 2, manifests: [image, ...companions] });
    await expect(verify(other, key)).rejects.toMatchObject({
      code: 'verify',
      details: expect.arrayContaining([expect.stringMatching(/it speaks of another image$/)]),
    });
  });

  it('by another key', async () => {
    const path = await layout();
    await sign(path, await newKey());
    await expect(verify(path, await newKey())).rejects.toMatchObject({ code: 'verify', details: ['4 of other keys'] });
  });

  it('without an attestation that is required', async () => {
    const key = await newKey();
    const path = await layout();
    await sign(path, key);
    await expect(verify(path, key, [PREDICATE_TYPES.provenance])).rejects.toThrow(
      /it has no SLSA provenance of this key/,
    );
  });
});
