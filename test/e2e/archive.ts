import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { writeArchive } from '../builder/archive.js';
import { type DebFile, makeDeb } from '../builder/deb.js';
import { testKey, writeKeyring } from '../builder/keys.js';
import { serveDirectory, type TestServer } from '../builder/server.js';

export interface SmallArchive {
  readonly server: TestServer;
  readonly directory: string;
  /** `--profile`, `--mirror` and `--keyring` for it. */
  readonly args: readonly string[];
}

const PACKAGES: Readonly<Record<string, { control?: Record<string, string>; files: DebFile[]; postinst?: string }>> = {
  hello: {
    control: { Depends: 'libhello (>= 1), missing-on-purpose', 'Installed-Size': '12' },
    files: [
      { path: '/usr/bin/hello', mode: 0o4755, content: 'hello\n', mtime: 1_900_000_000 },
      { path: '/usr/bin/again', type: 'hardlink', target: '/usr/bin/hello' },
      { path: '/bin/old-place', content: 'x' },
      { path: '/usr/share/doc/hello/README', content: 'read me\n' },
      { path: `/usr/share/${'long-'.repeat(40)}/name`, content: 'far\n' },
      { path: '/var/lib/hello', type: 'directory', mode: 0o2770, uid: 42, gid: 43 },
    ],
    postinst: '#!/bin/sh\ntrue\n',
  },
  libhello: {
    files: [
      { path: '/usr/lib/libhello.so.1', content: Buffer.alloc(300_000, 'l') },
      { path: '/usr/lib/libhello.so', target: 'libhello.so.1' },
    ],
  },
  extra: { files: [{ path: '/usr/share/extra', content: 'ä\n' }] },
  odd: {
    files: [{ path: '/usr/bin/odd', mode: 0o755, content: '\x7fELF\0' }],
    postinst:
      '#!/bin/sh\necho odd >/etc/odd\ninvoke-rc.d odd start\nfor i in 1 2 3 4; do\n  odd --once || :\ndone\nodd',
  },
  hostile: { files: [], postinst: '#!/bin/sh\nset -e\nwhile :; do :; done\n' },
};

const PROFILE = `name: small
description: For tests
suite: test
archives:
  - { suite: "\${suite}", components: [main], kind: other, keyring: ./keyring.asc, uris: ["http://127.0.0.1:1/none"] }
stages:
  - name: small
    packages: [hello]
    drop:
      - { package: missing-on-purpose, reason: It is not there }
accounts:
  users: [{ username: app, uid: 1000, gid: 1000, homedir: /home/app, shell: /bin/hello }]
  groups: [{ groupname: app, gid: 1000 }]
paths:
  - { path: /etc/made, type: file, content: "made\\n", permissions: 0o600 }
exclude-paths: [/usr/share/doc/*]
`;

/** A signed archive of three packages, served on loopback, with a profile and a keyring beside it. */
export async function smallArchive(directory: string): Promise<SmallArchive> {
  const packages: Parameters<typeof writeArchive>[0]['packages'][number][] = [];
  for (const [name, { control, files, postinst }] of Object.entries(PACKAGES)) {
    const fields = { Package: name, Version: '1.0-1', Architecture: 'amd64', Description: name, ...control };
    const scripts = postinst === undefined ? {} : { postinst };
    packages.push({ control: fields, deb: await makeDeb({ control: fields, files, scripts }) });
  }
  const archive = join(directory, 'archive');
  await writeArchive({ directory: archive, suite: 'test', packages });
  await writeKeyring(directory, 'keyring.asc', [await testKey()]);
  writeFileSync(join(directory, 'small.yaml'), PROFILE);
  const server = await serveDirectory(archive);
  const args = ['--profile', join(directory, 'small.yaml'), '--mirror', server.url, '--arch', 'amd64'];
  return { server, directory, args };
}

/** The small archive for all tests of a file, served until they have run. */
export async function testArchive(directory: string): Promise<SmallArchive> {
  const archive = await smallArchive(directory);
  afterAll(() => archive.server.close());
  return archive;
}
