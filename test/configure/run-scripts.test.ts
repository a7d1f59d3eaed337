import { describe, expect, it } from 'vitest';
import { notConfigured } from '../../src/configure/audit.js';
import { scriptRunner } from '../../src/configure/run-scripts.js';
import { parseRelations } from '../../src/formats/relation.js';
import type { DebconfAnswer } from '../../src/profile/debconf.js';
import { readText } from '../../src/rootfs/content.js';
import { type MergeInput, mergePackages } from '../../src/rootfs/merge.js';
import { mergeInput } from '../rootfs/inputs.js';

const EPOCH = 1_750_000_000;

/** The scripts of packages without dpkg, so that our commands are there without files. */
function ran(
  packages: readonly MergeInput[],
  mode: 'full' | 'container' = 'full',
  answers: readonly DebconfAnswer[] = [],
) {
  const tree = mergePackages(packages, 'amd64', EPOCH);
  const audit = scriptRunner(tree, {
    architectures: { native: 'amd64', foreign: [] },
    epoch: EPOCH,
    mode,
    answers,
  }).run(packages);
  return { tree, audit, text: (path: string) => readText(tree, path) };
}

const sh = (...lines: readonly string[]): string => ['#!/bin/sh', 'set -e', ...lines, ''].join('\n');
const LOG = 'echo "$DPKG_MAINTSCRIPT_PACKAGE $DPKG_MAINTSCRIPT_NAME $# $1 $2" >> /log';

describe('order', () => {
  it('is all preinst, then config and postinst of each, then triggers', () => {
    const scripts = { preinst: sh(LOG), config: sh(LOG), postinst: sh(LOG) };
    const { text } = ran([
      mergeInput(
        'b',
        ['/', '/usr', '/usr/share', '/usr/share/x'].map((path) => `${path} directory`),
        { control: scripts },
      ),
      mergeInput('a', ['/usr/share/x/file'], {
        control: { ...scripts, triggers: 'interest t\ninterest-noawait /usr/share/x\n' },
      }),
      mergeInput('c', [], { control: { triggers: 'activate-noawait t\n', postinst: sh(LOG, 'dpkg-trigger later') } }),
      mergeInput('d', [], {
        control: { postinst: sh(LOG, '[ "$1" = configure ] || dpkg-trigger t'), triggers: 'interest later' },
      }),
    ]);
    expect(text('/log')?.trim().split('\n')).toEqual([
      'b preinst 1 install ',
      'a preinst 1 install ',
      'b config 2 configure ',
      'b postinst 2 configure ',
      'a config 2 configure ',
      'a postinst 2 configure ',
      'c postinst 2 configure ',
      'd postinst 2 configure ',
      'a postinst 2 triggered /usr/share/x t',
      'd postinst 2 triggered later',
      'a postinst 2 triggered t',
    ]);
  });

  it('has Essential with what it needs configured before the rest', () => {
    const input = (name: string, extra = {}): MergeInput => {
      const made = mergeInput(name, [], { control: { preinst: sh(LOG), postinst: sh(LOG) } });
      return { ...made, record: { ...made.record, ...extra } };
    };
    const { text } = ran([
      input('a'),
      input('lib'),
      input('essential', { essential: true, depends: parseRelations('virtual', 'test') }),
      input('late', { provides: parseRelations('virtual', 'test') }),
    ]);
    expect(
      text('/log')
        ?.split('\n')
        .map((line) => line.replace(/ \d.*/, '')),
    ).toEqual([
      'essential preinst',
      'late preinst',
      'essential postinst',
      'late postinst',
      'a preinst',
      'lib preinst',
      'a postinst',
      'lib postinst',
      '',
    ]);
  });

  it('has what a package pre-depends on configured before its preinst', () => {
    const scripts = { control: { preinst: sh(LOG), postinst: sh(LOG) } };
    const b = mergeInput('b', [], scripts);
    const later = { ...b, record: { ...b.record, preDepends: parseRelations('a', 'test') } };
    const { text } = ran([mergeInput('a', [], scripts), later, mergeInput('c', [], scripts)]);
    const order = text('/log')?.trim().split('\n');
    expect(order?.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'a preinst',
      'c preinst',
      'a postinst',
      'b preinst',
      'b postinst',
      'c postinst',
    ]);
  });

  it('ends a cycle of triggers', () => {
    const loop = { triggers: 'interest t', postinst: sh('echo x >> /n; dpkg-trigger t') };
    expect(ran([mergeInput('a', [], { control: loop })]).text('/n')?.length).toBe(2 * 11);
  });

  it('tells the holder of the trigger ldconfig last', () => {
    const holder = (trigger: string) => ({ triggers: `interest ${trigger}`, postinst: sh(LOG) });
    const { text } = ran([
      mergeInput('c', [], { control: holder('ldconfig') }),
      mergeInput('z', [], { control: holder('other') }),
      mergeInput('lib', [], { control: { triggers: 'activate-noawait ldconfig\nactivate other\n' } }),
    ]);
    expect(text('/log')?.trim().split('\n').slice(2)).toEqual([
      'z postinst 2 triggered other',
      'c postinst 2 triggered ldconfig',
    ]);
  });
});

