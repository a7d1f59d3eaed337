import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { entryPath, type KindName } from '../../src/archive/layout.js';
import { ageOf, bytesOf, cacheLimitOf } from '../../src/cli/quantities.js';
import { endOfSpool } from '../../src/unpack/kept.js';
import { makeDeb } from '../builder/deb.js';
import { testDirectory } from '../builder/directory.js';
import { Capture, type Run, run } from './run.js';

const DAY = 86_400;
const NOW = Math.floor(Date.now() / 1000);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const DEB = await makeDeb({ control: { Package: 'sample', Version: '1:2-3', Architecture: 'all' } });
const NAME = 'sample_1:2-3_all';

let cache: string;
const cacheRun = (...argv: string[]): Promise<Run> => run(['cache', ...argv, '--cache-dir', cache]);
const add = (kind: KindName, key: string, bytes: Uint8Array, daysAgo: number): string => {
  const path = entryPath(cache, kind, key);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes, { mode: 0o600 });
  utimesSync(path, NOW - daysAgo * DAY, NOW - daysAgo * DAY);
  return path;
};
const spoolOf = (name: string, key: string): Uint8Array => {
  const identity = { sha256: key, name, version: '2', architecture: 'amd64' };
  const tar = Buffer.alloc(100_000, name);
  const kept = { control: new Map(), entries: [] };
  return Buffer.concat([tar, ...endOfSpool(kept, identity, tar.length, createHash('sha256').update(tar))]);
};

beforeEach(() => {
  cache = testDirectory();
  const text = Buffer.from('not a package');
  add('downloads', sha256(DEB), DEB, 3);
  add('downloads', sha256(text), text, 40);
  for (const [at, name] of ['old', 'middle', 'new'].entries()) {
    const key = sha256(Buffer.from(name));
    add('unpacked', key, spoolOf(name, key), 30 - 10 * at);
  }
});

