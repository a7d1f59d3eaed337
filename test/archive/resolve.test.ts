import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type ResolveOptions, resolveArchives } from '../../src/archive/resolve.js';
import { archivesFor } from '../../src/profile/suites.js';
import type { ArchiveSpec } from '../../src/profile/types.js';
import { archiveSpec } from '../builder/sources.js';
import { temporaryDirectory } from './scratch.js';

const main = archiveSpec({ suite: `\${suite}`, origin: 'profile base' });
const updates: ArchiveSpec = { ...main, suite: `\${suite}-updates`, notFor: ['sid'] };
const security: ArchiveSpec = { ...main, suite: `\${suite}-security`, kind: 'debian-security', notFor: ['sid'] };
const DEBIAN_SOURCES = '/etc/apt/sources.list.d/debian.sources';

let root: string;

beforeEach(async () => {
  root = await temporaryDirectory();
  await put('/keyrings/debian-archive/one.asc', '');
  await put('/keyrings/debian-archive/two.asc', '');
  await put('/keyrings/debian-archive/README.md', '');
});

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

function resolve(archives: readonly ArchiveSpec[], options: Partial<ResolveOptions> = {}) {
  return resolveArchives({
    archives: archivesFor({ archives }, 'trixie', true),
    architecture: 'amd64',
    mirrors: [],
    keyrings: [],
    snapshot: undefined,
    aptRoot: root,
    bundledKeyrings: join(root, 'keyrings'),
    ...options,
  });
}

async function places(archives: readonly ArchiveSpec[], options: Partial<ResolveOptions> = {}): Promise<string[]> {
  const { sources } = await resolve(archives, options);
  return sources.map(({ suite, uris, origin }) => `${suite} ${uris.join(' ')} (${origin})`);
}

const entry = (uri: string, suites: string, more = '') =>
  `Types: deb\nURIs: ${uri}\nSuites: ${suites}\nComponents: main\n${more}`;

describe('where an archive is read', () => {
  it("is Debian's official name where nobody says otherwise", async () => {
    expect(await places([main, updates, security])).toEqual([
      "trixie http://ftp.debian.org/debian (Debian's official name)",
      "trixie-updates http://ftp.debian.org/debian (Debian's official name)",
      "trixie-security http://security.debian.org/debian-security (Debian's official name)",
    ]);
  });

  it("is the machine's entry of the suite, or of another suite of the same archive", async () => {
    await put(
      DEBIAN_SOURCES,
      `${entry('http://m/debian/', 'trixie')}\n${entry('http://s/debian-security', 'x-security')}`,
    );
    expect(await places([main, updates, security])).toEqual([
      `trixie http://m/debian (${DEBIAN_SOURCES}:1)`,
      `trixie-updates http://m/debian (${DEBIAN_SOURCES}:1)`,
      `trixie-security http://s/debian-security (${DEBIAN_SOURCES}:6)`,
    ]);
  });

  const unfit: [name: string, text: string][] = [
    ['of sources only', entry('http://m/debian', 'trixie').replace('deb\n', 'deb-src\n')],
    ['that is disabled', entry('http://m/debian', 'trixie', 'Enabled: no\n')],
    ['of another architecture', entry('http://m/debian', 'trixie', 'Architectures: arm64\n')],
    ['without the architecture', entry('http://m/debian', 'trixie', 'Architectures-Remove: amd64\n')],
    ['without the component', entry('http://m/debian', 'trixie').replace('main', 'contrib')],
    ["whose path is not Debian's", entry('http://m/product', 'trixie')],
    ['of a scheme that cannot be read', entry('cdrom:/debian', 'trixie')],
  ];
  it.each(unfit)('is not an entry %s', async (_, text) => {
    await put(DEBIAN_SOURCES, text);
    expect(await places([main])).toEqual(["trixie http://ftp.debian.org/debian (Debian's official name)"]);
  });

  it('prefers an entry with Debian’s keyring to one of a third party that looks like Debian', async () => {
    await put(
      '/etc/apt/sources.list.d/a.list',
      'deb [signed-by=/usr/share/keyrings/product.gpg] http://p/debian trixie main',
    );
    await put(
      DEBIAN_SOURCES,
      entry('http://m/debian', 'trixie', 'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n'),
    );
    expect(await places([main])).toEqual([`trixie http://m/debian (${DEBIAN_SOURCES}:1)`]);
  });

  it('is the profile’s URI rather than the machine’s', async () => {
    await put(DEBIAN_SOURCES, entry('http://m/debian', 'trixie'));
    expect(await places([{ ...main, uris: ['http://own/debian/', 'http://other/debian'] }])).toEqual([
      'trixie http://own/debian http://other/debian (profile base)',
    ]);
  });

  it('is the machine’s entry of exactly the suite for an archive that is not Debian’s', async () => {
    const other: ArchiveSpec = { ...main, suite: 'stable', kind: 'other' };
    await put('/etc/apt/sources.list', 'deb http://m/product stable main');
    expect(await places([other])).toEqual(['stable http://m/product (/etc/apt/sources.list:1)']);
    await expect(places([{ ...other, suite: 'testing' }])).rejects.toThrow(
      'cannot find the archive testing of profile base',
    );
  });
});

