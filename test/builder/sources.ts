import type { ArchiveSource } from '../../src/archive/types.js';
import type { ArchiveSpec } from '../../src/profile/types.js';

/** An archive as profiles name them: Debian's trixie, but for what a test says. */
export function archiveSpec(fields: Partial<ArchiveSpec> = {}): ArchiveSpec {
  return {
    suite: 'trixie',
    components: ['main'],
    keyrings: ['debian-archive'],
    trusted: false,
    architectures: [],
    priority: undefined,
    uris: [],
    kind: 'debian',
    notFor: [],
    updates: false,
    checkValidUntil: true,
    origin: 'profile test',
    ...fields,
  };
}

/** An archive as it is read, from nowhere and by nobody's key, but for what a test says. */
export function archiveSource(fields: Partial<ArchiveSource> = {}): ArchiveSource {
  return {
    suite: 'test',
    components: ['main'],
    uris: [],
    keyrings: [],
    signers: [],
    trusted: false,
    priority: undefined,
    asOf: undefined,
    checkValidUntil: true,
    origin: 'test',
    ...fields,
  };
}
