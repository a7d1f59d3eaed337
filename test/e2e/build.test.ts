import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BuildSummary } from '../../src/index.js';
import { workDirectory } from '../builder/directory.js';
import { listTar, shortHash } from '../builder/listing.js';
import { hasProgram } from '../builder/programs.js';
import { testArchive } from './archive.js';
import { koala, koalaBuild, sha256Of } from './command.js';

const base = workDirectory('e2e');
const archive = await testArchive(base);
let work: string;
let runs = 0;

beforeEach(() => {
  runs += 1;
  work = join(base, `run-${runs}`);
  mkdirSync(work);
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

/** Arguments for the small archive with a cache of its own. */
function args(...more: readonly string[]): string[] {
  return [...archive.args, '--cache-dir', join(work, 'cache'), ...more];
}

function build(...more: readonly string[]): Promise<BuildSummary> {
  return koalaBuild(args(...more), { cwd: work });
}

/** All that a run left in its directory and in the cache's temporary places. */
function leftovers(): string[] {
  const places = [work, join(work, 'cache/tmp'), join(work, 'cache/builds')].filter(existsSync);
  return places.flatMap((place) => readdirSync(place)).filter((name) => !['cache'].includes(name));
}

describe('a build from a small archive', () => {
  it('writes the tree, the whole tree and nothing but the tree', async () => {
    const summary = await build();
    const bytes = readFileSync(join(work, 'small-test-amd64.tar'));
    const far = 'long-'.repeat(40);
    const lines = listTar(bytes).filter((line) => !/: directory 0755 0:0$/.test(line));
    expect(lines).toEqual([
      '/bin: symlink 0777 0:0 -> usr/bin',
      `/etc/group: file 0644 0:0 ${shortHash('app:x:1000:\n')}`,
      `/etc/made: file 0600 0:0 ${shortHash('made\n')}`,
      `/etc/passwd: file 0644 0:0 ${shortHash('app:x:1000:1000:app:/home/app:/bin/hello\n')}`,
      '/lib: symlink 0777 0:0 -> usr/lib',
      '/lib64: symlink 0777 0:0 -> usr/lib64',
      '/sbin: symlink 0777 0:0 -> usr/sbin',
      `/usr/bin/again: file 4755 0:0 ${shortHash('hello\n')}`,
      '/usr/bin/hello: hardlink 4755 0:0 -> /usr/bin/again',
      `/usr/bin/old-place: file 0644 0:0 ${shortHash('x')}`,
      '/usr/lib/libhello.so: symlink 0777 0:0 -> libhello.so.1',
      `/usr/lib/libhello.so.1: file 0644 0:0 ${shortHash(Buffer.alloc(300_000, 'l'))}`,
      `/usr/share/${far}/name: file 0644 0:0 ${shortHash('far\n')}`,
      expect.stringMatching(/^\/var\/lib\/dpkg\/status.d\/hello: file 0644 0:0 /),
      expect.stringMatching(/^\/var\/lib\/dpkg\/status.d\/hello.md5sums: file 0644 0:0 /),
      expect.stringMatching(/^\/var\/lib\/dpkg\/status.d\/libhello: file 0644 0:0 /),
      expect.stringMatching(/^\/var\/lib\/dpkg\/status.d\/libhello.md5sums: file 0644 0:0 /),
      '/var/lib/hello: directory 2770 42:43',
    ]);
    expect(summary.packages.map(({ name, stage }) => `${name} ${stage}`)).toEqual(['libhello small', 'hello small']);
    expect(summary.notConfigured).toEqual([]);
    expect(summary.scripts.map(({ package: name, script, outcome }) => `${name} ${script} ${outcome}`)).toEqual([
      'hello postinst no-effect',
    ]);
    expect(summary.output).toMatchObject({ bytes: bytes.length, sha256: sha256Of(join(work, 'small-test-amd64.tar')) });
    expect(leftovers()).toEqual(['small-test-amd64.tar']);
  });

  it('clamps every time to the Release date, or to SOURCE_DATE_EPOCH', async () => {
    const times = (file: string) => {
      return new Set(
        listTar(readFileSync(join(work, file)), { times: true }).map((line) => Number(line.split('@')[1])),
      );
    };
    const { epoch } = await build('--output', 'a.tar');
    expect(epoch).toBe(Date.parse('2024-05-01T12:00:00Z') / 1000);
    expect(times('a.tar')).toEqual(new Set([1_700_000_000, epoch]));
    const environment = { SOURCE_DATE_EPOCH: '1600000000' };
    await koalaBuild(args('--output', 'b.tar'), { cwd: work, environment });
    expect(times('b.tar')).toEqual(new Set([1_600_000_000]));
  });

  it('takes more packages and leaves out more paths where it is told', async () => {
    const { packages } = await build('--include', 'extra', '--exclude-path', '/usr/lib/*', '-o', 'x.tar');
    expect(packages.map(({ name }) => name)).toContain('extra');
    const paths = listTar(readFileSync(join(work, 'x.tar'))).map((line) => line.split(': ')[0]);
    expect(paths).toContain('/usr/share/extra');
    expect(paths.filter((path) => path?.startsWith('/usr/lib/'))).toEqual([]);
  });

  it('gives the same bytes by another number of jobs, zone, locale, umask, directory and cache', async () => {
    await build('--output', 'a.tar', '--jobs', '1');
    const there = join(work, 'there ü');
    mkdirSync(there);
    await koalaBuild([...archive.args, '--cache-dir', './own', '--output', 'b.tar', '--jobs', '3'], {
      cwd: there,
      umask: '077',
      environment: { TZ: 'Asia/Kathmandu', LC_ALL: 'C.UTF-8', LANG: 'tr_TR.UTF-8' },
    });
    expect(sha256Of(join(there, 'b.tar'))).toBe(sha256Of(join(work, 'a.tar')));
  });

  it.each([
    ['tar.gz', 'gzip', '-dc'],
    ['tar.xz', 'xz', '-dc'],
    ['tar.zst', 'zstd', '-dc'],
  ])('writes %s that %s reads', async (format, program, flag) => {
    const { output } = await build('--output', `out.${format}`);
    expect(output.format).toBe(format);
    expect(hasProgram(program)).toBe(true);
    const tar = execFileSync(program, [flag, join(work, `out.${format}`)], { maxBuffer: 1 << 26 });
    await build('--output', 'plain.tar');
    expect(tar.equals(readFileSync(join(work, 'plain.tar')))).toBe(true);
  });

  it('writes a directory, and standard output', async () => {
    await build('--output', 'root/');
    expect(readFileSync(join(work, 'root/bin/old-place'), 'latin1')).toBe('x');
    const { status, stdout, stderr } = await koala(args('--output', '-', '--format', 'tar.gz', '--quiet'), {
      cwd: work,
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.length).toBeGreaterThan(500);
  });

  it('reads a file: mirror and needs no server', async () => {
    const mirror = `file://${base}/archive`;
    const requests = archive.server.requests.length;
    await koalaBuild(
      [...archive.args.slice(0, 2), '--mirror', mirror, '--arch', 'amd64', '--cache-dir', 'c', '-o', 'f.tar'],
      {
        cwd: work,
      },
    );
    expect(archive.server.requests).toHaveLength(requests);
    expect(existsSync(join(work, 'f.tar'))).toBe(true);
  });

  it('builds again without the network once the store has all, and says what is missing where it has not', async () => {
    await build('--output', 'a.tar');
    const requests = archive.server.requests.length;
    const { bytes } = await build('--output', 'b.tar', '--offline');
    expect(bytes.fetched).toBe(0);
    expect(archive.server.requests).toHaveLength(requests);
    expect(sha256Of(join(work, 'b.tar'))).toBe(sha256Of(join(work, 'a.tar')));

    const { status, stderr } = await koala(args('--offline', '--include', 'extra', '-o', 'c.tar'), { cwd: work });
    expect(status).toBe(1);
    expect(stderr).toContain('cannot fetch extra 1.0-1: --offline and it is not in the store\n');
    expect(leftovers()).not.toContain('c.tar');
  });

  /** Spoils every file below a folder of the cache. */
  const spoil = (folder: string): number => {
    const found = execFileSync('find', [`cache/${folder}`, '-type', 'f', '-size', '-64k'], {
      cwd: work,
      encoding: 'utf8',
    });
    const files = found.trim().split('\n');
    for (const file of files)
      execFileSync('sh', ['-c', `printf X | dd of=${file} bs=1 seek=99 conv=notrunc 2>/dev/null`], { cwd: work });
    return files.length;
  };

  it('throws a damaged store entry away and fetches it again', async () => {
    await build('--output', 'a.tar');
    rmSync(join(work, 'cache/unpacked'), { recursive: true });
    expect(spoil('sha256')).toBeGreaterThan(2);
    const { bytes } = await build('--output', 'b.tar');
    expect(bytes.fetched).toBeGreaterThan(0);
    expect(sha256Of(join(work, 'b.tar'))).toBe(sha256Of(join(work, 'a.tar')));
  });

  it('unpacks what is kept only once, and again where that is damaged', async () => {
    await build('--output', 'a.tar');
    expect(spoil('unpacked')).toBeGreaterThan(0);
    const { bytes } = await build('--output', 'b.tar');
    expect(bytes.fetched).toBe(0);
    expect(sha256Of(join(work, 'b.tar'))).toBe(sha256Of(join(work, 'a.tar')));
    rmSync(join(work, 'cache/sha256'), { recursive: true });
    const { bytes: again } = await build('--output', 'c.tar');
    expect(again.fetched).toBe(0);
    expect(sha256Of(join(work, 'c.tar'))).toBe(sha256Of(join(work, 'a.tar')));
  });
});

describe('what is not as it was signed', () => {
  it.each([
    ['InRelease', /\/dists\/test\/InRelease$/, 300, /cannot verify http:\/\/127\.0\.0\.1:\d+\/dists\/test\/InRelease/],
    [
      'Packages',
      /\/(Packages|SHA256\/).*$/,
      30,
      /cannot accept http:\S+\/(?:Packages\S*|by-hash\S+): its SHA-256 is [0-9a-f]{64}, .*[0-9a-f]{64}/,
    ],
    [
      'a .deb',
      /libhello\S*\.deb$/,
      200,
      /cannot accept http:\S+libhello\S+\.deb: its SHA-256 is [0-9a-f]{64}, .*[0-9a-f]{64}/,
    ],
  ])('is refused: a flipped byte in %s', async (_, path, at, message) => {
    archive.server.fault(path, { type: 'flip', at, times: 20 });
    const { status, stdout, stderr } = await koala(args(), { cwd: work });
    archive.server.clearFaults();
    expect(stderr).toMatch(message);
    expect([status, stdout]).toEqual([1, '']);
    expect(leftovers()).toEqual([]);
    const good = await build();
    expect(good.output.sha256).toBe(sha256Of(join(work, 'small-test-amd64.tar')));
  });
});

describe('a build that is interrupted', () => {
  it('leaves no output and a store that the next build uses', async () => {
    archive.server.fault(/libhello\S*\.deb$/, { type: 'stall', after: 100, times: 1 });
    let sent = false;
    const { status, stderr } = await koala(args('--verbose'), {
      cwd: work,
      // Once: a second one ends it where it stands.
      watch: (text, kill) => {
        if (!sent && text.includes('plan:')) kill('SIGINT');
        sent ||= text.includes('plan:');
      },
    });
    archive.server.clearFaults();
    expect(status).toBe(130);
    expect(stderr).toContain('cancelling');
    expect(leftovers()).toEqual([]);
    const { output } = await build();
    expect(output.sha256).toBe(sha256Of(join(work, 'small-test-amd64.tar')));
  });
});

describe('messages', () => {
  it.each([
    [['--profile', 'bas'], 2, /cannot .*"?bas"?.*[\s\S]*base/],
    [['--profle', 'base'], 2, /--profile/],
    [['--profile', 'base', '--arch', 'amd65'], 2, /cannot build for the architecture "amd65"/],
    [['--profile', 'base', '--output', 'x.zip'], 2, /\.tar\.gz/],
    [['--profile', 'base', '--jobs', '0'], 2, /jobs/],
    [['--profile', 'base', '--mirror', 'ftp://a.example/debian'], 2, /cannot .*ftp:/],
    [['--profile', './none.yaml'], 2, /cannot .*none\.yaml/],
    [['--profile', 'base', '--output', '/nowhere/x.tar'], 1, /cannot write \/nowhere\/x\.tar/],
  ])('%j ends with %i', async (words, expected, message) => {
    const { status, stdout, stderr } = await koala([...words, '--cache-dir', join(work, 'cache')], { cwd: work });
    expect(stderr).toMatch(message);
    expect([status, stdout]).toEqual([expected, '']);
    expect(leftovers()).toEqual([]);
  });
});
