import { expect, it } from 'vitest';
import { parseOsRelease } from '../../src/formats/os-release.js';

it('reads os-release', () => {
  const text = [
    'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"',
    "VERSION_ID='13'",
    'ID=debian',
    '# ID=other',
    'QUOTED="a \\"b\\" \\$c \\\\ `"',
    'EMPTY=',
    'no assignment',
    'lower=x',
  ];
  expect([...parseOsRelease(text.join('\n'))]).toEqual([
    ['PRETTY_NAME', 'Debian GNU/Linux 13 (trixie)'],
    ['VERSION_ID', '13'],
    ['ID', 'debian'],
    ['QUOTED', 'a "b" $c \\ `'],
    ['EMPTY', ''],
  ]);
});

it('is not held up by a line of blanks, as a package may ship one', () => {
  expect(parseOsRelease(`A=y${' '.repeat(2_000_000)}x `).get('A')).toHaveLength(2_000_002);
});
