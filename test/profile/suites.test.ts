import { describe, expect, it } from 'vitest';
import { archivesFor } from '../../src/profile/suites.js';
import type { ArchiveSpec } from '../../src/profile/types.js';

const main: ArchiveSpec = {
  suite: `\${suite}`,
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
  origin: 'profile base',
};
const archives = [main, { ...main, suite: `\${suite}-security`, notFor: ['sid'], updates: true }];

describe('archivesFor', () => {
  it.each([
    ['trixie', true, ['trixie', 'trixie-security']],
    ['trixie', false, ['trixie']],
    ['sid', true, ['sid']],
  ])('%s, updates: %s', (suite, updates, expected) => {
    expect(archivesFor({ archives }, suite, updates).map((spec) => spec.suite)).toEqual(expected);
  });
});
