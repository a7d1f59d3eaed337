import { describe, expect, it } from 'vitest';
import { packageName } from '../../src/archive/package-name.js';
import type { PackagePlace, PackageUniverse } from '../../src/archive/types.js';
import { solve } from '../../src/solve/solve.js';
import { request, stage, universe } from './universe.js';

const PACKAGES = `
  jq 1.6: depends libjq (= 1.6)
  jq 1.7: depends libjq (= 1.7), libc
  jq 1.8~bpo: depends libjq (= 1.8~bpo) | never, libc (>= 2), libonig
  libjq 1.6
  libjq 1.7
  libjq 1.8~bpo: depends libonig (>= 6~bpo)
  libc 2
  libc 3~bpo
  libonig 5
  libonig 6~bpo
  tool 1: depends jq (>= 1.7)
`;

/** Versions that end in `~bpo` are of trixie-backports, and come after those of trixie. */
function archives(text: string, ...foreign: string[]): PackageUniverse {
  const all = universe(text, ...foreign);
  const isBackport = ({ version }: { readonly version: string }): boolean => version.endsWith('~bpo');
  const place = {
    origin: '',
    label: '',
    component: 'main',
    release: '',
    architecture: '',
    site: '',
    priority: 500,
    local: false,
  };
  const trixie: PackagePlace = { ...place, suite: 'stable', codename: 'trixie' };
  const backports: PackagePlace = { ...place, suite: 'stable-backports', codename: 'trixie-backports' };
  return {
    ...all,
    named: (name, architecture) =>
      [...all.named(name, architecture)].sort((a, b) => Number(isBackport(a)) - Number(isBackport(b))),
    versions: (name, architecture) =>
      all
        .versions(name, architecture)
        .map((one) => ({ ...one, places: [isBackport(one.record) ? backports : trixie] })),
  };
}

const solved = (...stages: string[]) =>
  solve(request(...stages.map((packages, at) => ({ ...stage(packages), name: `s${at}` }))), archives(PACKAGES))
    .stages.map(({ packages }) =>
      packages
        .map(({ record }) => `${record.name}=${record.version}`)
        .sort()
        .join(' '),
    )
    .join('; ');

describe('a version that is asked for (apt-get(8))', () => {
  it.each([
    ['nothing', 'jq', 'jq=1.7 libc=2 libjq=1.7'],
    ['an older one, whose dependencies have candidates', 'libjq=1.6', 'libjq=1.6'],
    ['by a glob, the newest that matches', 'libc=*, libjq=1.[67]', 'libc=3~bpo libjq=1.7'],
    ['together with what it needs', 'jq=1.6, libjq=1.6', 'jq=1.6 libjq=1.6'],
    [
      'for others too',
      'tool, jq=1.8~bpo, libjq=1.8~bpo, libonig=6~bpo',
      'jq=1.8~bpo libc=2 libjq=1.8~bpo libonig=6~bpo tool=1',
    ],
    [
      'by its release, whose dependencies come from there where no candidate will do',
      'jq/trixie-backports',
      'jq=1.8~bpo libc=2 libjq=1.8~bpo libonig=6~bpo',
    ],
    ['by the name of the suite', 'libjq/stable-back*, libonig/stable-backports', 'libjq=1.8~bpo libonig=6~bpo'],
    ['by the release that it would come from anyway', 'jq/stable', 'jq=1.7 libc=2 libjq=1.7'],
  ])('%s', (_, packages, expected) => {
    expect(solved(packages)).toBe(expected);
  });

  it('holds for its stage and those after it', () => {
    expect(solved('libc', 'jq=1.6, libjq=1.6', 'libonig')).toBe('libc=2; jq=1.6 libjq=1.6; libonig=5');
    expect(solved('libjq=1.6', 'jq=1.6')).toBe('libjq=1.6; jq=1.6');
  });

  it('is told as it was written', () => {
    const { stages } = solve(request(stage('jq=1.7')), archives(PACKAGES));
    const reason = stages[0]?.packages.find(({ record }) => record.name === 'jq')?.reason;
    expect(reason).toEqual({ type: 'asked', relation: 'jq=1.7' });
  });

  it.each([
    ['jq=9', 'cannot choose jq=9: there is only 1.8~bpo (trixie-backports), 1.7 (trixie), 1.6 (trixie)', undefined],
    ['tool/trixie-backports', 'cannot choose tool/trixie-backports: there is only 1 (trixie)', undefined],
    ['jqq=1', 'cannot choose jqq=1: there is no package jqq', 'did you mean jq?'],
    ['jq=1.6, jq=1.7', 'cannot choose jq=1.7: jq=1.6 is asked for too', undefined],
    [
      'jq=1.6',
      /^cannot resolve stage s0: libjq \(= 1\.6\) is there as libjq 1\.6, but libjq 1\.7 goes before it/,
      undefined,
    ],
  ])('%s is refused', (packages, message, hint) => {
    const expected = { message: typeof message === 'string' ? message : expect.stringMatching(message), hint };
    expect(() => solved(packages)).toThrow(expect.objectContaining({ code: 'solve', ...expected }));
  });

  it('cannot be another than that of an earlier stage', () => {
    expect(() => solved('libc', 'libc=3~bpo')).toThrow('cannot choose libc=3~bpo: stage s0 has libc 2');
    expect(() => solved('libonig', 'jq/trixie-backports')).toThrow(/libonig \(>= 6~bpo\)/);
  });
});

describe('a version of a foreign architecture', () => {
  const BOTH = `
    lib 1: multi-arch same
    lib 2~bpo: multi-arch same
    lib 1: architecture i386; multi-arch same
    lib 2~bpo: architecture i386; multi-arch same
    app 1: architecture i386; depends lib
    app 2~bpo: architecture i386; depends lib (>= 2~bpo)
    game 1: architecture i386
    game 2~bpo: architecture i386
  `;
  const named = (packages: string) =>
    solve(request(stage(packages)), archives(BOTH, 'i386'))
      .stages.flatMap((one) => one.packages)
      .map(({ record }) => `${packageName(record, 'amd64')}=${record.version}`)
      .sort()
      .join(' ');

  it.each([
    ['by its number', 'lib:i386=2~bpo', 'lib:i386=2~bpo'],
    ['beside the native one', 'lib=2~bpo, lib:i386=2~bpo', 'lib:i386=2~bpo lib=2~bpo'],
    [
      'by its release, whose dependencies are foreign too',
      'app:i386/trixie-backports',
      'app:i386=2~bpo lib:i386=2~bpo',
    ],
    ['where there is no native one', 'game=2~bpo', 'game:i386=2~bpo'],
    ['the native one by its name', 'lib:amd64=1, app:i386=1', 'app:i386=1 lib:i386=1 lib=1'],
  ])('%s', (_, packages, expected) => {
    expect(named(packages)).toBe(expected);
  });

  it.each([
    ['lib:i386=3', 'cannot choose lib:i386=3: there is only 2~bpo (trixie-backports), 1 (trixie)', undefined],
    ['lib:i386=1, lib:i386=2~bpo', 'cannot choose lib:i386=2~bpo: lib:i386=1 is asked for too', undefined],
    ['game:amd64=1', 'cannot choose game:amd64=1: there is no package game:amd64', 'did you mean game:i386?'],
    [
      'lib:arm64=1',
      'cannot choose lib:arm64=1: arm64 is none of the architectures',
      'add it to foreign-architectures in the profile',
    ],
  ])('%s is refused', (packages, message, hint) => {
    expect(() => named(packages)).toThrow(expect.objectContaining({ code: 'solve', message, hint }));
  });
});
