import { describe, expect, it } from 'vitest';
import { formatSummary } from '../../src/cli/summary.js';
import { SUMMARY } from './run.js';

const PLAIN = { color: false, unicode: true };

describe('formatSummary', () => {
  it('fits 80 columns', () => {
    expect(`\n${formatSummary(SUMMARY, PLAIN, 80)}`).toBe(`
packages    6 (2 static, 4 base), profile base, trixie, amd64
largest     libc6                                                        13.0 MB
            libssl3t64                                                    8.0 MB
            tzdata                                                        2.3 MB
            a-package-whose-name-is-longer-than-that-of-any-other-pac…    1.0 MB
            base-files                                                    424 kB
size        24.1 MB, 967 entries
output      base-trixie-amd64.tar
sha256      d19e6b18b9e9b7f11cde15dd505d371b40939daf5d7ff0c629c9e1c6abba8a47
fetched     6.0 MB, 700 kB from the store, 25.3 MB unpacked
archives    trixie 2026-09-12
updates     not read: --updates adds trixie-updates, trixie-security
date        2026-09-12T08:00:00Z
seconds     62.2 (archives 1.2, fetch 0.1, unpack 0.8, write 0.2)
warning     the mirror\\x1b[2J answered slowly
`);
  });

  it('fits 40 columns, but for the digest', () => {
    const lines = formatSummary(SUMMARY, PLAIN, 40).split('\n');
    expect(lines.filter((line) => [...line].length > 40)).toEqual([`sha256      ${SUMMARY.output.sha256}`]);
    expect(lines).toContain('            a-package-whose-n…    1.0 MB');
  });

  it.each([1, 10, 20])('takes %i columns', (columns) => {
    expect(formatSummary(SUMMARY, PLAIN, columns)).toContain(SUMMARY.output.sha256);
  });

  it('speaks of one stage, no package and no warning in fewer words', () => {
    const summary = { ...SUMMARY, packages: [], stages: [], unread: [], warnings: [] };
    const text = formatSummary({ ...summary, output: { ...SUMMARY.output, path: '-' } }, PLAIN, 80);
    expect(text).toContain('packages    0, profile base, trixie, amd64\nsize ');
    expect(text).toContain('output      standard output\n');
    expect(text).not.toMatch(/^(?:warning|updates)/m);
  });
});
