import { beforeEach, describe, expect, it } from 'vitest';
import { archivesOfSources } from '../../src/archive/given-sources.js';
import type { ArchiveOptions } from '../builder/archive.js';
import { pin } from './scratch.js';
import { fetched, keyring, open, packageOf, place, prepare, versions, write } from './sources.js';

beforeEach(prepare);

describe('archives like those of derivatives', () => {
  const derivatives: [name: string, options: Partial<ArchiveOptions>, line: string, place: object][] = [
    [
      'Kali',
      {
        suite: 'kali-rolling',
        components: ['main', 'non-free-firmware'],
        release: { Origin: 'Kali', Label: 'Kali', 'Acquire-By-Hash': undefined },
      },
      'kali-rolling main non-free-firmware',
      { origin: 'Kali', codename: 'kali-rolling' },
    ],
    [
      'Ubuntu',
      {
        suite: 'noble-updates',
        compressions: ['xz'],
        release: { Origin: 'Ubuntu', Label: 'Ubuntu', Codename: 'noble', Version: '24.04' },
      },
      'noble-updates main',
      { origin: 'Ubuntu', codename: 'noble' },
    ],
    [
      'Devuan',
      {
        suite: 'daedalus',
        release: { Origin: 'Devuan', Label: 'Devuan', Suite: 'stable', 'Acquire-By-Hash': undefined },
      },
      'daedalus main',
      { origin: 'Devuan', suite: 'stable' },
    ],
    [
      'Raspbian',
      {
        suite: 'bookworm',
        compressions: ['gz'],
        plainNames: true,
        release: {
          Origin: 'Raspbian',
          Label: 'Raspbian',
          Suite: 'oldstable',
          'Acquire-By-Hash': undefined,
          'No-Support-for-Architecture-all': undefined,
          Architectures: 'amd64',
        },
      },
      'bookworm main',
      { origin: 'Raspbian', suite: 'oldstable' },
    ],
    [
      'security of old',
      {
        suite: 'buster/updates',
        release: { Label: 'Debian-Security', Suite: 'oldoldstable', Codename: 'buster', Components: 'updates/main' },
      },
      'buster/updates main',
      { label: 'Debian-Security', codename: 'buster' },
    ],
    [
      'one with binary-all and zst indices',
      {
        suite: 'x',
        architectures: ['amd64', 'all'],
        compressions: ['zst'],
        release: { Architectures: 'all amd64', 'No-Support-for-Architecture-all': undefined },
      },
      'x main',
      { suite: 'x' },
    ],
  ];
  it.each(derivatives)('%s', async (_, options, line, expected) => {
    const components = options.components ?? ['main'];
    const packages = components.map((component, at) => packageOf(`hello${at || ''}`, '1.0', { component }));
    await write({ ...options, packages: [...packages, packageOf('doc', '1', { architecture: 'all' })] });
    const opened = await open(`deb [signed-by=KEYRING] SERVER ${line}`);
    for (const [at, component] of components.entries()) {
      const [version] = opened.universe.versions(`hello${at || ''}`);
      expect(version?.places).toMatchObject([{ ...expected, component }]);
    }
    expect(await fetched(opened)).toBe('hello 1.0');
    expect(versions(opened, 'doc')).toBe('1');
  });

  it('have several versions of a package in one index, the newest first', async () => {
    await write({ packages: ['1.0', '1:0.9', '1.0~rc1'].map((version) => packageOf('hello', version)) });
    expect(versions(await open('deb [signed-by=KEYRING] SERVER test main'))).toBe('1:0.9 1.0 1.0~rc1');
  });
});

describe('priorities', () => {
  const lines = 'deb [signed-by=KEYRING] SERVER test main\ndeb [signed-by=KEYRING] SERVER new main\n';
  it.each([
    ['nothing', {}, '2.0 1.0'],
    ['NotAutomatic', { NotAutomatic: 'yes' }, '1.0 2.0'],
    ['ButAutomaticUpgrades alone', { ButAutomaticUpgrades: 'yes' }, '1.0 2.0'],
    ['both', { NotAutomatic: 'yes', ButAutomaticUpgrades: 'yes' }, '1.0 2.0'],
  ])('of a Release with %s', async (_, release, expected) => {
    await write({});
    await write({ suite: 'new', packages: [packageOf('hello', '2.0')], release });
    expect(versions(await open(lines))).toBe(expected);
    expect(versions(await open(lines, { pins: [pin('*', 990, { codename: 'new' })] }))).toBe('2.0 1.0');
  });

  it('of an archive as its description has it, before pins of the general form', async () => {
    await write({});
    await write({ suite: 'new', packages: [packageOf('hello', '2.0')], release: { NotAutomatic: 'yes' } });
    const text = lines.replaceAll('SERVER', place.server.url).replaceAll('KEYRING', keyring);
    const given = archivesOfSources([{ text, origin: 'x.list' }], 'amd64');
    const archives = given.map((spec) => (spec.suite === 'new' ? { ...spec, priority: 600 } : spec));
    expect(versions(await open(lines, { options: { archives } }))).toBe('2.0 1.0');
    const pins = [pin('*', 100, { codename: 'new' })];
    expect(versions(await open(lines, { options: { archives }, pins }))).toBe('1.0 2.0');
  });
});
