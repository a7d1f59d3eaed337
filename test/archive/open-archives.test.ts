import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { fetchDeb } from '../../src/archive/debs.js';
import { type OpenArchivesOptions, openArchives } from '../../src/archive/open-archives.js';
import { promiseOf } from '../../src/archive/store.js';
import type { ArchiveSource } from '../../src/archive/types.js';
import { ARCHIVE_DATE, type ArchiveOptions, releaseDate, writeArchive } from '../builder/archive.js';
import { clearsign, testKey, writeKeyring } from '../builder/keys.js';
import { archiveSource } from '../builder/sources.js';
import { type Scratch, scratch } from './scratch.js';

const NOW = new Date('2024-05-02T00:00:00Z');
const LATER = new Date('2024-05-10T00:00:00Z');
const HELLO = {
  control: { Package: 'hello', Version: '1.0', Architecture: 'amd64' },
  deb: Buffer.from('the bytes of hello'.repeat(1000)),
};
const DOC = { control: { Package: 'hello-doc', Version: '1.0', Architecture: 'all' }, deb: Buffer.from('doc') };

let place: Scratch;
let keyring: string;

beforeEach(async () => {
  place = await scratch();
  keyring = await writeKeyring(place.store.directory, 'keyring.asc', [await testKey()]);
});

const write = (options: Partial<ArchiveOptions> = {}) =>
  writeArchive({ directory: place.directory, suite: 'trixie', packages: [HELLO, DOC], ...options });

const sourceOf = (more: Partial<ArchiveSource> = {}): ArchiveSource =>
  archiveSource({ suite: 'trixie', uris: [place.server.url], keyrings: [keyring], ...more });

const open = (more: Partial<ArchiveSource> = {}, options: Partial<OpenArchivesOptions> = {}) =>
  openArchives({
    sources: [sourceOf(more)],
    architecture: 'amd64',
    pins: [],
    local: [],
    store: place.store,
    transport: place.transport(),
    now: NOW,
    ...options,
  });

const offline = () => ({ transport: place.transport({ offline: true }) });
const paths = () => place.server.requests.map(({ path }) => path);

