import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FirstDifference, firstDifference } from '../../src/diff/first-difference.js';
import { compressAs, type DebCompression, type DebFile, makeTar } from '../builder/deb.js';
import { testDirectory } from '../builder/directory.js';
import { layoutIn } from '../sign/images.js';
import { ociLayout, tarOf, writeFiles } from './images.js';

const BASE: DebFile[] = [
  { path: '/', type: 'directory' },
  { path: '/etc', type: 'directory' },
  { path: '/etc/a', content: 'a' },
  { path: '/etc/b', content: 'b' },
  { path: '/etc/hard', type: 'hardlink', target: '/etc/b' },
  { path: '/etc/link', target: 'a' },
];
const changed = (path: string, change: Partial<DebFile>) =>
  BASE.map((file) => (file.path === path ? { ...file, ...change } : file));

/** `layer 1 of 2 of linux/amd64: /etc/a mode mtime, 2 more` */
function text(found: FirstDifference | undefined): string | undefined {
  if (found === undefined) return undefined;
  const { place, what, more } = found;
  const words =
    typeof what === 'string'
      ? what
      : [what.before === undefined ? '+' : what.after === undefined ? '-' : '', what.path, ...what.fields]
          .join(' ')
          .trim();
  return `${place === undefined ? '' : `${place}: `}${words}${more === 0 ? '' : `, ${more} more`}`;
}

describe('the first difference of tars', () => {
  async function between(one: Uint8Array, other: Uint8Array): Promise<string | undefined> {
    const directory = testDirectory();
    const [a, b] = [join(directory, 'a'), join(directory, 'b')];
    writeFileSync(a, one);
    writeFileSync(b, other);
    return text(await firstDifference(a, b, testDirectory()));
  }

  it.each<[string, DebFile[], string | undefined]>([
    ['none', BASE, undefined],
    ['content', changed('/etc/a', { content: 'x' }), '/etc/a sha256'],
    ['a mode', changed('/etc/a', { mode: 0o600 }), '/etc/a mode'],
    ['an owner', changed('/etc/link', { gid: 1 }), '/etc/link owner'],
    ['a time', changed('/etc', { mtime: 7 }), '/etc mtime'],
    ['an attribute', changed('/etc/a', { pax: { 'SCHILY.xattr.user.x': 'y' } }), '/etc/a xattrs'],
    ['a target', changed('/etc/link', { target: 'b' }), '/etc/link target'],
    ['two files', changed('/etc/b', { content: 'bb' }), '/etc/b size sha256, 1 more'],
    ['a file more', [...BASE, { path: '/etc/0', content: '' }], '+ /etc/0'],
    ['a file less', BASE.slice(0, -1), '- /etc/link'],
    [
      'a copy in place of a link',
      changed('/etc/hard', { type: 'file', content: 'b' }),
      '/etc/hard is a hardlink of its tar, not a file',
    ],
    ['the order', [...BASE.slice(0, 4), ...BASE.slice(4).reverse()], 'the order of its entries, from /etc/hard'],
    ['a header', changed('/etc/b', { pax: { comment: 'x' } }), 'the header of /etc/b'],
  ])('%s', async (_, files, expected) => {
    expect(await between(await makeTar(BASE), await makeTar(files))).toBe(expected);
  });

  it.each<DebCompression>(['gz', 'xz', 'zst'])('is found in what is compressed with %s', async (compression) => {
    const pack = async (files: readonly DebFile[]) => compressAs(compression, await makeTar(files));
    expect(await between(await pack(BASE), await pack(BASE))).toBeUndefined();
    expect(await between(await pack(BASE), await pack(changed('/etc/a', { mode: 0o600 })))).toBe('/etc/a mode');
    expect(await between(await pack(BASE), await makeTar(BASE))).toBe(
      `its compression (${compression}), of the same tar`,
    );
  });

  it('is in the headers, where nothing that they say is other', async () => {
    const tar = Buffer.from(await makeTar(BASE));
    const other = Buffer.concat([tar, Buffer.alloc(512)]);
    expect(await between(tar, other)).toBe('the headers of its tar');
  });
});

