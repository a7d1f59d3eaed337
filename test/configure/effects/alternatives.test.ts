import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeDirectory, hasTool, isRoot, treeOf, World, withDirectory } from './harness.js';

const MAN = '/usr/share/man/man1';

function world(): World {
  const files = ['/usr/bin/mawk', '/usr/bin/gawk', `${MAN}/mawk.1.gz`, `${MAN}/gawk.1.gz`, '/usr/bin/nawk-of-gawk'];
  return new World().add(Object.fromEntries(files.map((path) => [path, path])));
}

const MAWK = [
  '/usr/bin/awk',
  'awk',
  '/usr/bin/mawk',
  '5',
  '--slave',
  `${MAN}/awk.1.gz`,
  'awk.1.gz',
  `${MAN}/mawk.1.gz`,
];
const GAWK = [
  '/usr/bin/awk',
  'awk',
  '/usr/bin/gawk',
  '10',
  '--slave',
  `${MAN}/awk.1.gz`,
  'awk.1.gz',
  `${MAN}/gawk.1.gz`,
];

describe('update-alternatives', () => {
  it('writes the state and the links of a new group', () => {
    const it = world();
    const result = it.run(['update-alternatives', '--install', ...MAWK]);
    expect(result.stdout).toBe('update-alternatives: using /usr/bin/mawk to provide /usr/bin/awk (awk) in auto mode\n');
    expect(it.read('/var/lib/dpkg/alternatives/awk')).toBe(
      `auto\n/usr/bin/awk\nawk.1.gz\n${MAN}/awk.1.gz\n\n/usr/bin/mawk\n5\n${MAN}/mawk.1.gz\n\n`,
    );
    expect(it.entries('/etc')).toEqual([
      '/etc/alternatives/awk: symlink 777 0:0 -> /usr/bin/mawk',
      `/etc/alternatives/awk.1.gz: symlink 777 0:0 -> ${MAN}/mawk.1.gz`,
    ]);
  });

  const cases: { name: string; calls: string[][]; awk: string; status?: number }[] = [
    {
      name: 'a higher priority takes over',
      calls: [
        ['--install', ...MAWK],
        ['--install', ...GAWK],
      ],
      awk: '/usr/bin/gawk',
    },
    {
      name: 'a manual choice stays',
      calls: [
        ['--install', ...MAWK],
        ['--set', 'awk', '/usr/bin/mawk'],
        ['--install', ...GAWK],
      ],
      awk: '/usr/bin/mawk',
    },
    {
      name: 'and goes back with --auto',
      calls: [
        ['--install', ...GAWK],
        ['--install', ...MAWK],
        ['--set', 'awk', '/usr/bin/mawk'],
        ['--auto', 'awk'],
      ],
      awk: '/usr/bin/gawk',
    },
    {
      name: 'the next best follows a removed one',
      calls: [
        ['--install', ...MAWK],
        ['--install', ...GAWK],
        ['--remove', 'awk', '/usr/bin/gawk'],
      ],
      awk: '/usr/bin/mawk',
    },
    {
      name: 'a missing file is refused',
      calls: [['--install', '/usr/bin/x', 'x', '/usr/bin/none', '1']],
      awk: '',
      status: 2,
    },
  ];
  it.each(cases)('$name', ({ calls, awk, status = 0 }) => {
    const it = world();
    const results = calls.map((call) => it.run(['update-alternatives', ...call]).status);
    expect(results.at(-1)).toBe(status);
    const node = it.tree.get('/etc/alternatives/awk');
    expect(node?.type === 'symlink' ? node.target : '').toBe(awk);
  });

  it('leaves a file that is no link where it is', () => {
    const it = world().add({ '/usr/bin/awk': 'a real file' });
    expect(it.run(['update-alternatives', '--install', ...MAWK]).stderr).toContain(
      'not replacing /usr/bin/awk with a link',
    );
    expect(it.read('/usr/bin/awk')).toBe('a real file');
  });

  // Needs root, as the tool sets owners in a root of its own.
  it.skipIf(!isRoot() || !hasTool('update-alternatives'))('does what the real tool does, over random calls', () => {
    for (let seed = 1; seed <= 12; seed++) {
      withDirectory((directory) => {
        const [real, ours] = [`${directory}/real`, `${directory}/ours`];
        for (const path of ['/usr/bin', '/usr/share/man', '/var/lib/dpkg', '/var/log', '/etc']) {
          mkdirSync(real + path, { recursive: true });
        }
        for (const name of ['a1', 'a2', 'a3', 's1', 's2']) writeFileSync(`${real}/usr/bin/${name}`, name);
        writeFileSync(`${real}/usr/share/man/a2.1`, 'page');
        cpSync(real, ours, { recursive: true });
        const it = new World(treeOf(ours));
        const random = generator(seed);
        const history: string[] = [];
        for (let step = 0; step < 8; step++) {
          const call = randomCall(random);
          history.push(call.join(' '));
          const [tool = '', ...args] = call;
          const wanted = spawnSync(tool, ['--root', real, ...args], {
            encoding: 'latin1',
            env: { ...process.env, LC_ALL: 'C' },
          });
          const got = it.run(call);
          const clean = (text: string): string => text.replaceAll(real, '');
          expect([history, got.status, got.stdout, got.stderr]).toEqual([
            history,
            wanted.status,
            clean(wanted.stdout),
            clean(wanted.stderr),
          ]);
          const others = (line: string): boolean => !line.startsWith('/var/log');
          expect([history, it.entries().filter(others).sort()]).toEqual([
            history,
            describeDirectory(real).filter(others).sort(),
          ]);
        }
      });
    }
  });
});

function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

function randomCall(random: (below: number) => number): string[] {
  const number = 1 + random(3);
  const file = `/usr/bin/a${number}`;
  const kind = random(8);
  if (kind === 0) return ['update-alternatives', '--set', 'ed', file];
  if (kind === 1) return ['update-alternatives', '--remove', 'ed', file];
  if (kind === 2) return ['update-alternatives', '--auto', 'ed'];
  if (kind === 3) return ['update-alternatives', ['--display', '--query', '--list'][random(3)] ?? '', 'ed'];
  const link = random(6) === 0 ? '/usr/bin/ed2' : '/usr/bin/ed';
  const call = ['update-alternatives', '--install', link, 'ed', file, String(random(4) * 10)];
  if (random(3) > 0) call.push('--slave', '/usr/share/man/ed.1', 'ed.1', `/usr/share/man/a${number}.1`);
  if (random(2) > 0) call.push('--slave', '/usr/bin/red', 'red', `/usr/bin/s${1 + random(3)}`);
  return call;
}
