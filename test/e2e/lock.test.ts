import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { workDirectory } from '../builder/directory.js';
import { testKey } from '../builder/keys.js';
import { koala, koalaBuild, type Outcome, sha256Of } from './command.js';
import { type MovingArchive, movingArchive } from './moving-archive.js';

const work = workDirectory('lock');
let archive: MovingArchive;
let here: string;
let runs = 0;

const LIB = 'lib 1.5 all; Section: libs';
const ONE = ['hello 1.0-1 amd64; Depends: lib (>= 1); Source: hi (1.0-1); Installed-Size: 3', LIB];
const TWO = ['hello 2.0-1 amd64; Depends: lib (>= 1)', LIB];
const MAIN = 'suite: test, kind: debian, uris: [SERVER/debian]';
const STAGES = 'stages: [{ name: first, packages: [lib] }, { name: second, packages: [hello] }]\n';

beforeEach(async () => {
  here = join(work, String(++runs));
  mkdirSync(here);
  archive = await movingArchive(here);
  archive.profile('web', [MAIN], STAGES);
  await archive.publish('test', ONE, { root: 'debian' });
});
afterEach(() => archive.server.close());

const cache = () => ['--cache-dir', join(here, 'cache')];
const run = (...args: string[]): Promise<Outcome> => koala([...args, ...cache()], { cwd: here });
const lock = (...args: string[]) => run('lock', '--profile', 'web.yaml', '--arch', 'amd64', ...args);
const build = (...args: string[]) => koalaBuild([...args, ...cache()], { cwd: here });
const text = () => readFileSync(join(here, 'web.lock.json'), 'utf8');
/** Paths that were asked for since the last call. */
const asked = () => {
  const all = archive.server.requests.map(({ path }) => path);
  const since = all.slice(seen);
  seen = all.length;
  return since;
};
let seen = 0;
beforeEach(() => {
  seen = 0;
});