describe('openArchives', () => {
  it('verifies the Release file and reads the index', async () => {
    await write({ release: { Version: '13.7', 'Valid-Until': releaseDate(LATER) } });
    const { releases, universe, notes } = await open();
    expect(releases[0]).toMatchObject({
      url: `${place.server.url}/dists/trixie/InRelease`,
      origin: 'Test',
      suite: 'trixie',
      codename: 'trixie',
      version: '13.7',
      date: ARCHIVE_DATE.getTime() / 1000,
      validUntil: LATER.getTime() / 1000,
      architectures: ['all', 'amd64'],
      components: ['main'],
      acquireByHash: true,
      signedBy: [(await testKey()).fingerprint],
    });
    expect([...universe.names()]).toEqual(['hello', 'hello-doc']);
    expect(notes).toEqual([]);
    expect(paths()[1]).toMatch(/^\/dists\/trixie\/main\/binary-amd64\/by-hash\/SHA256\/[0-9a-f]{64}$/);
  });

  it.each([
    ['gz', ['none', 'gz', 'xz', 'zst']],
    ['zst', ['none', 'zst', 'xz']],
    ['xz', ['none', 'xz']],
    ['xz', ['xz']],
    ['none', ['none']],
  ] as const)('takes %s of %j', async (compression, compressions) => {
    await write({ compressions, release: { 'Acquire-By-Hash': undefined } });
    const { universe } = await open();
    expect(universe.named('hello')).toHaveLength(1);
    expect(paths().at(-1)).toBe(
      `/dists/trixie/main/binary-amd64/Packages${compression === 'none' ? '' : `.${compression}`}`,
    );
  });

  it('falls back to plain names where by-hash is empty, and to Release where there is no InRelease', async () => {
    await write({ signed: 'detached' });
    await rm(join(place.directory, 'dists/trixie/main/binary-amd64/by-hash'), { recursive: true });
    const { releases, universe } = await open();
    expect(releases[0]?.url).toBe(`${place.server.url}/dists/trixie/Release`);
    expect(universe.named('hello')).toHaveLength(1);
    expect(paths().map((path) => path.split('/').at(-1))).toEqual([
      'InRelease',
      'Release',
      'Release.gpg',
      expect.stringMatching(/^[0-9a-f]{64}$/),
      'Packages.gz',
    ]);
  });

  it('reads several archives, and leaves out one beside the main one without the architecture', async () => {
    await write({ architectures: ['amd64', 'arm64'] });
    const newer = { ...HELLO, control: { ...HELLO.control, Version: '1.1' } };
    await write({
      suite: 'trixie-security',
      packages: [newer],
      components: ['main'],
      release: { Components: 'updates/main' },
    });
    const sources = [sourceOf(), sourceOf({ suite: 'trixie-security' })];
    const { universe } = await open({}, { sources });
    expect(universe.named('hello').map(({ version }) => version)).toEqual(['1.1', '1.0']);
    const { releases, notes } = await open({}, { sources, architecture: 'arm64' });
    expect(releases.map(({ suite }) => suite)).toEqual(['trixie']);
    expect(notes).toEqual([
      `${place.server.url}/dists/trixie-security/InRelease has no packages for arm64: it is not read`,
    ]);
    await expect(open({}, { architecture: 'riscv64' })).rejects.toThrow(
      `cannot find packages for riscv64 in ${place.server.url}/dists/trixie/InRelease: it has amd64, arm64`,
    );
  });

  it('reads binary-all where packages of architecture all are apart', async () => {
    const options = { architectures: ['amd64', 'all'], packages: [HELLO] };
    const text = 'Package: only-all\nVersion: 1\nArchitecture: all\nFilename: x\nSize: 1\n';
    const editIndex = (index: string) => (index === '' ? `${text}SHA256: ${'0'.repeat(64)}\n` : index);
    const release = { Architectures: 'all amd64', 'No-Support-for-Architecture-all': undefined };
    await write({ ...options, editIndex, release });
    expect([...(await open()).universe.names()]).toEqual(['hello', 'only-all']);
    await write({ ...options, editIndex, date: LATER, release: { Architectures: 'all amd64' } });
    expect([...(await open({}, { now: LATER })).universe.names()]).toEqual(['hello']);
  });

  it('reads a flat archive', async () => {
    const stanza = `Package: flat\nVersion: 1\nArchitecture: all\nFilename: ./flat.deb\nSize: 1\nSHA256: ${'0'.repeat(64)}\n`;
    const { size, sha256 } = promiseOf(Buffer.from(stanza));
    const text = `Date: ${releaseDate(ARCHIVE_DATE)}\nSHA256:\n ${sha256} ${size} Packages\n`;
    await mkdir(join(place.directory, 'sub'));
    await writeFile(join(place.directory, 'sub/Packages'), stanza);
    await writeFile(join(place.directory, 'sub/InRelease'), await clearsign(text, [await testKey()], ARCHIVE_DATE));
    for (const [base, suite] of [
      ['', 'sub/'],
      ['/sub', './'],
      ['/sub', '/'],
    ] as const) {
      const { universe } = await open({ uris: [place.server.url + base], suite, components: [] });
      expect([...universe.names()]).toEqual(['flat']);
    }
  });

  it('says which components there are', async () => {
    await write();
    await expect(open({ components: ['main', 'contrib'] })).rejects.toMatchObject({
      message: `cannot find the component contrib in ${place.server.url}/dists/trixie/InRelease`,
      hint: 'it has main',
    });
  });

  it('asks the next mirror, and then that one first', async () => {
    await write();
    const { releases } = await open({ uris: [`${place.server.url}/absent`, place.server.url] });
    expect(releases[0]?.source.uris).toEqual([place.server.url, `${place.server.url}/absent`]);
    expect(place.events).toContainEqual(
      expect.objectContaining({ type: 'transfer-retried', url: `${place.server.url}/absent` }),
    );
  });

  it('says that there is no such suite', async () => {
    await write();
    await expect(open({ suite: 'absent' })).rejects.toThrow(
      `cannot fetch ${place.server.url}/dists/absent/InRelease: there is no such file`,
    );
  });
});

