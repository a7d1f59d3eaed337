import { describe, expect, it } from 'vitest';
import { type DebPurl, debPurl } from '../../src/formats/purl.js';

const CURL = { vendor: 'debian', name: 'curl', version: '7.50.3-1', architecture: 'i386' };

describe('debPurl', () => {
  it.each<[string, DebPurl]>([
    // The first four are of the specification's own tests (package-url/purl-spec, tests/types/deb-test.json).
    ['pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie', { ...CURL, distro: 'jessie' }],
    [
      'pkg:deb/ubuntu/dpkg@1.19.0.4?arch=amd64',
      { vendor: 'ubuntu', name: 'dpkg', version: '1.19.0.4', architecture: 'amd64' },
    ],
    [
      'pkg:deb/debian/attr@1:2.4.47-2?arch=source',
      { vendor: 'debian', name: 'attr', version: '1:2.4.47-2', architecture: 'source' },
    ],
    [
      'pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64',
      { vendor: 'debian', name: 'attr', version: '1:2.4.47-2+b1', architecture: 'amd64' },
    ],
    [
      'pkg:deb/debian/libstdc%2B%2B6@1~rc1?arch=amd64',
      { vendor: 'debian', name: 'libstdc++6', version: '1~rc1', architecture: 'amd64' },
    ],
    [
      'pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=debian-13&upstream=c%40d%401%2B2',
      { ...CURL, distro: 'debian-13', upstream: { name: 'c@d', version: '1+2' } },
    ],
    ['pkg:deb/debian/curl@7.50.3-1?arch=i386&upstream=c', { ...CURL, upstream: { name: 'c', version: undefined } }],
  ])('gives %s', (purl, parts) => {
    expect(debPurl(parts)).toBe(purl);
  });
});
