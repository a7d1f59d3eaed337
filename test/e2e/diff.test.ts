import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workDirectory } from '../builder/directory.js';
import { hasProgram } from '../builder/programs.js';
import { koala, koalaBuild } from './command.js';
import { type MovingArchive, movingArchive } from './moving-archive.js';

const work = workDirectory('diff');
const ARCHIVES = ['suite: test, kind: other, uris: [SERVER]'];
const STAGES = 'stages: [{ name: web, packages: [web] }]\n';
let archive: MovingArchive;

/** A state of the archive as a lock and a tar each; two profiles. */
beforeAll(async () => {
  archive = await movingArchive(work);
  archive.profile('web', ARCHIVES, STAGES);
  archive.profile('more', ARCHIVES, `${STAGES.replace('[web]', '[web, tool]')}environment: { A: b }\n`);
  const states = [
    ['old', ['web 1.0 amd64; Depends: lib', 'lib 1.0 amd64; Installed-Size: 10', 'tool 1 all']],
    ['new', ['web 2.0 amd64; Ships: /usr/share/web/v2', 'tool 1 all; Installed-Size: 3']],
  ] as const;
  for (const [name, lines] of states) {
    await archive.publish('test', lines);
    await run('lock', '-p', 'web.yaml', '-a', 'amd64', '-o', `${name}.lock.json`);
    await koalaBuild(['--lock', `${name}.lock.json`, '-o', `${name}.tar`, '--cache-dir', 'cache'], { cwd: work });
  }
});
afterAll(() => archive.server.close());

const run = (...args: string[]) =>
  koala([...args, '--cache-dir', 'cache'], { cwd: work, environment: { LC_ALL: 'C' } });

describe('diff', () => {
  it('of two locks shows packages', async () => {
    expect(await run('diff', 'old.lock.json', 'new.lock.json')).toEqual({
      status: 0,
      stderr: '',
      stdout:
        'packages\n  removed  lib  1.0         test\n  changed  web  1.0 -> 2.0  test\n\n2 -> 1 package, 10.2 kB -> 0 B (-10.2 kB)\n',
    });
  });

  it('of two tars shows packages, then files', async () => {
    const { stdout } = await run('diff', 'old.tar', 'new.tar');
    expect(stdout.replace(/\d+ B/g, 'N B').split('\n')).toEqual([
      'packages',
      '  removed  lib  1.0',
      '  changed  web  1.0 -> 2.0',
      '',
      'files',
      '  - /usr/share/lib  directory 0755 0:0',
      '  - /usr/share/lib/version  file 0644 0:0 N B',
      '  + /usr/share/web/v2  file 0644 0:0 N B',
      '  - /usr/share/web/version  file 0644 0:0 N B',
      '  - /var/lib/dpkg/status.d/lib  file 0644 0:0 N B',
      '  - /var/lib/dpkg/status.d/lib.md5sums  file 0644 0:0 N B',
      expect.stringMatching(/^ {2}~ \/var\/lib\/dpkg\/status\.d\/web {2}/),
      '  ~ /var/lib/dpkg/status.d/web.md5sums  N B -> N B',
      '',
      expect.stringMatching(/^2 -> 1 package, \d+ -> \d+ files, N B -> N B \(-N B\)$/),
      '',
    ]);
  });

  it('of a lock and a tar says whether the tar is of the lock', async () => {
    const { stdout } = await run('diff', 'new.lock.json', 'new.tar');
    expect(stdout).toMatch(/^1 package, 0 B -> \d+ B \(\+\d+ B\)\n$/);
    expect((await run('diff', 'old.lock.json', 'new.tar', '--check')).status).toBe(3);
    expect((await run('diff', 'new.lock.json', 'new.tar', '--check')).status).toBe(0);
  });

  it('of two profiles shows what they would install now, and what differs in them', async () => {
    const { stdout, stderr } = await run('diff', 'web.yaml', 'more.yaml', '--arch', 'amd64');
    expect(stdout).toBe(
      'packages\n  added  tool  1  test\n\nprofile\n  stage web\n  environment\n\n1 -> 2 packages, 0 B -> 3.1 kB (+3.1 kB)\n',
    );
    expect(stderr).toBe('');
  });

  it('prints JSON', async () => {
    const { stdout } = await run('diff', 'old.tar', 'new.tar', '--json');
    const difference = JSON.parse(stdout);
    expect(difference).toMatchObject({ same: false, profile: [], before: { packages: 2 }, after: { packages: 1 } });
    expect(difference.files.find(({ path }: { path: string }) => path === '/usr/share/web/v2')).toEqual({
      path: '/usr/share/web/v2',
      after: expect.objectContaining({ type: 'file', mode: 0o644, uid: 0, size: 4 }),
      fields: [],
    });
  });

  it('of a tar and what tar makes of it shows nothing, in every compression', async (context) => {
    if (!hasProgram('tar') || process.getuid?.() !== 0) context.skip('unpacking with owners needs root');
    mkdirSync(join(work, 'root'));
    execFileSync('tar', ['-xpf', 'new.tar', '-C', 'root'], { cwd: work });
    expect((await run('diff', 'new.tar', 'root', '--check', '--times')).status).toBe(0);
    for (const option of ['z', 'J']) {
      execFileSync('tar', [`-c${option}f`, 'packed', '-C', 'root', '.'], { cwd: work });
      expect((await run('diff', 'new.tar', 'packed', '--check')).status).toBe(0);
    }
  });

  it.each([
    [['new.tar'], 'cannot read the command line: diff needs two things to compare'],
    [['new.tar', 'none.tar'], 'cannot read none.tar: '],
    [['new.tar', 'nosuchprofile'], 'cannot find the profile "nosuchprofile"'],
    [['new.tar', 'bad.txt'], 'cannot use the profile ./bad.txt'],
  ])('%j is refused', async (args, message) => {
    writeFileSync(join(work, 'bad.txt'), 'a: b\n');
    const { status, stderr } = await run('diff', ...args);
    expect(stderr).toContain(message);
    expect(status).not.toBe(0);
  });
});
