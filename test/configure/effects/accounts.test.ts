import { describe, expect, it } from 'vitest';
import type { InstalledPackage } from '../../../src/configure/effects/state.js';
import { World } from './harness.js';

const DAY = 20_254;
const LOGIN_DEFS =
  'UID_MIN 1000\nUID_MAX 60000\nGID_MIN 1000\nGID_MAX 60000\nHOME_MODE 0700\nPASS_MAX_DAYS 99999\nPASS_MIN_DAYS 0\nPASS_WARN_AGE 7\n';

function world(packages: readonly InstalledPackage[] = []): World {
  return new World(undefined, { packages }).add({
    '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
    '/etc/group': 'root:x:0:\naudio:x:29:\nshadow:x:42:\nusers:x:100:\nnogroup:x:65534:\n',
    '/etc/shadow': 'root:*:1:0:99999:7:::\n',
    '/etc/gshadow': 'root:*::\naudio:*::\nshadow:*::\nusers:*::\nnogroup:*::\n',
    '/etc/login.defs': LOGIN_DEFS,
    '/etc/skel/.profile': 'profile',
    '/etc/subuid': '',
    '/etc/subgid': '',
  });
}

/** The lines that are in a table after the calls and were not before. */
function added(calls: readonly string[][], table: string): string[] {
  const it = world();
  const before = new Set(it.read(`/etc/${table}`)?.split('\n'));
  for (const call of calls) it.run(call);
  return (it.read(`/etc/${table}`) ?? '').split('\n').filter((line) => !before.has(line));
}

