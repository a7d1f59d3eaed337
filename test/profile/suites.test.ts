import { describe, expect, it } from 'vitest';
import { archivesFor } from '../../src/profile/suites.js';
import { archiveSpec } from '../builder/sources.js';

const main = archiveSpec({ suite: `\${suite}`, origin: 'profile base' });
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
