// biome-ignore-all lint/suspicious/noTemplateCurlyInString: scripts of the shell hold expansions.
import { describe, expect, it } from 'vitest';
import { readAll } from '../../../src/configure/shell/filesystem.js';
import { PosixError } from '../../../src/configure/shell/posix-error.js';
import { runScript, type ScriptOptions } from '../../../src/configure/shell/script.js';
import type { Command, Process } from '../../../src/configure/shell/types.js';
import { makeSystem, type SystemInput } from './system.js';

const PATH = new Map([['PATH', '/usr/bin:/bin']]);

/** Prints its name, its arguments and where it runs. */
const show: Command = ({ args, cwd, umask, descriptors, environment, line }: Process) => {
  const text = `${args.join(' ')} in ${cwd} ${umask.toString(8)} V=${environment.get('V') ?? '-'} line ${line}\n`;
  descriptors.get(1)?.write(text);
  return 0;
};

function run(script: string, input: SystemInput = {}, options: Partial<ScriptOptions> = {}) {
  const { system, reports } = makeSystem({ directories: ['/tmp'], ...input });
  return { system, reports, ...runScript(system, { script, name: 'demo.postinst', environment: PATH, ...options }) };
}

describe('commands', () => {
  const tools = { files: { '/usr/bin/show': 'tool' }, commands: { show } };

  it('see the process that they are', () => {
    const { stdout } = run('cd /tmp; umask 77\nV=1 show a "b c"; show', tools);
    expect(stdout).toBe('show a b c in /tmp 77 V=1 line 2\nshow in /tmp 77 V=- line 2\n');
  });

  it('exist where the tree has their file, or where the caller says so', () => {
    const script = 'command -v show || echo "no show"; show 2>/dev/null; echo $?';
    expect(run(script, tools).stdout).toMatch(/^\/usr\/bin\/show\nshow in/);
    const without = run(script, { commands: { show } });
    expect(without.stdout).toBe('no show\n127\n');
    expect(without.reports).toEqual([{ type: 'unknown-command', command: 'show', line: 1, inTree: false }]);
    expect(run(script, { commands: { show }, alwaysThere: ['show'] }).stdout).toMatch(/^\/usr\/bin\/show\nshow in/);
  });

  it('are found through links, by either name', () => {
    const input = {
      ...tools,
      links: {
        '/bin': 'usr/bin',
        '/usr/bin/display': '/etc/alternatives/display',
        '/etc/alternatives/display': '/bin/show',
      },
    };
    expect(run('display x; /bin/show y', input).stdout).toBe(
      'display x in / 22 V=- line 1\n/bin/show y in / 22 V=- line 1\n',
    );
  });

  it('are reported where the tree has them and we do not', () => {
    const input = {
      files: { '/usr/bin/mystery': '\x7fELF\0', '/usr/bin/camel': '#!/usr/bin/perl -w\n', '/usr/bin/perl': '\x7fELF' },
    };
    const { stdout, stderr, reports } = run('mystery\necho $?\ncamel; echo $?', input);
    expect(stdout).toBe('127\n127\n');
    expect(stderr).toBe('demo.postinst: 1: mystery: not found\ndemo.postinst: 3: camel: not found\n');
    expect(reports).toEqual([
      { type: 'unknown-command', command: 'mystery', line: 1, inTree: true },
      { type: 'unknown-command', command: 'camel', line: 3, inTree: true },
    ]);
  });

  it('that are scripts run in a shell of their own', () => {
    const files = {
      '/bin/sh': 'tool',
      '/usr/bin/one': '#!/bin/sh -e\nx=2; echo "one $0 $* ${V-}"; false; echo no',
      '/usr/bin/two': 'echo two $1',
      '/usr/bin/three': '#! /usr/bin/show -x\n',
      '/usr/bin/show': 'tool',
    };
    const { stdout } = run('x=1; export V=v; one a b; echo $? $x; two c; three d', { files, commands: { show } });
    const three = '/usr/bin/show -x /usr/bin/three d in / 22 V=v line 1\n';
    expect(stdout).toBe(`one /usr/bin/one a b v\n1 1\ntwo c\n${three}`);
  });

  it('cannot be run without their interpreter or their mode', () => {
    const { system } = makeSystem({ files: { '/usr/bin/one': '#!/bin/sh\necho one', '/plain': 'echo' } });
    const node = system.tree.get('/plain');
    if (node !== undefined) node.mode = 0o644;
    const { stdout } = runScript(system, {
      script: 'one; echo $?; /plain; echo $?; /usr; echo $?',
      name: 'x',
      environment: PATH,
    });
    expect(stdout).toBe('127\n126\n126\n');
  });

  it('can start others', () => {
    const each: Command = (process) => {
      const words = readAll(process.descriptors.get(0) ?? { read: () => '', write() {} })
        .trim()
        .split('\n');
      return Math.max(...words.map((word) => process.spawn([...process.args.slice(1), word], { cwd: '/tmp' })));
    };
    const input = {
      files: { '/usr/bin/each': '', '/usr/bin/show': '', '/usr/bin/sh': '', '/usr/bin/printf': '' },
      commands: { each, show },
    };
    const { stdout } = run(
      `printf 'a\\nb\\n' | each show; echo c | each printf '%s-'; echo 3 | each sh -c 'exit $0' || echo $?; echo x | each nope || echo $?`,
      input,
    );
    expect(stdout).toBe('show a in /tmp 22 V=- line 1\nshow b in /tmp 22 V=- line 1\nc-3\n127\n');
  });

  it('that leave an error of the file system are failures', () => {
    const fails: Command = () => {
      throw new PosixError('ENOTEMPTY');
    };
    const { stdout, stderr } = run('fails; echo $?', { files: { '/bin/fails': '' }, commands: { fails } });
    expect([stdout, stderr]).toEqual(['1\n', 'fails: Directory not empty\n']);
  });
});

