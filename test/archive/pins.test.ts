import { describe, expect, it } from 'vitest';
import { packageIndex } from '../../src/archive/package-index.js';
import type { PackagePlace } from '../../src/archive/types.js';
import { createUniverse } from '../../src/archive/universe.js';
import type { Pin } from '../../src/profile/types.js';
import { archiveSource } from '../builder/sources.js';
import { pin } from './scratch.js';

const SOURCE = archiveSource({ suite: '', components: [], uris: ['http://m'] });

const PLACE: PackagePlace = {
  suite: '',
  codename: '',
  origin: '',
  label: '',
  component: 'main',
  release: '',
  architecture: 'amd64',
  site: '',
  priority: 500,
  local: false,
};

const PLACES: Readonly<Record<string, Partial<PackagePlace>>> = {
  trixie: { suite: 'stable', codename: 'trixie', origin: 'Debian', label: 'Debian', release: '13.1' },
  security: { suite: 'stable-security', codename: 'trixie-security', origin: 'Debian', label: 'Debian-Security' },
  backports: { suite: 'stable-backports', codename: 'trixie-backports', origin: 'Debian', priority: 100 },
  experimental: { suite: 'experimental', codename: 'rc-buggy', origin: 'Debian', priority: 1 },
  company: {
    suite: 'prod',
    codename: 'prod',
    origin: 'Company',
    label: 'Tools',
    component: 'extra',
    site: 'deb.company.example',
  },
};

/** Archives by lines such as `trixie: hello 1.0, hello 1.1`, in their order; a `!` after a version makes another file of it. */
function universeOf(text: string, pins: readonly Pin[]) {
  const indices = text.split('; ').map((line) => {
    const [name = '', packages = ''] = line.split(': ');
    const stanzas = packages.split(', ').map((one) => {
      const [hello, version = ''] = one.split(' ');
      const digest = version.endsWith('!') ? 'b' : 'a';
      const lines = [
        `Package: ${hello}`,
        'Source: greeting',
        `Version: ${version.replace('!', '')}`,
        `Architecture: amd64\nFilename: ${name}.deb\nSize: 1\nSHA256: ${digest.repeat(64)}`,
      ];
      return `${lines.join('\n')}\n`;
    });
    return packageIndex(Buffer.from(stanzas.join('\n')), name, SOURCE, { ...PLACE, ...PLACES[name] });
  });
  return createUniverse('amd64', indices, pins);
}

const BOTH = 'trixie: hello 1.0; backports: hello 2.0';

describe('what apt would choose (apt_preferences(5))', () => {
  const cases: [name: string, archives: string, pins: Pin[], expected: string][] = [
    ['the newest of equal priority', 'trixie: hello 1.0; security: hello 1.1', [], '1.1 1.0'],
    ['the first archive of equal versions', 'security: hello 1.0!; trixie: hello 1.0', [], '1.0'],
    ['NotAutomatic and ButAutomaticUpgrades last', `${BOTH}; experimental: hello 3.0`, [], '1.0 2.0 3.0'],
    ['what only a NotAutomatic archive has', 'experimental: hello 3.0', [], '3.0'],
    ['the highest priority of a version’s places', `${BOTH}, hello 1.0; experimental: hello 2.0`, [], '1.0 2.0'],
    ['by the suite', BOTH, [pin('*', 600, { suite: 'stable-backports' })], '2.0 1.0'],
    ['by the codename under suite', BOTH, [pin('*', 600, { suite: 'trixie-backports' })], '2.0 1.0'],
    ['by the codename only', BOTH, [pin('*', 600, { codename: 'stable-backports' })], '1.0 2.0'],
    ['by a glob', BOTH, [pin('*', 600, { suite: '*-back*' })], '2.0 1.0'],
    [
      'by origin and label, both',
      'trixie: hello 2; security: hello 1',
      [pin('*', 990, { origin: 'Debian', label: 'D*-S*' })],
      '1 2',
    ],
    ['by component', 'trixie: hello 2; company: hello 1', [pin('*', 501, { component: 'extra' })], '1 2'],
    ['by the suite alone', BOTH, [pin('*', 600, { archive: 'trixie-backports' })], '1.0 2.0'],
    ['by its version', 'backports: hello 2; trixie: hello 1', [pin('*', 501, { release: '13.*' })], '1 2'],
    ['by the architecture of the index', BOTH, [pin('*', 50, { architecture: 'amd64' })], '2.0 1.0'],
    ['by the host', 'trixie: hello 2; company: hello 1', [pin('*', 501, { site: '*.company.example' })], '1 2'],
    ['by having none', 'trixie: hello 1; company: hello 2', [pin('*', 501, { site: '' })], '1 2'],
    ['by a regular expression', BOTH, [pin('*', 600, { suite: '/-BACK[[:alpha:]]+$/' })], '2.0 1.0'],
    ['by one on names', BOTH, [pin('/^hel+/', 990, { suite: '*backports' })], '2.0 1.0'],
    ['never what is below 0', BOTH, [pin('*', -1, { codename: 'trixie' })], '2.0'],
    ['nothing where all is below 0', BOTH, [pin('hello', -10, { version: '*' })], ''],
    [
      'the first of two general pins',
      BOTH,
      [pin('*', 50, { suite: 'stable' }), pin('*', 990, { codename: 'trixie' })],
      '2.0 1.0',
    ],
    [
      'a package before the general form',
      BOTH,
      [pin('*', 990, { suite: '*' }), pin('hello', 50, { suite: 'stable' })],
      '2.0 1.0',
    ],
    [
      'the first of two pins for a package',
      BOTH,
      [pin('hello', 50, { suite: 'stable' }), pin('h*', 990, { suite: 'stable' })],
      '2.0 1.0',
    ],
    ['nothing by a pin for another package', BOTH, [pin('hell', 990, { suite: '*backports' })], '1.0 2.0'],
    ['by one of several names', BOTH, [pin(['x', 'hel*'], 990, { suite: '*backports' })], '2.0 1.0'],
    ['by the source package', BOTH, [pin('src:greet*', 990, { suite: '*backports' })], '2.0 1.0'],
    ['by version, with a glob', `${BOTH}, hello 1.5`, [pin('hello', 990, { version: '1.*' })], '1.5 1.0 2.0'],
    [
      'by version, all places of it',
      'trixie: hello 2; security: hello 1; company: hello 1',
      [pin('hello', 990, { version: '1' })],
      '1 2',
    ],
    [
      'a star among others as a glob',
      BOTH,
      [pin(['*', 'x'], 990, { suite: '*backports' }), pin('hello', 1, { suite: '*' })],
      '2.0 1.0',
    ],
  ];
  it.each(cases)('%s', (_, archives, pins, expected) => {
    const found = universeOf(archives, pins).named('hello');
    expect(found.map(({ version }) => version).join(' ')).toBe(expected);
  });

  it('keeps what is never chosen among all versions, with their places', () => {
    const universe = universeOf('trixie: hello 1.0; security: hello 1.0; backports: hello 2.0', [
      pin('hello', -1, { version: '2.0' }),
    ]);
    const versions = universe.versions('hello').map(({ record, places, priority }) => {
      return [record.version, places.map(({ codename }) => codename).join(), priority];
    });
    expect(versions).toEqual([
      ['2.0', 'trixie-backports', -1],
      ['1.0', 'trixie,trixie-security', 500],
    ]);
  });
});
