// biome-ignore-all lint/suspicious/noTemplateCurlyInString: scripts of the shell hold expansions.
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { scriptRunner } from '../../src/configure/run-scripts.js';
import { readText } from '../../src/rootfs/content.js';
import { mergePackages } from '../../src/rootfs/merge.js';
import { mergeInput } from '../rootfs/inputs.js';

const EPOCH = 1_750_000_000;

/** Runs a postinst with the budget that every script has, in a tree without Essential, so that all commands are there. */
function ran(script: string, files: readonly string[] = []) {
  const control = { postinst: `#!/bin/sh\n${script}\n` };
  const packages = [mergeInput('evil', files, { control, spool: process.execPath })];
  const tree = mergePackages(packages, 'amd64', EPOCH);
  const audit = scriptRunner(tree, { architectures: { native: 'amd64', foreign: [] }, epoch: EPOCH, mode: 'full' }).run(
    packages,
  );
  return { tree, audit: audit[0], text: (path: string) => readText(tree, path) };
}

const nested = (open: string, close: string) => `${open.repeat(5000)}:${close.repeat(5000)}`;

/** With test/configure/shell/hostile.test.ts, which has more of them and small budgets. */
const REFUSED: readonly (readonly [name: string, script: string, budget: string])[] = [
  ['an endless loop', ':\nwhile :; do :; done', 'steps at line 3'],
  ['a fork bomb', 'f() { f | f & }; f', 'nested calls at line 2'],
  ['recursion', '\n\nf() { f; }\nf', 'nested calls at line 4'],
  ['subshells in subshells', nested('( ', ' )'), 'nested calls at line 1'],
  ['compound commands in compound commands', nested('if :; then ', '; fi'), 'nested calls at line 1'],
  ['a text that doubles', 'x=x\nwhile :; do x=$x$x; done', 'memory bytes at line 3'],
  ['a text that doubles below eval', 'x=x\nwhile :; do eval \'x="$x$x"\'; done', 'memory bytes at line'],
  ['a here-document that doubles', 'while :; do x=$(cat <<E\n$x$x x\nE\n); done', 'output bytes at line'],
  ['numbers without end', 'seq 1000000000 >/dev/null', 'steps at line 2'],
  ['output without end', 'while :; do printf %60000s x; done', 'output bytes at line 2'],
  ['1 GB in files', 'printf %900000s x >/f; while :; do cat /f /f >/g; mv /g /f; done', 'output bytes at line 2'],
  ['copies without end', 'i=0; while :; do i=$((i+1)); cp /big /c$i; done', 'steps at line 2'],
  ['reading without end', 'while :; do cat /big >/dev/null; done', 'steps at line 2'],
  ['a million files', 'while :; do : >/f$((i += 1)); done', 'steps at line 2'],
  ['a sed that loops', 'echo x | sed ":a;ba"', 'steps at line 2'],
  ['a sed that grows', 'echo x | sed ":a;s/x/xx/g;ba"', 'steps at line 2'],
];

describe('a script that takes what no script needs', () => {
  it.each(REFUSED)('%s is refused, with its package and line', { timeout: 120_000 }, (_, script, budget) => {
    const run = () => ran(script, ['/big file 0644 0:0 60000000 0']);
    expect(run).toThrowError(`cannot configure evil: its postinst used up its budget of ${budget}`);
  });

  it.each([
    ['sleep 1000000'],
    ['echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab | grep -E "^(a+)+$" || :'],
    ['echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab | sed -E "s/^(a|aa)+$/x/"'],
    ['mkdir /a; ln -s / /a/l; : /*/*/*/*/*/*/*/*/*/*/*; rm -r /a'],
    ['kill -9 1 || :'],
    ["mktemp -u $(printf '%900000s' X | tr ' ' X)/ || :"],
  ])('but %s takes nothing', (script) => {
    expect(ran(script).audit).toMatchObject({ outcome: 'no-effect', notUnderstood: [] });
  });
});