describe('accounts', () => {
  // The lines are what the tools of passwd 4.13 and adduser 3.134 left in a chroot.
  const cases: { calls: string[][]; table: string; lines: string[] }[] = [
    { calls: [['groupadd', '-r', 'g']], table: 'group', lines: ['g:x:999:'] },
    { calls: [['groupadd', '-r', 'g']], table: 'gshadow', lines: ['g:!::'] },
    { calls: [['groupadd', 'g']], table: 'group', lines: ['g:x:1000:'] },
    {
      calls: [['useradd', '-r', '-g', 'users', '-d', '/nonexistent', '-s', '/usr/sbin/nologin', 'u']],
      table: 'passwd',
      lines: ['u:x:999:100::/nonexistent:/usr/sbin/nologin'],
    },
    { calls: [['useradd', '-r', 'u']], table: 'shadow', lines: [`u:!:${DAY}::::::`] },
    { calls: [['useradd', '-m', 'u']], table: 'shadow', lines: [`u:!:${DAY}:0:99999:7:::`] },
    {
      calls: [
        ['useradd', 'u'],
        ['useradd', 'v'],
      ],
      table: 'subuid',
      lines: ['u:100000:65536', 'v:165536:65536'],
    },
    {
      calls: [
        ['useradd', 'u'],
        ['usermod', '-aG', 'audio', 'u'],
      ],
      table: 'group',
      lines: ['audio:x:29:u', 'u:x:1000:'],
    },
    { calls: [['addgroup', '--system', 's']], table: 'group', lines: ['s:x:101:'] },
    {
      calls: [
        ['adduser', '--system', '--group', '--home', '/var/lib/d', '--no-create-home', '--gecos', 'D daemon', 'd'],
      ],
      table: 'passwd',
      lines: ['d:x:100:101:D daemon,,,:/var/lib/d:/usr/sbin/nologin'],
    },
    {
      calls: [['adduser', '--system', '--quiet', '--no-create-home', '--home', '/run/sshd', 'sshd']],
      table: 'passwd',
      lines: ['sshd:x:100:65534::/run/sshd:/usr/sbin/nologin'],
    },
    {
      calls: [['adduser', '--disabled-password', '--gecos', '', 'max']],
      table: 'passwd',
      lines: ['max:x:1000:1000:,,,:/home/max:/bin/bash'],
    },
    {
      calls: [['adduser', '--disabled-password', '--gecos', '', 'max']],
      table: 'group',
      lines: ['users:x:100:max', 'max:x:1000:'],
    },
    {
      calls: [['systemd-sysusers', '--inline', 'u a 300 "A b" /var/a', 'g g -', 'm a g']],
      table: 'group',
      lines: ['g:x:999:a', 'a:x:300:'],
    },
    {
      calls: [['systemd-sysusers', '--inline', 'u a - "A b"']],
      table: 'passwd',
      lines: ['a:x:999:999:A b:/:/usr/sbin/nologin'],
    },
    {
      calls: [['systemd-sysusers', '--inline', 'u a -:nogroup "A b" /run/a']],
      table: 'passwd',
      lines: ['a:x:999:65534:A b:/run/a:/usr/sbin/nologin'],
    },
  ];
  it.each(cases)('$calls gives $lines', ({ calls, table, lines }) => {
    expect(added(calls, table)).toEqual(lines);
  });

  it('names and comments a user as the version of adduser does', () => {
    const adduser = { name: 'adduser', version: '3.152', architecture: 'all', multiArchSame: false };
    const it = world([{ ...adduser, status: 'install ok installed', fields: new Map(), files: () => [] }]);
    it.run(['adduser', '--system', '--gecos', 'D daemon', 'D-d']);
    expect(it.read('/etc/passwd')?.split('\n').at(-2)).toBe('D-d:x:100:65534:D daemon:/nonexistent:/usr/sbin/nologin');
  });

  // Lines that real groupadd, useradd, pwconv, grpconv and systemd-sysusers of both suites left.
  it.each([
    [[['groupadd', 'g'], ['grpconv']], 'gshadow', 'g:x::'],
    [[['useradd', '-r', 'u'], ['grpconv']], 'gshadow', 'u:!::'],
    [[['useradd', '-r', 'u'], ['pwconv']], 'shadow', `u:!:${DAY}:0:99999:7:::`],
    [[['systemd-sysusers', '--inline', 'u a -']], 'shadow', `a:!*:${DAY}::::::`],
    [[['systemd-sysusers', '--inline', 'g g -']], 'gshadow', 'g:!*::'],
  ])('%j without shadow passwords puts into %s the line %s', (calls, table, line) => {
    const it = world();
    for (const path of ['/etc/shadow', '/etc/gshadow']) it.tree.remove(path);
    for (const call of calls) expect(it.run(call).status).toBe(0);
    expect(it.read(`/etc/${table}`)?.split('\n')).toContain(line);
  });

  const statuses: [string[], number][] = [
    [['useradd', 'root'], 9],
    [['groupadd', '-g', '29', 'g'], 4],
    [['groupadd', '-f', 'audio'], 0],
    [['usermod', '-aG', 'none', 'root'], 6],
    [['usermod', '-s', '/bin/sh', 'none'], 6],
    [['adduser', 'root', 'none'], 1],
    [['adduser', '--system', 'Bad:Name'], 1],
    [['getent', 'passwd', 'root'], 0],
    [['getent', 'passwd', '65534'], 0],
    [['getent', 'group', 'none'], 2],
    [['getent', 'nothing'], 1],
  ];
  it.each(statuses)('%j exits with %i', (call, status) => {
    expect(world().run(call).status).toBe(status);
  });

  it('keeps the former table with the mode of the table, and the lock', () => {
    const it = world();
    const shadow = it.tree.get('/etc/shadow');
    if (shadow !== undefined) Object.assign(shadow, { mode: 0o640, gid: 42 });
    const before = it.read('/etc/shadow');
    it.run(['useradd', '-r', 'u']);
    expect([it.read('/etc/shadow-'), it.tree.get('/etc/shadow-')?.mode, it.tree.get('/etc/shadow-')?.gid]).toEqual([
      before,
      0o640,
      42,
    ]);
    expect(it.tree.get('/etc/.pwd.lock')?.mode).toBe(0o600);
  });

  it('makes a home with copies of the skeleton', () => {
    const it = world();
    it.run(['useradd', '-m', 'u']);
    expect(it.entries('/home')).toEqual(['/home/u/.profile: file 644 1000:1000 "profile"']);
    expect([it.tree.get('/home/u')?.mode, it.tree.get('/home/u')?.uid]).toEqual([0o700, 1000]);
  });

  it('turns shadow passwords on', () => {
    const it = new World().add({
      '/etc/passwd': 'root:*:0:0:root:/root:/bin/bash\n',
      '/etc/group': 'root:*:0:\nshadow:*:42:\n',
    });
    expect(it.run(['shadowconfig', 'on']).stdout).toBe('Shadow passwords are now on.\n');
    expect(it.entries('/etc')).toEqual([
      '/etc/.pwd.lock: file 600 0:0 ""',
      '/etc/group: file 644 0:0 "root:x:0:\\nshadow:x:42:\\n"',
      '/etc/group-: file 644 0:0 "root:*:0:\\nshadow:*:42:\\n"',
      '/etc/gshadow: file 640 0:42 "root:*::\\nshadow:*::\\n"',
      '/etc/passwd: file 644 0:0 "root:x:0:0:root:/root:/bin/bash\\n"',
      '/etc/passwd-: file 600 0:0 "root:*:0:0:root:/root:/bin/bash\\n"',
      `/etc/shadow: file 640 0:42 "root:*:${DAY}:0:99999:7:::\\n"`,
    ]);
  });
});
