import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeDirectory, hasTool, isRoot, treeOf, World, withDirectory } from './harness.js';

const STATE = '/var/lib/systemd/deb-systemd-helper-enabled';
const LIB = '/usr/lib/systemd/system';

function world(): World {
  return new World().add({
    '/lib': '-> usr/lib',
    [`${LIB}/a.service`]: '[Install]\nWantedBy=multi-user.target\nAlias=aa.service\n',
    [`${LIB}/b.timer`]: '[Install]\nWantedBy=timers.target\n',
    '/etc/init.d/svc': '#!/bin/sh\n### BEGIN INIT INFO\n# Default-Start: 2 3\n# Default-Stop: 0\n### END INIT INFO\n',
  });
}

describe('units', () => {
  it('enables a unit and remembers it', () => {
    const it = world();
    expect(it.run(['deb-systemd-helper', '--quiet', 'was-enabled', 'b.timer']).status).toBe(0);
    expect(it.run(['deb-systemd-helper', 'enable', 'b.timer']).status).toBe(0);
    const link = '/etc/systemd/system/timers.target.wants/b.timer';
    expect([...it.entries('/etc/systemd'), ...it.entries('/var')]).toEqual([
      `${link}: symlink 777 0:0 -> /lib/systemd/system/b.timer`,
      `${STATE}/b.timer.dsh-also: file 644 0:0 "${link}\\n"`,
      `${STATE}/timers.target.wants/b.timer: file 644 0:0 ""`,
    ]);
    expect(it.run(['deb-systemd-helper', 'debian-installed', 'b.timer']).status).toBe(0);
  });

  it('lets systemctl and its presets decide where it is installed', () => {
    const it = world().add({
      '/usr/bin/systemctl': 'program',
      '/usr/lib/systemd/system-preset/90-x.preset': 'disable b.*\n',
    });
    const program = it.tree.get('/usr/bin/systemctl');
    if (program !== undefined) program.mode = 0o755;
    for (const unit of ['a.service', 'b.timer']) expect(it.run(['deb-systemd-helper', 'enable', unit]).status).toBe(0);
    expect(it.entries('/etc/systemd')).toEqual([
      `/etc/systemd/system/aa.service: symlink 777 0:0 -> ${LIB}/a.service`,
      `/etc/systemd/system/multi-user.target.wants/a.service: symlink 777 0:0 -> ${LIB}/a.service`,
    ]);
  });

  // As systemctl 252 and 257 of the two suites did in a chroot.
  it.each([
    ['/lib/systemd/system', '/lib'],
    ['/usr/lib/systemd/system', '/usr/lib'],
  ])('enables an instance of a template, where systemd ships %s', (shipped, place) => {
    const systemd = { name: 'systemd', version: '1', architecture: 'amd64', multiArchSame: false };
    const packages = [{ ...systemd, status: 'install ok installed', fields: new Map(), files: () => [shipped] }];
    const it = new World(undefined, { packages }).add({
      '/lib': '-> usr/lib',
      [`${LIB}/getty@.service`]: '[Install]\nWantedBy=getty.target\nDefaultInstance=tty1\n',
      [`${LIB}/serial@.service`]: '[Install]\nWantedBy=getty.target\n',
    });
    const statuses = ['getty@tty5', 'getty@', 'serial@', 'none@x'].map(
      (unit) => it.run(['systemctl', '--root=/', 'enable', `${unit}.service`]).status,
    );
    expect(statuses).toEqual([0, 0, 1, 1]);
    expect(it.entries('/etc')).toEqual(
      ['tty1', 'tty5'].map(
        (tty) =>
          `/etc/systemd/system/getty.target.wants/getty@${tty}.service: symlink 777 0:0 -> ${place}/systemd/system/getty@.service`,
      ),
    );
  });

  it('masks and unmasks', () => {
    const it = world();
    it.run(['deb-systemd-helper', 'mask', 'a.service']);
    expect(it.entries('/etc/systemd')).toEqual(['/etc/systemd/system/a.service: symlink 777 0:0 -> /dev/null']);
  });

  it('makes the links of init scripts once', () => {
    const it = world();
    for (let time = 0; time < 2; time++) expect(it.run(['update-rc.d', 'svc', 'defaults']).status).toBe(0);
    const links = () =>
      it
        .entries('/etc')
        .filter((line) => line.startsWith('/etc/rc'))
        .map((line) => line.split(':')[0]);
    expect(links()).toEqual(['/etc/rc0.d/K01svc', '/etc/rc2.d/S01svc', '/etc/rc3.d/S01svc']);
    it.run(['update-rc.d', 'svc', 'disable']);
    expect(links()).toEqual(['/etc/rc0.d/K01svc', '/etc/rc2.d/K01svc', '/etc/rc3.d/K01svc']);
    expect(it.run(['update-rc.d', 'none', 'defaults']).status).toBe(1);
  });

  it('starts nothing and says so', () => {
    const it = world();
    expect(
      ['invoke-rc.d', 'deb-systemd-invoke', 'service'].map((name) => it.run([name, 'svc', 'start']).status),
    ).toEqual([0, 0, 0]);
    expect(it.reports.map(({ type, command }) => [type, command])).toEqual([
      ['left-out', 'invoke-rc.d'],
      ['left-out', 'deb-systemd-invoke'],
      ['left-out', 'service'],
    ]);
  });
});