describe('lock', () => {
  it('writes the lock that is in the golden file', async () => {
    expect(await lock()).toMatchObject({ status: 0, stderr: '' });
    const key = await testKey();
    const release = sha256Of(join(here, 'debian/dists/test/InRelease'));
    // What depends on the key that signed, which is another one in each run.
    const known = text()
      .replace(release, 'RELEASE')
      .replace(key.fingerprint, 'FINGERPRINT')
      .replace(/"digest": "[0-9a-f]{64}"/, '"digest": "DIGEST"')
      .replace(/("checksum"|"archives"): "[0-9a-f]+"/g, '$1: "DEPENDS ON THE PORT"');
    await expect(known).toMatchFileSnapshot('golden/web.lock.json');
  });

  it('gives the same bytes again, elsewhere, and for architectures in another order', async () => {
    await archive.publish('test', [...ONE, 'hello 1.0-1 arm64; Source: hi (1.0-1); Depends: lib'], {
      root: 'debian',
      architectures: ['amd64', 'arm64'],
    });
    await lock('--arch', 'arm64');
    const first = text();
    await koala(
      ['lock', '-p', 'web.yaml', '-a', 'arm64,amd64', '--cache-dir', 'other', '--mirror', join(here, 'debian')],
      { cwd: here },
    );
    expect(text()).toBe(first);
    expect(Object.keys(JSON.parse(first).architectures)).toEqual(['amd64', 'arm64']);
  });

  it('takes the architectures of the profile', async () => {
    archive.profile('web', [MAIN], `archs: [amd64, arm64]\n${STAGES}`);
    await archive.publish('test', [...ONE, 'hello 1.0-1 arm64; Source: hi (1.0-1); Depends: lib'], {
      root: 'debian',
      architectures: ['amd64', 'arm64'],
    });
    const { stdout } = await run('lock', '-p', 'web.yaml');
    expect(stdout).toMatch(/packages +amd64 2 \(.*\), arm64 2 \(/);
  });

  it('goes to standard output where it shall', async () => {
    const { stdout, stderr } = await lock('--output', '-');
    await lock();
    expect(stdout).toBe(text());
    expect(stderr).toMatch(/lock +standard output/);
  });

  it('does not take a package that is a file', async () => {
    const { status, stderr } = await lock('--include', './debian/pool/main/l/lib/lib_1.5_all.deb');
    expect(stderr).toContain('cannot lock ./debian/pool/main/l/lib/lib_1.5_all.deb: a lock names packages of archives');
    expect(status).toBe(2);
  });
});

describe('architectures of one lock', () => {
  const both = (amd64: string[], arm64: string[], root = 'debian') =>
    archive.publish('test', [...amd64.map((v) => `hello ${v} amd64`), ...arm64.map((v) => `hello ${v} arm64`), LIB], {
      root,
      architectures: ['amd64', 'arm64'],
    });
  const versions = () =>
    Object.values(
      JSON.parse(text()).architectures as Record<string, { stages: { packages: { version: string }[] }[] }>,
    ).map(({ stages }) => stages[1]?.packages[0]?.version);

  it('agree on versions where the archive allows', async () => {
    await both(['1.0', '2.0'], ['1.0']);
    expect((await lock('--arch', 'arm64')).status).toBe(0);
    expect(versions()).toEqual(['1.0', '1.0']);
    await both(['1.0', '2.0'], ['2.0', '1.0']);
    await lock('--arch', 'arm64');
    expect(versions()).toEqual(['2.0', '2.0']);
  });

  it('are an error where they cannot, unless that is allowed', async () => {
    await both(['2.0'], ['1.0']);
    const { status, stderr } = await lock('--arch', 'arm64');
    expect(stderr).toContain(
      'cannot lock amd64, arm64 together: 1 package has different versions\n  hello: 2.0 (amd64), 1.0 (arm64)\n',
    );
    expect(status).toBe(1);
    expect(await lock('--arch', 'arm64', '--allow-differences')).toMatchObject({
      status: 0,
      stderr: 'warning: versions differ: hello: 2.0 (amd64), 1.0 (arm64)\n',
    });
    expect(versions()).toEqual(['2.0', '1.0']);
  });

  it('may differ in rebuilds of the same source', async () => {
    await archive.publish('test', ['hello 1.0 amd64', 'hello 1.0+b1 arm64; Source: hello (1.0)', LIB], {
      root: 'debian',
      architectures: ['amd64', 'arm64'],
    });
    expect(await lock('--arch', 'arm64')).toMatchObject({ status: 0, stderr: '' });
    expect(versions()).toEqual(['1.0', '1.0+b1']);
  });
});

describe('build --lock', () => {
  it('gives the bytes of the build without, and reads no index', async () => {
    await lock();
    const plain = await koalaBuild(['-p', 'web.yaml', '-a', 'amd64', '-o', 'plain.tar', '--cache-dir', 'else'], {
      cwd: here,
    });
    asked();
    const locked = await build('--lock', 'web.lock.json', '-o', 'locked.tar');
    expect(asked().sort()).toEqual([
      '/debian/pool/main/h/hello/hello_1.0-1_amd64.deb',
      '/debian/pool/main/l/lib/lib_1.5_all.deb',
    ]);
    expect(sha256Of(join(here, 'locked.tar'))).toBe(sha256Of(join(here, 'plain.tar')));
    for (const part of ['packages', 'epoch', 'stages', 'scripts', 'unread'] as const)
      expect(locked[part]).toEqual(plain[part]);
    const archives = (list: typeof plain.archives) => list.map(({ url: _, ...rest }) => rest);
    expect(archives(locked.archives)).toEqual(archives(plain.archives));
  });

  it('knows who may overwrite whom, from the packages themselves', async () => {
    const more = ['aa 1 amd64; Ships: /usr/x', 'bb 2 amd64; Replaces: aa; Ships: /usr/x'];
    await archive.publish('test', more, { root: 'debian' });
    archive.profile('web', [MAIN], 'stages: [{ name: s, packages: [aa, bb] }]\n');
    await lock();
    await build('--lock', 'web.lock.json', '-o', 'locked.tar');
    await build('-p', 'web.yaml', '-a', 'amd64', '-o', 'plain.tar');
    expect(sha256Of(join(here, 'locked.tar'))).toBe(sha256Of(join(here, 'plain.tar')));
  });

  it('wants nothing of a network once fetch was there', async () => {
    await lock();
    const offline = await run('build', '--lock', 'web.lock.json', '--offline');
    expect(offline.stderr).toMatch(/cannot fetch (hello 1.0-1|lib 1.5): --offline and it is not in the store/);
    expect(offline.status).toBe(1);
    expect((await run('fetch', '--lock', 'web.lock.json', '--offline')).status).toBe(1);
    const fetch = await run('fetch', '--lock', 'web.lock.json', '--json');
    expect(JSON.parse(fetch.stdout)).toMatchObject({ architectures: ['amd64'], packages: 2, bytes: { fromStore: 0 } });
    asked();
    expect((await run('fetch', '--lock', 'web.lock.json', '--offline')).stdout).toMatch(
      /packages +2 for amd64\nfetched +0 B, /,
    );
    expect((await build('--lock', 'web.lock.json', '--offline')).packages).toHaveLength(2);
    expect(asked()).toEqual([]);
  });

  describe('when the mirror has moved on', () => {
    const gone = () => archive.publish('test', TWO, { root: 'debian', keep: false });
    const locked = (...args: string[]) => build('--lock', 'web.lock.json', '-o', 'locked.tar', ...args);
    const versionsOf = async (summary: ReturnType<typeof build>) =>
      (await summary).packages.map(({ version }) => version);

    beforeEach(async () => {
      await lock();
    });

    it('takes what the store has', async () => {
      await run('fetch', '--lock', 'web.lock.json');
      await gone();
      asked();
      expect(await versionsOf(locked())).toEqual(['1.5', '1.0-1']);
      expect(asked()).toEqual([]);
    });

    it('takes what a further mirror has', async () => {
      await gone();
      await archive.publish('test', ONE, { root: 'second' });
      const mirrors = ['debian', 'second'].flatMap((name) => ['--mirror', `${archive.server.url}/${name}`]);
      expect(await versionsOf(locked(...mirrors))).toEqual(['1.5', '1.0-1']);
    });

    // The archive is of 2024-05-01T12:00:00Z; a day and a half later its packages are in a snapshot for certain.
    it.each(['20240501T120000Z', '20240502T000000Z', '20240503T000000Z'])(
      'takes what the snapshot of %s has',
      async (stamp) => {
        await gone();
        await archive.publish('test', ONE, { root: `snapshots/archive/debian/${stamp}` });
        asked();
        const summary = locked('--snapshot-mirror', `${archive.server.url}/snapshots`);
        expect(await versionsOf(summary)).toEqual(['1.5', '1.0-1']);
        expect(asked()).toContain(`/snapshots/archive/debian/${stamp}/pool/main/h/hello/hello_1.0-1_amd64.deb`);
      },
    );

    it('names the package that nobody has', async () => {
      await gone();
      const none = ['--snapshot-mirror', `${archive.server.url}/none`];
      const { status, stderr } = await run('build', '--lock', 'web.lock.json', ...none, '-o', 'locked.tar');
      expect(stderr).toContain('cannot fetch hello 1.0-1: none of 4 places has it\n');
      expect(stderr).toContain('/debian/pool/main/h/hello/hello_1.0-1_amd64.deb: there is no such file\n');
      expect(stderr).toContain('/none/archive/debian/20240501T120000Z/pool/');
      expect(status).toBe(1);
    });

    it('does not take other bytes under the same name', async () => {
      await archive.publish('test', ['hello 1.0-1 amd64; Comment: other', LIB], {
        root: 'debian',
        keep: false,
      });
      const none = ['--snapshot-mirror', `${archive.server.url}/none`];
      const { stderr } = await run('build', '--lock', 'web.lock.json', ...none, '-o', 'locked.tar');
      expect(stderr).toMatch(
        /cannot fetch hello 1.0-1: none of 4 places has it\n {2}cannot accept http:.* its SHA-256 is /,
      );
    });
  });

  it.each([
    ['another version of a package', (file: string) => file.replace('"1.0-1"', '"1.0-2"')],
    ['another digest', (file: string) => file.replace(/"sha256": ".{2}/, '"sha256": "00')],
    ['a package less', (file: string) => file.replace(/\{\s+"name": "lib"[\s\S]*?\n {12}\}(?:,|\n)/, '')],
  ])('refuses a lock that was edited: %s', async (_, edit) => {
    await lock();
    const edited = edit(text());
    expect(edited).not.toBe(text());
    writeFileSync(join(here, 'web.lock.json'), edited);
    const { status, stderr } = await run('build', '--lock', 'web.lock.json');
    expect(stderr).toContain(
      'cannot use the lock web.lock.json: its content does not have its digest: it was edited, or damaged\n',
    );
    expect(status).toBe(1);
  });

  it.each([
    ['stage second', MAIN, STAGES.replace('[hello]', '[hello, lib]')],
    ['paths', MAIN, `${STAGES}paths: [{ type: empty-file, path: /x }]\n`],
    ['archives', MAIN.replace('kind: debian', 'components: [main, contrib], kind: debian'), STAGES],
    ['stages, stage third', MAIN, STAGES.replace(/\]\n$/, ', { name: third, packages: [lib] }]\n')],
    ['environment', MAIN, `${STAGES}environment: { A: "" }\n`],
  ])('refuses when the profile changed: %s', async (what, main, rest) => {
    await lock();
    archive.profile('web', [main], rest);
    const { status, stderr } = await run('build', '--lock', 'web.lock.json');
    expect(stderr).toContain(`cannot build: profile changed since the lock web.lock.json: ${what}\n`);
    expect(status).toBe(1);
  });

  it('finds the profile beside the lock, from anywhere, and takes no notice of what is said of it', async () => {
    await lock();
    writeFileSync(
      join(here, 'web.yaml'),
      readFileSync(join(here, 'web.yaml'), 'utf8').replace('For tests', 'Said anew'),
    );
    const { status, stderr } = await koala(
      ['--lock', join(here, 'web.lock.json'), '-o', join(here, 'x.tar'), '-q', ...cache()],
      { cwd: tmpdir() },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it.each([
    [['--lock', 'web.lock.json', '--include', 'lib'], 2, 'cannot use --include with a lock: the lock has decided that'],
    [['--lock', 'web.lock.json', '--suite', 'sid'], 2, 'cannot use --suite with a lock'],
    [
      ['--lock', 'web.lock.json', '--arch', 'arm64'],
      2,
      'cannot build for arm64: the lock web.lock.json does not have it',
    ],
    [['--lock', 'none.json'], 2, 'cannot read the lock none.json: there is no such file'],
    [['--lock', 'web.yaml'], 1, 'cannot use the lock web.yaml: it is not JSON'],
    [['fetch'], 2, 'cannot fetch without a lock: give --lock FILE'],
  ])('%j ends with %i', async (args, status, message) => {
    await lock();
    const outcome = await run(...args);
    expect(outcome.stderr).toContain(message);
    expect(outcome.status).toBe(status);
  });
});
