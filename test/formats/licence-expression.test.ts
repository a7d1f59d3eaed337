import parseSpdx from 'spdx-expression-parse';
import { describe, expect, it } from 'vitest';
import { parseCopyright } from '../../src/formats/copyright.js';
import { licenceExpression } from '../../src/formats/licence-expression.js';

const EXPAT = [
  'Permission is hereby granted, free of charge, to any person obtaining a copy of this software',
  'and associated documentation files (the "Software"), to deal in the Software without restriction',
  'The above copyright notice and this permission notice shall be included in all copies or',
  'substantial portions of the Software.',
];

/** The expression of a file with these licences; those that SPDX does not have are `LicenseRef-` and their names. */
function expressionOf(...licences: readonly string[]): string | undefined {
  const paragraphs = licences.map((licence) => `Files: x\nCopyright: y\nLicense: ${licence.replaceAll('\n', '\n ')}\n`);
  const copyright = parseCopyright(['Format: copyright-format/1.0\n', ...paragraphs].join('\n'), 'test');
  if (copyright === undefined) throw new Error('it is machine-readable');
  const expression = licenceExpression(copyright, ({ name }) => `LicenseRef-${name.replace(/[^A-Za-z0-9.]+/g, '-')}`);
  if (expression !== undefined) expect(() => parseSpdx(expression)).not.toThrow();
  return expression;
}

describe('licenceExpression', () => {
  it.each([
    ['Expat', 'MIT'],
    ['BSD-3-clause', 'BSD-3-Clause'],
    ['zlib', 'Zlib'],
    ['public-domain', 'LicenseRef-public-domain'],
    ['GPL-1', 'GPL-1.0-only'],
    ['GPL-2+', 'GPL-2.0-or-later'],
    ['GPL-2.0', 'GPL-2.0-only'],
    ['GPL-3.0+', 'GPL-3.0-or-later'],
    ['gpl-2.0-or-later', 'GPL-2.0-or-later'],
    ['LGPL-2.1', 'LGPL-2.1-only'],
    ['LGPL-2+', 'LGPL-2.0-or-later'],
    ['AGPL-3+', 'AGPL-3.0-or-later'],
    ['GFDL-1.3', 'GFDL-1.3-only'],
    ['GFDL-NIV-1.3+', 'GFDL-1.3-no-invariants-or-later'],
    ['GFDL-1.3+-no-invariant', 'GFDL-1.3-no-invariants-or-later'],
    ['Apache-2', 'Apache-2.0'],
    ['CC0', 'CC0-1.0'],
    ['LPPL-1.3c+', 'LPPL-1.3c+'],
    ['Artistic', 'Artistic-1.0-Perl'],
    ['Artistic-2', 'Artistic-2.0'],
    ['Perl', 'Artistic-1.0-Perl OR GPL-1.0-or-later'],
    // Versions and licences that nobody named are not guessed.
    ['GPL', 'LicenseRef-GPL'],
    ['BSD', 'LicenseRef-BSD'],
    ['GPL-9', 'LicenseRef-GPL-9'],
    ['MIT', 'LicenseRef-MIT'],
    [`MIT\n${EXPAT.join('\n')}`, 'MIT'],
    [`MIT\n${EXPAT.join('\n')}\nExcept as contained in this notice, names are not used`, 'LicenseRef-MIT'],
    ['MIT/X11', 'LicenseRef-MIT-X11'],
    ['GPL-2, GPL-3', 'LicenseRef-GPL-2-GPL-3'],
    ['GPL-2 and/or ISC', 'LicenseRef-GPL-2-and-or-ISC'],
  ])('takes %j as %s', (licence, expression) => {
    expect(expressionOf(licence)).toBe(expression);
  });

  it.each([
    ['GPL-2+ with Autoconf exception', 'GPL-2.0-or-later WITH Autoconf-exception-generic'],
    ['GPL-3+ with autoconf exception', 'GPL-3.0-or-later WITH Autoconf-exception-generic-3.0'],
    ['GPL-3+ with Bison-2.2 exception', 'GPL-3.0-or-later WITH Bison-exception-2.2'],
    ['GPL-3+-WITH-BISON-EXCEPTION', 'GPL-3.0-or-later WITH Bison-exception-2.2'],
    ['GPL-2 with Linux-syscall-note exception', 'GPL-2.0-only WITH Linux-syscall-note'],
    ['Apache-2.0 with LLVM-exception', 'Apache-2.0 WITH LLVM-exception'],
    ['GPL-2+ with Libtool exception', 'GPL-2.0-or-later WITH Libtool-exception'],
    ['GPL-3+ with GCC exception', 'GPL-3.0-or-later WITH GCC-exception-3.1'],
    ['GPL-3.0-or-later-WITH-Autoconf-exception-macro', 'GPL-3.0-or-later WITH Autoconf-exception-macro'],
    ['GPL-2+ with OpenSSL exception', 'LicenseRef-GPL-2-with-OpenSSL-exception'],
    ['GPL with automake exception', 'LicenseRef-GPL-with-automake-exception'],
    ['BSD-3-clause-with-weird-numbering', 'LicenseRef-BSD-3-clause-with-weird-numbering'],
  ])('knows the exception of %s', (licence, expression) => {
    expect(expressionOf(licence)).toBe(expression);
  });

  it.each([
    ['GPL-1+ or Artistic', 'Artistic-1.0-Perl OR GPL-1.0-or-later'],
    ['GPL-1+ or Artistic and Expat', '(Artistic-1.0-Perl AND MIT) OR GPL-1.0-or-later'],
    ['GPL-1+ or Artistic, and Expat', '(Artistic-1.0-Perl OR GPL-1.0-or-later) AND MIT'],
    ['ISC, and GPL-1+ or Artistic', '(Artistic-1.0-Perl OR GPL-1.0-or-later) AND ISC'],
    ['ISC and Expat and ISC', 'ISC AND MIT'],
    ['ISC OR Expat or ISC', 'ISC OR MIT'],
  ])('joins %s', (licence, expression) => {
    expect(expressionOf(licence)).toBe(expression);
  });

  it('leaves what is too long for a name and too deep for a stack as it is', () => {
    expect(expressionOf('a, or '.repeat(50_000))).toMatch(/^LicenseRef-a-or-a-or-/);
  });

  it('joins the licences of all paragraphs, each once', () => {
    const licences = ['GPL-2+', 'Expat and ISC', 'ISC', 'GPL-2+ or ISC', 'expat', 'ISC or GPL-2+'];
    expect(expressionOf(...licences)).toBe('GPL-2.0-or-later AND (GPL-2.0-or-later OR ISC) AND ISC AND MIT');
    expect(expressionOf()).toBeUndefined();
  });
});
