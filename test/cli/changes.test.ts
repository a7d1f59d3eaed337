import { describe, expect, it } from 'vitest';
import { formatChanges } from '../../src/cli/changes.js';
import type { PackageChange } from '../../src/solve/lock/changes.js';

const change = (name: string, from: string | undefined, to: string | undefined, more: Partial<PackageChange> = {}) => {
  return { name, from, to, suite: 'trixie', security: false, architectures: ['amd64', 'arm64'], ...more };
};
const CHANGES: PackageChange[] = [
  change('libssl3t64', '3.5.1-1', '3.5.1-1+deb13u1', { suite: 'trixie-security', security: true }),
  change('a', undefined, '1', { architectures: ['arm64'] }),
  change('b\x1b[2J', '2', undefined, { suite: undefined }),
];
const ASCII = { color: false, unicode: false };

describe('changes', () => {
  it('stand in columns where there is room', () => {
    expect(formatChanges(CHANGES, 2, ASCII, 80)).toEqual([
      'security  libssl3t64  3.5.1-1 -> 3.5.1-1+deb13u1  trixie-security',
      'added     a           1                           trixie  arm64',
      'removed   b\\x1b[2J    2',
    ]);
  });

  it('take a second line where there is none', () => {
    const lines = formatChanges(CHANGES, 2, ASCII, 40);
    expect(lines.slice(0, 2)).toEqual(['security  libssl3t64', '    3.5.1-1 -> 3.5.1-1+deb13u1  trixie-~']);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  it('name architectures only where they are not all', () => {
    expect(formatChanges(CHANGES.slice(1, 2), 1, ASCII, 80)).toEqual(['added  a  1  trixie']);
  });

  it('show security by colour too', () => {
    expect(formatChanges(CHANGES, 2, { color: true, unicode: true }, 80)[0]).toMatch(
      /^\x1b\[31msecurity\x1b\[39m {2}libssl3t64 {2}3\.5\.1-1 → 3/,
    );
  });
});
