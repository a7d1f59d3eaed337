import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLicenceReader } from '../../../src/emit/sbom/licences.js';
import { testDirectory } from '../../builder/directory.js';
import { mergeInput } from '../../rootfs/inputs.js';

const MACHINE = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n';

/** What is said of the first package; a text stands for its copyright file. */
function licenceOf(text: string, ...packages: readonly (readonly [name: string, ...lines: string[]])[]) {
  const spool = join(testDirectory(), 'spool');
  writeFileSync(spool, `before${text}`);
  const size = Buffer.byteLength(text);
  const inputs = packages.map(([name, ...lines]) =>
    mergeInput(
      name,
      lines.map((line) => line.replace('TEXT', `file 0644 0:0 ${size} 6`)),
      { spool },
    ),
  );
  const [first] = inputs;
  if (first === undefined) throw new Error('there is a package');
  return createLicenceReader(inputs)(first);
}

describe('createLicenceReader', () => {
  const isc = `${MACHINE}\nFiles: *\nLicense: ISC\n`;
  it.each<[string, Parameters<typeof licenceOf>[1][]]>([
    ['a file', [['a', '/usr/share/doc/a/copyright TEXT']]],
    [
      'a directory that is a link',
      [
        ['a', '/usr/share/doc/a symlink -> b'],
        ['b', '/usr/share/doc/b/copyright TEXT'],
      ],
    ],
    [
      'an absolute link',
      [
        ['a', '/usr/share/doc/a/copyright symlink -> /usr/share/doc/b/copyright'],
        ['b', '/usr/share/doc/b/copyright TEXT'],
      ],
    ],
    [
      'two links',
      [
        ['a', '/usr/share/doc/a symlink -> ./b'],
        ['b', '/usr/share/doc/b/copyright symlink -> ../c/copyright'],
        ['c', '/usr/share/doc/c/copyright TEXT'],
      ],
    ],
    [
      'a hard link',
      [['a', '/usr/share/doc/b/copyright TEXT', '/usr/share/doc/a/copyright hardlink -> /usr/share/doc/b/copyright']],
    ],
  ])('finds %s', (_, packages) => {
    expect(licenceOf(isc, ...packages)).toEqual({ expression: 'ISC', reason: undefined, unlisted: [] });
  });

  const none = 'the package has no /usr/share/doc/a/copyright';
  it.each<[string, Parameters<typeof licenceOf>[1][]]>([
    ['no file', [['a', '/usr/share/doc/a/README TEXT']]],
    [
      'links in a circle',
      [
        ['a', '/usr/share/doc/a symlink -> b'],
        ['b', '/usr/share/doc/b symlink -> a'],
      ],
    ],
    ['a link to nowhere', [['a', '/usr/share/doc/a/copyright symlink -> ../../../../../x']]],
  ])('tells of %s', (_, packages) => {
    expect(licenceOf(isc, ...packages)).toEqual({ expression: undefined, reason: none, unlisted: [] });
  });

  it.each([
    ['All is free.', "a's copyright file is not machine-readable"],
    [
      'See /usr/share/common-licenses/GPL-2. And `/usr/share/common-licenses/Artistic`, and /usr/share/common-licenses/GPL-2',
      "a's copyright file is not machine-readable; it points to the common licences Artistic, GPL-2",
    ],
    [`${MACHINE}\nFiles: *\nFiles: x\n`, "cannot read a's copyright file:4: field Files occurs twice in a paragraph"],
    [`${MACHINE}\nFiles: *\nCopyright: me\n`, "a's copyright file names no licence"],
  ])('says why it can say nothing of %j', (text, reason) => {
    const found = licenceOf(text, ['a', '/usr/share/doc/a/copyright TEXT']);
    expect(found).toEqual({ expression: undefined, reason, unlisted: [] });
  });

  it('names an unlisted licence after its name and its text', () => {
    const text = (licence: string) => `${MACHINE}\nFiles: *\nLicense: public domain/${licence}\n`;
    const [one, two, three] = ['x\n a', 'x\n b', 'x'].map((each) =>
      licenceOf(text(each), ['a', '/usr/share/doc/a/copyright TEXT']),
    );
    expect(one?.unlisted).toMatchObject([{ id: one?.expression, name: 'public domain/x', text: 'a' }]);
    expect(one?.expression).toMatch(/^LicenseRef-public-domain-x-[0-9a-f]{8}$/);
    expect(three?.unlisted).toMatchObject([{ text: undefined }]);
    expect(new Set([one, two, three].map((each) => each?.expression)).size).toBe(3);
  });
});