describe('runScript', () => {
  it('gives arguments, environment, input and the status', () => {
    const { status, stdout } = run(
      'read x; echo "$0 $# $2 $V $x"; exit 7',
      {},
      { args: ['a', 'b'], environment: new Map([['V', 'v']]), stdin: 'line\n' },
    );
    expect([status, stdout]).toEqual([7, 'demo.postinst 2 b v line\n']);
  });

  it.each([
    ['#!/bin/sh -e\nfalse; echo no', 1, ''],
    ['#! /bin/sh\nfalse; echo yes', 0, 'yes\n'],
    ['#!/bin/sh -eu\necho $x', 2, ''],
  ])('takes the options of the first line: %j', (script, status, stdout) => {
    expect(run(script)).toMatchObject({ status, stdout });
  });

  it.each([
    ['echo a\nif', 2, 'demo.postinst: 2: Syntax error: end of file unexpected (expecting "then")'],
    [': ${x?gone}', 2, 'demo.postinst: 1: x: gone'],
    ['exit 3', 3, undefined],
    ['set -e; false', 1, undefined],
  ])('says what ended a script: %j', (script, status, error) => {
    const result = run(script);
    expect([result.status, result.error]).toEqual([status, error]);
  });

  it('does not know the time, the machine or other processes', () => {
    const script = 'times; echo $$ $PPID "$(echo $$)"; kill -0 1 2>/dev/null; echo $?; set';
    expect(run(script).stdout).toBe(run(script).stdout);
    expect(run('set').stdout).not.toMatch(/^(HOME|USER|HOSTNAME|LANG|TZ)=/m);
  });

  it('runs functions in TypeScript, which see and set variables', () => {
    const { stdout, status } = run(
      'x=1; db_get a/b && echo "$RET $?"; db_get other || echo "$? $RET"; f() { db_get a/b; }; f; echo $RET',
      {},
      {
        functions: new Map([
          [
            'db_get',
            (shell, args, process) => {
              shell.set('RET', `${shell.get('x')}:${args.slice(1).join()}:${process.line}`);
              return args[1] === 'a/b' ? 0 : 10;
            },
          ],
        ]),
      },
    );
    expect([status, stdout]).toEqual([0, '1:a/b:1 0\n10 1:other:1\n1:a/b:1\n']);
  });

  it('puts its own in the place of a file that is sourced, in the scripts that it starts as well', () => {
    const sources: ScriptOptions['sources'] = new Map([
      [
        '/usr/share/debconf/confmodule',
        (shell) => {
          shell.set('LOADED', 'yes');
          shell.define('db_go', () => 30);
        },
      ],
    ]);
    const files = {
      '/usr/share/debconf/confmodule': 'echo never',
      '/usr/bin/child': '#!/bin/sh\n. /usr/share/debconf/confmodule; db_go; echo $?',
      '/bin/sh': '',
    };
    const { stdout } = run(
      '. /usr/share/debconf/confmodule; echo $LOADED; db_go; echo $?; child; cd /usr/share; . ./debconf/confmodule',
      { files },
      { sources },
    );
    expect(stdout).toBe('yes\n30\n30\n');
  });

  it.each([
    ['#!/bin/bash\nset -o pipefail\nfalse | (exit 3) | true; echo $?; true | true; echo $?', '3\n0\n'],
    ['#!/bin/bash\nset -eo pipefail\nfalse | true\necho no', ''],
    ['#!/bin/bash\nset -o pipefail; set +o pipefail\nfalse | true; echo $?', '0\n'],
    ['#!/bin/sh\nset -o pipefail\necho no', ''],
  ])('fails a pipeline where bash is told to: %j', (script, stdout) => {
    expect(run(script).stdout).toBe(stdout);
  });

  it('reports what only bash has', () => {
    const words = run('#!/bin/bash\nif [[ a = a ]]; then echo yes; fi\ndeclare -A x');
    expect(words.reports.filter(({ type }) => type === 'unsupported')).toEqual([
      { type: 'unsupported', command: 'bash', what: '[[', line: 2 },
      { type: 'unsupported', command: 'bash', what: 'declare', line: 3 },
    ]);
    const arrays = run('#!/bin/bash\nx=(a b)');
    expect(arrays.status).toBe(2);
    expect(arrays.reports).toEqual([
      { type: 'unsupported', command: 'bash', what: 'Syntax error: "(" unexpected', line: 2 },
    ]);
    expect(run('#!/bin/sh\n[[ a ]]').reports.map(({ type }) => type)).toEqual(['unknown-command']);
  });
});
