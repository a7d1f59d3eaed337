import { describe, expect, it } from 'vitest';
import { defaultCacheDirectory, defaultOutput } from '../../src/cli/paths.js';
import { clip, counted, formatBytes, formatSeconds, lookOf, printable, styled } from '../../src/cli/text.js';

const UNICODE = { color: false, unicode: true };
const ASCII = { color: false, unicode: false };

describe('printable', () => {
  it.each([
    ['plain é 漢', 'plain é 漢', 'plain \\xe9 \\u6f22'],
    ['a\x1b[31mb', 'a\\x1b[31mb', 'a\\x1b[31mb'],
    ['a\r\nb\tc\x7f', 'a\\x0d\\x0ab\\x09c\\x7f', 'a\\x0d\\x0ab\\x09c\\x7f'],
    ['\x9b2J', '\\x9b2J', '\\x9b2J'],
    ['a\u202eb\u2066c\u200b\ufeff', 'a\\u202eb\\u2066c\\u200b\\ufeff', 'a\\u202eb\\u2066c\\u200b\\ufeff'],
    ['\ud800', '\\ud800', '\\ud800'],
    ['\u{1f600}', '\u{1f600}', '\\u{1f600}'],
  ])('%j', (text, unicode, ascii) => {
    expect([printable(text, UNICODE), printable(text, ASCII)]).toEqual([unicode, ascii]);
  });
});

describe('numbers for people', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [99_949, '99.9 kB'],
    [99_950, '100 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [24_100_000, '24.1 MB'],
    [5e15, '5000 TB'],
  ])('%i bytes', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0, '0.0 s'],
    [59.94, '59.9 s'],
    [59.96, '1 min 0 s'],
    [3599.4, '59 min 59 s'],
    [3599.6, '1 h 0 min'],
  ])('%f seconds', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

  it.each([
    [1, 'entry', '1 entry'],
    [2, 'entry', '2 entries'],
    [0, 'package', '0 packages'],
  ])('%i %s', (count, noun, text) => expect(counted(count, noun)).toBe(text));
});

describe('what a stream can show', () => {
  it.each([
    [{ isTTY: true }, { LANG: 'C.UTF-8', TERM: 'xterm' }, { color: true, unicode: true }],
    [{ isTTY: true }, { LANG: 'C.UTF-8', LC_ALL: 'C', TERM: 'xterm' }, { color: true, unicode: false }],
    [{ isTTY: true }, { LC_CTYPE: 'de_DE.utf8', NO_COLOR: '1' }, { color: false, unicode: true }],
    [{ isTTY: true }, { TERM: 'dumb' }, { color: false, unicode: false }],
    [{}, { LANG: 'C.UTF-8' }, { color: false, unicode: true }],
  ])('%j %j', (stream, environment, look) => expect(lookOf(stream, environment)).toEqual(look));

  it('styles only with colour', () => {
    expect(styled('red', 'x', { color: true, unicode: true })).toBe('\x1b[31mx\x1b[39m');
    expect(styled('red', 'x', UNICODE)).toBe('x');
  });

  it.each([
    [5, UNICODE, 'abcde', 'abcde'],
    [4, UNICODE, 'abcde', 'abc…'],
    [4, ASCII, 'abcde', 'abc~'],
    [0, UNICODE, 'abcde', ''],
  ])('clips to %i columns', (columns, look, text, clipped) => expect(clip(text, columns, look)).toBe(clipped));
});

describe('default places', () => {
  it.each([
    [{ HOME: '/h' }, '/h/.cache/koala-bootstrap'],
    [{ HOME: '/h', XDG_CACHE_HOME: '/x' }, '/x/koala-bootstrap'],
    [{ HOME: '/h', XDG_CACHE_HOME: 'relative' }, '/h/.cache/koala-bootstrap'],
    [{ HOME: '/h', XDG_CACHE_HOME: '' }, '/h/.cache/koala-bootstrap'],
  ])('%j', (environment, directory) => expect(defaultCacheDirectory(environment)).toBe(directory));

  it('has no directory in an output that is named after a suite', () => {
    expect(defaultOutput('web', 'buster/updates', ['amd64'], 'tar')).toBe('web-buster-updates-amd64.tar');
  });
});
