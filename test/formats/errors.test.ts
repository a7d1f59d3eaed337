import { expect, it } from 'vitest';
import { KoalaError, reasonOf } from '../../src/formats/errors.js';

it('a KoalaError carries its code, hint, details and cause', () => {
  const cause = new Error('no space');
  const error = new KoalaError('emit', 'cannot write x', { hint: 'free some', details: ['a'], cause });
  expect(error).toMatchObject({
    name: 'KoalaError',
    code: 'emit',
    message: 'cannot write x',
    hint: 'free some',
    details: ['a'],
    cause,
  });
  expect(new KoalaError('emit', 'cannot write x')).toMatchObject({ hint: undefined, details: [] });
  expect('cause' in new KoalaError('emit', 'cannot write x')).toBe(false);
});

it('reasonOf takes whatever was thrown', () => {
  expect([new Error('a'), 'b', 3].map(reasonOf)).toEqual(['a', 'b', '3']);
});
