import { describe, expect, it } from 'vitest';
import {
  ARCHITECTURES,
  architectureInfo,
  architectureMatches,
  hostArchitecture,
} from '../../src/formats/architecture.js';

/** Where libc6 of each architecture puts the ELF interpreter. */
const INTERPRETERS: Readonly<Record<string, string>> = {
  amd64: '/lib64/ld-linux-x86-64.so.2',
  arm64: '/lib/ld-linux-aarch64.so.1',
  armel: '/lib/ld-linux.so.3',
  armhf: '/lib/ld-linux-armhf.so.3',
  i386: '/lib/ld-linux.so.2',
  loong64: '/lib64/ld-linux-loongarch-lp64d.so.1',
  mips64el: '/lib64/ld.so.1',
  mipsel: '/lib/ld.so.1',
  ppc64el: '/lib64/ld64.so.2',
  riscv64: '/lib/ld-linux-riscv64-lp64d.so.1',
  s390x: '/lib/ld64.so.1',
};

describe('ARCHITECTURES', () => {
  it('has an alias for the directory of each ELF interpreter', () => {
    const aliased = ARCHITECTURES.map(({ name, libDirectories }) => [name, ...libDirectories, 'lib']);
    const needed = Object.entries(INTERPRETERS).map(([name, path]) => [name, ...new Set([path.split('/')[1], 'lib'])]);
    expect(aliased).toEqual(needed);
  });

  it('has one triplet and one platform for each', () => {
    const platforms = ARCHITECTURES.map(({ platform }) => [platform.architecture, platform.variant].join('/'));
    expect(new Set(platforms).size).toBe(ARCHITECTURES.length);
    expect(new Set(ARCHITECTURES.map(({ triplet }) => triplet)).size).toBe(ARCHITECTURES.length);
  });
});

it('architectureInfo knows Debian names only', () => {
  expect(architectureInfo('ppc64el')).toEqual({
    name: 'ppc64el',
    triplet: 'powerpc64le-linux-gnu',
    libDirectories: ['lib64'],
    platform: { os: 'linux', architecture: 'ppc64le' },
  });
  expect(architectureInfo('armhf').platform).toEqual({ os: 'linux', architecture: 'arm', variant: 'v7' });
  expect(() => architectureInfo('x86_64')).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: 'cannot build for the architecture "x86_64": it is not known',
      details: expect.arrayContaining(['amd64']),
    }),
  );
});

it.each([
  ['x64', 'LE', 'amd64'],
  ['arm64', 'LE', 'arm64'],
  ['ppc64', 'LE', 'ppc64el'],
  ['ppc64', 'BE', undefined],
  ['s390x', 'BE', 's390x'],
  ['sparc', 'BE', undefined],
] as const)('hostArchitecture(%s, %s) is %s', (nodeArch, endianness, name) => {
  expect(hostArchitecture(nodeArch, endianness)).toBe(name);
});

it.each([
  ['amd64', 'amd64', true],
  ['any', 'amd64', true],
  ['linux-any', 'amd64', true],
  ['any-amd64', 'amd64', true],
  ['linux-arm', 'armhf', true],
  ['any-armhf', 'armhf', false],
  ['hurd-any', 'amd64', false],
  ['i386', 'amd64', false],
])('architectureMatches(%s, %s) is %s', (pattern, name, matches) => {
  expect(architectureMatches(pattern, name)).toBe(matches);
});
