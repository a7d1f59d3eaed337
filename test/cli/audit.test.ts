import { describe, expect, it } from 'vitest';
import type { AuditReport } from '../../src/build-types.js';
import type { ScriptAudit } from '../../src/configure/audit.js';
import { place } from './planned.js';
import { Capture, run } from './run.js';

const script = (name: string, given: Partial<ScriptAudit> = {}): ScriptAudit => {
  const none = { changed: [], leftOut: [], notUnderstood: [] };
  return { package: name, script: 'postinst', outcome: 'no-effect', ...none, ...given };
};

const SCRIPTS: readonly ScriptAudit[] = [
  script('a-package-with-a-name-of-forty-characters'),
  script('server', {
    script: 'preinst',
    outcome: 'interpreted',
    changed: ['/etc/group', '/etc/passwd'],
  }),
  script('server', {
    outcome: 'interpreted',
    changed: ['/etc/passwd', '/var/lib/server'],
    leftOut: [
      { line: 7, command: 'invoke-rc.d', why: 'no service is started in an image' },
      { line: 9, command: 'invoke-rc.d', why: 'no service is started in an image' },
    ],
  }),
  script('odd', {
    outcome: 'not-understood',
    changed: ['/etc/odd'],
    notUnderstood: [
      { line: 12, command: 'frob\x1b[2J', why: 'it is a program, and none is started' },
      { line: 0, command: 'postinst', why: 'it ended with status 127' },
    ],
  }),
  script('paper', { script: 'config', outcome: 'native-effect', changed: ['/etc/papersize'] }),
];

const report = (scripts = SCRIPTS): AuditReport => {
  const packages = Array.from({ length: 9 }, () => ({}));
  return { chosen: { plan: { stages: [{ packages }] } }, epoch: 1_750_000_000, scripts } as unknown as AuditReport;
};

const audit = (argv: readonly string[] = [], columns?: number, given = report(), LANG = 'C.UTF-8') =>
  run(['audit', ...argv, ...place.profile], {
    audit: async () => given,
    stdout: new Capture(columns),
    environment: { LANG, NO_COLOR: '1' },
  });

describe('audit', () => {
  it.each([200, undefined])(
    'has a line for each package, and what was not understood (%s columns)',
    async (columns) => {
      const { status, stdout, stderr } = await audit([], columns);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(`\n${stdout}`).toBe(`
package                                    outcome         changed  left out  scripts
a-package-with-a-name-of-forty-characters  no effect                          postinst
server                                     interpreted           3         2  preinst, postinst
odd                                        not understood        1            postinst
  postinst:12: frob\\x1b[2J: it is a program, and none is started
  postinst: it ended with status 127
paper                                      native effect         1            config

packages    9, 4 with maintainer scripts
scripts     5: 1 no effect, 2 interpreted, 1 native effect, 1 not understood
left out    invoke-rc.d 1
`);
    },
  );

  it.each([80, 62, 45, 25])('fits %i columns', async (columns) => {
    const { stdout } = await audit(['--verbose'], columns);
    expect(stdout.split('\n').filter((line) => [...line].length > columns)).toEqual([]);
  });

  it('shows all of each script with --verbose', async () => {
    const { stdout } = await audit(['--verbose'], 100);
    expect(stdout).toContain(`
server                                     interpreted           3         2  preinst, postinst
  preinst: interpreted, 2 paths changed
    /etc/group
    /etc/passwd
  postinst: interpreted, 2 paths changed
    /etc/passwd
    /var/lib/server
    left out: postinst:7: invoke-rc.d: no service is started in an image
    left out: postinst:9: invoke-rc.d: no service is started in an image
odd `);
    expect(stdout).toContain('    not understood: postinst:12: frob');
  });

  it('cuts names where they are too long, and takes more lines where that does not do', async () => {
    expect((await audit([], 63)).stdout).toContain('\na-package-with-a-…  no effect');
    expect((await audit([], 30, report(), 'C')).stdout.split('\n').slice(0, 6)).toEqual([
      'a-package-with-a-name-of-fort~',
      '  no effect',
      '  postinst',
      'server',
      '  interpreted',
      '  preinst, postinst, 3 change~',
    ]);
  });

  it('prints it in JSON', async () => {
    const { stdout } = await audit(['--json']);
    expect(JSON.parse(stdout)).toEqual({
      profile: 'shop',
      suite: 'test',
      architecture: 'amd64',
      epoch: 1_750_000_000,
      packages: 9,
      outcomes: { interpreted: 2, 'no-effect': 1, 'native-effect': 1, 'not-understood': 1, 'not-run': 0 },
      scripts: SCRIPTS,
    });
  });

  it('fails with --strict once it has told all, where a script is not understood', async () => {
    const { status, stdout, stderr } = await audit(['--strict']);
    expect([status, stderr]).toEqual([
      1,
      'koala-bootstrap: cannot pass --strict: 1 maintainer script not understood\n',
    ]);
    expect(stdout).toContain('frob');
    expect((await audit(['--strict'], 80, report(SCRIPTS.slice(0, 3)))).status).toBe(0);
  });

  it('speaks of no script in few words', async () => {
    expect((await audit([], 80, report([]))).stdout).toBe('packages    9, 0 with maintainer scripts\nscripts     0\n');
  });
});