describe('/var/run', () => {
  it('becomes a link though packages ship something below it, which goes to /run', () => {
    const files = ['/run directory', '/var directory', '/var/run directory', '/var/lock directory 1777'];
    const { tree, audit } = ran([
      mergeInput('base-files', files, {
        control: { postinst: sh('rmdir /var/run /var/lock', 'ln -s /run /var/run; ln -s /run/lock /var/lock') },
      }),
      mergeInput('daemon', ['/var/run/daemon directory 0750 7:7', '/var/lock/daemon directory']),
    ]);
    expect(audit.map(({ outcome }) => outcome)).toEqual(['interpreted']);
    expect(tree.get('/run/daemon')).toMatchObject({ mode: 0o750, uid: 7, owner: { name: 'daemon' } });
    expect(tree.get('/run/lock')?.mode).toBe(0o1777);
    expect(tree.get('/run/lock/daemon')).toBeDefined();
  });
});

describe('the environment', () => {
  it("is dpkg's, of the build and of nobody else", () => {
    const { text } = ran([
      mergeInput('a', [], { multiArch: 'same', control: { postinst: sh('echo $0 > /env', 'env | sort >> /env') } }),
    ]);
    expect(text('/env')?.trim().split('\n')).toEqual([
      '/var/lib/dpkg/info/a:amd64.postinst',
      'DEBCONF_NONINTERACTIVE_SEEN=true',
      'DEBIAN_FRONTEND=noninteractive',
      'DPKG_ADMINDIR=/var/lib/dpkg',
      'DPKG_MAINTSCRIPT_ARCH=amd64',
      'DPKG_MAINTSCRIPT_DEBUG=0',
      'DPKG_MAINTSCRIPT_NAME=postinst',
      'DPKG_MAINTSCRIPT_PACKAGE=a',
      'DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT=1',
      'DPKG_ROOT=',
      'HOME=/root',
      'LC_ALL=C.UTF-8',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'PWD=/',
      'SHELL=/bin/sh',
      'SOURCE_DATE_EPOCH=1750000000',
      'TERM=dumb',
    ]);
  });

  it("has debconf's answers from the templates, as config left them", () => {
    const control = {
      templates: 'Template: a/q\nType: string\nDefault: x\nDescription: d\n',
      config: sh('. /usr/share/debconf/confmodule', 'db_get a/q', 'db_set a/q "$RET+config"'),
      postinst: sh('. /usr/share/debconf/confmodule', 'db_get a/q', 'echo "$RET" > /answer'),
    };
    expect(ran([mergeInput('a', [], { control })]).text('/answer')).toBe('x+config\n');
  });

  it.each([
    ['of a template', 'db_get a/q; echo "$RET"', 'given'],
    ['with more than ASCII', 'db_get a/ä; echo "$RET"', 'ö'],
    ['that was not asked', 'db_fget a/q seen; echo "$RET"', 'true'],
    ['that config asks', 'db_input high a/q || echo $?; db_go; db_get a/q; echo "$RET"', '30\ngiven'],
    ['of a question that is registered late', 'db_register a/q shared/q; db_get shared/q; echo "$RET"', 'shared'],
  ])("has the profile's answers: one %s", (_, script, expected) => {
    const templates = 'Template: a/q\nType: string\nDefault: x\n\nTemplate: a/ä\nType: string\n';
    const control = { templates, postinst: sh('. /usr/share/debconf/confmodule', `{ ${script}; } > /answer`) };
    const answers = Object.entries({ 'a/q': 'given', 'a/ä': 'ö', 'shared/q': 'shared', 'other/q': 'nobody asks' });
    const { text } = ran(
      [mergeInput('a', [], { control })],
      'full',
      answers.map(([question, value]) => ({ question, value })),
    );
    expect(text('/answer')).toBe(`${expected}\n`);
  });
});