describe('a Release file is refused', () => {
  const refusals: [name: string, options: Partial<ArchiveOptions>, why: string, hint?: string][] = [
    [
      'of another suite',
      { release: { Suite: 'stable', Codename: 'bookworm' } },
      'the suite is stable, bookworm, not trixie',
    ],
    ['without a suite', { release: { Suite: undefined, Codename: undefined } }, 'the suite is none that it names'],
    [
      'of the future',
      { date: new Date(NOW.getTime() - 1000), release: { Date: releaseDate(LATER) } },
      'its Date, 2024-05-10T00:00:00Z, is in the future: the clock says 2024-05-02T00:00:00Z',
      "set the machine's clock",
    ],
    [
      'that has expired',
      { release: { 'Valid-Until': releaseDate(ARCHIVE_DATE) } },
      'it expired at 2024-05-01T12:00:00Z: the clock says 2024-05-02T00:00:00Z',
      'check-valid-until: false',
    ],
    [
      'with weak digests only',
      { release: { SHA256: undefined, SHA1: '\n abc 1 main/x' } },
      'it promises no SHA-256 digests',
    ],
    ['without a date', { release: { Date: undefined } }, 'field Date is missing'],
    ['with a date in local time', { release: { Date: 'Wed, 01 May 2024 12:00:00 +0200' } }, 'is not a date in UTC'],
    ['with a day that does not exist', { release: { Date: 'Fri, 31 Jun 2024 12:00:00 UTC' } }, 'is not a date in UTC'],
    [
      'with a path that leaves the suite',
      { release: { SHA256: `\n ${'0'.repeat(64)} 1 ../x` } },
      `"${'0'.repeat(64)} 1 ../x" is not a SHA256 entry`,
    ],
    ['with a bad digest', { release: { SHA256: '\n 00 1 main/x' } }, 'is not a SHA256 entry'],
    [
      'with two digests for a file',
      { release: { SHA256: `\n ${'0'.repeat(64)} 1 x\n ${'1'.repeat(64)} 1 x` } },
      'x is listed twice, with two digests',
    ],
  ];
  it.each(refusals)('%s', async (_, options, why, hint) => {
    await write(options);
    await expect(open()).rejects.toMatchObject({
      message: expect.stringContaining(why),
      ...(hint === undefined ? {} : { hint: expect.stringContaining(hint) }),
    });
    expect(await readdir(place.store.directory)).not.toContain('releases');
  });

  it('signed by another key', async () => {
    await write({ signers: [await testKey('stranger')] });
    await expect(open()).rejects.toThrow(`no good signature by a key of ${keyring}`);
  });

  it.each(['InRelease', 'Release'])('with a flipped byte: %s', async (name) => {
    await write({ signed: name === 'InRelease' ? 'inline' : 'detached' });
    place.server.fault(`/${name}`, { type: 'flip', at: 90 });
    await expect(open()).rejects.toMatchObject({ code: 'verify' });
  });

  it('older than the one seen last', async () => {
    await write({ date: NOW });
    await open();
    await write({ date: ARCHIVE_DATE });
    await expect(open()).rejects.toMatchObject({
      code: 'verify',
      message: expect.stringContaining(
        'its Date is 2024-05-01T12:00:00Z, older than the 2024-05-02T00:00:00Z seen before',
      ),
      hint: expect.stringContaining(join(place.store.directory, 'releases')),
    });
  });

  it('but an expired one is read where the source says so, and one under either name', async () => {
    await write({ release: { Suite: 'stable', 'Valid-Until': releaseDate(ARCHIVE_DATE) } });
    expect((await open({ checkValidUntil: false })).releases).toHaveLength(1);
  });
});

