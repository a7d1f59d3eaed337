import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { archivesOfSources } from '../../src/archive/given-sources.js';
import { openArchives } from '../../src/archive/open-archives.js';
import { resolveArchives } from '../../src/archive/resolve.js';
import type { PackageUniverse } from '../../src/archive/types.js';
import type { Pin } from '../../src/profile/types.js';
import { solve } from '../../src/solve/solve.js';
import { writeArchive } from '../builder/archive.js';
import { request, stage } from '../solve/universe.js';
import { pin, scratch, temporaryDirectory } from './scratch.js';

/** The archives of this test: what is in them, with a `!` where the file is another one than that of the same version elsewhere. */
const SUITES: {
  name: string;
  packages: Record<string, string>;
  release: Record<string, string>;
  component?: string;
}[] = [
  {
    name: 'trixie',
    packages: { aa: '1.0 1.5', 'lib-a': '2:1', 'lib-b': '1', cc: '1.0', only: '1' },
    release: { Suite: 'stable', Origin: 'Debian', Label: 'Debian', Version: '13.1' },
  },
  {
    name: 'trixie-security',
    packages: { aa: '1.5 1.6', 'lib-a': '2:1!', cc: '1.0' },
    release: { Suite: 'stable-security', Origin: 'Debian', Label: 'Debian-Security' },
  },
  {
    name: 'trixie-backports',
    packages: { aa: '2.0~bpo1', 'lib-a': '3', 'lib-b': '1', cc: '1.0!' },
    release: {
      Suite: 'stable-backports',
      Origin: 'Debian',
      Label: 'Debian',
      NotAutomatic: 'yes',
      ButAutomaticUpgrades: 'yes',
    },
  },
  {
    name: 'rc-buggy',
    packages: { aa: '3.0', 'lib-b': '4', young: '1' },
    release: { Suite: 'experimental', Origin: 'Debian', Label: 'Debian', NotAutomatic: 'yes' },
  },
  {
    name: 'prod',
    packages: { aa: '0.9', 'lib-b': '0.5 1', cc: '9', mine: '1' },
    release: { Origin: 'Company', Label: 'Tools', ButAutomaticUpgrades: 'yes' },
    component: 'extra',
  },
];
/** What some versions depend on. */
const DEPENDS: Readonly<Record<string, string>> = {
  'aa 1.5': 'lib-a',
  'aa 2.0~bpo1': 'lib-a (>= 3), lib-b',
  'aa 3.0': 'lib-b (>= 4), young (= 1) | only (>= 7)',
  'lib-b 4': 'lib-a (>= 2)',
  'cc 9': 'lib-b (<< 1) | absent, aa',
  'only 1': 'lib-a (<< 3)',
};
const NAMES = [...new Set(SUITES.flatMap(({ packages }) => Object.keys(packages)))];

/** Sources are numbered apart from packages, so that `src:` pins are no package pins. */
const sourceOf = (name: string): string => (name.startsWith('lib-') ? 'libs' : `src-${name}`);

async function writeSuites(directory: string): Promise<string> {
  const lines: string[] = [];
  for (const { name: suite, packages, release, component = 'main' } of SUITES) {
    const list = Object.entries(packages).flatMap(([name, versions]) =>
      versions.split(' ').map((version) => {
        const control = {
          Package: name,
          Source: sourceOf(name),
          Version: version.replace('!', ''),
          Architecture: 'amd64',
        };
        const digest = { 'Installed-Size': version.endsWith('!') ? '2' : '1', Maintainer: 'x', Description: 'x' };
        const depends = DEPENDS[`${name} ${version}`];
        const needs = depends === undefined ? {} : { Depends: depends };
        return { control: { ...control, ...needs, ...digest }, deb: Buffer.from(`${name} ${version}`), component };
      }),
    );
    await writeArchive({ directory, suite, packages: list, components: [component], release, compressions: ['none'] });
    lines.push(`deb [trusted=yes arch=amd64] ${pathToFileURL(directory).href} ${suite} ${component}`);
  }
  return `${lines.join('\n')}\n`;
}