describe('the audit', () => {
  const outcome = (postinst: string, files: readonly string[] = []) => {
    const { audit } = ran([mergeInput('a', files, { spool: process.execPath, control: { postinst } })]);
    return audit.map(({ outcome: result, changed, leftOut, notUnderstood }) => ({
      result,
      changed,
      leftOut: leftOut.map(({ line, command }) => `${line} ${command}`),
      why: notUnderstood.map(({ line, command, why }) => `${line} ${command}: ${why}`),
    }))[0];
  };
  const none = { changed: [], leftOut: [], why: [] };

  it.each<[name: string, postinst: string, expected: object]>([
    ['nothing', sh('[ "$1" = configure ] && [ -n "$2" ] && touch /x || :'), { result: 'no-effect' }],
    ['what comes and goes', sh('touch /x; rm /x'), { result: 'no-effect' }],
    ['a change', sh('echo x > /x', 'chmod 600 /f', 'rm /g'), { result: 'interpreted', changed: ['/f', '/g', '/x'] }],
    ['a daemon', sh('', 'invoke-rc.d x start'), { result: 'interpreted', leftOut: ['4 invoke-rc.d'] }],
    [
      'a program',
      sh('/usr/bin/tool'),
      {
        result: 'not-understood',
        why: [
          '3 /usr/bin/tool: it is a program, and none is started',
          '3 postinst: it ended with status 127: /var/lib/dpkg/info/a.postinst: 3: /usr/bin/tool: not found',
        ],
      },
    ],
    ['no such command', sh('fiddle || true'), { result: 'no-effect' }],
    [
      'a failure',
      sh('echo x > /x', 'echo no >&2', 'exit 3'),
      { result: 'not-understood', changed: ['/x'], why: ['5 postinst: it ended with status 3: no'] },
    ],
    [
      'an option',
      sh('sort --parallel-universe /f || :'),
      { result: 'not-understood', why: ['3 sort: --parallel-universe is not implemented'] },
    ],
    [
      'Perl',
      '#!/usr/bin/perl\nexit 0;\n',
      { result: 'not-understood', why: ['1 /usr/bin/perl: it is not a script for a shell'] },
    ],
    [
      'a compiled one',
      '\x7fELF\0',
      { result: 'not-understood', why: ['1 postinst: it is a program, and none is started'] },
    ],
  ])('says of %s what it was', (_, postinst, expected) => {
    const files = ['/f', '/g', '/usr/bin/tool file 0755 0:0 64 0'];
    const shown = outcome(postinst, files);
    expect(shown).toEqual({ ...none, ...expected });
  });

  it('goes on after a script that failed, and names its package', () => {
    const { audit, text } = ran([
      mergeInput('a', [], { control: { preinst: sh('exit 1'), postinst: sh('false') } }),
      mergeInput('b', [], { control: { postinst: sh('echo b > /b') } }),
    ]);
    expect(text('/b')).toBe('b\n');
    expect(notConfigured(audit)).toEqual([{ package: 'a', scripts: ['preinst', 'postinst'] }]);
  });
});

describe('modes', () => {
  const control = { postinst: sh('update-rc.d x defaults', 'update-alternatives --install /usr/bin/t t /usr/bin/x 5') };
  const files = ['/etc/init.d/x file 0755', '/usr/bin/x file 0755'];

  it('container leaves out units and runlevel links, with the reason', () => {
    const { audit } = ran([mergeInput('a', files, { spool: '/dev/null', control })], 'container');
    expect(audit[0]?.leftOut).toEqual([
      { line: 3, command: 'update-rc.d', why: expect.stringContaining('service manager') },
    ]);
  });

  it('a tree without dpkg keeps the links of alternatives, not their records', () => {
    const { tree } = ran([mergeInput('a', files, { spool: '/dev/null', control })]);
    expect(tree.resolve('/usr/bin/t')).toBe(tree.get('/usr/bin/x'));
    expect(tree.get('/var/lib/dpkg/alternatives')).toBeUndefined();
  });

  it.each([
    ['with Essential only the commands that packages bring are there', ['cp', 'sed'], /status 127: .*mv: not found/],
    ['without it all of ours are, though dpkg is there', [], /status 1: mv: .*No such file/],
  ])('%s', (_, tools, why) => {
    const files = ['dpkg', ...tools].map((name) => `/usr/bin/${name} file 0755`);
    const { audit } = ran([
      mergeInput('dpkg', files, { control: { postinst: sh('dpkg --compare-versions 1 lt 2', 'mv /a /b') } }),
    ]);
    expect(audit[0]?.notUnderstood.map((one) => one.why)).toEqual([expect.stringMatching(why)]);
  });
});

describe('policy-rc.d', () => {
  const look = sh('if [ -x /usr/sbin/policy-rc.d ]; then /usr/sbin/policy-rc.d x start || echo $? >/said; fi');

  it('denies services while the scripts run, and goes', () => {
    const { tree, text } = ran([mergeInput('a', ['/usr/sbin directory'], { control: { postinst: look } })]);
    expect(text('/said')).toBe('101\n');
    expect(tree.get('/usr/sbin/policy-rc.d')).toBeUndefined();
  });

  it('stays where a package brings it', () => {
    const { tree } = ran([mergeInput('a', ['/usr/sbin directory', '/usr/sbin/policy-rc.d file 0755'])]);
    expect(tree.get('/usr/sbin/policy-rc.d')).toMatchObject({ owner: { type: 'package', name: 'a' } });
  });
});
