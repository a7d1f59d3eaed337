import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { workDirectory } from '../builder/directory.js';
import { testArchive } from './archive.js';
import { koala, koalaBuild } from './command.js';

const work = workDirectory('audit');
const archive = await testArchive(work);

const run = (...args: readonly string[]) =>
  koala([...args, ...archive.args, '--cache-dir', join(work, 'cache')], { cwd: work });

const AT_ONE = 'odd: it is a program, and none is started';
const AT_LAST = 'it ended with status 127: /var/lib/dpkg/info/odd.postinst: 7: odd: not found';

describe('audit', () => {
  it('accounts for each script and writes nothing', async () => {
    const { status, stdout } = await run('audit', '--include', 'odd');
    expect(status).toBe(0);
    expect(`\n${stdout}`).toBe(`
package  outcome         changed  left out  scripts
hello    no effect                          postinst
odd      not understood        1         1  postinst
  postinst:5: ${AT_ONE}
  postinst:7: ${AT_ONE}
  postinst:7: ${AT_LAST}

packages    3, 2 with maintainer scripts
scripts     2: 1 no effect, 1 not understood
left out    invoke-rc.d 1
`);
    expect(existsSync(join(work, 'small-test-amd64.tar'))).toBe(false);
  });

  it('needs no profile, and fails where it is told to', async () => {
    const args = ['--keyring', join(work, 'keyring.asc'), '--suite', 'test', ...archive.args.slice(2)];
    const { status, stdout, stderr } = await koala(
      ['audit', '--packages', 'odd', '--json', '--strict', '--quiet', '--cache-dir', join(work, 'cache'), ...args],
      { cwd: work },
    );
    expect([status, stderr]).toEqual([
      1,
      'koala-bootstrap: cannot pass --strict: 1 maintainer script not understood\n',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      profile: 'packages',
      packages: 1,
      outcomes: { 'not-understood': 1 },
      scripts: [{ package: 'odd', script: 'postinst', outcome: 'not-understood', changed: ['/etc/odd'] }],
    });
  });
});

describe('a build', () => {
  it('warns of what was not understood, and goes on', async () => {
    const { status, stderr } = await run('--include', 'odd', '-o', 'warned.tar');
    expect(status).toBe(0);
    expect(stderr).toContain(`warning: not understood: postinst of odd, line 5: ${AT_ONE}\n`);
    const { warnings, scripts } = await koalaBuild(
      [...archive.args, '--include', 'odd', '-o', 'warned.tar', '--cache-dir', join(work, 'cache')],
      { cwd: work },
    );
    expect(warnings).toEqual(
      [`5: ${AT_ONE}`, `7: ${AT_ONE}`, `7: ${AT_LAST}`].map((text) => `not understood: postinst of odd, line ${text}`),
    );
    expect(scripts.map(({ package: name, outcome }) => `${name} ${outcome}`)).toEqual([
      'hello no-effect',
      'odd not-understood',
    ]);
  });

  it('refuses it with --strict, and leaves no output', async () => {
    const { status, stderr } = await run('--include', 'odd', '--strict', '--quiet', '-o', 'strict.tar');
    expect([status, stderr.split('\n').slice(0, 2)]).toEqual([
      1,
      [
        'koala-bootstrap: cannot build with --strict: 1 maintainer script was not understood',
        `  postinst of odd, line 5: ${AT_ONE}`,
      ],
    ]);
    expect(existsSync(join(work, 'strict.tar'))).toBe(false);
    expect((await run('--strict', '-o', 'strict.tar')).status).toBe(0);
  });

  it('refuses a hostile package', async () => {
    const { status, stderr } = await run('--include', 'hostile', '--quiet', '-o', 'hostile.tar');
    expect([status, stderr.split('\n')[0]]).toEqual([
      1,
      'koala-bootstrap: cannot configure hostile: its postinst used up its budget of steps at line 3',
    ]);
    expect(existsSync(join(work, 'hostile.tar'))).toBe(false);
  });
});