describe('--mirror', () => {
  it('stands in for the main archive and others of its kind, not for those with another place', async () => {
    const other: ArchiveSpec = { ...main, suite: 'own', kind: 'other', uris: ['http://own'] };
    const { sources, notes } = await resolve([main, updates, security, other], {
      mirrors: ['http://a/debian/', 'https://b'],
    });
    expect(sources.map(({ suite, uris }) => [suite, ...uris])).toEqual([
      ['trixie', 'http://a/debian', 'https://b'],
      ['trixie-updates', 'http://a/debian', 'https://b'],
      ['trixie-security', 'http://security.debian.org/debian-security'],
      ['own', 'http://own'],
    ]);
    expect(notes).toEqual([]);
  });

  it('can be a directory', async () => {
    expect(await places([main], { mirrors: [root] })).toEqual([`trixie file://${root} (--mirror)`]);
    expect(await places([main], { mirrors: ['file:/srv/x/'] })).toEqual(['trixie file:///srv/x (--mirror)']);
  });

  it.each([
    ['ftp://x/debian', 'cannot use --mirror ftp://x/debian: its scheme is not known'],
    ['http://', 'cannot use --mirror http://: it is not a URL'],
    ['http://me:secret@', 'cannot use --mirror http://me:***@: it is not a URL'],
    ['/no/such/place', 'cannot use --mirror /no/such/place: there is no such directory'],
  ])('cannot be %s', async (mirror, message) => {
    await expect(places([main], { mirrors: [mirror] })).rejects.toMatchObject({ code: 'usage', message });
  });
});

describe('who may sign', () => {
  const keyrings = async (archives: readonly ArchiveSpec[], options: Partial<ResolveOptions> = {}) =>
    (await resolve(archives, options)).sources.map((source) => source.keyrings.map((path) => path.replace(root, '')));
  const bundled = ['/keyrings/debian-archive/one.asc', '/keyrings/debian-archive/two.asc'];
  const signedBy = (value: string, suite = 'trixie') =>
    put(DEBIAN_SOURCES, entry('http://m/debian', suite, `Signed-By: ${value}\n`));

  it('is the bundled keyring, a file of the profile, or --keyring before all', async () => {
    await put('/own.asc', '');
    const path = join(root, 'own.asc');
    expect(await keyrings([main, { ...main, keyrings: [path] }])).toEqual([bundled, ['/own.asc']]);
    await signedBy('/own.asc');
    expect(await keyrings([main], { keyrings: [join(root, 'keyrings/debian-archive/one.asc')] })).toEqual([
      [bundled[0]],
    ]);
  });

  it('is the Signed-By of an entry for exactly the suite, where the file exists', async () => {
    await put('/usr/own.asc', '');
    await signedBy('/usr/own.asc');
    expect(await keyrings([main, updates])).toEqual([['/usr/own.asc'], bundled]);
    await signedBy('/usr/absent.asc');
    expect(await keyrings([main])).toEqual([bundled]);
    await signedBy('0123456789ABCDEF0123456789ABCDEF01234567');
    expect(await keyrings([main])).toEqual([bundled]);
  });

  it('is the key inside Signed-By', async () => {
    await signedBy('\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n -----END PGP PUBLIC KEY BLOCK-----');
    expect((await keyrings([main]))[0]?.[0]).toMatch(/^-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END/);
  });

  it.each([
    [{ ...main, keyrings: ['unknown'] }, {}, 'cannot find the keyring unknown of profile base'],
    [{ ...main, keyrings: ['/absent.asc'] }, {}, 'cannot read the keyring /absent.asc of profile base'],
    [main, { keyrings: ['/absent.asc'] }, 'cannot read the keyring /absent.asc of --keyring'],
  ])('cannot be what is not there: %#', async (spec, options, message) => {
    await expect(resolve([spec], options)).rejects.toThrow(message);
  });
});

describe("the machine's files", () => {
  it('do no harm where they cannot be read', async () => {
    await put('/etc/apt/sources.list', 'nonsense');
    await put('/etc/apt/sources.list.d/x.sources', 'Types: deb\n');
    await put('/etc/apt/sources.list.d/y.sources.disabled', 'nonsense');
    const { sources, notes } = await resolve([main]);
    expect(sources[0]?.origin).toBe("Debian's official name");
    expect(notes).toEqual([
      '/etc/apt/sources.list is not used: cannot read /etc/apt/sources.list:1: a nonsense entry needs a URI and a suite',
      '/etc/apt/sources.list.d/x.sources is not used: cannot read /etc/apt/sources.list.d/x.sources:1: field URIs is missing',
    ]);
    expect((await resolve([{ ...main, uris: ['http://own'] }])).notes).toEqual([]);
  });

  it('cannot switch off the signature check, but the expiry', async () => {
    await put(DEBIAN_SOURCES, entry('http://m/debian', 'trixie', 'Trusted: yes\nCheck-Valid-Until: no\n'));
    const { sources, notes } = await resolve([main]);
    expect(sources[0]?.checkValidUntil).toBe(false);
    expect(notes).toEqual([
      `${DEBIAN_SOURCES}:1 says Trusted: yes, which is not followed: signatures are always checked`,
    ]);
  });
});
