import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compressAs, makeDeb, makeTar } from '../builder/deb.js';
import { type SmallArchive, smallArchive } from '../e2e/archive.js';
import { koala } from '../e2e/command.js';
import { pax, rawHeader, archive as tar } from '../formats/tar/support.js';
import { layoutFiles } from '../registry/images.js';
import { digestOf } from '../registry/server.js';
import { CONTROL, ground, TERMINAL_CONTROLS } from './ground.js';

const base = mkdtempSync(join(tmpdir(), 'koala-images-'));
let archive: SmallArchive;
let made = 0;
beforeAll(async () => {
  archive = await smallArchive(base);
});
afterAll(async () => {
  await archive.server.close();
  rmSync(base, { recursive: true, force: true });
});

type Files = Map<string, Uint8Array>;

/** A layout on disk, of one image with one layer, after something was done to its files. */
function layout(layer: Uint8Array, change: (files: Files) => void = () => {}): string {
  const files = layoutFiles({ amd64: [layer] });
  change(files);
  const directory = join(base, `layout-${made++}`);
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), bytes);
  }
  return directory;
}

const json = (files: Files, name: string) => JSON.parse(Buffer.from(files.get(name) ?? []).toString());
const blob = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

/** Changes the manifest, and what says its digest, so that all but the change is in order. */
function changeManifest(
  files: Files,
  change: (manifest: { layers: { digest: string; size: number }[] }) => void,
): void {
  const index = json(files, 'index.json');
  const manifest = json(files, blob(index.manifests[0].digest));
  change(manifest);
  const bytes = Buffer.from(JSON.stringify(manifest));
  files.set(blob(digestOf(bytes)), bytes);
  Object.assign(index.manifests[0], { digest: digestOf(bytes), size: bytes.length });
  files.set('index.json', Buffer.from(JSON.stringify(index)));
}

const GOOD = await makeTar([{ path: '/etc/motd', content: 'x' }]);

const LAYERS: readonly (readonly [name: string, layer: Uint8Array, why: RegExp])[] = [
  ['traversal', tar(rawHeader({ 0: './../../etc/passwd' })), /has a "\.\." component$/],
  ['traversal by a pax path', tar(pax('x', 'path=../../x'), rawHeader({ 0: 'x' })), /has a "\.\." component$/],
  ['traversal in a whiteout', tar(rawHeader({ 0: '../../.wh.etc' })), /has a "\.\." component$/],
  [
    "hard link to the host's /etc/shadow",
    await makeTar([{ path: '/x', type: 'hardlink', target: '/etc/shadow' }]),
    /is a hard link to \/etc\/shadow, which is no file$/,
  ],
  ['unknown type', tar(rawHeader({ 156: 'M' })), /which is not supported$/],
  ['negative size', tar(rawHeader({ 124: Array(12).fill(0xff) })), /has a bad size$/],
  ['layer that is cut off', GOOD.subarray(0, 700), /ends early/],
  ['bomb by ratio: 100 MB of 4 KB', await compressAs('zst', Buffer.alloc(100_000_000)), /has more than \d+ bytes$/],
];

const PARTS: readonly (readonly [name: string, change: (files: Files) => void, why: RegExp])[] = [
  [
    'layer of other bytes',
    (files) => {
      const name = blob(digestOf(GOOD));
      files.set(name, Buffer.from(GOOD).fill(1, 600, 601));
    },
    /its SHA-256 is [0-9a-f]{64}$/,
  ],
  [
    'manifest of other bytes',
    (files) => {
      const name = blob(json(files, 'index.json').manifests[0].digest);
      files.set(name, Buffer.concat([files.get(name) ?? Buffer.alloc(0), Buffer.from(' ')]));
    },
    /its SHA-256 is [0-9a-f]{64}$/,
  ],
  [
    'digest that is a path to the host',
    (files) =>
      changeManifest(files, ({ layers }) =>
        Object.assign(layers[0] ?? {}, { digest: 'sha256:../../../../../../etc/passwd' }),
      ),
    /is no digest$/,
  ],
  [
    'manifest that is a path to the host',
    (files) =>
      files.set('index.json', Buffer.from('{"manifests":[{"digest":"../../../../../../etc/passwd","size":1}]}')),
    /is no digest$/,
  ],
  [
    'digest of an algorithm that nobody knows',
    (files) =>
      changeManifest(files, ({ layers }) => Object.assign(layers[0] ?? {}, { digest: `md5:${'0'.repeat(32)}` })),
    /is no digest$/,
  ],
  [
    'layer that is not there',
    (files) =>
      changeManifest(files, ({ layers }) => Object.assign(layers[0] ?? {}, { digest: `sha256:${'0'.repeat(64)}` })),
    /^koala-bootstrap: cannot read /m,
  ],
  [
    'indices without end',
    (files) => {
      const bytes = (digest: string) =>
        Buffer.from(
          JSON.stringify({
            schemaVersion: 2,
            mediaType: 'application/vnd.oci.image.index.v1+json',
            manifests: [{ mediaType: 'application/vnd.oci.image.index.v1+json', digest, size: 1 }],
          }),
        );
      let digest = `sha256:${'0'.repeat(64)}`;
      for (let depth = 0; depth < 10; depth++) {
        const text = bytes(digest);
        digest = digestOf(text);
        files.set(blob(digest), text);
      }
      files.set('index.json', bytes(digest));
    },
    /it has no manifest with layers$/,
  ],
  [
    'index that is no JSON',
    (files) => files.set('index.json', Buffer.from('{"manifests":[')),
    /^koala-bootstrap: cannot read /m,
  ],
  [
    'manifest that is a number',
    (files) => files.set('index.json', Buffer.from('{"manifests":[7]}')),
    /^koala-bootstrap: cannot read /m,
  ],
];

