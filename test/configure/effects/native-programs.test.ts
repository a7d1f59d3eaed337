import { describe, expect, it } from 'vitest';
import { World } from './harness.js';

describe('sshd', () => {
  it.each([
    [
      'no configuration',
      {},
      ['/etc/ssh/ssh_host_rsa_key', '/etc/ssh/ssh_host_ecdsa_key', '/etc/ssh/ssh_host_ed25519_key'],
    ],
    ['comments alone', { '/etc/ssh/sshd_config': '#HostKey /etc/ssh/one\n' }, undefined],
    ['a key', { '/etc/ssh/sshd_config': 'Port 22\nhostkey /etc/ssh/one\n' }, ['/etc/ssh/one']],
    [
      'a file that is included',
      { '/etc/ssh/sshd_config': 'Include sshd_config.d/*.conf\n', '/etc/ssh/sshd_config.d/a.conf': 'HostKey="/a"\n' },
      ['/a'],
    ],
  ])('tells the host keys: %s', (_, files, keys) => {
    const world = new World().add(files);
    const { status, stdout } = world.run(['sshd', '-G']);
    expect(status).toBe(0);
    if (keys === undefined) expect(stdout.split('\n')).toHaveLength(4);
    else expect(stdout).toBe(keys.map((key) => `hostkey ${key}\n`).join(''));
  });

  it('is not started', () => {
    const world = new World();
    expect(world.run(['sshd', '-D']).status).toBe(1);
    expect(world.reports).toEqual([{ type: 'unsupported', command: 'sshd', what: '-D', line: 1 }]);
  });
});

it.each(['pg_updatedicts', 'pg_lsclusters'])('%s is only taken for what it was in versions that are known', (name) => {
  const world = new World().add({ '/usr/sbin/pg_updatedicts': '#!/usr/bin/perl\n', '/usr/bin/pg_lsclusters': 'other' });
  expect(world.run([name]).status).toBe(1);
  expect(world.reports).toMatchObject([{ type: 'unsupported', what: 'this version of the program' }]);
});