describe('cache ls', () => {
  it('shows what there is, with what it is', async () => {
    const { status, stdout } = await cacheRun('ls');
    expect(status).toBe(0);
    const lines = stdout.split('\n').map((line) => line.replace(/ \d{4}-\d\d-\d\d \d\d:\d\d$/, ' DATE'));
    const other = sha256(Buffer.from('not a package'));
    expect(lines).toEqual([
      `KIND       ${'NAME'.padEnd(64)}    SIZE  LAST USED`,
      `downloads  ${other.padEnd(64)}    13 B  DATE`,
      `downloads  ${NAME.padEnd(64)}  ${`${DEB.length} B`.padStart(6)}  DATE`,
      `unpacked   ${'middle_2_amd64'.padEnd(64)}  100 kB  DATE`,
      `unpacked   ${'new_2_amd64'.padEnd(64)}  100 kB  DATE`,
      `unpacked   ${'old_2_amd64'.padEnd(64)}  100 kB  DATE`,
      '',
      expect.stringMatching(/^downloads {3}2 entries, /),
      expect.stringMatching(/^unpacked {4}3 entries, 301 kB$/),
      expect.stringMatching(/^total {7}5 entries, 30\d kB, limit 10.0 GB$/),
      '',
    ]);
  });

  it.each([
    ['kind', [sha256(Buffer.from('not a package')), NAME, 'middle_2_amd64', 'new_2_amd64', 'old_2_amd64']],
    ['used', [NAME, 'new_2_amd64', 'middle_2_amd64', 'old_2_amd64', sha256(Buffer.from('not a package'))]],
    ['size', ['middle_2_amd64', 'new_2_amd64', 'old_2_amd64', NAME, sha256(Buffer.from('not a package'))]],
  ])('--sort %s', async (sort, expected) => {
    const { stdout } = await cacheRun('ls', '--json', '--sort', sort);
    const { entries, total, limit } = JSON.parse(stdout);
    expect(entries.map(({ name, sha256 }: { name: string | null; sha256: string }) => name ?? sha256)).toEqual(
      expected,
    );
    expect([total.entries, limit]).toEqual([5, 10_000_000_000]);
  });

  it.each([30, 40, 60, 80, 160])('keeps to %i columns', async (columns) => {
    const { stdout } = await run(['cache', 'ls', '--cache-dir', cache], { stdout: new Capture(columns) });
    const table = stdout.slice(0, stdout.indexOf('\n\n')).split('\n');
    // The heading is bold.
    const widths = table.map((line) => line.replaceAll(/\x1b\[\d+m/g, '').length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
    expect(stdout).toContain('sample_1:2-3_all');
  });

  it('of a cache that is not there is empty', async () => {
    const { status, stdout } = await run(['cache', 'ls', '--cache-dir', join(cache, 'none')]);
    expect([status, stdout]).toEqual([0, 'total       0 entries, 0 B, limit 10.0 GB\n']);
    expect(existsSync(join(cache, 'none'))).toBe(false);
  });
});

describe('cache prune', () => {
  const left = (): string[] => readdirSync(join(cache, 'unpacked')).map((name) => name.slice(0, 64));
  const keys = (...names: string[]): string[] => names.map((name) => sha256(Buffer.from(name))).sort();

  it.each([
    ['nothing is asked for', [], ['old', 'middle', 'new'], 2],
    ['--max-size', ['--max-size', '250k'], ['middle', 'new'], 1],
    ['--max-size of a kind', ['--max-size', '150k', '--kind', 'unpacked'], ['new'], 2],
    ['--older-than', ['--older-than', '25d'], ['middle', 'new'], 1],
    ['both', ['--older-than', '35d', '--max-size', '150k'], ['new'], 1],
    ['--kind', ['--kind', 'unpacked'], [], 2],
    ['--all', ['--all'], [], 0],
    ['--cache-limit', ['--cache-limit', '250k'], ['middle', 'new'], 1],
    ['no limit', ['--cache-limit', 'none'], ['old', 'middle', 'new'], 2],
    ['--dry-run', ['--all', '--dry-run'], ['old', 'middle', 'new'], 2],
  ])('where %s', async (_, options, unpacked, downloads) => {
    const { status, stderr } = await cacheRun('prune', ...options);
    expect([status, stderr]).toEqual([0, '']);
    expect(left().sort()).toEqual(keys(...unpacked));
    const files = readdirSync(join(cache, 'sha256'), { recursive: true, withFileTypes: true });
    expect(files.filter((entry) => entry.isFile())).toHaveLength(downloads);
  });

  it('removes leftovers of other versions after a day, and nothing that is not ours', async () => {
    const place = join(cache, 'unpacked');
    const [old, young, foreign] = [`${'0'.repeat(64)}-v1`, `${'1'.repeat(64)}-v9`, 'notes.txt'];
    for (const name of [old, young, foreign]) writeFileSync(join(place, name), '');
    for (const name of [old, foreign]) utimesSync(join(place, name), NOW - 2 * DAY, NOW - 2 * DAY);
    await cacheRun('prune');
    expect(readdirSync(place)).toEqual(expect.arrayContaining([young, foreign]));
    expect(readdirSync(place)).not.toContain(old);
    await cacheRun('prune', '--all');
    expect(readdirSync(place)).toEqual([foreign]);
  });

  it('keeps what replays are told by, unless it is named', async () => {
    const path = add('releases', '0'.repeat(64), Buffer.from('{}'), 400);
    await cacheRun('prune', '--all', '--older-than', '1d', '--max-size', '0');
    expect(existsSync(path)).toBe(true);
    await cacheRun('prune', '--kind', 'releases');
    expect(existsSync(path)).toBe(false);
  });

  it('removes indices and answers that nobody used for a week', async () => {
    const paths = (['indices', 'verified'] as const).flatMap((kind) => [
      add(kind, 'a'.repeat(64), DEB, 8),
      add(kind, 'b'.repeat(64), DEB, 6),
    ]);
    await cacheRun('prune');
    expect(paths.map(existsSync)).toEqual([false, true, false, true]);
  });

  it('says what went', async () => {
    const { stdout } = await cacheRun('prune', '--older-than', '15d', '--verbose');
    expect(stdout).toMatch(/^KIND .*\ndownloads .*\nunpacked +old_2_amd64 .*\nunpacked +middle_2_amd64 /);
    expect(stdout).toMatch(/\nremoved +3 entries, 200 kB\nkept +2 entries, 10\d kB\n$/);
    const { stdout: json } = await cacheRun('prune', '--all', '--json');
    const { removed, kept, dryRun, kinds } = JSON.parse(json);
    expect(removed.map(({ name }: { name: string }) => name)).toEqual(['new_2_amd64', NAME]);
    expect([kept, dryRun, Object.keys(kinds)]).toEqual([{ entries: 0, size: 0 }, false, ['unpacked', 'downloads']]);
  });
});

describe('cache verify', () => {
  it('ends with 3 where it found damage, and with 0 then', async () => {
    const text = sha256(Buffer.from('not a package'));
    add('downloads', text, Buffer.from('not a packagf'), 1);
    const first = await cacheRun('verify');
    expect(first.status).toBe(3);
    expect(first.stdout).toMatch(
      new RegExp(`^downloads ${text}: it is damaged; thrown away\n5 entries, .*: 1 damaged\n$`),
    );
    const second = await cacheRun('verify', '--json');
    expect(second.status).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({ directory: cache, entries: 4, damaged: [] });
  });

  it('names a package whose .deb is damaged by what it unpacked to', async () => {
    const key = sha256(Buffer.from('new'));
    add('downloads', key, Buffer.from('other'), 1);
    const { stdout } = await cacheRun('verify', '--json');
    expect(JSON.parse(stdout).damaged).toMatchObject([{ kind: 'downloads', name: 'new_2_amd64', removed: true }]);
  });
});

describe('cache dir', () => {
  it.each([
    [['cache', 'dir'], '/home/me/.cache/koala-bootstrap\n'],
    [['cache', 'dir', '--cache-dir', '/x'], '/x\n'],
  ])('%j', async (argv, expected) => {
    expect(await run(argv)).toMatchObject({ status: 0, stdout: expected });
  });
});

describe('wrong usage of cache', () => {
  it.each([
    ['cache', 'cache needs ls, prune, verify or dir', '--help'],
    ['cache list', 'cannot do "list" with the cache', 'known are ls, prune, verify, dir'],
    ['cache prun', 'did you mean "prune"?', 'known are'],
    ['cache ls --max-size 2G', 'cannot use --max-size with cache ls: it is for cache prune', undefined],
    ['cache dir --json', 'cannot use --json with cache dir: it is for cache ls, prune, verify', undefined],
    ['cache prune --kind debs', 'cannot use --kind "debs"', 'known are downloads, unpacked, '],
    ['cache prune --max-size much', 'cannot use --max-size "much": it is no size', 'write it as 500M'],
    ['cache prune --older-than 3', 'cannot use --older-than "3": it is no length of time', 'write it as 12h'],
    ['cache ls --sort date', 'cannot sort by "date"', 'known are kind, name, size, used'],
    ['-p base --cache-limit 1X', 'cannot use --cache-limit "1X": it is no size', 'write it as 500M'],
  ])('%s', async (line, message, hint) => {
    const { status, stdout, stderr } = await run(line.split(' '));
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    if (hint !== undefined) expect(stderr).toContain(hint);
  });
});

describe('quantities', () => {
  it.each([
    ['0', 0],
    ['1234', 1234],
    ['500M', 500_000_000],
    ['2GB', 2_000_000_000],
    ['1.5k', 1500],
    ['1 KiB', 1024],
    ['2Gi', 2 ** 31],
  ])('%s is %i bytes', (text, bytes) => {
    expect(bytesOf(text, '--x')).toBe(bytes);
  });

  it.each(['', '-1', 'G', '1e3', '1Q', '9999999999T', '1i'])('%j is no size', (text) => {
    expect(() => bytesOf(text, '--x')).toThrow('it is no size');
  });

  it.each([
    ['90s', 90],
    ['5m', 300],
    ['12h', 43_200],
    ['30d', 30 * DAY],
    ['8w', 56 * DAY],
  ])('%s is %i seconds', (text, seconds) => {
    expect(ageOf(text, '--x')).toBe(seconds * 1000);
  });

  it.each([
    [undefined, undefined, 10_000_000_000],
    ['none', '5G', undefined],
    ['0', undefined, undefined],
    [undefined, 'none', undefined],
    [undefined, '5G', 5_000_000_000],
    ['1G', '5G', 1_000_000_000],
    [undefined, '', 10_000_000_000],
  ])('--cache-limit %s, KOALA_CACHE_LIMIT=%s: %s', (option, variable, expected) => {
    expect(cacheLimitOf(option, { KOALA_CACHE_LIMIT: variable })).toBe(expected);
  });
});
