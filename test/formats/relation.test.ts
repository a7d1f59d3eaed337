import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAlternatives, formatRelation, parseRelations, type Relation } from '../../src/formats/relation.js';

/** A field, read and written again: one string for each entry. */
const read = (text: string, architecture?: string) =>
  parseRelations(text, 'f', architecture === undefined ? {} : { architecture }).map(formatAlternatives);

describe('parseRelations', () => {
  it('gives names, qualifiers and constraints', () => {
    expect(parseRelations('a (>= 1) | b:any, c', 'f')).toEqual([
      [
        { name: 'a', qualifier: undefined, constraint: { operator: '>=', version: '1' } },
        { name: 'b', qualifier: 'any', constraint: undefined },
      ],
      [{ name: 'c', qualifier: undefined, constraint: undefined }],
    ]);
  });

  it.each<[text: string, entries: string[]]>([
    ['', []],
    [' \n ', []],
    ['libstdc++6, 0ad', ['libstdc++6', '0ad']],
    ['a(=1:2.0-3)|b(<<2)', ['a (= 1:2.0-3) | b (<< 2)']],
    ['a ( >= 1 ) ,\n b\t|\n c,', ['a (>= 1)', 'b | c']],
    ['a (< 1), b (> 1)', ['a (<= 1)', 'b (>= 1)']],
    ['python3:any (>= 3.11~), gcc:native, libc6:arm64', ['python3:any (>= 3.11~)', 'gcc:native', 'libc6:arm64']],
    ['a [amd64 arm64] <!nocheck> <!cross !stage1>', ['a']],
    ['a <nocheck>, b <!nocheck cross> <!stage1>, c <!a b>', ['b']],
  ])('reads %j', (text, entries) => {
    expect(read(text)).toEqual(entries);
  });

  it.each<[architecture: string, entries: string[]]>([
    ['amd64', ['a', 'c', 'd', 'e', 'g', 'h | i']],
    ['armhf', ['b', 'c', 'd', 'e', 'f', 'i']],
    ['i386', ['b', 'd', 'e', 'g', 'i']],
  ])('leaves out what is restricted to architectures other than %s', (architecture, entries) => {
    const field =
      'a [amd64], b [!amd64], c [amd64 armhf], d [any], e [linux-any hurd-any], f [any-arm], g [!linux-arm], h [amd64] | i, j [hurd-any]';
    expect(read(field, architecture)).toEqual(entries);
  });

  it.each([
    ['a b', 'a b'],
    ['a,, b', ''],
    [', a', ''],
    ['a |', 'a |'],
    ['| a', '| a'],
    ['a | | b', '| b'],
    ['x, a (1.0)', 'a (1.0)'],
    ['a (>= )', 'a (>= )'],
    ['a (== 1)', 'a (== 1)'],
    ['a (>= 1', 'a (>= 1'],
    ['a (>= x), b', 'a (>= x)'],
    ['a (>= 1_0)', 'a (>= 1_0)'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what dpkg-gencontrol leaves where a substitution failed
    ['a (>= ${Version})', 'a (>= ${Version})'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as above
    ['${shlibs:Depends}', '${shlibs:Depends}'],
    ['a:', 'a:'],
    ['a:b:c', 'a:b:c'],
    ['+a', '+a'],
    ['ä', 'ä'],
    ['a [', 'a ['],
    ['a []', 'a []'],
    ['a [amd64 !i386]', 'a [amd64 !i386]'],
    ['a [!]', 'a [!]'],
    ['a <x', 'a <x'],
    ['a <>', 'a <>'],
    ['a <!>', 'a <!>'],
    ['a < , b', 'a <'],
    ['a <!x> [amd64]', 'a <!x> [amd64]'],
    ['a; rm', 'a; rm'],
  ])('refuses %j', (text, entry) => {
    expect(() => parseRelations(text, 'P:7, Depends')).toThrow(
      expect.objectContaining({
        code: 'archive',
        message: `cannot read P:7, Depends: ${JSON.stringify(entry)} is not a relation`,
      }),
    );
  });
});

describe('formatAlternatives', () => {
  const relation: fc.Arbitrary<Relation> = fc.record({
    name: fc.stringMatching(/^[a-z0-9][a-z0-9+.-]{0,8}$/),
    qualifier: fc.constantFrom(undefined, 'any', 'native', 'amd64'),
    constraint: fc.option(
      fc.record({
        operator: fc.constantFrom('<<', '<=', '=', '>=', '>>'),
        version: fc.stringMatching(/^([1-9]:)?[0-9][a-zA-Z0-9.+~]{0,6}(-[0-9a-z]{1,3})?$/),
      }),
      { nil: undefined },
    ),
  });

  it('is the inverse of parseRelations', () => {
    const field = fc.array(fc.array(relation, { minLength: 1, maxLength: 3 }), { maxLength: 4 });
    fc.assert(
      fc.property(field, fc.constantFrom(', ', ',', ' ,\n '), (entries, comma) => {
        expect(parseRelations(entries.map(formatAlternatives).join(comma), 'f')).toEqual(entries);
      }),
    );
  });

  it('writes a relation as Debian does', () => {
    const [entry = []] = parseRelations('a:any(>=1)', 'f');
    expect(entry.map(formatRelation)).toEqual(['a:any (>= 1)']);
  });
});
