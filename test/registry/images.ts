import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { jsonBlob } from '../../src/formats/oci/digest.js';
import { MEDIA_TYPES } from '../../src/formats/oci/media-types.js';
import type { Descriptor } from '../../src/formats/oci/types.js';
import type { ImageFiles } from '../../src/image/files.js';
import { readSendableImage, type SendableImage } from '../../src/registry/image.js';
import type { RegistryOptions } from '../../src/registry/types.js';
import { digestOf } from './server.js';

/** The files of a layout with one image for each architecture, and an index over them where there are several. */
export function layoutFiles(
  images: Readonly<Record<string, readonly Uint8Array[]>>,
  annotations: Record<string, string> = {},
): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const add = (mediaType: string, bytes: Uint8Array): Descriptor => {
    const digest = digestOf(bytes);
    files.set(`blobs/${digest.replace(':', '/')}`, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const addJson = (mediaType: string, value: object) => add(mediaType, jsonBlob(mediaType, value).bytes);
  const manifests = Object.entries(images).map(([architecture, layers]) => {
    const config = addJson(MEDIA_TYPES.config, {
      architecture,
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: layers.map(digestOf) },
    });
    const stored = layers.map((layer) => add('application/vnd.oci.image.layer.v1.tar', layer));
    const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, config, layers: stored, annotations };
    return { ...addJson(MEDIA_TYPES.manifest, manifest), platform: { architecture, os: 'linux' } };
  });
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests };
  const roots = manifests.length === 1 ? manifests : [addJson(MEDIA_TYPES.index, index)];
  files.set('index.json', Buffer.from(JSON.stringify({ ...index, manifests: roots })));
  files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  return files;
}

export function inMemory(files: ReadonlyMap<string, Uint8Array>): ImageFiles {
  const read = (name: string) => Buffer.from(files.get(name) ?? []);
  return {
    has: (name) => files.has(name),
    read,
    place: () => ({ file: '/nowhere', start: 0, size: 0 }),
    *open(name, from = 0) {
      const bytes = read(name);
      for (let at = from; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
    },
  };
}

export function image(images: Readonly<Record<string, readonly Uint8Array[]>>, annotations = {}): SendableImage {
  return readSendableImage(inMemory(layoutFiles(images, annotations)), 'image.oci');
}

/** Bytes that differ from place to place. */
export function bytes(size: number, seed = 7919): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, index) => (index * seed + (index >> 8)) % 251));
}

/** Impatient, and with nothing of the machine's own credentials. */
export function options(
  more: Partial<RegistryOptions> & { chunk?: number } = {},
): RegistryOptions & { chunk?: number } {
  const home = temporaryDirectory();
  return {
    environment: { HOME: home, DOCKER_CONFIG: join(home, '.docker'), PATH: process.env['PATH'] },
    insecure: false,
    signal: new AbortController().signal,
    pause: 1,
    ...more,
  };
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'koala-registry-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
