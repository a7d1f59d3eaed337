import { describe, expect, it } from 'vitest';
import { place } from './planned.js';
import { Capture, run } from './run.js';

const why = (line: string, columns?: number, LANG = 'C.UTF-8') =>
  run(['why', ...line.split(' '), ...place.profile], {
    stdout: new Capture(columns),
    environment: { LANG, NO_COLOR: '1' },
  });

describe('why', () => {
  const chains = `libc 2.41-12+deb13u4, stage bottom
bottom asks for libc
top asks for web | apache, which is web → depends on libc (>= 2.38)
top asks for web | apache, which is web → depends on libssl3t64 → pre-depends on libc (>= 2.38)
top asks for web | apache, which is web → depends on mail-agent, which is postman → depends on libc
`;

  it.each([200, undefined])('shows the chains, shortest first (%s columns)', async (columns) => {
    expect(await why('libc', columns)).toMatchObject({ status: 0, stdout: chains, stderr: '' });
  });

  it('breaks them at blanks', async () => {
    const { stdout } = await why('libc', 40, 'C');
    expect(stdout).toContain(`
top asks for web | apache, which is
  web -> depends on libc (>= 2.38)
top asks`);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  it('shows five of them, and more with --all', async () => {
    const argv = ['--packages', 'web,postman,libgcc,libssl3t64,libc,gcc-base', ...place.packages];
    const few = await run(['why', 'gcc-base', ...argv]);
    const all = await run(['why', 'gcc-base', '--all', ...argv]);
    const lines = few.stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(7);
    expect(lines.at(-1)).toBe('and more: --all shows them');
    expect(all.stdout.trimEnd().split('\n').slice(0, 6)).toEqual(lines.slice(0, 6));
    expect(all.stdout.trimEnd().split('\n')).toHaveLength(9);
  });

  it('prints them in JSON', async () => {
    const { stdout } = await why('libgcc --json');
    const [answer, ...rest] = JSON.parse(stdout);
    expect(rest).toEqual([]);
    expect(answer).toMatchObject({
      package: 'libgcc',
      version: '1.0-1',
      stage: 'bottom',
      reason: { type: 'depends', by: 'libc', relation: 'libgcc' },
      more: false,
    });
    expect(answer.chains).toHaveLength(4);
    expect(answer.chains[1]).toEqual([
      { by: 'web', type: 'depends', relation: 'libc (>= 2.38)', package: 'libc' },
      { by: 'libc', type: 'depends', relation: 'libgcc', package: 'libgcc' },
    ]);
  });
});

describe('a package that is not in the plan', () => {
  it.each([
    ['alone', 'cannot say why alone is in the plan: it is not', ''],
    [
      'awk',
      'cannot say why awk is in the plan: it is not, and no archive has it',
      '  left out on purpose: awk (of files): Nothing calls one',
    ],
    ['mail-agent', 'cannot say why mail-agent is in the plan: it is not', '  postman, which provides it, is'],
    ['weeb', 'cannot say why weeb is in the plan: it is not, and no archive has it', 'hint: did you mean web?'],
    ['alome', 'cannot say why alome is in the plan: it is not, and no archive has it', 'hint: did you mean alone?'],
  ])('%s', async (name, message, next) => {
    const { status, stdout, stderr } = await why(name);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.split('\n').slice(0, 2)).toEqual([`koala-bootstrap: ${message}`, next]);
  });

  it.each([
    [[], 'why needs the name of a package'],
    [['a', 'b', '-p', 'base'], 'b is not known here'],
    [['libc'], 'cannot choose packages without a profile'],
  ])('or none, or several: %j', async (argv, message) => {
    const { status, stderr } = await run(['why', ...argv]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
