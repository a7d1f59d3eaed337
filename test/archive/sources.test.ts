import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ArchiveOptions } from '../builder/archive.js';
import { testKey, writeKeyring } from '../builder/keys.js';
import { fetched, open, packageOf, place, prepare, versions, write } from './sources.js';

beforeEach(prepare);

describe('a flat archive (sources.list(5))', () => {
  it.each([
    ['at its URI', './'],
    ['at its URI, in other words', '/'],
    ['in a directory', 'sub/dir/'],
    ['of an architecture', '$(ARCH)/'],
  ])('%s has file names relative to the URI', async (_, suite) => {
    await write({ suite: suite.replace('$(ARCH)', 'amd64'), release: { Suite: undefined, Codename: undefined } });
    const opened = await open(`deb [signed-by=KEYRING] SERVER ${suite}`);
    expect(versions(opened)).toBe('1.0');
    expect(await fetched(opened)).toBe('hello 1.0');
  });

  it('has packages of several architectures in one index', async () => {
    const packages = ['amd64', 'arm64', 'all'].map((architecture) =>
      packageOf(`for-${architecture}`, '1', { architecture }),
    );
    await write({ suite: './', packages });
    const { universe } = await open('deb [signed-by=KEYRING] SERVER ./');
    expect(['for-amd64', 'for-arm64', 'for-all'].map((name) => universe.named(name).length)).toEqual([1, 0, 1]);
  });

  it('is checked like any other', async () => {
    await write({ suite: './', signers: [await testKey('stranger')] });
    await expect(open('deb [signed-by=KEYRING] SERVER ./')).rejects.toThrow('no good signature by a key of');
    await write({ suite: './' });
    place.server.fault('.deb', { type: 'flip', at: 2 });
    await expect(fetched(await open('deb [signed-by=KEYRING] SERVER ./'))).rejects.toThrow('its SHA-256 is');
  });
});

describe('a trusted archive', () => {
  const flat = 'deb [trusted=yes] SERVER ./';
  const cases: [name: string, options: Partial<ArchiveOptions>, line: string][] = [
    ['signed by nobody known', { suite: './', signers: [] }, flat],
    ['with a signature that nobody checks', { suite: './', signed: 'inline' }, flat],
    ['with Release alone', { suite: './', signed: 'none' }, flat],
    [
      'with a Release that promises nothing',
      { suite: './', signed: 'none', release: { SHA256: undefined, Date: undefined } },
      flat,
    ],
    ['without Release', { suite: './', signed: 'nothing' }, flat],
    ['without Release, with one compressed index', { suite: './', signed: 'nothing', compressions: ['xz'] }, flat],
    ['with suites, without Release', { signed: 'nothing' }, 'deb [trusted=yes] SERVER test main'],
  ];
  it.each(cases)('%s is read, said aloud, and read offline', async (_, options, line) => {
    const signers = options.signers?.length === 0 ? { signers: [await testKey('stranger')] } : {};
    await write({ ...options, ...signers });
    const opened = await open(line);
    expect(await fetched(opened)).toBe('hello 1.0');
    expect(opened.notes).toEqual([
      expect.stringMatching(/^NOT VERIFIED: .* is trusted without a signature, as x\.list:1 says/),
    ]);
    expect(opened.releases[0]?.signedBy).toEqual([]);
    expect(versions(await open(line, { offline: true }))).toBe('1.0');
  });

  it('still keeps its own promises', async () => {
    await write({ suite: './', signed: 'none' });
    place.server.fault(/by-hash/, { type: 'flip', at: 30 });
    await expect(open(flat)).rejects.toThrow('the archive promised');
  });

  it('cannot be one that is not there', async () => {
    await expect(open(flat)).rejects.toThrow(`cannot fetch ${place.server.url}/Packages: there is no such file`);
  });

  it('needs the word: without it a signature is', async () => {
    await write({ suite: './', signed: 'none' });
    await expect(open('deb [signed-by=KEYRING] SERVER ./')).rejects.toThrow('has no signature of it');
  });
});

describe('who may sign', () => {
  const other = () => testKey('other');
  it.each([
    ['the key', 0, ''],
    ['the very key', 0, '!'],
  ])('%s by its fingerprint', async (_, __, mark) => {
    await write({ signers: [await testKey()] });
    const directory = join(place.directory, 'etc/apt/trusted.gpg.d');
    await mkdir(directory, { recursive: true });
    await writeKeyring(directory, 'all.asc', [await testKey(), await other()]);
    const line = async (key: string) => open(`deb [signed-by=${key}${mark}] SERVER test main`);
    expect(versions(await line((await testKey()).fingerprint))).toBe('1.0');
    await expect(line((await other()).fingerprint)).rejects.toMatchObject({
      details: [expect.stringContaining('Signed-By names other keys')],
    });
  });

  it('without Signed-By what is bundled, and what apt trusts', async () => {
    await write({});
    await expect(open('deb SERVER test main')).rejects.toMatchObject({ code: 'verify' });
    await mkdir(join(place.directory, 'keyrings/own'), { recursive: true });
    await writeKeyring(join(place.directory, 'keyrings/own'), 'k.asc', [await testKey()]);
    expect(versions(await open('deb SERVER test main'))).toBe('1.0');
  });
});

describe('architectures of an archive', () => {
  it('leave it out for others', async () => {
    await write({});
    await write({ suite: 'new', packages: [packageOf('hello', '2.0')] });
    const lines = 'deb [arch=arm64 signed-by=KEYRING] SERVER new main\ndeb [signed-by=KEYRING] SERVER test main\n';
    expect(versions(await open(lines))).toBe('1.0');
    await expect(open(lines.split('\n')[0] ?? '')).rejects.toThrow('cannot find an archive for amd64');
  });
});
