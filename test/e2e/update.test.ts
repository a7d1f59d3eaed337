import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Lock } from '../../src/solve/lock/types.js';
import { workDirectory } from '../builder/directory.js';
import { koala, type Outcome } from './command.js';
import { type MovingArchive, movingArchive } from './moving-archive.js';

const work = workDirectory('update');
let archive: MovingArchive;
let here: string;
let runs = 0;

const MAIN = 'suite: test, kind: other, uris: [SERVER]';
const SECURITY = 'suite: test-security, kind: other, uris: [SERVER], updates: true';
const STAGES = 'stages: [{ name: web, packages: [web, tool] }]\n';
const OLD = ['web 1.0 amd64; Depends: lib (>= 1)', 'lib 1.0 amd64', 'tool 1.0 all'];
const LATER = new Date('2024-05-08T12:00:00Z');

beforeEach(async () => {
  here = join(work, String(++runs));
  mkdirSync(here);
  archive = await movingArchive(here);
  archive.profile('web', [MAIN, SECURITY], STAGES);
  await archive.publish('test', OLD);
  await archive.publish('test-security', []);
  expect(await run('lock', '-p', 'web.yaml', '-a', 'amd64', '--updates')).toMatchObject({ status: 0, stderr: '' });
});
afterEach(() => archive.server.close());

const run = (...args: string[]): Promise<Outcome> =>
  koala([...args, '--cache-dir', join(here, 'cache')], { cwd: here, environment: { LC_ALL: 'C' } });
const text = () => readFileSync(join(here, 'web.lock.json'), 'utf8');
const versions = () => {
  const { architectures } = JSON.parse(text()) as Lock;
  const packages = architectures['amd64']?.stages.flatMap((stage) => stage.packages) ?? [];
  return packages.map(({ name, version }) => `${name} ${version}`).sort();
};
/** What the archives have a week later: something new everywhere. */
const moveOn = async () => {
  await archive.publish(
    'test',
    ['web 2.0 amd64; Depends: lib (>= 1), more', 'lib 1.0 amd64', 'tool 2.0 all', 'more 1 all'],
    {
      date: LATER,
      keep: false,
    },
  );
  await archive.publish('test-security', ['lib 1.0+fix1 amd64'], { date: LATER });
};

