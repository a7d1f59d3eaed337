import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { InstalledPackage } from '../../../src/configure/effects/state.js';
import { describeDirectory, hasTool, isRoot, treeOf, World, withDirectory } from './harness.js';

function item(
  name: string,
  version: string,
  fields: Record<string, string> = {},
  files: readonly string[] = [],
): InstalledPackage {
  return {
    name,
    version,
    architecture: 'amd64',
    multiArchSame: fields['multi-arch'] === 'same',
    status: 'install ok installed',
    fields: new Map(Object.entries(fields)),
    files: () => files,
  };
}

const PACKAGES = [
  item('bash', '5.2.37-2+b10', { section: 'shells', source: 'bash (5.2.37-2)', description: 'GNU shell\nlong' }, [
    '/',
    '/usr/bin/bash',
  ]),
  item('libc6', '2.41-12', { 'multi-arch': 'same', description: 'GNU C Library' }, ['/usr/lib/libc.so.6']),
];

describe('dpkg', () => {
  const versions: [string, string, string, number][] = [
    ['1.0', 'lt', '1.0-1', 0],
    ['', 'lt', '1', 0],
    ['', 'lt-nl', '1', 1],
    ['1', 'le-nl', '', 0],
    ['1~rc1', '<<', '1', 0],
    ['2:1', 'gt', '3', 0],
    ['1', 'eq', '2', 1],
    ['1', '<', '1', 0],
  ];
  it.each(versions)('--compare-versions %s %s %s', (a, operator, b, status) => {
    expect(new World().run(['dpkg', '--compare-versions', a, operator, b]).status).toBe(status);
  });

  const questions: [string[], string, number?][] = [
    [['dpkg', '--print-architecture'], 'amd64\n'],
    [['dpkg', '--assert-multi-arch'], ''],
    [['dpkg', '--validate-version', '1:2-3'], ''],
    [['dpkg-query', '-W'], 'bash\t5.2.37-2+b10\nlibc6:amd64\t2.41-12\n'],
    [
      [
        'dpkg-query',
        '-W',
        '-f',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the format's own syntax
        '${Package} ${db:Status-Status}|${source:Version}|${Package;8}|${Package;-8}\\n',
        'ba*',
      ],
      'bash installed|5.2.37-2|    bash|bash    \n',
    ],
    [['dpkg-query', '-W', 'none'], '', 1],
    [['dpkg-query', '-S', '/usr/bin/bash'], 'bash: /usr/bin/bash\n'],
    [['dpkg-query', '-S', 'libc.so'], 'libc6:amd64: /usr/lib/libc.so.6\n'],
    [['dpkg', '-L', 'bash'], '/.\n/usr/bin/bash\n'],
    [['dpkg-query', '-S', '/nothing'], '', 1],
    [['dpkg-realpath', '/a/../b'], '/b\n'],
  ];
  it.each(questions)('%j', (args, stdout, status = 0) => {
    const result = new World(undefined, { packages: PACKAGES }).add({ '/a/': '' }).run(args);
    expect([result.stdout, result.status]).toEqual([stdout, status]);
  });

  it('keeps activated triggers until they are drained', () => {
    const it = new World();
    expect(
      ['ldconfig', '/etc/x', 'ldconfig'].map((name) => it.run(['dpkg-trigger', '--no-await', name]).status),
    ).toEqual([0, 0, 0]);
    expect(it.triggers.drain()).toEqual(['ldconfig', '/etc/x']);
    expect(it.triggers.drain()).toEqual([]);
  });

  const helper: [string[], number][] = [
    [['supports', 'rm_conffile'], 0],
    [['supports', 'nothing'], 1],
    [['rm_conffile', '/etc/x', '1~', '--', 'configure', ''], 0],
    [['rm_conffile', 'etc/x', '1~', '--', 'configure', ''], 1],
    [['mv_conffile', '/etc/x', '/etc/y', '--', 'install'], 0],
    [['symlink_to_dir', '/x', '/y', '1', 'p', '--', 'configure'], 0],
    [['dir_to_symlink', '/x', '/y', '1'], 1],
    [['rm_conffile', '/etc/x', 'no version', '--', 'install'], 1],
  ];
  it.each(helper)('dpkg-maintscript-helper %j', (args, status) => {
    expect(new World().run(['dpkg-maintscript-helper', ...args]).status).toBe(status);
  });
});