/** apt in a root of its own: what it says of packages under given preferences. */
function privateApt(root: string, sources: string) {
  const etc = join(root, 'etc/apt');
  for (const path of ['etc/apt', 'var/lib/apt/lists/partial', 'var/cache/apt/archives/partial', 'var/lib/dpkg']) {
    mkdirSync(join(root, path), { recursive: true });
  }
  writeFileSync(join(root, 'var/lib/dpkg/status'), '');
  writeFileSync(join(etc, 'sources.list'), sources);
  const lines = [
    `Dir "${root}";`,
    `Dir::State::status "${root}/var/lib/dpkg/status";`,
    'Dir::Bin::methods "/usr/lib/apt/methods";',
    'APT::Architecture "amd64";',
    'APT::Architectures { "amd64"; };',
    'Acquire::Languages "none";',
    'Debug::NoLocking "true";',
    'APT::Sandbox::User "root";',
  ];
  writeFileSync(join(root, 'apt.conf'), lines.join('\n'));
  const run = (program: string, ...args: string[]): string => {
    const env = { ...process.env, APT_CONFIG: join(root, 'apt.conf'), LC_ALL: 'C' };
    const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stderr}`);
    return stdout;
  };
  run('apt-get', '-q', 'update');
  const policy = (pins: readonly Pin[]): string[] => {
    writeFileSync(join(etc, 'preferences'), pins.map(preference).join('\n'));
    const blocks = run('apt-cache', 'policy', ...NAMES).split(/^(?=\S)/m);
    return blocks.map((block) => {
      const name = block.split(':', 1)[0];
      const candidate = /Candidate: (\S+)/.exec(block)?.[1];
      const table = [...block.matchAll(/^ {5}(\S+) (-?\d+)$/gm)].map(
        ([, version, priority]) => `${version} ${priority}`,
      );
      return `${name}: ${candidate} of ${table.join(', ')}`;
    });
  };
  /** The packages that would be installed; undefined where apt finds no way. */
  const install = (requests: string): string[] | undefined => {
    try {
      const text = run(
        'apt-get',
        '-s',
        '-y',
        '-o',
        'APT::Install-Recommends=false',
        'install',
        ...requests.split(', '),
      );
      return [...text.matchAll(/^Inst (\S+) \((\S+) /gm)].map(([, name, version]) => `${name} ${version}`).sort();
    } catch {
      return undefined;
    }
  };
  return { policy, install };
}

function preference({ packages, priority, version, suite, site, ...pin }: Pin): string {
  const { archive: a, codename: n, origin: o, label: l, component: c, release: v, architecture: b } = pin;
  const fields = Object.entries({ a, n, o, l, c, v, b });
  const conditions = fields.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
  const release = site === undefined ? `release ${suite ?? conditions.join(',')}` : `origin "${site}"`;
  const condition = version !== undefined ? `version ${version}` : release;
  return `Package: ${packages.join(' ')}\nPin: ${condition}\nPin-Priority: ${priority}\n`;
}

const PINS: Pin[][] = [
  [],
  [pin('*', 990, { suite: 'stable' })],
  [pin('*', 990, { suite: 'trixie-backports' })],
  [pin('*', -1, { suite: 'stable*' })],
  [pin('*', 100, { origin: 'Debian', label: 'Debian' }), pin('*', 600, { origin: 'Debian' })],
  [pin('*', 1, { component: 'extra' }), pin('aa', 1001, { version: '0.9' })],
  [pin('aa', 50, { version: '1.*' }), pin('a*', 990, { codename: 'rc-buggy' }), pin('*', 400, { suite: 'stable' })],
  [pin('src:libs', 700, { codename: 'trixie-backports' }), pin('lib-b', -10, { suite: 'stable' })],
  [pin(['lib-?', 'only'], 700, { label: 'Tools' }), pin(['*', 'nothing'], 450, { codename: 'trixie*' })],
  [
    pin('cc', -1, { version: '*' }),
    pin('mine', 32_767, { origin: 'Company' }),
    pin('young', -1, { suite: 'experimental' }),
  ],
  [pin('*', 600, { archive: 'stable-backports' }), pin('*', 50, { release: '13.*' })],
  [pin('*', 600, { archive: 'trixie-backports' }), pin('*', 50, { release: '13' })],
  [pin('*', 50, { architecture: 'amd64', label: 'Debian' }), pin('*', 600, { architecture: 'i386' })],
  [pin('*', 700, { site: '' }), pin('*', 600, { site: 'a.example' })],
  [pin('*', 700, { suite: '/BACK.*s$/' }), pin('/^(a+|cc)$/', 600, { origin: '/^comp[[:alpha:]]*y$/' })],
  [pin('/LIB/', 800, { suite: 'rc-buggy' }), pin('cc', 50, { label: '/b/' })],
];

/** What `apt-get install` is asked for, with commas for blanks. */
const REQUESTS = [
  'aa',
  'aa=1.0',
  'aa=1.*',
  'aa=*5',
  'aa=0.9, lib-a=3',
  'aa/trixie-backports',
  'aa/stable-back*',
  'aa/trixie-backports, lib-a/stable',
  'aa/trixie-backports, only',
  'aa/experimental',
  'aa/rc-buggy, lib-a/trixie-backports',
  'aa/trixie',
  'aa=2.0~bpo1',
  'aa=2.0~bpo1, lib-a=3',
  'cc=9',
  'cc/prod',
  'cc/prod, aa/stable-security',
  'lib-b/prod',
  'young',
  'absent/trixie',
  'aa=7',
  'mine/trixie',
];

/** Pins by chance, the same ones each time. */
function randomPins(seed: number): Pin[] {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) % below;
  };
  const pick = <T>(values: readonly T[]): T => values[random(values.length)] as T;
  return Array.from({ length: 1 + random(4) }, () => {
    const packages = pick([['*'], ['*'], ['aa'], ['lib-*'], ['cc', 'lib-a'], ['src:libs'], ['?[ac]'], ['*', 'aa']]);
    const priority = pick([-10, -1, 1, 50, 100, 101, 499, 500, 501, 990, 1001]);
    const isGeneral = packages.join() === '*';
    if (!isGeneral && random(3) === 0)
      return pin(packages, priority, { version: pick(['1.*', '*', '1', '2:1', '*bpo*']) });
    if (random(2) === 0)
      return pin(packages, priority, { suite: pick(['stable', 'trixie', 'stable-*', '*-backports', 'prod']) });
    const origin = pick(['Debian', 'Company', '*']);
    return pin(
      packages,
      priority,
      pick([{ origin }, { origin, label: pick(['Debian*', 'Tools']) }, { component: 'extra' }]),
    );
  });
}

const hasApt = existsSync('/usr/bin/apt-cache');
const why = hasApt ? '' : 'SKIPPED, since this machine has no apt: ';

describe.skipIf(!hasApt)(`${why}priorities and candidates are those of apt-cache policy`, () => {
  let ours: (pins: readonly Pin[]) => Promise<string[]>;
  let apt: ReturnType<typeof privateApt>;
  let universeOf: (pins: readonly Pin[]) => Promise<PackageUniverse>;

  beforeEach(async () => {
    const place = await scratch();
    const text = await writeSuites(place.directory);
    apt = privateApt(await temporaryDirectory(), text);
    const options = { architecture: 'amd64', mirrors: [], keyrings: [], snapshot: undefined };
    const places = { aptRoot: place.directory, bundledKeyrings: place.directory };
    const archives = archivesOfSources([{ text, origin: 'sources.list' }], 'amd64');
    const { sources } = await resolveArchives({ ...options, ...places, archives });
    const tools = { store: place.store, transport: place.transport(), now: new Date() };
    universeOf = async (pins) => {
      return (await openArchives({ sources, architecture: 'amd64', pins, local: [], ...tools })).universe;
    };
    ours = async (pins) => {
      const universe = await universeOf(pins);
      return NAMES.map((name) => {
        const table = universe.versions(name).map(({ record, priority }) => `${record.version} ${priority}`);
        return `${name}: ${universe.named(name)[0]?.version ?? '(none)'} of ${table.join(', ')}`;
      });
    };
  });

  it('for pins of every kind', async () => {
    for (const pins of PINS) expect(await ours(pins), pins.map(preference).join('\n')).toEqual(apt.policy(pins));
  });

  it('for pins by chance', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const pins = randomPins(seed);
      expect(await ours(pins), pins.map(preference).join('\n')).toEqual(apt.policy(pins));
    }
  });

  it('for versions and releases that are asked for', async () => {
    const universe = await universeOf([]);
    for (const requests of REQUESTS) {
      const found = (): string[] =>
        solve(request(stage(requests)), universe)
          .stages.flatMap(({ packages }) => packages.map(({ record }) => `${record.name} ${record.version}`))
          .sort();
      const theirs = apt.install(requests);
      if (theirs === undefined) expect(found, requests).toThrow(expect.objectContaining({ code: 'solve' }));
      else expect(found(), requests).toEqual(theirs);
    }
  });
});