describe('update', () => {
  it('shows what changed, security first, and writes it', async () => {
    await moveOn();
    const { status, stdout, stderr } = await run('update');
    expect(stdout).toBe(
      [
        'security  lib   1.0 -> 1.0+fix1  test-security',
        'added     more  1                test',
        'changed   tool  1.0 -> 2.0       test',
        'changed   web   1.0 -> 2.0       test',
        'web.lock.json: 4 changes, 1 for security, written',
        '',
      ].join('\n'),
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(versions()).toEqual(['lib 1.0+fix1', 'more 1', 'tool 2.0', 'web 2.0']);
    expect((await run('build', '--lock', 'web.lock.json', '-o', 'x.tar')).status).toBe(0);
  });

  it('shows what went, and the same in JSON', async () => {
    await archive.publish('test', ['web 2.0 amd64', ...OLD.slice(2)]);
    const { stdout } = await run('update', '--json');
    const change = { security: false, suite: 'test', architectures: ['amd64'] };
    expect(JSON.parse(stdout)).toEqual({
      lock: 'web.lock.json',
      written: true,
      profile: [],
      changes: [
        { name: 'lib', from: '1.0', ...change },
        { name: 'web', from: '1.0', to: '2.0', ...change },
      ],
    });
  });

  it('leaves a lock alone that would get the same packages', async () => {
    const before = text();
    await archive.publish('test', OLD, { date: LATER });
    expect(await run('update')).toMatchObject({ status: 0, stdout: 'web.lock.json: nothing is newer\n' });
    expect(text()).toBe(before);
  });

  it('renews a lock whose profile changed', async () => {
    archive.profile('web', [MAIN, SECURITY], `${STAGES}paths: [{ type: empty-file, path: /x }]\n`);
    expect((await run('update', '--check')).status).toBe(3);
    expect(await run('update')).toMatchObject({
      status: 0,
      stdout: 'web.lock.json: the profile changed (paths), written\n',
    });
    expect((await run('build', '--lock', 'web.lock.json', '-o', 'x.tar')).status).toBe(0);
  });

  it("may be told of another profile, which is the lock's from then on", async () => {
    archive.profile('other', [MAIN, SECURITY], STAGES.replace('[web, tool]', '[web]'));
    expect((await run('update', '--profile', 'other.yaml')).stdout).toBe(
      'removed  tool  1.0  test\nweb.lock.json: 1 change, the profile changed (stage web), written\n',
    );
    expect((await run('build', '--lock', 'web.lock.json', '-o', 'x.tar')).status).toBe(0);
  });

  it('with --check writes nothing, and ends with 3 where something is newer', async () => {
    const before = text();
    expect(await run('update', '--check')).toMatchObject({ status: 0, stdout: 'web.lock.json: nothing is newer\n' });
    await moveOn();
    const { status, stdout } = await run('update', '--check', '--lock', 'web.lock.json');
    expect(stdout).toContain('web.lock.json: 4 changes, 1 for security\n');
    expect(status).toBe(3);
    expect(text()).toBe(before);
  });

  it('tells which architectures a change is of, where not all', async () => {
    const both = (version: string) => ['web 1.0 amd64', `web ${version} arm64`, 'tool 1.0 all'];
    const architectures = ['amd64', 'arm64'];
    await archive.publish('test', both('1.0'), { architectures });
    await archive.publish('test-security', [], { architectures });
    await run('lock', '-p', 'web.yaml', '-a', 'amd64,arm64', '--updates');
    const rebuilt = ['web 1.0+b1 arm64; Source: web (1.0)', 'web 1.0 amd64'];
    await archive.publish('test', [...rebuilt, 'tool 1.0 all'], { architectures });
    expect((await run('update', '--check')).stdout).toContain('changed  web  1.0 -> 1.0+b1  test  arm64\n');
    await archive.publish('test', [...rebuilt, 'tool 1.1 all'], { architectures });
    expect((await run('update')).stdout).toBe(
      'changed  tool  1.0 -> 1.1     test\nchanged  web   1.0 -> 1.0+b1  test  arm64\nweb.lock.json: 2 changes, written\n',
    );
  });
});

describe('an update of a part', () => {
  it('takes security updates only', async () => {
    await run('fetch', '--lock', 'web.lock.json');
    await moveOn();
    const { stdout } = await run('update', '--security-only');
    expect(stdout).toBe(
      'security  lib  1.0 -> 1.0+fix1  test-security\nweb.lock.json: 1 change, 1 for security, written\n',
    );
    expect(versions()).toEqual(['lib 1.0+fix1', 'tool 1.0', 'web 1.0']);
    expect((await run('update', '--security-only', '--check')).status).toBe(0);
  });

  it('keeps what the archive has no more by the Release file that it was verified by', async () => {
    expect((await run('fetch', '--lock', 'web.lock.json')).status).toBe(0);
    await moveOn();
    await run('update', '--security-only');
    const { archives, architectures } = JSON.parse(text()) as Lock;
    expect(archives.map(({ suite, date }) => `${suite} ${date.slice(0, 10)}`)).toEqual([
      'test 2024-05-08',
      'test 2024-05-01',
      'test-security 2024-05-08',
    ]);
    const packages = architectures['amd64']?.stages[0]?.packages ?? [];
    expect(packages.map(({ name, archive: at }) => `${name} ${archives[at]?.date.slice(0, 10)}`).sort()).toEqual([
      'lib 2024-05-08',
      'tool 2024-05-01',
      'web 2024-05-01',
    ]);
    expect((await run('build', '--lock', 'web.lock.json', '-o', 'x.tar')).status).toBe(0);
  });

  it.each([
    ['tool', ['lib 1.0', 'tool 2.0', 'web 1.0']],
    // What it newly needs comes with it, and nothing else.
    ['web', ['lib 1.0', 'more 1', 'tool 1.0', 'web 2.0']],
    ['lib,tool', ['lib 1.0+fix1', 'tool 2.0', 'web 1.0']],
  ])('takes %s', async (names, expected) => {
    await run('fetch', '--lock', 'web.lock.json');
    await moveOn();
    expect((await run('update', '--package', names)).status).toBe(0);
    expect(versions()).toEqual(expected);
  });

  it('takes what does not go with the rest any more along', async () => {
    await archive.publish('test', [
      'web 2.0 amd64; Depends: lib (>= 2)',
      'lib 2.0 amd64; Breaks: tool (<< 2)',
      'tool 2.0 all',
    ]);
    expect((await run('update', '--package', 'web')).stdout).toContain('3 changes');
    expect(versions()).toEqual(['lib 2.0', 'tool 2.0', 'web 2.0']);
  });

  it.each([
    [['--package', 'wep'], 2, 'cannot update wep: the lock web.lock.json does not have it\nhint: did you mean web?\n'],
    [['--lock', 'no.json'], 2, 'cannot read the lock no.json: there is no such file'],
    [['--profile', 'no.yaml'], 2, 'cannot find the profile no.yaml'],
  ])('%j ends with %i', async (args, status, message) => {
    const outcome = await run('update', ...args);
    expect(outcome.stderr).toContain(message);
    expect(outcome.status).toBe(status);
  });

  it('needs archives of security updates in the lock', async () => {
    await run('lock', '-p', 'web.yaml', '-a', 'amd64');
    const { status, stderr } = await run('update', '--security-only');
    expect(stderr).toContain('cannot update web.lock.json for security only: it is of no archive with such updates');
    expect(status).toBe(2);
  });

  it('needs to know which lock is meant', async () => {
    writeFileSync(join(here, 'a.lock.json'), '');
    expect((await run('update')).stderr).toContain(
      'cannot tell which lock is meant: a.lock.json and web.lock.json are here',
    );
  });
});