describe('the first difference of images', () => {
  const two = { amd64: [BASE, [{ path: '/more', content: 'more' }]], arm64: [BASE] };

  async function layoutOf(images: Parameters<typeof ociLayout>[0] = two, compression: DebCompression = 'gz') {
    return writeFiles(testDirectory(), await ociLayout(images, compression));
  }

  it.each<[string, Parameters<typeof ociLayout>[0], string | undefined]>([
    ['none', two, undefined],
    [
      'content in a layer',
      { ...two, amd64: [BASE, [{ path: '/more', content: 'less' }]] },
      'layer 2 of 2 of linux/amd64: /more sha256',
    ],
    [
      'of another platform',
      { ...two, arm64: [changed('/etc/a', { mode: 0o777 })] },
      'layer 1 of 1 of linux/arm64: /etc/a mode',
    ],
    ['a layer less', { ...two, amd64: [BASE] }, 'layer 2 of 2 of linux/amd64: the lock gives no such layer'],
    ['a layer more', { ...two, arm64: [BASE, BASE] }, 'layer 2 of 2 of linux/arm64: it is missing'],
    [
      'a platform less',
      { amd64: two.amd64 },
      'it has images for linux/amd64, linux/arm64, and the lock gives linux/amd64',
    ],
  ])('%s', async (_, images, expected) => {
    expect(text(await firstDifference(await layoutOf(), await layoutOf(images), testDirectory()))).toBe(expected);
  });

  it('is no signature, and neither whether it is a tar', async () => {
    const [one, other] = [await layoutOf(), await layoutOf()];
    const layout = layoutIn(one);
    const { manifests, ...index } = layout.index();
    const [image] = manifests;
    const annotations = { 'org.opencontainers.image.ref.name': `${image?.digest.replace(':', '-')}.sig` };
    layout.writeIndex({ ...index, manifests: [...manifests, { ...image, annotations }] });
    expect(await firstDifference(one, other, testDirectory())).toBeUndefined();
    const tar = join(testDirectory(), 'image.tar');
    writeFileSync(tar, await tarOf(await ociLayout(two)));
    expect(await firstDifference(one, tar, testDirectory())).toBeUndefined();
  });

  it('is the compression where that alone is other', async () => {
    const found = await firstDifference(await layoutOf(two, 'gz'), await layoutOf(two, 'zst'), testDirectory());
    expect(text(found)).toBe('layer 1 of 2 of linux/amd64: its compression, of the same tar');
  });

  it.each<[string, (layer: string) => void, string]>([
    ['damaged', (layer) => appendFileSync(layer, 'x'), 'its bytes do not have its digest'],
    ['not there', (layer) => rmSync(layer), 'it is missing'],
  ])('is a layer that is %s', async (_, damage, expected) => {
    const [one, other] = [await layoutOf({ amd64: [BASE] }), await layoutOf({ amd64: [BASE] })];
    const layout = layoutIn(one);
    const manifest = layout.manifest(layout.index().manifests[0]?.digest ?? '');
    damage(layout.blob(manifest.layers[0]?.digest ?? ''));
    expect(text(await firstDifference(one, other, testDirectory()))).toBe(`layer 1 of 1 of linux/amd64: ${expected}`);
  });

  it('is a field of the configuration, or of the manifest', async () => {
    const one = await layoutOf({ amd64: [BASE] });
    const other = await layoutOf({ amd64: [BASE] });
    const { blob, index, manifest, writeIndex } = layoutIn(other);
    const [image] = index().manifests;
    const old = manifest(image?.digest ?? '');
    const put = (text: string) => {
      const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
      writeFileSync(blob(digest), text);
      return { digest, size: text.length };
    };
    const config = JSON.parse(readFileSync(blob(old.config.digest), 'utf8'));
    for (const [changed, expected] of [
      [
        {
          ...old,
          config: { ...old.config, ...put(JSON.stringify({ ...config, rootfs: { diff_ids: ['sha256:0'] } })) },
        },
        'the configuration of linux/amd64: its rootfs.diff_ids.0',
      ],
      [{ ...old, annotations: { a: 'b' } }, 'the manifest of linux/amd64: its annotations'],
    ] as const) {
      writeIndex({ schemaVersion: 2, manifests: [{ ...image, ...put(JSON.stringify(changed)) }] });
      expect(text(await firstDifference(one, other, testDirectory()))).toBe(expected);
    }
  });
});
