import { expect, it } from 'vitest';
import { normalisePath } from '../../src/formats/path.js';

it.each([
  ['', '/'],
  ['/', '/'],
  ['./', '/'],
  ['.', '/'],
  ['./usr/bin/', '/usr/bin'],
  ['usr//bin/./env', '/usr/bin/env'],
  ['/...', '/...'],
  [`/${'é'.repeat(127)}`, `/${'é'.repeat(127)}`],
  ['a\\b', '/a\\b'],
])('normalisePath(%j) is %j', (path, normal) => {
  expect(normalisePath(path)).toBe(normal);
});

it.each([
  ['../etc', 'it has a ".." component'],
  ['/usr/..', 'it has a ".." component'],
  ['/a\0b', 'it holds a NUL byte'],
  [`/${'é'.repeat(128)}`, 'a component is longer than 255 bytes'],
  ['/12345678'.repeat(456), 'it is longer than 4095 bytes'],
])('normalisePath(%j) throws: %s', (path, why) => {
  expect(() => normalisePath(path)).toThrow(
    expect.objectContaining({ code: 'tree', message: expect.stringContaining(why) }),
  );
});