describe('a script that looks for the machine', () => {
  const seen = (script: string) => ran(`{ ${script}\n} >/out 2>&1 || :`).text('/out');

  it.each([
    ['cat /proc/self/environ /proc/1/cmdline', /(?:No such file or directory\n.*){2}$/],
    ['cat /etc/passwd /etc/hostname /proc/self/root/etc/hostname', /(?:No such file or directory\n.*){3}$/],
    ['ls / /..', /^\/:\n(?!.*home)/],
    ['for name in curl wget nc ssh apt-get perl python3; do command -v $name || echo none; done', /^(?:none\n)*/],
    ['read x </dev/tcp/127.0.0.1/80', /No such file/],
    ['echo "$USER$LOGNAME$SSH_AUTH_SOCK$XDG_CACHE_HOME$NODE_OPTIONS$VITEST"', /^\n$/],
    ['date -u +%s', new RegExp(`^${EPOCH}\\n$`)],
    ['echo "$RANDOM$SECONDS$HOSTNAME"', /^\n$/],
  ])('%s finds nothing of it', (script, expected) => {
    const found = seen(script);
    expect(found).toMatch(expected);
    for (const secret of [hostname(), process.cwd(), process.env['PATH'] ?? '-']) expect(found).not.toContain(secret);
  });

  it('is told the same each time', () => {
    const script = 'echo $$ $PPID; mktemp; date; id; uname -a; hostname; env';
    expect(seen(script)).toBe(seen(script));
  });

  it('writes nowhere but below the root of the tree', () => {
    const { tree } = ran(
      [
        'ln -s ../../../../../../tmp/koala-out /up; ln -s /tmp/koala-abs /abs; mkdir /tmp',
        'echo x >/up; echo x >/abs; cd ..; echo x >../../tmp/koala-rel; cp /up /../../tmp/koala-copy',
      ].join('\n'),
    );
    const made = [...tree.walk('/tmp')].map(([path]) => path);
    expect(made).toEqual(['/tmp', '/tmp/koala-abs', '/tmp/koala-copy', '/tmp/koala-out', '/tmp/koala-rel']);
  });
});

describe('every write is recorded with its package', () => {
  const OWNED = [
    ['echo x >/n', '/n'],
    ['echo x >>/of-other', '/of-other'],
    ['mkdir -p /n/m', '/n/m'],
    ['ln -s /of-other /n', '/n'],
    ['cp /of-other /n', '/n'],
    ['sed -i s/x/y/ /text', '/text'],
    ['update-alternatives --install /n n /of-other 5', '/n'],
    ['mkdir /etc; echo root:x:0: >/etc/group; addgroup --system g', '/etc/group'],
    ['( eval "echo x | tee /n >/dev/null" & ); wait', '/n'],
  ] as const;
  const MOVED = [
    ['chmod 700 /of-other', '/of-other'],
    ['chown 5:5 /of-other', '/of-other'],
    ['mv /of-other /n', '/n'],
    ['rm /of-other', '/of-other'],
  ] as const;

  it.each([...OWNED, ...MOVED])('%s', (script, path) => {
    const control = { postinst: `#!/bin/sh\nset -e\n${script}\n` };
    const packages = [
      mergeInput('other', ['/of-other file 0644 0:0 0 0', '/text file 0644 0:0 0 0'], { spool: '/dev/null' }),
      mergeInput('writer', [], { control }),
    ];
    const tree = mergePackages(packages, 'amd64', EPOCH);
    const audit = scriptRunner(tree, {
      architectures: { native: 'amd64', foreign: [] },
      epoch: EPOCH,
      mode: 'full',
    }).run(packages);
    expect(audit).toMatchObject([{ package: 'writer', outcome: 'interpreted' }]);
    expect(audit[0]?.changed).toContain(path);
    if (OWNED.some(([each]) => each === script)) {
      expect(tree.get(path)?.owner).toEqual({ type: 'effect', name: 'postinst', package: 'writer' });
    }
  });
});
