import { describe, expect, it } from 'vitest';
import { globMatcher } from '../../src/formats/glob.js';

describe('globMatcher', () => {
  it.each([
    ['/usr/share/doc/*', '/usr/share/doc/a/b', true],
    ['/usr/share/doc/*', '/usr/share/doc', false],
    ['/a?c', '/abc', true],
    ['/a?c', '/a/c', true],
    ['/[a-c]x', '/bx', true],
    ['/[!a-c]x', '/bx', false],
    ['/[]]x', '/]x', true],
    ['/a.b+(c)', '/a.b+(c)', true],
    ['/a.b', '/axb', false],
    ['/a\\*b', '/a*b', true],
    ['/a\\*b', '/axb', false],
    ['/ä*', '/äö', true],
    ['/a[', '/a[', true],
  ])('%s on %s: %s', (glob, path, expected) => {
    expect(globMatcher(glob)(path)).toBe(expected);
  });
});