describe('an index is refused', () => {
  it.each([
    ['by-hash', 'yes', /by-hash/],
    ['plain', 'no', /Packages.gz$/],
  ])('with a flipped byte: %s', async (_, byHash, path) => {
    await write({ release: { 'Acquire-By-Hash': byHash } });
    place.server.fault(path, { type: 'flip', at: 30 });
    await expect(open()).rejects.toMatchObject({
      code: 'verify',
      message: expect.stringContaining('the archive promised'),
    });
  });

  it('that decompresses to other bytes than promised', async () => {
    await write({ compressions: ['none', 'gz'] });
    const { releases } = await open();
    const packed = releases[0]?.files.get('main/binary-amd64/Packages.gz');
    const lines = `\n ${packed?.sha256} ${packed?.size} main/binary-amd64/Packages.gz`;
    for (const [size, why] of [
      [1, 'cannot decompress'],
      [1_000_000, 'the archive promised 1000000'],
    ] as const) {
      const SHA256 = `${lines}\n ${'0'.repeat(64)} ${size} main/binary-amd64/Packages`;
      await write({ compressions: ['none', 'gz'], release: { SHA256 } });
      await expect(open()).rejects.toThrow(why);
    }
  });
});

describe('fetchDeb', () => {
  const record = async () => {
    const [found] = (await open()).universe.named('hello');
    if (found === undefined) throw new Error('the archive has no hello');
    return found;
  };

  it('brings a .deb once', async () => {
    await write();
    const hello = await record();
    const first = await fetchDeb(place.store, place.transport(), hello);
    expect(first).toEqual({ path: place.store.path(hello), fromStore: false });
    expect(await place.store.read(hello)).toEqual(HELLO.deb);
    const requests = place.server.requests.length;
    expect(await fetchDeb(place.store, place.transport({ offline: true }), hello)).toEqual({
      ...first,
      fromStore: true,
    });
    expect(place.server.requests).toHaveLength(requests);
    expect(place.events.at(-1)).toMatchObject({ type: 'transfer-finished', fromStore: true });
  });

  it.each([
    ['damaged', { type: 'flip', at: 100 }, 'its SHA-256 is'],
    ['cut short', { type: 'replace', bytes: HELLO.deb.subarray(0, 100) }, 'it has 100 bytes'],
    ['missing', { type: 'status', status: 404 }, 'there is no such file'],
  ] as const)('refuses one that is %s', async (_, fault, why) => {
    await write();
    const hello = await record();
    place.server.fault('.deb', fault);
    await expect(fetchDeb(place.store, place.transport(), hello)).rejects.toThrow(why);
    expect(await place.store.has(hello)).toBe(false);
  });
});

describe('offline', () => {
  it('reads what was verified before, and verifies it again', async () => {
    for (const signed of ['inline', 'detached'] as const) {
      await write({ signed });
      await rm(join(place.directory, `dists/trixie/${signed === 'inline' ? 'Release' : 'InRelease'}`), { force: true });
      const online = await open();
      const again = await open({}, offline());
      expect(again.releases).toEqual(online.releases);
      expect([...again.universe.names()]).toEqual(['hello', 'hello-doc']);
    }
    const stranger = await writeKeyring(place.store.directory, 'other.asc', [await testKey('stranger')]);
    await expect(open({ keyrings: [stranger] }, offline())).rejects.toMatchObject({ code: 'verify' });
  });

  it('says what is missing', async () => {
    await write({ architectures: ['amd64', 'arm64'] });
    await expect(open({}, offline())).rejects.toMatchObject({
      message: `cannot read ${place.server.url}/dists/trixie: --offline and it is not in the store`,
      hint: expect.stringContaining('without --offline'),
    });
    const hello = (await open()).universe.named('hello')[0];
    await expect(open({}, { architecture: 'arm64', ...offline() })).rejects.toThrow(
      '--offline and it is not in the store',
    );
    if (hello === undefined) throw new Error('the archive has no hello');
    await expect(fetchDeb(place.store, place.transport({ offline: true }), hello)).rejects.toThrow(
      `cannot fetch hello 1.0: --offline and it is not in the store`,
    );
  });

  it('reads a directory as ever', async () => {
    await write();
    const { releases } = await open({ uris: [`file://${place.directory}`] }, offline());
    expect(releases[0]?.url).toBe(`file://${place.directory}/dists/trixie/InRelease`);
  });
});
