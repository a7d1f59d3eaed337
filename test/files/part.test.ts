import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freshPart } from '../../src/files/part.js';
import { testDirectory } from '../builder/directory.js';

/** A process that has ended: its part of the file, as it would have named it. */
function partOfTheDead(target: string): string {
  const program = `import { freshPart } from ${JSON.stringify(import.meta.resolve('../../dist/files/part.js'))};
    process.stdout.write(await freshPart(${JSON.stringify(target)}));`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
}

const DAYS_AGO = (days: number): Date => new Date(Date.now() - days * 86_400_000);

/** The mark of a part, with a field of it changed: where, number of the process, its start. */
const changed = (part: string, at: 0 | 1 | 2, value: string): string =>
  part.replace(/[^.]+(?=\.part$)/, (mark) => mark.split('-').with(at, value).join('-'));

describe('what is written until it is whole', () => {
  it.each([
    ['of a process that has ended', partOfTheDead, 0, false],
    ['of this process', freshPart, 30, true],
    [
      'of one that has the number of one that has ended',
      async (to: string) => changed(await freshPart(to), 2, '1'),
      0,
      false,
    ],
    ['of another machine or container, today', (to: string) => changed(partOfTheDead(to), 0, 'ffffffff'), 0, true],
    [
      'of another machine or container, two days ago',
      (to: string) => changed(partOfTheDead(to), 0, 'ffffffff'),
      2,
      false,
    ],
    ['of another target', (to: string) => partOfTheDead(`${to}.gz`), 30, true],
    ['of who knows what', (to: string) => `${to.replace('out.tar', '.out.tar')}.0123456789ab.part`, 30, true],
  ] as const)('%s', async (_, name, days, stays) => {
    const target = join(testDirectory(), 'out.tar');
    const part = await name(target);
    writeFileSync(part, 'half of it');
    utimesSync(part, DAYS_AGO(days), DAYS_AGO(days));
    const fresh = await freshPart(target);
    expect([existsSync(part), existsSync(fresh)]).toEqual([stays, false]);
  });

  it('a directory of a process that has ended goes, and nothing that its links lead to', async () => {
    const directory = testDirectory();
    const target = join(directory, 'rootfs');
    mkdirSync(join(directory, 'precious'));
    writeFileSync(join(directory, 'precious/file'), 'mine');
    const part = partOfTheDead(target);
    mkdirSync(join(part, 'usr'), { recursive: true });
    symlinkSync('../../precious', join(part, 'usr/link'));
    symlinkSync('precious', partOfTheDead(target));
    await freshPart(target);
    expect(readdirSync(directory)).toEqual(['precious']);
    expect(readdirSync(join(directory, 'precious'))).toEqual(['file']);
  });

  it('of another user stays', async ({ skip }) => {
    skip(process.geteuid?.() !== 0, 'only root can give a file to another user');
    const target = join(testDirectory(), 'out.tar');
    const part = partOfTheDead(target);
    writeFileSync(part, '');
    execFileSync('chown', ['65534', part]);
    await freshPart(target);
    expect(existsSync(part)).toBe(true);
  });

  it('has a name that is not too long, whatever the target is named', async () => {
    const directory = testDirectory();
    for (const name of ['x'.repeat(255), 'ü'.repeat(127), '漢'.repeat(85)]) {
      const part = await freshPart(join(directory, name));
      writeFileSync(part, '');
      expect(readdirSync(directory)).toHaveLength(1);
      execFileSync('rm', [part]);
    }
  });
});
