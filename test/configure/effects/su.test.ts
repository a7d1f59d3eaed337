import { describe, expect, it } from 'vitest';
import { CORE_COMMANDS } from '../../../src/configure/commands/core/registry.js';
import { DEBIAN_COMMANDS } from '../../../src/configure/effects/registry.js';
import { runScript } from '../../../src/configure/shell/script.js';
import type { Report } from '../../../src/configure/shell/types.js';
import { World } from './harness.js';

const PASSWD = [
  'root:x:0:0:root:/root:/bin/sh',
  'postgres:x:101:104::/var/lib/postgresql:/bin/bash',
  'sync:x:4:65534::/bin:/usr/sbin/nologin',
].join('\n');

/** What a script says and leaves, in a tree with these accounts. */
function run(script: string): { status: number; stdout: string; stderr: string; world: World; reports: Report[] } {
  const world = new World(undefined, { commands: new Map([...CORE_COMMANDS, ...DEBIAN_COMMANDS]) }).add({
    '/etc/passwd': `${PASSWD}\n`,
    '/etc/group': 'root:x:0:\npostgres:x:104:\n',
    '/bin/sh': 'program',
    '/data/': '',
  });
  const system = { ...world.system, alwaysThere: () => true };
  const { status, stdout, stderr } = runScript(system, { script, name: 'test' });
  return { status, stdout, stderr, world, reports: world.reports };
}

describe('su and runuser', () => {
  it.each([
    ['su -s /bin/sh postgres -c "id -u; id -gn"', '101\npostgres\n'],
    ['su postgres -s /bin/sh -c "echo \\$HOME \\$USER"', '/var/lib/postgresql postgres\n'],
    ['su - postgres -s /bin/sh -c "echo \\$LOGNAME \\$1" sh one', 'postgres one\n'],
    ['su -c "id -u"', '0\n'],
    ['runuser -u postgres -- id -u', '101\n'],
    ['runuser postgres -s /bin/sh -c "id -u"', '101\n'],
    ['id -u; su -s /bin/sh postgres -c true; id -u', '0\n0\n'],
  ])('%s', (script, stdout) => {
    expect(run(script)).toMatchObject({ status: 0, stdout, reports: [] });
  });

  it('makes files of the account, which test -O knows', () => {
    const script = `su -s /bin/sh postgres -c '
      >/data/own; test -O /data/own && test -G /data/own && ! test -O /data && (mkdir /data/below)'`;
    const { status, world } = run(script);
    expect(status).toBe(0);
    expect(world.entries('/data')).toEqual(['/data/own: file 644 101:104 ""']);
    expect(world.tree.get('/data/below')).toMatchObject({ uid: 101, gid: 104 });
  });

  it.each([
    ['su nobody-here -c true', /user nobody-here does not exist/],
    ['runuser -u nobody-here true', /user nobody-here does not exist/],
    ['su sync -c true', /not available/],
  ])('%s fails', (script, stderr) => {
    const outcome = run(script);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toMatch(stderr);
  });
});
