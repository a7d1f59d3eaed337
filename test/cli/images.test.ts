import { describe, expect, it } from 'vitest';
import type { ImageOptions, ImagesSummary } from '../../src/build-types.js';
import { formatImages } from '../../src/cli/image-summary.js';
import { Capture, type Run, run, SUMMARY } from './run.js';

const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`;
const { output: _, ...REST } = SUMMARY;
const LAYERS = [
  { name: 'stage static', digest: digestOf('a'), diffId: digestOf('b'), size: 471_000 },
  { name: `stage ${'long-'.repeat(30)}`, digest: digestOf('c'), diffId: digestOf('d'), size: 8_500_000 },
];
const IMAGE = { ...REST, digest: digestOf('1'), layers: LAYERS, annotations: {}, entries: 1004 };
const IMAGES: ImagesSummary = {
  digest: digestOf('9'),
  reference: 'localhost/base:trixie',
  output: { path: 'base.oci.tar', format: 'oci', bytes: 9_000_000, sha256: '8'.repeat(64) },
  images: [IMAGE, { ...IMAGE, architecture: 'arm64', digest: digestOf('2') }],
};

/** Runs a build of images that does nothing. */
async function images(line: string): Promise<Run & { readonly images: ImageOptions | undefined }> {
  let given: ImageOptions | undefined;
  const ran = await run(line.split(' '), {
    buildImages: async (options) => {
      given = options;
      return IMAGES;
    },
  });
  return { ...ran, images: given };
}

describe('a build of images', () => {
  it.each<[string, Partial<ImageOptions>]>([
    ['-p base -a arm64 -o x.oci.tar', { format: 'oci', output: 'x.oci.tar', architectures: ['arm64'] }],
    ['-p base -a arm64 -o x.oci/', { format: 'oci-dir', output: 'x.oci/' }],
    ['-p base -a arm64 -o x.oci', { format: 'oci-dir', output: 'x.oci' }],
    ['-p base -a arm64 -o x.docker.tar', { format: 'docker', output: 'x.docker.tar' }],
    ['-p base -a arm64 --format oci', { format: 'oci', output: 'base-trixie-arm64.oci.tar' }],
    ['-p base -a arm64 --format oci -o x', { format: 'oci-dir', output: 'x' }],
    ['-p base -a arm64 --format oci -o x.tar', { format: 'oci', output: 'x.tar' }],
    ['-p base -a arm64 --format oci -o -', { format: 'oci', output: '-' }],
    ['-p base -a arm64 --format docker', { format: 'docker', output: 'base-trixie-arm64.docker.tar' }],
    [
      '-p base --format oci -a amd64,arm64 -a riscv64 -a amd64',
      { architectures: ['amd64', 'arm64', 'riscv64'], output: 'base-trixie.oci.tar' },
    ],
    [
      '-p base -s sid --format oci -a amd64',
      { squash: false, layerCompression: 'gz', reference: 'localhost/base:sid', base: undefined },
    ],
    [
      '-p base --format oci --squash --layer-compression zst --tag example.org:5000/team/web:1.2_3 --base a/b.tar',
      {
        squash: true,
        layerCompression: 'zst',
        reference: 'example.org:5000/team/web:1.2_3',
        base: { path: 'a/b.tar', name: 'b.tar' },
      },
    ],
    ['-p base --format oci --tag web', { reference: 'web:trixie' }],
    ['-p base --format oci --tag localhost:5000/web', { reference: 'localhost:5000/web:trixie' }],
  ])('%s', async (line, expected) => {
    const { status, stderr, images: options } = await images(line);
    expect([status, stderr.includes('cannot')]).toEqual([0, false]);
    expect(options).toMatchObject(expected);
  });

  it.each([
    [
      '-p base -a amd64,arm64',
      'cannot write one tar for several architectures',
      'an image can have several: --format oci',
    ],
    [
      '-p base --squash',
      'cannot use --squash with the format tar: it is for images',
      'give --format oci or --format docker',
    ],
    ['-p base -o x.tar.gz --base y', 'cannot use --base with the format tar.gz: it is for images', ''],
    ['-p base --format oci --layer-compression xz', 'cannot compress layers as "xz"', 'known are gz, zst, none'],
    ['-p base --format ocy', 'cannot write the format "ocy"; did you mean "oci"?', 'tar.zst, dir, oci, docker'],
    ['-p base --format oci --tag A:b', 'cannot use "A:b" as the name of an image', 'give one with --tag'],
    ['-p base --format oci --tag a:b:c', 'cannot use "a:b:c" as the name of an image', 'give one with --tag'],
    ['-p base --format oci --tag a:', 'cannot use "a:" as the name of an image', 'give one with --tag'],
    ['-p base --format docker -a amd64,amd65', 'cannot build for the architecture "amd65"', 'did you mean amd64?'],
    ['-p base --format oci -o - --json', 'cannot do both: --json and --output - want the same standard output', ''],
  ])('%s is wrong usage', async (line, message, hint) => {
    const { status, stderr, images: options } = await images(line);
    expect([status, options]).toEqual([2, undefined]);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });

  it('prints its summary in JSON', async () => {
    const { stdout } = await images('-p base --format oci --json');
    expect(JSON.parse(stdout)).toEqual(IMAGES);
  });

  it('is an archive for a terminal', async () => {
    const { status, stderr } = await run(['-p', 'base', '-o', '-', '--format', 'oci'], { stdout: new Capture(80) });
    expect([status, stderr]).toEqual([2, expect.stringContaining('cannot write an archive to a terminal')]);
  });
});

describe('the table of a build of images', () => {
  it('shows each architecture with its layers', () => {
    expect(formatImages(IMAGES, { color: false, unicode: false }, 80)).toBe(`profile     base, trixie
amd64       6 packages, 1004 entries, 2 layers, 9.0 MB
            ${digestOf('1')}
            sha256:aaaaaaaaaaaa  471 kB  stage static
            sha256:cccccccccccc  8.5 MB  stage long-long-long-long-long-long-lo~
arm64       6 packages, 1004 entries, 2 layers, 9.0 MB
            ${digestOf('2')}
            sha256:aaaaaaaaaaaa  471 kB  stage static
            sha256:cccccccccccc  8.5 MB  stage long-long-long-long-long-long-lo~
size        9.0 MB
output      base.oci.tar
name        localhost/base:trixie
digest      ${digestOf('9')}
archives    trixie 2026-09-12
updates     not read: --updates adds trixie-updates, trixie-security
date        2026-09-12T08:00:00Z
seconds     124.4
warning     the mirror\\x1b[2J answered slowly
`);
  });
});

describe('show-config', () => {
  it('prints a profile with what it extends, in YAML or in JSON', async () => {
    const yaml = await run(['show-config', '-p', 'base']);
    expect([yaml.status, yaml.stderr]).toEqual([0, '']);
    expect(yaml.stdout).toContain('\nstages:\n  - name: static\n');
    expect(yaml.stdout).not.toContain('extends');
    const { stdout } = await run(['show-config', '-p', 'base', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'base', stages: [{ name: 'static' }, { name: 'base' }] });
  });

  it.each([
    ['show-config', 'cannot choose packages without a profile'],
    ['show-config -p bsae', 'cannot find the profile "bsae"'],
  ])('%s is wrong usage', async (line, message) => {
    const { status, stderr } = await run(line.split(' '));
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
