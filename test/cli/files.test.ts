import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './run.js';

const work = mkdtempSync(join(tmpdir(), 'koala-files-'));
beforeAll(() => {
  mkdirSync(join(work, 'directory'));
  writeFileSync(join(work, 'text.tar'), 'no tar\n');
  writeFileSync(join(work, 'text.yaml'), 'a: [\n');
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const ABSENT = 'there is no such file';
const ARTIFACT = 'give a root filesystem or an image';

/** Of each command that takes a file or directory: what it says where there is nothing, or nothing of use. `@` is the directory. */
describe('a file that cannot be used is named, with why and what to do', () => {
  it.each<[line: string, status: number, message: string, hint: string | undefined]>([
    ['check @/none', 2, `cannot read @/none: ${ABSENT} or directory`, ARTIFACT],
    ['check @/none --fix', 2, `cannot read @/none: ${ABSENT} or directory`, ARTIFACT],
    ['check @/text.tar/x', 2, 'cannot read @/text.tar/x: what its path goes through is no directory', ARTIFACT],
    ['check @/text.tar', 1, 'cannot read @/text.tar: it is no tar', 'a root filesystem or an image is read'],
    ['check -p none', 2, 'cannot find the profile "none"', 'built in are base'],
    ['check -p @/none.yaml', 2, `cannot find the profile @/none.yaml: ${ABSENT}`, undefined],
    ['diff @/none @/text.tar', 2, `cannot read @/none: ${ABSENT} or directory`, 'give two locks, profiles'],
    ['show-config -p none', 2, 'cannot find the profile "none"', 'built in are base'],
    ['show-config -p @/directory/', 1, 'cannot read the profile @/directory/: it is a directory', 'give the YAML file'],
    ['show-config -p @/text.yaml', 1, 'cannot use the profile @/text.yaml: 1 error', undefined],
    [
      'plan -p base --keyring @/none.gpg',
      2,
      `cannot read the keyring @/none.gpg of --keyring: ${ABSENT}`,
      'give a file of',
    ],
    ['plan -p base --sources @/none', 2, `cannot read --sources @/none: ${ABSENT}`, 'give a file as sources.list'],
    ['plan -p base --include @/none.deb', 2, `cannot include @/none.deb: ${ABSENT}`, 'give the path of a .deb'],
    ['plan -p base --mirror @/none', 2, 'cannot use --mirror @/none: there is no such directory', 'give an http:'],
    ['why -p none bash', 2, 'cannot find the profile "none"', 'built in are base'],
    ['why --lock @/none bash', 2, `cannot read the lock @/none: ${ABSENT}`, 'koala-bootstrap lock writes one'],
    ['audit -p none', 2, 'cannot find the profile "none"', 'built in are base'],
    ['lock -p none', 2, 'cannot find the profile "none"', 'built in are base'],
    ['fetch --lock @/none', 2, `cannot read the lock @/none: ${ABSENT}`, 'koala-bootstrap lock writes one'],
    [
      'build --lock @/directory',
      2,
      'cannot read the lock @/directory: it is a directory',
      'koala-bootstrap lock writes one',
    ],
    ['build --lock @/text.tar', 1, 'cannot use the lock @/text.tar: it is not JSON', undefined],
    ['sign @/none --key @/none.key', 2, `cannot read @/none: ${ABSENT}`, undefined],
    ['verify @/none --key @/none.key', 2, `cannot read @/none.key: ${ABSENT}`, undefined],
    ['publish localhost:1/x -p none', 2, 'cannot find the profile "none"', 'built in are base'],
  ])('%s', async (line, expected, message, hint) => {
    const argv = line.replaceAll('@', work).split(' ');
    const { status, stdout, stderr } = await run(argv, { environment: { XDG_CACHE_HOME: join(work, 'cache') } });
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(stderr).toContain(`koala-bootstrap: ${message.replaceAll('@', work)}`);
    expect(stderr).toContain(hint === undefined ? 'cannot' : `hint: ${hint}`);
    expect(stderr).not.toMatch(/\bE[A-Z]{4,}:/);
  });
});
