import { describe, expect, it } from 'vitest';
import { formatPackageRequest, parsePackageRequests } from '../../src/formats/request.js';

describe('parsePackageRequests', () => {
  it.each([
    ['jq=1.7.1-6+b1', [{ type: 'version', name: 'jq', version: '1.7.1-6+b1' }], 'jq=1.7.1-6+b1'],
    ['jq = 1:1.7*', [{ type: 'version', name: 'jq', version: '1:1.7*' }], 'jq=1:1.7*'],
    ['g++/trixie-backports', [{ type: 'release', name: 'g++', release: 'trixie-backports' }], 'g++/trixie-backports'],
    [
      'libc6:i386=2.41-1, jq:arm64/sid',
      [
        { type: 'version', name: 'libc6', architecture: 'i386', version: '2.41-1' },
        { type: 'release', name: 'jq', architecture: 'arm64', release: 'sid' },
      ],
      'libc6:i386=2.41-1,jq:arm64/sid',
    ],
    ['jq (= 1.7)', [{ type: 'relation' }], 'jq (= 1.7)'],
    [
      'awk | mawk, aa/b,cc=2,',
      [{ type: 'relation' }, { type: 'release' }, { type: 'version' }],
      'awk | mawk,aa/b,cc=2',
    ],
    ['a [arm64]', [], ''],
    ['', [], ''],
  ])('reads %j', (text, expected, written) => {
    const requests = parsePackageRequests(text, 'f', { architecture: 'amd64' });
    expect(requests).toMatchObject(expected);
    expect(requests.map(formatPackageRequest).join()).toBe(written);
  });

  it.each(['a,,b', 'jq=', 'jq/', 'Aa=1', 'aa/b/c', 'aa=1 2', 'aa=1 | b'])('refuses %j', (text) => {
    expect(() => parsePackageRequests(text, 'f')).toThrow(/^cannot read f: /);
  });
});
