import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compressAs, type DebCompression, type DebFile, makeTar } from '../builder/deb.js';

/** The files of an image, by name. */
export type Files = Map<string, Uint8Array>;

type Layers = readonly (readonly DebFile[])[];

const OCI = 'application/vnd.oci.image';
const TYPES = {
  index: `${OCI}.index.v1+json`,
  manifest: `${OCI}.manifest.v1+json`,
  config: `${OCI}.config.v1+json`,
  layer: `${OCI}.layer.v1.tar`,
};

/** An OCI layout with an image of these layers for each architecture, in Go's names. */
export async function ociLayout(
  images: Readonly<Record<string, Layers>>,
  compression: DebCompression = 'gz',
): Promise<Files> {
  const files: Files = new Map();
  const blob = (kind: keyof typeof TYPES, bytes: Uint8Array) => {
    const hex = createHash('sha256').update(bytes).digest('hex');
    files.set(`blobs/sha256/${hex}`, bytes);
    return { mediaType: TYPES[kind], digest: `sha256:${hex}`, size: bytes.length };
  };
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const manifests = [];
  for (const [architecture, layers] of Object.entries(images)) {
    const packed = await Promise.all(
      layers.map(async (layer) => blob('layer', await compressAs(compression, await makeTar(layer)))),
    );
    const config = blob('config', json({ architecture, os: 'linux', rootfs: { type: 'layers', diff_ids: [] } }));
    const manifest = blob('manifest', json({ schemaVersion: 2, mediaType: TYPES.manifest, config, layers: packed }));
    manifests.push({ ...manifest, platform: { architecture, os: 'linux' } });
  }
  const index = blob('index', json({ schemaVersion: 2, mediaType: TYPES.index, manifests }));
  files.set('index.json', json({ schemaVersion: 2, manifests: manifests.length > 1 ? [index] : manifests }));
  files.set('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
  return files;
}

/** What `docker save` writes. */
export async function dockerArchive(layers: Layers): Promise<Files> {
  const files: Files = new Map();
  for (const [at, layer] of layers.entries()) files.set(`${at}/layer.tar`, await makeTar(layer));
  files.set('manifest.json', Buffer.from(JSON.stringify([{ Config: 'c.json', Layers: [...files.keys()] }])));
  return files;
}

export function writeFiles(directory: string, files: Files): string {
  for (const [name, bytes] of files) {
    mkdirSync(join(directory, dirname(name)), { recursive: true });
    writeFileSync(join(directory, name), bytes);
  }
  return directory;
}

export function tarOf(files: Files): Promise<Uint8Array> {
  return makeTar([...files].map(([path, content]) => ({ path, content })));
}
