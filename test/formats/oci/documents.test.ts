import { describe, expect, it } from 'vitest';
import { blobPath, jsonBlob, parseDigest } from '../../../src/formats/oci/digest.js';
import { DOCKER_MEDIA_TYPES, MEDIA_TYPES } from '../../../src/formats/oci/media-types.js';
import {
  formatPlatform,
  parseImageConfig,
  parseImageDocument,
  platformMatches,
} from '../../../src/formats/oci/parse.js';

const DIGEST = `sha256:${'0a'.repeat(32)}`;
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const blob = { mediaType: 'x/y', digest: DIGEST, size: 1 };

describe('documents of images', () => {
  it('are the same bytes for the same value', () => {
    const one = jsonBlob(MEDIA_TYPES.index, { schemaVersion: 2, manifests: [], annotations: undefined });
    expect(one).toEqual(jsonBlob(MEDIA_TYPES.index, { manifests: [], schemaVersion: 2 }));
    expect(one.bytes.toString()).toBe('{"manifests":[],"schemaVersion":2}');
    expect(one.descriptor).toEqual({
      mediaType: MEDIA_TYPES.index,
      digest: 'sha256:fa0ced817d512dc4adca9f838fdc4d2c778adba5216e7bb4b315988f5822dd22',
      size: 34,
    });
  });

  it.each([
    ['an index by its type', { mediaType: MEDIA_TYPES.index, manifests: [blob] }, 'index'],
    ["Docker's manifest list", { mediaType: DOCKER_MEDIA_TYPES.index, manifests: [] }, 'index'],
    ['an index by what is in it', { manifests: [] }, 'index'],
    ['a manifest by its type', { mediaType: MEDIA_TYPES.manifest, config: blob, layers: [] }, 'manifest'],
    ['a manifest by what is in it', { config: blob, layers: [blob] }, 'manifest'],
  ])('are told apart: %s', (_, value, type) => {
    expect(parseImageDocument(bytes({ schemaVersion: 2, ...value }), 'it').type).toBe(type);
  });

  it.each([
    ['no JSON', Buffer.from('{'), /^cannot read it: .*JSON/],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), /^cannot read it: /],
    ['a list', bytes([]), 'cannot read it: it is no JSON object'],
    ['neither', bytes({}), 'cannot read it: it is neither a manifest nor an index'],
    ['no config', bytes({ layers: [] }), 'cannot read it: undefined is no digest'],
    ['a digest that is a path', bytes({ manifests: [{ ...blob, digest: 'sha256:../x' }] }), /is no digest$/],
    ['a short digest', bytes({ manifests: [{ ...blob, digest: 'sha256:ab' }] }), /is no digest$/],
    ['another algorithm', bytes({ manifests: [{ ...blob, digest: `md5:${'0'.repeat(32)}` }] }), /is no digest$/],
    ['a negative size', bytes({ manifests: [{ ...blob, size: -1 }] }), `cannot read it: ${DIGEST} has no size`],
  ])('are refused: %s', (_, text, message) => {
    expect(() => parseImageDocument(text, 'it')).toThrow(message);
  });

  it('have blobs at paths below the layout', () => {
    expect(blobPath(DIGEST, 'it')).toBe(`blobs/sha256/${'0a'.repeat(32)}`);
    expect(parseDigest(`sha512:${'ab'.repeat(64)}`, 'it').algorithm).toBe('sha512');
    expect(() => blobPath('constructor:00', 'it')).toThrow('is no digest');
  });

  it('have a configuration that names the layers', () => {
    expect(parseImageConfig(bytes({ rootfs: { diff_ids: [DIGEST] } }), 'it').rootfs.diff_ids).toEqual([DIGEST]);
    expect(() => parseImageConfig(bytes({ rootfs: {} }), 'it')).toThrow('names no layers');
    expect(() => parseImageConfig(bytes({ rootfs: { diff_ids: ['x'] } }), 'it')).toThrow('is no digest');
  });
});

describe('platforms', () => {
  const arm = { os: 'linux', architecture: 'arm', variant: 'v7' };
  it.each([
    ['the same', arm, true],
    ['no variant', { os: 'linux', architecture: 'arm' }, true],
    ['no system', { architecture: 'arm', variant: 'v7' }, true],
    ['another variant', { ...arm, variant: 'v5' }, false],
    ['another architecture', { ...arm, architecture: 'arm64' }, false],
    ['another system', { ...arm, os: 'windows' }, false],
    ['none', undefined, false],
  ])('match: %s', (_, offered, expected) => {
    expect(platformMatches(offered, arm)).toBe(expected);
  });

  it('are written with slashes', () => {
    expect(formatPlatform(arm)).toBe('linux/arm/v7');
    expect(formatPlatform({ os: 'linux', architecture: 'amd64' })).toBe('linux/amd64');
  });
});
