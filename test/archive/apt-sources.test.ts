import { describe, expect, it } from 'vitest';
import { type AptSource, parseDeb822Sources, parseOneLineSources } from '../../src/archive/apt-sources.js';

const plain: AptSource = {
  types: ['deb'],
  uris: ['http://m/debian'],
  suites: ['trixie'],
  components: ['main'],
  architectures: { only: undefined, not: [] },
  signedBy: [],
  enabled: true,
  trusted: false,
  checkValidUntil: true,
  origin: 'f:1',
};

describe('parseDeb822Sources', () => {
  const base = 'Types: deb\nURIs: http://m/debian\nSuites: trixie\nComponents: main\n';
  const cases: [name: string, text: string, expected: Partial<AptSource>][] = [
    ['the plain case', base, {}],
    ['names without case', base.replace('URIs', 'uris'), {}],
    [
      'several of each',
      base.replace('deb\n', 'deb deb-src\n').replace('trixie', 'trixie\n trixie-updates'),
      {
        types: ['deb', 'deb-src'],
        suites: ['trixie', 'trixie-updates'],
      },
    ],
    ['a slash at the end', base.replace('/debian', '/debian/'), {}],
    ['key files', `${base}Signed-By: /a.gpg /b.asc\n`, { signedBy: ['/a.gpg', '/b.asc'] }],
    [
      'a key inside',
      `${base}Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n xyz\n -----END PGP PUBLIC KEY BLOCK-----\n`,
      { signedBy: ['-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxyz\n-----END PGP PUBLIC KEY BLOCK-----\n'] },
    ],
    [
      'an architecture',
      `${base}Architectures: amd64 arm64\n`,
      { architectures: { only: ['amd64', 'arm64'], not: [] } },
    ],
    ['one less', `${base}Architectures-Remove: i386\n`, { architectures: { only: undefined, not: ['i386'] } }],
    [
      'switches',
      `${base}Enabled: no\nTrusted: yes\nCheck-Valid-Until: off\n`,
      {
        enabled: false,
        trusted: true,
        checkValidUntil: false,
      },
    ],
    ['a flat archive', 'Types: deb\nURIs: http://m/debian\nSuites: ./\n', { suites: ['./'], components: [] }],
    ['a comment', `# what\n${base.replace('URIs', '# why\nURIs')}`, { origin: 'f:2' }],
  ];
  it.each(cases)('reads %s', (_, text, expected) => {
    expect(parseDeb822Sources(text, 'f')).toEqual([{ ...plain, ...expected }]);
  });

  it.each([
    ['Types: deb\nSuites: trixie\nComponents: main\n', 'cannot read f:1: field URIs is missing'],
    [base.replace('deb\n', 'rpm\n'), 'cannot read f:1: "rpm" is neither deb nor deb-src'],
    [base.replace('trixie', './'), 'cannot read f:1: the flat archive ./ cannot have components'],
    [base.replace('Components: main\n', ''), 'cannot read f:1: the suite trixie has no components'],
    [`\n${base}Enabled: perhaps\n`, 'cannot read f:2: "perhaps" is neither yes nor no'],
    [`${base}nonsense\n`, 'cannot read f:5: "nonsense" is not a field'],
  ])('refuses %j', (text, message) => {
    expect(() => parseDeb822Sources(text, 'f')).toThrow(message);
  });
});

describe('parseOneLineSources', () => {
  const cases: [line: string, expected: Partial<AptSource>][] = [
    ['deb http://m/debian trixie main', {}],
    ['  deb\thttp://m/debian/  trixie main # the mirror', {}],
    ['deb-src http://m/debian trixie main contrib', { types: ['deb-src'], components: ['main', 'contrib'] }],
    [
      'deb [arch=amd64,arm64 signed-by=/a.gpg,/b.gpg] http://m/debian trixie main',
      {
        architectures: { only: ['amd64', 'arm64'], not: [] },
        signedBy: ['/a.gpg', '/b.gpg'],
      },
    ],
    [
      'deb [ arch-=i386 trusted=yes check-valid-until=no ] http://m/debian trixie main',
      {
        architectures: { only: undefined, not: ['i386'] },
        trusted: true,
        checkValidUntil: false,
      },
    ],
    ['deb "file:///a b" trixie main', { uris: ['file:///a b'] }],
    ['deb file:///a%20b trixie main', { uris: ['file:///a b'] }],
    ['deb "cdrom:[Debian # 13]/" trixie main', { uris: ['cdrom:[Debian # 13]'] }],
    ['deb http://m/debian ./', { suites: ['./'], components: [] }],
  ];
  it.each(cases)('reads %s', (line, expected) => {
    expect(parseOneLineSources(line, 'f')).toEqual([{ ...plain, ...expected }]);
  });

  it('skips comments and empty lines, and counts them', () => {
    const text = '# deb http://m/debian sid main\n\ndeb http://m/debian trixie main\r\n';
    expect(parseOneLineSources(text, 'f')).toEqual([{ ...plain, origin: 'f:3' }]);
  });

  it.each([
    ['deb http://m/debian', 'cannot read f:1: a deb entry needs a URI and a suite'],
    ['rpm http://m/debian trixie main', 'cannot read f:1: "rpm" is neither deb nor deb-src'],
    ['deb [arch] http://m/debian trixie main', 'cannot read f:1: "arch" is not an option'],
  ])('refuses %j', (line, message) => {
    expect(() => parseOneLineSources(line, 'f')).toThrow(message);
  });
});
