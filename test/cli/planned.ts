import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { writeArchive } from '../builder/archive.js';
import { testKey, writeKeyring } from '../builder/keys.js';

/** Enough for each kind of reason, a cycle, a provider, a drop that is met and one that is not. */
const PACKAGES: readonly (readonly [fields: Readonly<Record<string, string>>, kilobytes: number])[] = [
  [{ Package: 'files', Architecture: 'all', 'Pre-Depends': 'awk', 'Installed-Size': '300' }, 60],
  [{ Package: 'libc', Version: '2.41-12+deb13u4', Depends: 'libgcc', 'Installed-Size': '13000' }, 2800],
  [{ Package: 'libgcc', Depends: 'libc (>= 2.35), gcc-base (= 1.0-1)', 'Installed-Size': '190' }, 72],
  [{ Package: 'gcc-base', 'Installed-Size': '110' }, 49],
  [
    { Package: 'web', Depends: 'mail-agent, libc (>= 2.38), libssl3t64', Recommends: 'docs', 'Installed-Size': '900' },
    400,
  ],
  [{ Package: 'postman', Provides: 'mail-agent', Depends: 'libc', 'Installed-Size': '50' }, 20],
  [{ Package: 'libssl3t64', 'Pre-Depends': 'libc (>= 2.38)', 'Installed-Size': '8000' }, 2500],
  [{ Package: 'docs', Version: '2:1.0~rc1', Architecture: 'all', 'Installed-Size': '10' }, 1],
  [{ Package: 'alone', 'Installed-Size': '10' }, 1],
];

const PROFILE = `name: shop
description: For tests
suite: test
archives:
  - { suite: "\${suite}", components: [main], kind: other, keyring: ./keyring.asc, uris: ["http://127.0.0.1:1/none"] }
  - { suite: "\${suite}-updates", components: [main], kind: other, keyring: ./keyring.asc, uris: ["http://127.0.0.1:1/none"], updates: true }
stages:
  - name: bottom
    packages: [files, libc]
    drop:
      - { package: awk, reason: Nothing calls one }
      - { package: perl, from: files, reason: Nor that }
  - name: top
    packages: [web | apache]
    recommends: true
`;

/** Where the archive and the profile lie; filled before the tests of a file. */
export const place = { directory: '', profile: [] as string[], packages: [] as string[] };

beforeAll(async () => {
  place.directory = await mkdtemp(join(tmpdir(), 'koala-plan-'));
  const packages = PACKAGES.map(([fields, kilobytes]) => ({
    control: { Version: '1.0-1', Architecture: 'amd64', ...fields },
    deb: Buffer.alloc(kilobytes * 1000),
  }));
  await writeArchive({ directory: join(place.directory, 'archive'), suite: 'test', packages });
  await writeKeyring(place.directory, 'keyring.asc', [await testKey()]);
  await writeFile(join(place.directory, 'shop.yaml'), PROFILE);
  const from = [
    '--mirror',
    join(place.directory, 'archive'),
    '--cache-dir',
    join(place.directory, 'cache'),
    '-a',
    'amd64',
  ];
  place.profile = ['-p', join(place.directory, 'shop.yaml'), ...from];
  place.packages = ['-s', 'test', '--keyring', join(place.directory, 'keyring.asc'), ...from];
});

afterAll(() => rm(place.directory, { recursive: true, force: true }));
