import type { Lock, LockedPackage } from '../../src/solve/lock/types.js';

export const PACKAGE: LockedPackage = {
  name: 'hello',
  version: '1:1.0-1',
  architecture: 'amd64',
  source: { name: 'hello', version: '1:1.0-1' },
  archive: 0,
  path: 'pool/main/h/hello/hello_1.0-1_amd64.deb',
  size: 7,
  sha256: 'a'.repeat(64),
  installedSize: 3,
  reason: { type: 'asked', relation: 'hello' },
};

/** A lock of one package. */
export const LOCK: Lock = {
  version: 1,
  config: {
    profile: 'web',
    from: './web.yaml',
    suite: 'test',
    updates: false,
    include: [],
    checksum: 'b'.repeat(64),
    parts: { suite: 'c'.repeat(16) },
  },
  archives: [
    {
      position: 0,
      suite: 'test',
      codename: 'test',
      kind: 'debian',
      date: '2024-05-01T12:00:00.000Z',
      sha256: 'd'.repeat(64),
      signedBy: ['0'.repeat(40)],
    },
  ],
  architectures: { amd64: { archives: [0], stages: [{ name: 'web', packages: [PACKAGE] }] } },
};
