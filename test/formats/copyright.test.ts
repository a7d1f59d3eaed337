import { describe, expect, it } from 'vitest';
import { parseCopyright } from '../../src/formats/copyright.js';

const FORMAT = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n';

describe('parseCopyright', () => {
  it('reads licences and their texts', () => {
    const text = `${FORMAT}License: header

Files: *
Copyright: 1999 A
License: GPL-2+  or
 Artistic

Files: debian/*
Copyright: 2000 B
License: Expat
 Permission is
 .
   granted

Files: c
Copyright: 2001 C
License: expat

License: gpl-2+ or
 see there
`;
    const copyright = parseCopyright(text, 'x');
    expect(copyright?.synopses).toEqual(['GPL-2+ or', 'Expat', 'expat']);
    expect(copyright?.textOf('EXPAT')).toBe('Permission is\n\n  granted');
    expect(copyright?.textOf('GPL-2+ or')).toBe('Artistic');
    expect(copyright?.textOf('expat ')).toBeUndefined();
  });

  it.each([
    [
      'Format-Specification: http://svn.debian.org/wsvn/dep/web/deps/dep5.mdwn?op=file&rev=135\n\nFiles: *\nLicense: ISC\n',
      ['ISC'],
    ],
    [`${FORMAT}License: MPL-2.0\n`, ['MPL-2.0']],
    [`${FORMAT}Upstream-Name: x\n`, []],
    [`\n# a comment\n${FORMAT}\nFiles: *\nLicense: ISC\n`, ['ISC']],
  ])('takes %j', (text, synopses) => {
    expect(parseCopyright(text, 'x')?.synopses).toEqual(synopses);
  });

  it.each(['', 'This package was debianized by A.\n', 'Format: text\n\nLicense: ISC\n'])(
    'leaves %j to people',
    (text) => {
      expect(parseCopyright(text, 'x')).toBeUndefined();
    },
  );

  it('refuses what says that it is machine-readable and is not', () => {
    expect(() => parseCopyright(`${FORMAT}\nFiles: *\nnothing\n`, "x's copyright file")).toThrow(
      `cannot read x's copyright file:4: "nothing" is not a field`,
    );
  });
});