const ACCOUNTS = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nu1:x:101:102::/:/bin/sh\nx:x:999:998::/:/bin/sh\n',
  '/etc/group': 'root:x:0:\nadm:x:4:\ng2:x:102:\n',
  '/etc/shadow': 'root:*:1::::::\n',
  '/etc/gshadow': 'root:*::\nadm:!*::\n',
};

const REAL: { tool: string; args: string[]; files: Record<string, string> }[] = [
  {
    tool: 'systemd-sysusers',
    args: ['a.conf'],
    files: {
      ...ACCOUNTS,
      '/usr/lib/sysusers.d/a.conf':
        '# comment\nu dbus - "System Message Bus" /run/dbus\ng render -\nu _chrony - "Chrony daemon" /var/lib/chrony /bin/false\nm _chrony adm\nu fixed 450\nu two 451:adm "Two"\ng gx 460\nm newuser newgroup\n',
      '/usr/lib/sysusers.d/b.conf': 'u notthis -\n',
    },
  },
  {
    tool: 'systemd-tmpfiles',
    args: ['--create', 't.conf'],
    files: {
      ...ACCOUNTS,
      '/src/a/b': 'copy',
      '/var/exists/f': 'x',
      '/var/lib/z/sub/file': 'f',
      '/usr/lib/tmpfiles.d/t.conf':
        'd /run/foo 0755 u1 g2 -\nd /var/lib/bar 2775 root adm 10d\nf /var/log/x.log 0640 root adm - text\\nmore\nF /var/exists/g 0644 - - - new\nL /etc/link - - - - ../run/foo\nL+ /var/exists/f2 - - - - /x\nC /copied - - - - /src\nz /var/exists/f 0444 u1 g2\nZ /var/lib/z 0750 u1 g2\nD /tmp/x 1777 root root 10d\nd! /run/boot 0755\nd "/var/with space" - - - -\nw+ /var/log/x.log - - - - more\ne /var/exi* 0711\nf^ /etc/hosts - - - - network.hosts\nd /deep/er/path 2755 u1 g2\n',
    },
  },
];

it('journalctl --update-catalog leaves the index to the first boot', () => {
  const it = new World();
  expect(it.run(['journalctl', '--update-catalog']).status).toBe(0);
  expect(it.tree.get('/var/lib/systemd/catalog')?.type).toBe('directory');
  expect(it.reports.map(({ type }) => type)).toEqual(['left-out']);
});

describe.each(REAL)('$tool', ({ tool, args, files }) => {
  // Needs root, as the tool gives files to others in a root of its own.
  it.skipIf(!isRoot() || !hasTool(tool))('leaves what the real tool leaves, also the second time', () => {
    withDirectory((directory) => {
      const [real, ours] = [`${directory}/real`, `${directory}/ours`];
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(real + path), { recursive: true });
        writeFileSync(real + path, text);
      }
      cpSync(real, ours, { recursive: true });
      const it = new World(treeOf(ours));
      for (let time = 0; time < 2; time++) {
        const env = { ...process.env, SOURCE_DATE_EPOCH: '1750000000' };
        expect(spawnSync(tool, [`--root=${real}`, ...args], { env }).status).toBe(0);
        expect(it.run([tool, ...args]).status).toBe(0);
        expect(it.entries().sort()).toEqual(describeDirectory(real).sort());
      }
    });
  });
});