/** Reads an image by a command, and as what another one is built on: one clear line, and nothing is written. */
async function expectRefused(image: string, why: RegExp): Promise<void> {
  const work = join(base, `work-${made++}`);
  mkdirSync(work);
  const cache = ['--cache-dir', join(base, 'cache')];
  const built = [...archive.args, ...cache, '--format', 'oci', '-o', 'x.oci.tar', '--base', image];
  for (const args of [['diff', image, layout(GOOD)], built]) {
    const { status, stdout, stderr } = await koala(args, { cwd: work });
    const [line = ''] = stderr.split('\n').filter((one) => one.startsWith('koala-bootstrap: '));
    expect([status === 0, stdout, line]).toEqual([false, '', expect.stringMatching(/^koala-bootstrap: cannot /)]);
    expect(line).toMatch(why);
  }
  expect(readdirSync(work)).toEqual([]);
}

describe('images of others: refused, and nothing is built on them', () => {
  it.each(LAYERS)('%s', async (_, layer, why) => {
    await expectRefused(layout(layer), why);
  });
  it.each(PARTS)('%s', async (_, change, why) => {
    await expectRefused(layout(GOOD, change), why);
  });
});

describe('terminal escapes in the names of an image', () => {
  const HOSTILE = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e';
  it.each([
    ['diff', (one: string, other: string) => ['diff', one, other]],
    ['diff of another order', (one: string, other: string) => ['diff', other, one, '--times']],
    ['check', (one: string) => ['check', one]],
  ])('%s', async (_, args) => {
    const needs = Buffer.from(`#!/${HOSTILE}/sh\n`);
    const evil = await makeTar([
      { path: `/usr/bin/${HOSTILE}`, content: needs, mode: 0o755 },
      { path: `/etc/${HOSTILE}`, target: HOSTILE },
    ]);
    const { stdout, stderr } = await koala(args(layout(evil), layout(GOOD)), { cwd: base });
    expect(stdout).toContain('owned');
    expect(stdout + stderr).not.toMatch(TERMINAL_CONTROLS);
  });
});

describe('what a profile forbids: refused in images', () => {
  it.each([
    ['oci', 'image'],
    ['oci', 'image.tar'],
    ['docker', 'image.tar'],
  ])('%s: %s', async (format, name) => {
    const place = await ground();
    await place.write(
      {},
      await makeDeb({
        control: CONTROL,
        compression: 'gz',
        files: [{ path: '/usr/bin/su', mode: 0o4755, content: 'x' }],
      }),
    );
    const forbid = ['setuid'];
    await place.expectRefused(/it has what the profile forbids, \/usr\/bin\/su, of evil: setuid$/, { forbid });
    const args = ['--profile', './evil.yaml', '--mirror', place.server.url, '--arch', 'amd64', '--cache-dir', 'cache'];
    const output = join(place.directory, 'out', name);
    const { status, stderr } = await koala([...args, '--format', format, '-o', output], { cwd: place.directory });
    expect([status, stderr]).toEqual([1, expect.stringContaining('/usr/bin/su, of evil: setuid\n')]);
    expect([existsSync(output), readdirSync(dirname(output))]).toEqual([false, []]);
    const profile = readFileSync(join(place.directory, 'evil.yaml'), 'utf8');
    writeFileSync(join(place.directory, 'evil.yaml'), profile.replace('[setuid]', '[setgid]'));
    expect((await koala([...args, '--format', format, '-o', output], { cwd: place.directory })).status).toBe(0);
  });
});
