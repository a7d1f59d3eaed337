import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workDirectory } from '../builder/directory.js';
import { koala } from './command.js';
import { type MovingArchive, movingArchive } from './moving-archive.js';

const work = workDirectory('why');
const ARCHIVES = ['suite: test, kind: other, uris: [SERVER]'];
let archive: MovingArchive;

beforeAll(async () => {
  archive = await movingArchive(work);
  await archive.publish('test', [
    'web 1.0 amd64; Depends: lib (>= 1); Postinst: echo x >/etc/made && echo y >>/usr/share/lib/version',
    'lib 1.0 amd64; Ships: /usr/share/lib/version',
  ]);
  const accounts = 'accounts: { users: [{ username: app, uid: 99 }], groups: [{ groupname: app, gid: 99 }] }\n';
  const paths = `paths:\n  - { path: /etc/own, type: file, content: x }\n  - { path: /usr/x, type: directory }\n`;
  archive.profile('web', ARCHIVES, `stages: [{ name: web, packages: [web] }]\n${accounts}${paths}`);
  archive.profile('child', ARCHIVES, 'extends: ./web.yaml\nexclude-paths: [/usr/share/web/*]\n');
  await run('lock', '-p', 'web.yaml', '-a', 'amd64');
});
afterAll(() => archive.server.close());

const run = (...args: string[]) =>
  koala([...args, '--cache-dir', 'cache'], { cwd: work, environment: { LC_ALL: 'C' } });
const why = (path: string, ...args: string[]) =>
  run('why', path, '--profile', 'child.yaml', '--arch', 'amd64', ...args);

const WEB = 'web 1.0, stage web\nweb asks for web\n';

describe('why of a path', () => {
  it.each([
    ['/etc/own', '/etc/own: file, of the profile web, ./web.yaml:9:5: paths[0]\n'],
    ['/etc/passwd', '/etc/passwd: file, of the profile web, ./web.yaml:7:1: accounts\n'],
    ['/etc/made', `/etc/made: file, made by postinst of web\n${WEB}`],
    ['/var/lib/dpkg/status.d/web', '/var/lib/dpkg/status.d/web: file, made by status.d\n'],
    ['/lib', '/lib: symlink to usr/lib, made by merged-usr\n'],
    [
      '/usr/share/web/version',
      `/usr/share/web/version: file, of the package web 1.0\nleft out of the output by exclude-paths\n${WEB}`,
    ],
    [
      '/usr/share/lib',
      '/usr/share/lib: directory, of the package lib 1.0\nlib 1.0, stage web\nweb asks for web -> depends on lib (>= 1)\n',
    ],
  ])('%s', async (path, expected) => {
    const { status, stdout, stderr } = await why(path);
    expect(stdout).toBe(expected);
    expect([status, stderr]).toEqual([0, '']);
  });

  it('tells in JSON who changed it, and what brought its package', async () => {
    expect(JSON.parse((await why('/usr/share/lib/version', '--json')).stdout)).toMatchObject({
      path: '/usr/share/lib/version',
      type: 'file',
      owner: { type: 'effect', name: 'postinst', package: 'web' },
      scripts: [{ package: 'web', script: 'postinst' }],
      leftOut: false,
      packages: [{ package: 'web', chains: [[]] }],
    });
  });

  it('and of a package answer from a lock as well', async () => {
    const lib = 'lib 1.0, stage web\nweb asks for web -> depends on lib (>= 1)\n';
    expect((await run('why', 'lib', '--lock', 'web.lock.json')).stdout).toBe(lib);
    const { stdout } = await run('why', '/usr/share/lib', '--lock', 'web.lock.json');
    expect(stdout).toBe(`/usr/share/lib: directory, of the package lib 1.0\n${lib}`);
    expect((await run('why', 'lip', '--lock', 'web.lock.json')).stderr).toContain('hint: did you mean lib?');
  });

  it.each([
    ['/etc/wade', 'cannot say why /etc/wade is there: it is not\nhint: did you mean /etc/made?\n'],
    ['/opt/a/b', 'cannot say why /opt/a/b is there: it is not\nhint: / is there\n'],
    ['/etc/../x', 'it has a ".." component'],
  ])('%s is not there', async (path, message) => {
    const { status, stdout, stderr } = await why(path);
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([1, '']);
  });
});
