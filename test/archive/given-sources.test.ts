import { describe, expect, it } from 'vitest';
import { archivesOfSources } from '../../src/archive/given-sources.js';

const DEB822 = `# a comment
Types: deb deb-src
URIs: http://a.example/debian/ file:/srv/b
Suites: trixie trixie-updates
Components: main contrib
Signed-By: /usr/share/keyrings/k.pgp
Check-Valid-Until: no

Types: deb
URIs: https://c.example/$(ARCH)
Suites: ./
Trusted: yes
Architectures: arm64

Types: deb
URIs: http://off.example
Suites: x
Components: main
Enabled: no

Types: deb-src
URIs: http://src.example
Suites: x
Components: main
`;

const read = (text: string, origin = '/etc/x.sources', architecture = 'amd64') =>
  archivesOfSources([{ text, origin }], architecture);

describe('archivesOfSources', () => {
  it('gives each URI with each suite, in order, of a deb822 text', () => {
    const archives = read(DEB822);
    expect(archives.map(({ uris, suite, components }) => `${uris} ${suite} ${components}`)).toEqual([
      'http://a.example/debian trixie main,contrib',
      'http://a.example/debian trixie-updates main,contrib',
      'file:///srv/b trixie main,contrib',
      'file:///srv/b trixie-updates main,contrib',
      'https://c.example/amd64 ./ ',
    ]);
    expect(archives[0]).toMatchObject({
      keyrings: ['/usr/share/keyrings/k.pgp'],
      trusted: false,
      checkValidUntil: false,
      architectures: [],
      origin: '/etc/x.sources:2',
    });
    expect(archives[4]).toMatchObject({ keyrings: [], trusted: true, checkValidUntil: true, architectures: ['arm64'] });
  });

  it('makes one archive of the entries for one suite at one place', () => {
    const lines = [
      'deb http://a.example/debian trixie main',
      'deb http://a.example/debian sid main',
      'deb http://a.example/debian trixie contrib main',
      'deb [arch=arm64] http://a.example/debian trixie non-free',
    ];
    const archives = read(lines.join('\n'), 'x.list');
    expect(archives.map(({ suite, components, origin }) => `${suite} ${components} ${origin}`)).toEqual([
      'trixie main,contrib x.list:1',
      'sid main x.list:2',
      'trixie non-free x.list:4',
    ]);
  });

  it('refuses entries with different keys for one of them, as apt does', () => {
    const text =
      'deb [signed-by=/a.gpg] http://a.example/x sid main\ndeb [signed-by=/b.gpg] http://a.example/x sid extra\n';
    expect(() => read(text, 'x.list')).toThrow(
      'cannot use x.list:2: it has other keys for sid at http://a.example/x than x.list:1',
    );
  });

  it('reads one-line entries, and several texts', () => {
    const line = 'deb [signed-by=0123456789ABCDEF0123456789ABCDEF01234567! arch-=i386] http://a.example/x $(ARCH)/\n';
    const archives = archivesOfSources(
      [
        { text: `# none\n\n${line}`, origin: '-' },
        { text: DEB822, origin: 'b.sources' },
      ],
      'amd64',
    );
    expect(archives).toHaveLength(6);
    expect(archives[0]).toMatchObject({
      suite: 'amd64/',
      keyrings: ['0123456789ABCDEF0123456789ABCDEF01234567!'],
      origin: 'standard input:3',
    });
    expect(archivesOfSources([{ text: `${line}${line.replace('i386', 'amd64')}`, origin: 'l' }], 'amd64')).toHaveLength(
      1,
    );
  });

  it('takes a key inside the text', () => {
    const key = '\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n a/b\n -----END PGP PUBLIC KEY BLOCK-----\n';
    const text = DEB822.replace(/Signed-By: .*\n/, `Signed-By:${key}`);
    expect(read(text)[0]?.keyrings[0]).toMatch(/^-----BEGIN PGP PUBLIC KEY BLOCK-----\n\na\/b\n/);
  });

  it.each([
    ['', 'usage', 'cannot find an archive in --sources f: no entry is an enabled one of type deb'],
    ['Types: deb-src\nURIs: http://a\nSuites: a/\n', 'usage', 'cannot find an archive in --sources f'],
    ['deb cdrom:/x a main\n', 'usage', 'cannot use f:1: the scheme of cdrom:/x is none of http, https and file'],
    [
      'Types: deb\nURIs: http://a\nSuites: ./\nComponents: main\n',
      'archive',
      'the flat archive ./ cannot have components',
    ],
    ['rpm http://a a main\n', 'archive', 'cannot read f:1: "rpm" is neither deb nor deb-src'],
  ])('refuses %j', (text, code, message) => {
    expect(() => read(text, 'f')).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
});