describe('dpkg-divert and dpkg-statoverride', () => {
  const divert = (it: World, ...args: string[]) => it.run(['dpkg-divert', ...args]);

  it('moves the file aside and back', () => {
    const it = new World().add({ '/bin/sh': 'dash', '/var/lib/dpkg/': '' });
    expect(divert(it, '--package', 'bash', '--rename', '--add', '/bin/sh').stdout).toBe(
      "Adding 'diversion of /bin/sh to /bin/sh.distrib by bash'\n",
    );
    expect(it.entries('/bin')).toEqual(['/bin/sh.distrib: file 644 0:0 "dash"']);
    expect(divert(it, '--truename', '/bin/sh').stdout).toBe('/bin/sh.distrib\n');
    expect(divert(it, '--listpackage', '/bin/sh').stdout).toBe('bash\n');
    divert(it, '--package', 'bash', '--rename', '--remove', '/bin/sh');
    expect(it.read('/bin/sh')).toBe('dash');
    expect(it.read('/var/lib/dpkg/diversions')).toBe('');
    expect(it.read('/var/lib/dpkg/diversions-old')).toBe('/bin/sh\n/bin/sh.distrib\nbash\n');
  });

  it('refuses a diversion that clashes with another', () => {
    const it = new World().add({ '/var/lib/dpkg/': '' });
    divert(it, '--package', 'a', '--no-rename', '--add', '/x');
    const { status, stderr } = divert(it, '--package', 'b', '--no-rename', '--add', '/x');
    expect(status).toBe(2);
    expect(stderr).toContain("'diversion of /x to /x.distrib by b' clashes with 'diversion of /x to /x.distrib by a'");
  });

  it.skipIf(!isRoot() || !hasTool('dpkg-divert'))('leaves what the real tools leave, in their order', () => {
    withDirectory((directory) => {
      const [real, ours] = [`${directory}/real`, `${directory}/ours`];
      for (const path of ['/var/lib/dpkg', '/etc', '/bin']) mkdirSync(real + path, { recursive: true });
      writeFileSync(`${real}/var/lib/dpkg/status`, '');
      writeFileSync(`${real}/etc/passwd`, 'root:x:0:0::/:/bin/sh\nman:x:6:12::/:/bin/sh\n');
      writeFileSync(`${real}/etc/group`, 'root:x:0:\nmail:x:8:\n');
      for (const name of ['a', 'b', 'c']) writeFileSync(`${real}/bin/${name}`, name);
      cpSync(real, ours, { recursive: true });
      const it = new World(treeOf(ours));
      const paths = Array.from({ length: 25 }, (_, index) => `/bin/file${index}`);
      const calls = [
        ...paths.map((path) => ['dpkg-divert', '--package', 'p', '--no-rename', '--add', path]),
        ['dpkg-divert', '--local', '--rename', '--divert', '/bin/z', '--add', '/bin/a'],
        ['dpkg-divert', '--package', 'q', '--no-rename', '--remove', '/bin/file1'],
        ['dpkg-divert', '--list', '*1*'],
        ...paths.map((path) => ['dpkg-statoverride', '--add', 'root', 'mail', '2755', path]),
        ['dpkg-statoverride', '--update', '--add', 'man', '#8', '640', '/bin/b/'],
        ['dpkg-statoverride', '--list', '/bin/file2'],
        ['dpkg-statoverride', '--list', '/none'],
        ['dpkg-statoverride', '--add', 'no-such-user', 'mail', '640', '/bin/c'],
        ['dpkg-statoverride', '--remove', '/bin/file3'],
      ];
      for (const [tool = '', ...args] of calls) {
        const env = { ...process.env, LC_ALL: 'C', DPKG_MAINTSCRIPT_PACKAGE: 'test', DPKG_COLORS: 'never' };
        const wanted = spawnSync(tool, ['--root', real, ...args], { encoding: 'latin1', env });
        const got = it.run([tool, ...args]);
        expect([args, got.status, got.stdout]).toEqual([args, wanted.status, wanted.stdout]);
      }
      expect(it.entries().sort()).toEqual(describeDirectory(real).sort());
    });
  });
});
