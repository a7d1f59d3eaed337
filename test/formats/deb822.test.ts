import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatParagraph, parseParagraph, parseParagraphs } from '../../src/formats/deb822.js';

const read = (text: string) => parseParagraphs(text, 'f').map((paragraph) => [...paragraph.fields()]);

describe('parseParagraphs', () => {
  it.each<[what: string, text: string, paragraphs: [string, string][][]]>([
    ['nothing', '', []],
    ['only empty lines and comments', '\n\n# a\n\n', []],
    ['one field without a line end', 'A: b', [[['A', 'b']]]],
    [
      'blanks around a value',
      'A: \t b c \t\nB:d\n',
      [
        [
          ['A', 'b c'],
          ['B', 'd'],
        ],
      ],
    ],
    ['colons in a value', 'A: b: c\n', [[['A', 'b: c']]]],
    ['several paragraphs', 'A: 1\n\n\nA: 2\n\n', [[['A', '1']], [['A', '2']]]],
    [
      'continuation lines',
      'A: 1\n  x\n\ty \n .\nB: 2\n',
      [
        [
          ['A', '1\n x\ny \n.'],
          ['B', '2'],
        ],
      ],
    ],
    ['a first line without a value', 'A:\n x\n y\n', [[['A', '\nx\ny']]]],
    [
      'comments anywhere',
      '# 1\nA: 1\n#2\n x\n#\nB: 2 # 3\n',
      [
        [
          ['A', '1\nx'],
          ['B', '2 # 3'],
        ],
      ],
    ],
    ['a comment does not end a paragraph', 'A: 1\n#\n\n#\nA: 2\n', [[['A', '1']], [['A', '2']]]],
    ['carriage returns', 'A: 1\r\n x\r\n\r\nB: 2\r', [[['A', '1\nx']], [['B', '2']]]],
    ['odd names', 'a!"$%,.9;~_: 1\n', [[['a!"$%,.9;~_', '1']]]],
  ])('reads %s', (_what, text, paragraphs) => {
    expect(read(text)).toEqual(paragraphs);
  });

  it.each([
    [' x\nA: 1\n', 'f:1: a continuation line stands before the first field'],
    ['A: 1\n\n x\n', 'f:3: a continuation line stands before the first field'],
    ['A: 1\n \nB: 1\n', 'f:2: field A has a blank line'],
    ['A: 1\n#\n \t\r\n', 'f:3: field A has a blank line'],
    ['A: 1\na: 2\n', 'f:2: field a occurs twice in a paragraph'],
    ['A: 1\nB\n', 'f:2: "B" is not a field'],
    ['A : 1\n', 'f:1: "A : 1" is not a field'],
    [': 1\n', 'f:1: ": 1" is not a field'],
    ['-A: 1\n', 'f:1: "-A: 1" is not a field'],
    ['Ä: 1\n', 'f:1: "Ä: 1" is not a field'],
    ['\ufeffA: 1\n', 'f:1: "\ufeffA: 1" is not a field'],
    ['A\0: 1\n', 'f:1: "A\\u0000: 1" is not a field'],
    ['\n\n\nB\nA: 1', 'f:4: "B" is not a field'],
  ])('refuses %j', (text, why) => {
    expect(() => parseParagraphs(text, 'f')).toThrow(
      expect.objectContaining({ code: 'archive', message: `cannot read ${why}` }),
    );
  });
});

describe('Paragraph', () => {
  const [, second] = parseParagraphs('# c\nA: 1\n\n\nPackage: x\nMulti-Arch:\n same\n# c\nVERSION: 2\n', 'Packages');

  it('finds fields in any case and keeps their spelling', () => {
    expect(second?.get('package')).toBe('x');
    expect(second?.get('Version')).toBe('2');
    expect(second?.get('A')).toBeUndefined();
    expect([...(second?.fields() ?? [])].map(([name]) => name)).toEqual(['Package', 'Multi-Arch', 'VERSION']);
  });

  it('knows where it and its fields come from', () => {
    expect(second?.origin).toBe('Packages:5');
    expect(['Package', 'multi-arch', 'version', 'none'].map((name) => second?.lineOf(name))).toEqual([
      5,
      6,
      9,
      undefined,
    ]);
  });

  it('names the place where a required field is missing', () => {
    expect(second?.require('Package')).toBe('x');
    expect(() => second?.require('Size')).toThrow('cannot read Packages:5: field Size is missing');
  });
});

it('parseParagraph takes exactly one', () => {
  expect(parseParagraph('\nA: 1\n\n', 'f').get('a')).toBe('1');
  expect(() => parseParagraph('\n', 'f')).toThrow('cannot read f: it holds no paragraph');
  expect(() => parseParagraph('A: 1\n\nA: 2\n', 'f')).toThrow('cannot read f:3: there is a paragraph too many');
});

describe('formatParagraph', () => {
  const name = fc.stringMatching(/^[A-Za-z!][!"$-9;-~]{0,8}$/);
  const word = fc.stringMatching(/^[!-~é]{1,6}$/);
  const value = fc
    .tuple(
      fc.option(word, { nil: '' }),
      fc.array(fc.tuple(fc.constantFrom('', ' ', '\t'), word, fc.constantFrom('', ' ')), { maxLength: 3 }),
    )
    .map(([first, rest]) => [first, ...rest.map((line) => line.join(''))].join('\n'));
  const paragraph = fc.uniqueArray(fc.tuple(name, value), {
    selector: ([key]) => key.toLowerCase(),
    minLength: 1,
    maxLength: 5,
  });

  it('is the inverse of parseParagraph', () => {
    fc.assert(
      fc.property(paragraph, (fields) => {
        expect([...parseParagraph(formatParagraph(fields), 'f').fields()]).toEqual(fields);
      }),
    );
  });

  it('writes one line for each line', () => {
    expect(
      formatParagraph([
        ['A', '1'],
        ['B', '\nx\n y'],
        ['C', ''],
      ]),
    ).toBe('A: 1\nB:\n x\n  y\nC:\n');
  });

  it.each<[why: string, fields: [string, string][]]>([
    ['the name is not one of deb822(5)', [['a b', '1']]],
    ['the name is not one of deb822(5)', [['', '1']]],
    ['the name is not one of deb822(5)', [['#a', '1']]],
    ['the name is not one of deb822(5)', [['-a', '1']]],
    ['the name is not one of deb822(5)', [['a:', '1']]],
    ['the name is not one of deb822(5)', [['a\n', '1']]],
    [
      'it occurs twice',
      [
        ['a', '1'],
        ['A', '1'],
      ],
    ],
    ['its first line has blanks around it', [['a', ' 1']]],
    ['its first line has blanks around it', [['a', '1\t\nx']]],
    ['it has a carriage return', [['a', '1\r\nx']]],
    ['it has a blank line', [['a', '1\n\nb: 2']]],
    ['it has a blank line', [['a', '1\n']]],
  ])('refuses what it cannot say: %s', (why, fields) => {
    expect(() => formatParagraph(fields)).toThrow(why);
  });
});
